import type { Json } from '../json-parts.ts'
import { keptMap } from '../kept-map.ts'
import { dividedFee, goodsFee, type Line, payment, type Refund, type Trade } from '../world/model.ts'
import { parcelsOf, piecesLeft } from '../world/sent-parcels.ts'
import { UNPAID } from '../world/story.ts'

const SENT: Readonly<Record<string, string>> = {
  SELLER_CONSIGNED_PART: 'partly_shipped',
  WAIT_BUYER_CONFIRM_GOODS: 'shipped',
  TRADE_BUYER_SIGNED: 'shipped',
  TRADE_FINISHED: 'finished',
  TRADE_CLOSED: 'closed_refunded',
  TRADE_CLOSED_BY_TAOBAO: 'closed_unpaid',
}
const statusOf = (status: string): string => (UNPAID.has(status) ? 'unpaid' : (SENT[status] ?? 'paid'))

const iso = (seconds: number): string => new Date(seconds * 1000).toISOString()
const maybe = (name: string, seconds: number): Json => (seconds > 0 ? { [name]: iso(seconds) } : {})
const said = (name: string, text: string): Json => (text === '' ? {} : { [name]: text })

/** A trade as the mall posts it. A mall counts its changes to the millisecond, so that two of one second are two versions. */
export const tradeDocument = (trade: Trade): Json =>
  versioned(trade, trade.modified, {
    tid: trade.tid,
    status: statusWord(trade),
    ...(trade.type === 'cod' ? { type: 'cod' } : {}),
    createdAt: iso(trade.created),
    ...maybe('paidAt', trade.paid),
    ...maybe('shippedAt', shippedAt(trade)),
    ...maybe('endedAt', trade.ended),
    ...maybe('shipBy', trade.shipBefore),
    paymentFen: payment(trade),
    postFeeFen: trade.postFee,
    discountFen: trade.lines.reduce((sum, { share }) => sum + share, 0),
    buyer: { nick: trade.buyer.nick, openId: trade.buyer.openUid },
    receiver: receiverJson(trade),
    ...said('buyerMessage', trade.message),
    ...said('sellerMemo', trade.memo),
    flag: trade.flag,
    lines: trade.lines.map((line) => lineJson(trade, line)),
    ...garbageOf(trade),
  })

const shippedAt = (trade: Trade): number => trade.consigned || (parcelsOf(trade)[0]?.at ?? 0)

/** Some pieces may have left though no line has left whole. */
const statusWord = (trade: Trade): string => {
  const word = statusOf(trade.status)
  return word === 'paid' && parcelsOf(trade).length > 0 ? 'partly_shipped' : word
}

function receiverJson({ receiver }: Trade): Json {
  const { name, mobile, state, city, district, town, address, zip } = receiver
  return {
    ...{ name, mobile, province: state, city, address },
    ...said('district', district),
    ...said('town', town),
    ...said('zip', zip),
  }
}

function lineJson(trade: Trade, line: Line): Json {
  const { oid, listing, sku, num, price } = line
  const waybills = parcelsOf(trade).flatMap(({ waybill, goods }) =>
    goods.some((one) => one.line === line) ? [waybill] : [],
  )
  const isPart =
    line.status === 'WAIT_SELLER_SEND_GOODS' && waybills.length > 0 && piecesLeft(trade, line) > 0
  return {
    ...{ oid, itemId: listing.numIid, title: listing.title },
    ...(sku === null ? {} : { skuId: sku.skuId, spec: sku.properties.slice(0, 300) }),
    ...said('outerItemId', listing.outerIid),
    ...said('outerSkuId', sku?.outerId ?? ''),
    ...{ quantity: num, priceFen: price, paymentFen: dividedFee(line) },
    discountFen: Math.max(goodsFee(line) - dividedFee(line), 0),
    status: isPart ? 'partly_shipped' : statusOf(line.status),
    ...(waybills.length > 0 ? { waybillNos: waybills } : {}),
  }
}

const KINDS: Readonly<Record<string, string>> = {
  REFUND: 'refund_only',
  REFUND_AND_RETURN: 'return',
  TMALL_EXCHANGE: 'exchange',
  TAOBAO_EXCHANGE: 'exchange',
  RESHIPPING: 'reship',
  REPAIR: 'repair',
}
const STATUSES: Readonly<Record<string, string>> = {
  WAIT_SELLER_AGREE: 'applied',
  WAIT_BUYER_RETURN_GOODS: 'agreed',
  WAIT_SELLER_CONFIRM_GOODS: 'agreed',
  SELLER_REFUSE_BUYER: 'refused',
  CLOSED: 'closed',
  SUCCESS: 'succeeded',
}
const GOODS: Readonly<Record<string, string>> = {
  BUYER_NOT_RECEIVED: 'not_received',
  BUYER_RECEIVED: 'received',
  BUYER_RETURNED_GOODS: 'returned',
}

export const refundDocument = (refund: Refund): Json =>
  versioned(refund, refund.modified, {
    refundId: refund.id,
    tid: refund.trade.tid,
    oid: refund.line.oid,
    kind: KINDS[refund.kind] ?? 'other',
    phase: refund.phase === 'aftersale' ? 'aftersale' : 'onsale',
    status: STATUSES[refund.status] ?? 'applied',
    amountFen: refund.fee,
    quantity: refund.num,
    title: refund.line.listing.title,
    ...said('reason', refund.reason),
    ...said('description', refund.description),
    ...said('goodsReceived', GOODS[refund.goodStatus] ?? ''),
    ...said('courier', refund.company),
    ...said('waybillNo', refund.waybill),
    createdAt: iso(refund.created),
    ...maybe('deadline', refund.deadline),
    buyerNick: refund.trade.buyer.nick,
  })

const versions = keptMap<object, { text: string; at: number }>('ownshop versions')

/** Adds the time of change: of another content it is later than that of the one before, also within a second. */
function versioned(of: object, seconds: number, document: Json): Json {
  const text = JSON.stringify(document)
  const last = versions.get(of)
  const at = last?.text === text ? last.at : Math.max(seconds * 1000, (last?.at ?? 0) + 1)
  versions.set(of, { text, at })
  return { modifiedAt: new Date(at).toISOString(), ...document }
}

/** The fields of malicious payloads; null leaves one out. */
function garbageOf({ garbage }: Trade): Json {
  const given = Object.entries(garbage ?? {})
  return Object.fromEntries(given.map(([name, raw]) => [name, raw === null ? undefined : JSON.parse(raw)]))
}
