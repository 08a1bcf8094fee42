import { PlatformError, type PlatformErrorKind } from '../../lib/platform-error.ts'
import { secondMs } from '../../lib/time.ts'
import type { HttpAnswer } from '../../wire/http.ts'
import { scrub } from '../../wire/scrub.ts'
import { type Fields, longest, textAt } from '../fields.ts'
import { certain } from '../gateway.ts'
import type { ShipFailure } from '../parcels.ts'
import type { Gone } from '../stock.ts'

/** `isRead`: the call changes nothing. */
export type Refused = { answer: HttpAnswer; secrets: readonly string[]; isRead: boolean }

/** The error of an answer: {"code":"woocommerce_rest_…","message":"…","data":{"status":401}}. The HTTP status gives its meaning. */
export function apiError(of: Fields, { answer, secrets, isRead }: Refused): PlatformError {
  const kind = kindOf(answer.status, isRead)
  const said = textAt(of, 'code', longest.word)
  const code = answer.status === 401 && !isRead ? 'key_reads_only' : said
  const message = scrub([said, textAt(of, 'message', longest.text)].filter(Boolean).join(' · '), secrets)
  const waitMs = kind === 'rate_limited' ? Math.max(answer.retryAfterMs, secondMs) : 0
  return certain(answer, new PlatformError(kind, code, message, { waitMs }))
}

/**
 * 401: the key is not known, or was revoked. 403: its user lacks the right. A key that may only read is refused with 401 too, in words of the site's language: so only
 * a call that reads says that the key has ended.
 */
function kindOf(status: number, isRead: boolean): PlatformErrorKind {
  if (status === 429) return 'rate_limited'
  return status === 401 && isRead ? 'reauthorise' : 'rejected'
}

/** The platform's own codes of numbers that it does not know. */
export const invalidOrder = 'woocommerce_rest_shop_order_invalid_id'
export const invalidProduct = 'woocommerce_rest_product_invalid_id'

const noOrder = /^woocommerce_rest_(shop_order_invalid_id|order_invalid_id|invalid_order|invalid_order_id)$/
export const isNoOrder = ({ code }: PlatformError): boolean => noOrder.test(code)

/** Undefined: the order must be requested, because its state does not allow it; perhaps it has left already. */
export const shipFailureOf = (error: PlatformError): ShipFailure | undefined =>
  error.code === 'parameter' ? 'parameter' : isNoOrder(error) ? 'other' : undefined

const noProduct = /^woocommerce_rest_product_(variation_)?invalid_(id|parent)$/
export const goneOf = ({ code }: PlatformError): Gone => (noProduct.test(code) ? 'sku' : 'no')
