/**
 * Makes an idempotency key for one action of a user, so that sending it twice has one effect. `randomUUID` is not used, because browsers
 * have it only over https.
 */
export function actKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
}

/**
 * Keeps the key of a request until its answer is known: a request that is sent again after a lost answer has its key of before, and so one
 * effect. A request with other content, and the first after an answer, have keys of their own.
 */
export function keptKey() {
  let kept: { content: string; key: string } | undefined
  return {
    of(request: object): string {
      const content = JSON.stringify(request)
      if (kept?.content !== content) kept = { content, key: actKey() }
      return kept.key
    },
    answered(): void {
      kept = undefined
    },
  }
}
