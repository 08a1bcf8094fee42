/** Names one act, so that however often it is sent it is done once. `randomUUID` is there over https only. */
export function actKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
}
