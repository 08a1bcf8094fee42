export type PlatformErrorKind = 'retry' | 'rate_limited' | 'reauthorise' | 'rejected'

/**
 * An error of a platform call. Each connector maps its platform's codes to these kinds. `unclear`: the request may have had its effect, so
 * verify before you repeat it.
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
