/** Whoever asked has no right to it, which does not come back by asking. */
export const isForbidden = (error: unknown): boolean =>
  error instanceof Error && 'status' in error && error.status === 403

/** For what is asked again after so long, and no more once it is forbidden. */
export const every =
  (ms: number) =>
  ({ state: { error } }: { state: { error: Error | null } }): number | false =>
    isForbidden(error) ? false : ms

/** What somebody waits for is looked at soon at first; what takes longer than a minute is left some time. */
export const lookAgainMs = (waitedMs: number): number => (waitedMs < 60_000 ? 2_000 : 15_000)
