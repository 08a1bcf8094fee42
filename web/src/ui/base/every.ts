/** True for a missing permission (403): repeating the request is useless. */
export const isForbidden = (error: unknown): boolean =>
  error instanceof Error && 'status' in error && error.status === 403

/** A refetch interval that ends after a 403. */
export const every =
  (ms: number) =>
  ({ state: { error } }: { state: { error: Error | null } }): number | false =>
    isForbidden(error) ? false : ms

/** Returns the milliseconds until the next read: short during the first minute, then longer. */
export const lookAgainMs = (waitedMs: number): number => (waitedMs < 60_000 ? 2_000 : 15_000)
