export type PlatformErrorKind = 'retry' | 'rate_limited' | 'reauthorise' | 'rejected'

/**
 * An error of a platform call, in the same terms for every platform; each connector maps its platform's codes to them. `unclear`: the
 * request may have had its effect (no answer after sending), so verify before trying again.
 */
export class PlatformError extends Error {
  readonly kind: PlatformErrorKind
  readonly code: string
  readonly unclear: boolean
  readonly waitMs: number
  readonly requestId: string

  constructor(
    kind: PlatformErrorKind,
    code: string,
    message: string,
    extra: { unclear?: boolean; waitMs?: number; requestId?: string; cause?: unknown } = {},
  ) {
    super(message, extra.cause === undefined ? undefined : { cause: extra.cause })
    this.name = 'PlatformError'
    this.kind = kind
    this.code = code
    this.unclear = extra.unclear ?? false
    this.waitMs = extra.waitMs ?? 0
    this.requestId = extra.requestId ?? ''
  }
}
