import { yuanFromFen } from '../../lib/money.ts'
import type { BadItem, Call, Trade, TradeBrief, TradeDetail, TradeItem } from '../connector.ts'
import { faultOf, ifThere, tradeWith } from '../documents.ts'
import {
  type Doubts,
  entryOf,
  type Fields,
  fieldsAt,
  idAt,
  instantMsAt,
  isFields,
  listAt,
  listIn,
  longest,
  note,
  rawOf,
  textAt,
  wholeAt,
  wholeFenAt,
} from '../fields.ts'
import { needed } from '../gateway.ts'
import type { ChainAt, ChainedPage, Window } from '../lists.ts'
import { askKuaishou } from './client.ts'
import { isNoOrder } from './errors.ts'
import { codesAt } from './fields.ts'
import { type Goods, giftsIn, goodsOf, lineOf } from './lines.ts'
import { cursorAfter, emptyPage, spanOf } from './lists.ts'
import { orderOf } from './orders.ts'
import { isPaid, paidBackOf, refundsIn } from './refunds.ts'
import { everyView, holdOfReason, isFinalUnpaid, toShip, tradeTypeOf, viewOf } from './statuses.ts'

/** open.order.cursor.list, the oldest first: an order that changes while the pages are read comes once more, and leaves no gap before it. */
const listed =
  (queryType: 1 | 2) =>
  async (call: Call, window: Window, { after, size }: ChainAt): Promise<ChainedPage<TradeItem>> => {
    const span = spanOf(call, window)
    if (!span) return emptyPage
    const { body } = await askKuaishou(call, 'open.order.cursor.list', {
      ...span,
      queryType,
      orderViewStatus: entryOf(viewOf, window.status ?? '') ?? everyView,
      sort: 2,
      cpsType: 0,
      pageSize: size,
      cursor: after ?? '',
    })
    const data = fieldsAt(body, 'data')
    const next = cursorAfter(data, 'cursor')
    return { items: needed(listIn(data.orderList), 'list').map(parseBrief), next }
  }
export const listCreated = listed(1)
export const listChanged = listed(2)

function parseBrief(value: unknown): TradeBrief | BadItem {
  const order = isFields(value) ? value : {}
  const base = fieldsAt(order, 'orderBaseInfo')
  const tid = idAt(base, 'oid')
  const modifiedAt = instantMsAt(base, 'updateTime')
  if (!tid || !modifiedAt)
    return { kind: 'bad', id: tid || null, reason: tid ? 'no updateTime' : 'no oid', raw: rawOf(value) }
  return {
    kind: 'brief',
    tid,
    modifiedAt,
    createdAt: instantMsAt(base, 'createTime'),
    platformStatus: textAt(base, 'status', longest.word),
    type: '',
    buyerNick: textAt(base, 'buyerNick', longest.name),
    receiverName: textAt(fieldsAt(order, 'orderAddress'), 'desensitiseConsignee', longest.name),
    paymentFen: wholeFenAt(base, 'totalFee'),
  }
}

/** open.order.detail; undefined if the shop has no such order. */
export async function tradeDetail(call: Call, tid: string): Promise<TradeDetail | undefined> {
  return ifThere(isNoOrder, async () => wholeOf(call, await orderOf(call, tid)))
}

/**
 * An order names its refunds without their money. As long as the goods are to be shipped, one that was paid ends them only if it gave the whole payment back: a
 * refund of a price difference (价保) or of a part leaves them to be shipped. The platform closes an order that was paid back (80).
 */
async function wholeOf(call: Call, { order, text }: { order: Fields; text: string }): Promise<TradeDetail> {
  const detail = parseOrder(order, text)
  const line = 'trade' in detail ? detail.trade.lines[0] : undefined
  if (line?.refund !== 'succeeded' || line.platformStatus !== toShip) return detail
  const paidBack = await paidBackOf(call, order)
  if (paidBack === undefined || paidBack >= line.paymentFen) return detail
  return parseOrder({ ...order, orderRefundList: refundsIn(order).filter((one) => !isPaid(one)) }, text)
}

/** Parses an order. Never throws; one without number, time of change or goods is parked. */
export function parseOrder(value: unknown, raw: string): TradeDetail {
  const order = isFields(value) ? value : {}
  const base = fieldsAt(order, 'orderBaseInfo')
  const tid = idAt(base, 'oid')
  const doubts: Doubts = []
  const modifiedAt = instantMsAt(base, 'updateTime', { doubts, as: 'modified' })
  const gifts = giftsIn(order, doubts)
  const reason = faultOf(
    { tid, modifiedAt, lines: isFields(order.orderItemInfo) ? 1 + gifts.length : 0 },
    { tid: 'oid', modifiedAt: 'updateTime' },
  )
  if (reason || !modifiedAt) return { kind: 'bad', id: tid || null, reason, raw }
  const trade = tradeOf(order, { tid, modifiedAt, goods: goodsOf(order, tid, gifts, doubts) }, doubts)
  return tradeWith(trade, doubts, raw)
}

type Read = { tid: string; modifiedAt: Date; goods: readonly Goods[] }

function tradeOf(order: Fields, { tid, modifiedAt, goods }: Read, doubts: Doubts): Trade {
  const base = fieldsAt(order, 'orderBaseInfo')
  const time = (key: string, as: string) => instantMsAt(base, key, { doubts, as })
  const createdAt = time('createTime', 'created')
  if (!createdAt) note(doubts, 'created', base.createTime, { guess: modifiedAt.toISOString() })
  const status = textAt(base, 'status', longest.word)
  const paidAt = time('payTime', 'pay_time')
  const money = moneyOf(base, goods, doubts)
  const shipBy = isForbidden(base)
    ? null
    : (instantMsAt(base, 'validPromiseShipmentTimeStamp') ?? instantMsAt(base, 'promiseTimeStampOfDelivery'))
  const facts = { isPaid: paidAt !== null, shipBy }
  const lines = goods.map((one, at) => lineOf(one, { ...facts, paid: at === 0 ? money.goods : 0 }, doubts))
  const type = tradeTypeOf(order)
  return {
    tid,
    status: statusOf(lines),
    platformStatus: status,
    type,
    platformType: codesAt(base, 'allActivityType').join(',').slice(0, longest.word).toWellFormed(),
    createdAt: createdAt ?? modifiedAt,
    modifiedAt,
    paidAt,
    shippedAt: time('sendTime', 'consign_time'),
    endedAt: status === '70' || status === '80' ? (time('recvTime', 'end_time') ?? modifiedAt) : null,
    shipBy,
    planAt: null,
    cod: false,
    finalUnpaid: isFinalUnpaid(order),
    holds: holdsOf(order, status, type),
    paymentFen: money.goods + money.postFee,
    postFeeFen: money.postFee,
    discountFen: wholeFenAt(base, 'discountFee', { doubts, as: 'discount_amount' }) ?? 0,
    subsidyFen: 0,
    buyer: { nick: nickOf(base), openId: textAt(base, 'buyerOpenId', longest.name) },
    receiver: receiverOf(fieldsAt(order, 'orderAddress'), tid),
    buyerMessage: textAt(base, 'remark', longest.text),
    ...noteOf(order),
    lines,
  }
}

/** The order's own status is of its goods; gifts leave by themselves. */
function statusOf(lines: Trade['lines']): Trade['status'] {
  const main = lines[0]?.status ?? 'unknown'
  const open = lines.map(({ status }) => status).filter((status) => !status.startsWith('closed'))
  const isSent = (status: Trade['status']) => status === 'shipped' || status === 'finished'
  if ((main !== 'paid' && main !== 'shipped') || open.every(isSent)) return main
  return open.some((status) => isSent(status) || status === 'partly_shipped') ? 'partly_shipped' : main
}

/** The promised time of shipping is 0: the order must not be shipped. The other, fixed time of the order still has a value then. */
const isForbidden = (base: Fields): boolean => wholeAt(base, 'validPromiseShipmentTimeStamp', 0, 0) === 0

/** "Do not ship if one is empty", say the documents of each. */
const ciphertexts = ['encryptedConsignee', 'encryptedMobile', 'encryptedAddress']

/**
 * What forbids shipping a paid order: the platform's reasons, a missing ciphertext of the receiver or time of shipping, a swindle that it
 * suspects (10001), and a change of the address that the buyer asks for (10). A virtual one has neither receiver nor time.
 */
function holdsOf(order: Fields, status: string, type: Trade['type']): string[] {
  const base = fieldsAt(order, 'orderBaseInfo')
  const holds = codesAt(base, 'disableDeliveryReasonCode').map(holdOfReason)
  if (textAt(base, 'riskCode', 8) === '10001') holds.push('risk')
  if (textAt(fieldsAt(order, 'addressUpdateAuditInfo'), 'auditStatus', 8) === '10')
    holds.push('address_review')
  const address = fieldsAt(order, 'orderAddress')
  const isHidden = ciphertexts.some((key) => textAt(address, key, longest.token) === '')
  if (type !== 'virtual' && status === toShip && (isHidden || isForbidden(base)) && holds.length === 0)
    holds.push('ship_hold')
  return [...new Set(holds)]
}

/**
 * totalFee is what the buyer owes. Whether it holds the freight is not said: one client's comment says no, so does the arithmetic where price and
 * discount fit; where they fit with the freight inside, it is taken for inside.
 */
function moneyOf(base: Fields, goods: readonly Goods[], doubts: Doubts): { goods: number; postFee: number } {
  const sold = goods[0]?.soldFen ?? 0
  const off = wholeFenAt(base, 'discountFee') ?? 0
  const freight = wholeFenAt(base, 'expressFee', { doubts, as: 'post_fee' }) ?? 0
  const stated = wholeFenAt(base, 'totalFee')
  const total = stated ?? Math.max(sold - off, 0)
  if (stated === null) note(doubts, 'payment', base.totalFee, { guess: yuanFromFen(total + freight) })
  const isInside = freight > 0 && total >= freight && total === sold - off + freight
  return { goods: isInside ? total - freight : total, postFee: freight }
}

/** Nicks are masked, so that buyers share them. The end of the buyer's number keeps them apart for the clerk. */
function nickOf(base: Fields): string {
  const nick = textAt(base, 'buyerNick', longest.word)
  const end = textAt(base, 'buyerOpenId', longest.name).slice(-6).toWellFormed()
  return [nick, end].filter(Boolean).join(' #')
}

/**
 * The masks. Waybills are printed from three ciphertexts, which the raw copy has; the one here says that the receiver is masked. Two masked
 * receivers cannot be compared, so each order has one of its own.
 */
function receiverOf(address: Fields, tid: string): Trade['receiver'] {
  const text = (key: string, max: number) => textAt(address, key, max)
  return {
    name: text('desensitiseConsignee', longest.name),
    mobile: text('desensitiseMobile', longest.word),
    phone: '',
    province: text('province', longest.name),
    city: text('city', longest.name),
    district: text('district', longest.name),
    town: text('town', longest.name),
    address: text('desensitiseAddress', longest.address),
    zip: '',
    token: text('encryptedAddress', longest.token),
    identity: tid,
  }
}

/**
 * The newest of the notes, which is the first; its flag is that of the order. The platform's types and its documents place the list in two ways, and
 * write a flag as a word or a number.
 */
export function noteOf(order: Fields): { sellerMemo: string; flag: number } {
  const named = listAt(fieldsAt(order, 'orderNote'), 'orderNoteInfo', '')
  const [newest] = (named.length > 0 ? named : listAt(order, 'orderNoteInfo', '')).filter(isFields)
  if (!newest) return { sellerMemo: '', flag: 0 }
  const tag = textAt(newest, 'flagTagCode', longest.word)
  const at = flagTags.findIndex((name, number) => tag === name || tag === String(number))
  return { sellerMemo: textAt(newest, 'note', longest.text), flag: Math.max(at, 0) }
}

/** By our flags; the numbers are those with which flags are set. Grey (grey_flag_tag_order, 6) is none. */
const flagTags = [
  '',
  'red_flag_tag_order',
  'yellow_flag_tag_order',
  'green_flag_tag_order',
  'blue_flag_tag_order',
  'purple_flag_tag_order',
]
