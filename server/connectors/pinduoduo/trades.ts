import { yuanFromFen } from '../../lib/money.ts'
import { secondMs, startOfChinaDay } from '../../lib/time.ts'
import type {
  BadItem,
  Call,
  Receiver,
  Trade,
  TradeBrief,
  TradeDetail,
  TradeLine,
  TradePage,
} from '../connector.ts'
import { faultOf, ifThere, tradeWith } from '../documents.ts'
import {
  amountAt,
  type Doubts,
  entryOf,
  type Fields,
  fenAt,
  fieldsAt,
  fieldsIn,
  idAt,
  isFields,
  isMissing,
  isTrueAt,
  largestFen,
  listAt,
  longest,
  note,
  rawOf,
  textAt,
  timeAt,
  wholeAt,
} from '../fields.ts'
import { needed } from '../gateway.ts'
import { lineMoney } from '../line-money.ts'
import type { Page, Window } from '../lists.ts'
import { callPop } from './client.ts'
import { isNotFound } from './errors.ts'
import {
  holdsOf,
  isRefundUnknown,
  lineRefundOf,
  orderStatusFilter,
  platformStatusOf,
  promisesOf,
  tradeStatusOf,
} from './statuses.ts'

/**
 * pdd.order.number.list.increment.get: by modified time, windows up to 30 minutes, newest first. All orders are requested, in a group or
 * not.
 */
export async function listChanged(call: Call, window: Window, page: Page): Promise<TradePage> {
  const isCount = page.mode === 'count'
  const { body } = await callPop(call, 'pdd.order.number.list.increment.get', {
    ...secondsOf(window),
    is_lucky_flag: '0',
    order_status: entryOf(orderStatusFilter, window.status ?? '') ?? '5',
    refund_status: '5',
    page: String(isCount ? 1 : page.number),
    page_size: String(isCount ? 1 : page.size),
    use_has_next: isCount ? 'false' : 'true',
  })
  const list = fieldsAt(body, 'order_sn_increment_get_response')
  if (isCount) return { total: totalOf(list), items: [], hasNext: false }
  return { items: listAt(list, 'order_sn_list', '').map(parseBrief), hasNext: list.has_next === true }
}

/** Returns the window in whole UNIX seconds; both ends are included. */
export function secondsOf(window: Window): { start_updated_at: string; end_updated_at: string } {
  const second = (time: Date) => String(Math.floor(time.getTime() / secondMs))
  return { start_updated_at: second(window.from), end_updated_at: second(window.to) }
}

/** Returns the total of a list. @throws {PlatformError} if it is missing: zero in its place would skip the window. */
export function totalOf(list: Fields): number {
  return needed(wholeAt(list, 'total_count', 0, Number.MAX_SAFE_INTEGER), 'total_count')
}

function parseBrief(value: unknown): TradeBrief | BadItem {
  const order = isFields(value) ? value : {}
  const tid = idAt(order, 'order_sn')
  const modifiedAt = timeAt(order, 'updated_at')
  if (!tid || !modifiedAt) {
    return {
      kind: 'bad',
      id: tid || null,
      reason: tid ? 'no modified time' : 'no order_sn',
      raw: rawOf(value),
    }
  }
  return {
    kind: 'brief',
    tid,
    modifiedAt,
    createdAt: timeAt(order, 'created_time'),
    platformStatus: platformStatusOf(order),
    type: textAt(order, 'trade_type', longest.word),
    buyerNick: '',
    receiverName: shown(order, 'receiver_name', longest.name),
    paymentFen: fenAt(order, 'pay_amount'),
  }
}

/** pdd.order.information.get; undefined if the order does not exist. */
export async function tradeDetail(call: Call, tid: string): Promise<TradeDetail | undefined> {
  return ifThere(isNotFound, async () => {
    const { body, text } = await callPop(call, 'pdd.order.information.get', { order_sn: tid })
    const order = fieldsAt(body, 'order_info_get_response').order_info
    return parseOrder(needed(order, 'order_info'), text)
  })
}

/** Parses one order of POP. Never throws; an order without number, modified time or lines is parked. */
export function parseOrder(value: unknown, raw: string): TradeDetail {
  const order = isFields(value) ? value : {}
  const tid = idAt(order, 'order_sn')
  const doubts: Doubts = []
  const modifiedAt = timeAt(order, 'updated_at', doubts)
  const items = fieldsIn(listAt(order, 'item_list', ''), 'lines', doubts)
  const reason = faultOf(
    { tid, modifiedAt, lines: items.length },
    { tid: 'order_sn', modifiedAt: 'modified time' },
  )
  if (reason || !modifiedAt) return { kind: 'bad', id: tid || null, reason, raw }
  const trade = tradeOf(order, { tid, modifiedAt }, items, doubts)
  return tradeWith(trade, doubts, raw)
}

function tradeOf(
  order: Fields,
  { tid, modifiedAt }: { tid: string; modifiedAt: Date },
  items: readonly Fields[],
  doubts: Doubts,
): Trade {
  const time = (name: string) => timeAt(order, name, doubts)
  const step = fieldsAt(order, 'step_order_info')
  const stepStatus = wholeAt(step, 'step_trade_status', 0, 9)
  if (stepStatus === null && !isMissing(step.step_trade_status))
    note(doubts, 'step_trade_status', step.step_trade_status)
  const isPresale = textAt(order, 'trade_type', 8) === '1' || textAt(order, 'is_pre_sale', 8) === '1'
  const money = moneyOf(order, items, doubts)
  const status = tradeStatusOf(order)
  const presaleAt = time('pre_sale_time')
  const shipBy = time('last_ship_time') ?? presaleAt
  const createdAt = time('created_time')
  if (!createdAt) note(doubts, 'created_time', order.created_time, { guess: modifiedAt.toISOString() })
  const tags = listAt(order, 'order_tag_list', '').filter(isFields)
  if (isRefundUnknown(order)) note(doubts, 'refund_status', order.refund_status, { guess: 'none' })
  return {
    tid,
    status,
    platformStatus: platformStatusOf(order),
    type: isPresale ? 'presale' : 'normal',
    platformType: textAt(order, 'trade_type', longest.word),
    createdAt: createdAt ?? modifiedAt,
    modifiedAt,
    paidAt: time('pay_time') ?? time('confirm_time'),
    shippedAt: time('shipping_time'),
    endedAt: time('receive_time'),
    shipBy,
    // 预售时间: the day by which the seller ships presale goods.
    planAt: isPresale && presaleAt ? startOfChinaDay(presaleAt) : null,
    cod: false,
    // The status of a presale's payments. 0 and 1: the final payment is open; 2: everything is paid; missing: the order has no deposit.
    finalUnpaid: stepStatus !== null && stepStatus !== 2,
    holds: holdsOf(order, tags),
    paymentFen: money.payment,
    postFeeFen: money.postFee,
    discountFen: money.discount,
    subsidyFen: amountAt(order, 'platform_discount', doubts),
    buyer: { nick: '', openId: '' },
    receiver: receiverOf(order),
    buyerMessage: textAt(order, 'buyer_memo', longest.text),
    sellerMemo: textAt(order, 'remark', longest.text),
    flag: wholeAt(order, 'remark_tag', 0, 5) ?? 0,
    ...(isTrueAt(order, 'invoice_status') ? { invoice: true } : {}),
    ...promisesOf(order, tags),
    lines: items.map((item, index) => {
      const oid = index === 0 ? tid : `${tid}-${index + 1}`
      return lineOf(order, item, { oid, status, shipBy, paid: money.lines[index] ?? 0 }, doubts)
    }),
  }
}

/** Reads the order's amounts. pay_amount is goods_amount less discount_amount (which includes the platform's part) plus postage. */
function moneyOf(order: Fields, items: readonly Fields[], doubts: Doubts) {
  const goods = items.map((item) => goodsFen(item))
  const stated = fenAt(order, 'pay_amount', doubts)
  const freight = amountAt(order, 'postage', doubts)
  const payment = Math.max(stated ?? goods.reduce((sum, fen) => sum + fen, freight), 0)
  if (stated !== payment) note(doubts, 'pay_amount', order.pay_amount, { guess: yuanFromFen(payment) })
  const postFee = Math.min(freight, payment)
  const discount = fenAt(order, 'discount_amount', doubts)
  return {
    payment,
    postFee,
    discount: Math.max(discount ?? 0, 0),
    lines: lineMoney(payment - postFee, items.length, [goods]).fen,
  }
}

function goodsFen(item: Fields): number {
  const price = Math.max(fenAt(item, 'goods_price') ?? 0, 0)
  return Math.min(price * (wholeAt(item, 'goods_count', 1, 1_000_000) ?? 1), largestFen)
}

type LineContext = { oid: string; status: Trade['status']; shipBy: Date | null; paid: number }

/** Parses a line. POP has no line numbers: the first line gets the order's number, any other that number with its position. */
function lineOf(
  order: Fields,
  item: Fields,
  { oid, status, shipBy, paid }: LineContext,
  doubts: Doubts,
): TradeLine {
  const quantity = wholeAt(item, 'goods_count', 1, 1_000_000)
  // An order is shipped whole, so each line has its waybill.
  const waybillNo = textAt(order, 'tracking_number', longest.word)
  if (quantity === null) note(doubts, 'goods_count', item.goods_count, { guess: '1', line: oid })
  return {
    oid,
    status,
    platformStatus: platformStatusOf(order),
    refund: lineRefundOf(order),
    refundId: '',
    itemId: idAt(item, 'goods_id'),
    skuId: idAt(item, 'sku_id'),
    outerItemId: textAt(item, 'outer_goods_id', longest.name),
    outerSkuId: textAt(item, 'outer_id', longest.name),
    title: textAt(item, 'goods_name', longest.title),
    spec: specOf(textAt(item, 'goods_spec', longest.title)),
    pictureUrl: textAt(item, 'goods_img', longest.url),
    quantity: quantity ?? 1,
    priceFen: amountAt(item, 'goods_price', doubts, oid),
    paymentFen: paid,
    discountFen: Math.max(goodsFen(item) - paid, 0),
    shipBy,
    ...(waybillNo === '' ? {} : { waybillNo }),
  }
}

/** Returns the spec in our form: "雾蓝,45×45cm" → "雾蓝 / 45×45cm" */
export function specOf(spec: string): string {
  return spec
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
    .join(' / ')
}

function receiverOf(order: Fields): Receiver {
  // 合单 ID: equal for orders with the same address.
  const addressId =
    textAt(order, 'open_address_id_2', longest.token) || textAt(order, 'open_address_id', longest.token)
  return {
    name: shown(order, 'receiver_name', longest.name),
    mobile: shown(order, 'receiver_phone', longest.word),
    phone: '',
    province: textAt(order, 'province', longest.name),
    city: textAt(order, 'city', longest.name),
    district: textAt(order, 'town', longest.name),
    town: '',
    address: shown(order, 'address', longest.address) || shown(order, 'receiver_address', longest.address),
    zip: '',
    // It only says that the receiver is masked: waybills are printed from the order number and the raw ciphertext.
    token: addressId,
    ...(addressId === '' ? {} : { identity: addressId }),
  }
}

/**
 * Returns the text to show: the platform's mask if there is one. Ciphertext ("~AgAAA…", "#…#", "$…$") is not shown; only the raw copy keeps
 * it.
 */
function shown(order: Fields, name: string, max: number): string {
  const mask = textAt(order, `${name}_mask`, max)
  if (mask !== '') return mask
  const text = textAt(order, name, max)
  return /^[~#$]/.test(text) ? '' : text
}
