/**
 * Makes an idempotency key for one user action, so that repeated sending has one effect. Made by hand, since browsers have `randomUUID`
 * only over https.
 */
export function actKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
}
