import { createHmac, timingSafeEqual } from 'node:crypto'
import { ban, banLeft, type Fault, lineFault, spoil, strike } from '../faults.ts'
import { answer, JSON_TYPE, type Outcome, type Received } from '../http.ts'
import { type Json, part, readJson, textIn } from '../json-parts.ts'
import { keptMap } from '../kept-map.ts'
import { count, countCall, type Sandbox } from '../state.ts'
import type { Shop } from '../world/model.ts'
import { nowSeconds } from '../world/world.ts'
import { isWrong, type MallCall, type MallEvent, type MallResult, wrong } from './call.ts'
import { setMemo, setStocks } from './goods.ts'
import { goodsReceived, refundAgreed, refundRefused, refundStopped } from './refunds.ts'
import { tradeShipped } from './ships.ts'

/** Seconds by which the time of an event may differ. */
const TOLERANCE = 300

const EVENTS: Readonly<Record<string, MallEvent>> = {
  ping: ({ shop }) => ({ name: shop.options.name }),
  'trade.shipped': tradeShipped,
  'trade.memo': setMemo,
  'stock.changed': setStocks,
  'refund.refused': refundRefused,
  'refund.agreed': refundAgreed,
  'refund.goods_received': goodsReceived,
  'refund.stopped': refundStopped,
}

/** Events are posted to / with headers of their own; nothing else is here. */
export const isMallEvent = (path: string, headers: Received['headers']): boolean =>
  path === '/' && typeof headers['sanyi-event'] === 'string'

/** Answers an event as a careful mall does: signature and time first, then the number of the delivery, then the content. */
export function ownshopGateway(sandbox: Sandbox, { verb, headers, body: bytes }: Received): Outcome {
  const header = (name: string) => (typeof headers[name] === 'string' ? headers[name] : '')
  const [event, delivery, timestamp] = [
    header('sanyi-event'),
    header('sanyi-delivery'),
    header('sanyi-timestamp'),
  ]
  const text = bytes.toString('utf8')
  const shop = sandbox.world.shops.find(
    ({ platform, options }) =>
      platform === 'ownshop' &&
      isSigned(options.appSecret, `${timestamp}.${text}`, header('sanyi-signature')),
  )
  const seconds = /^\d{10}$/.test(timestamp) ? Number(timestamp) : Number.NaN
  const isFresh = Math.abs(seconds - sandbox.world.clock.now() / 1000) <= TOLERANCE
  if (verb !== 'POST' || !shop || !isFresh)
    return fail(sandbox, '-', event, { status: 401, code: 'signature_wrong', message: '签名不对' })
  const nowMs = sandbox.world.clock.now()
  countCall(sandbox, shop.key, event, nowMs)
  if (banLeft(sandbox.board, { shop: shop.key, method: event, nowMs }).seconds > 0)
    return fail(sandbox, shop.key, event, limited)
  const fault = strike(sandbox.board, shop.key, event)
  const spoiled = fault && faultOutcome(sandbox, shop, event, fault)
  if (spoiled) return spoiled
  const result = resultOf(sandbox, shop, { event, delivery, text })
  if (isWrong(result)) return fail(sandbox, shop.key, event, result)
  return spoil(fault, JSON.stringify(result), JSON_TYPE)
}

function resultOf(
  sandbox: Sandbox,
  shop: Shop,
  { event, delivery, text }: { event: string; delivery: string; text: string },
): MallResult {
  const body = readJson(text)
  const run = EVENTS[event]
  if (!body || textIn(body, 'event') !== event || textIn(body, 'delivery') !== delivery || delivery === '')
    return wrong('parameter', '头和内容不一致')
  if (!run) return wrong('event_unknown', '没有这种通知')
  const known = deliveriesOf(shop)
  const before = known.get(delivery)
  if (before) return before
  const call: MallCall = { sandbox, shop, data: part(body, 'data'), now: nowSeconds(sandbox.world) }
  const result = run(call)
  // A refused event may be sent again, once its cause is gone.
  if (!isWrong(result)) known.set(delivery, result)
  return result
}

const deliveries = keptMap<Shop, Map<string, Json>>('ownshop deliveries')

/** The answers of each delivery that was taken. */
function deliveriesOf(shop: Shop): Map<string, Json> {
  const known = deliveries.get(shop) ?? new Map<string, Json>()
  deliveries.set(shop, known)
  return known
}

function isSigned(secret: string, signed: string, signature: string): boolean {
  const own = createHmac('sha256', secret).update(signed, 'utf8').digest()
  const given = /^[0-9a-f]{64}$/.test(signature) ? Buffer.from(signature, 'hex') : Buffer.alloc(0)
  return given.length === own.length && timingSafeEqual(given, own)
}

const limited = { status: 429, code: 'too_many', message: '太快了' }

function faultOutcome(sandbox: Sandbox, shop: Shop, event: string, fault: Fault): Outcome | undefined {
  count(sandbox.errors, `${shop.key} ${event} fault:${fault.kind}`)
  if (fault.kind === 'limited') {
    ban(sandbox.board, fault, { shop: shop.key, method: event, nowMs: sandbox.world.clock.now() })
    return fail(sandbox, shop.key, event, limited)
  }
  if (fault.kind === 'isp')
    return fail(sandbox, shop.key, event, { status: 503, code: 'busy', message: '维护中' })
  if (fault.kind === 'session-expired')
    return fail(sandbox, shop.key, event, { status: 401, code: 'signature_wrong', message: '签名不对' })
  if (fault.kind === 'forbidden')
    return fail(sandbox, shop.key, event, { status: 403, code: 'forbidden', message: '不接受这种通知' })
  return lineFault(fault)
}

function fail(
  sandbox: Sandbox,
  shop: string,
  event: string,
  { status, code, message }: { status: number; code: string; message: string },
): Outcome {
  count(sandbox.errors, `${shop} ${event} ${code}`)
  return answer(JSON.stringify({ code, message }), JSON_TYPE, status)
}
