/**
 * Makes an idempotency key for one action of a user, so that sending it twice has one effect. `randomUUID` is not used, because browsers
 * have it only over https.
 */
export function actKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
}
