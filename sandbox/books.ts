import type { Sandbox } from './state.ts'
import { ORDER_FIELDS } from './taobao/order-fields.ts'
import { refundAnswer } from './taobao/refunds.ts'
import { TRADE_FIELDS } from './taobao/trade-fields.ts'
import { fullAnswer } from './taobao/trades.ts'
import { platformTime } from './wire.ts'
import { dividedFee, payment, type Refund, type Shop, type Trade } from './world/model.ts'
import { nowSeconds } from './world/world.ts'

/**
 * Returns the true state of a trade as JSON, for comparison with the client's data: money in fen, times in epoch seconds (0: never), ids as
 * text.
 */
export function tradeBook(trade: Trade): string {
  return JSON.stringify({
    kind: 'trade',
    shop: trade.shop.key,
    tid: trade.tid,
    type: trade.type,
    status: trade.status,
    created: trade.created,
    modified: trade.modified,
    paid: trade.paid,
    consigned: trade.consigned,
    ended: trade.ended,
    payment: payment(trade),
    postFee: trade.postFee,
    stepStatus: trade.stepStatus,
    stepPaid: trade.stepPaid,
    hold: trade.hold,
    flag: trade.flag,
    memo: trade.memo,
    message: trade.message,
    hostile: trade.garbage !== null,
    receiver: {
      name: trade.receiver.name,
      mobile: trade.receiver.mobile,
      state: trade.receiver.state,
      city: trade.receiver.city,
      district: trade.receiver.district,
      address: trade.receiver.address,
    },
    lines: trade.lines.map((line) => ({
      oid: line.oid,
      numIid: line.listing.numIid,
      skuId: line.sku?.skuId ?? '',
      outerIid: line.listing.outerIid,
      outerSkuId: line.sku?.outerId ?? '',
      num: line.num,
      price: line.price,
      dividedFee: dividedFee(line),
      status: line.status,
      refundStatus: line.refundStatus,
      refundId: line.refundId,
      refundKind: trade.refunds.findLast((refund) => refund.line === line)?.kind ?? '',
      company: line.company,
      waybill: line.waybill,
      shipments: line.shipments,
    })),
    refunds: trade.refunds.map((refund) => refund.id),
  })
}

export function refundBook(refund: Refund): string {
  return JSON.stringify({
    kind: 'refund',
    shop: refund.trade.shop.key,
    refundId: refund.id,
    tid: refund.trade.tid,
    oid: refund.line.oid,
    type: refund.kind,
    status: refund.status,
    phase: refund.phase,
    fee: refund.fee,
    num: refund.num,
    version: refund.version,
    created: refund.created,
    modified: refund.modified,
    deadline: refund.deadline,
    refuseReason: refund.refuseReason,
  })
}

/** Yields one shop's true states as NDJSON, a row at a time. `which`: trades, refunds or both. */
export function* books(shop: Shop, which: string): Generator<string> {
  if (which !== 'refunds') for (const trade of shop.trades.values()) yield `${tradeBook(trade)}\n`
  if (which !== 'trades') for (const refund of shop.refunds.values()) yield `${refundBook(refund)}\n`
}

export const EVERY_FIELD = [
  ...Object.keys(TRADE_FIELDS),
  ...Object.keys(ORDER_FIELDS).map((name) => `orders.${name}`),
  'promotion_details',
  'oaid',
].join()

/**
 * Yields the rows of the RDS push, oldest change first. jdp_response equals the answer of trade_fullinfo_get (or refund_get) byte for byte.
 */
export function* rdsRows(sandbox: Sandbox, shop: Shop, which: string): Generator<string> {
  const now = nowSeconds(sandbox.world)
  if (which === 'refunds') {
    for (const refund of shop.refunds.values()) {
      yield `${JSON.stringify({ refund_id: refund.id, tid: refund.trade.tid, status: refund.status, modified: platformTime(refund.modified), jdp_response: refundAnswer(shop, refund), jdp_modified: platformTime(refund.modified) })}\n`
    }
    return
  }
  for (const trade of shop.trades.values()) {
    const response = fullAnswer({ sandbox, shop, now }, trade, EVERY_FIELD)
    yield `${JSON.stringify({ tid: trade.tid, status: trade.status, type: trade.type, modified: platformTime(trade.modified), jdp_response: response, jdp_modified: platformTime(trade.modified) })}\n`
  }
}
