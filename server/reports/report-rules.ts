import { courierCodes } from '../connectors/couriers.ts'
import type { LocalizedPair } from '../lib/localized-text.ts'
import { dayMs } from '../lib/time.ts'

/** Server and pages both import this file: the reports, their measures, and the definition of each figure. */

export const stepNames = ['day', 'week', 'month'] as const
export type Step = (typeof stepNames)[number]

export const reportNames = ['sales', 'goods', 'regions', 'couriers', 'causes', 'deadlines', 'staff'] as const
export type ReportName = (typeof reportNames)[number]

/** The documents that a cell opens. */
export type Source = 'trades' | 'net' | 'orders' | 'lines' | 'refunds' | 'asked' | 'deliveries' | 'confirmed'

/**
 * A figure: the sum of the columns `sum`, less those of `less`, divided by those of `per`. `rows`: the documents of which it is made.
 */
export type Measure = {
  key: string
  words: LocalizedPair
  kind: 'count' | 'money' | 'percent' | 'hours' | 'grams'
  sum: readonly string[]
  less?: readonly string[]
  per?: readonly string[]
  /** True: more of it is worse. */
  bad?: true
  rows: Source
}

export type Dimension = 'shop' | 'sku' | 'province' | 'courier' | 'goods' | 'cause' | 'person'
export const dimensionWords: Record<Dimension, LocalizedPair> = {
  shop: ['店铺', 'Shop'],
  sku: ['商品', 'SKU'],
  province: ['省份', 'Province'],
  courier: ['快递', 'Courier'],
  goods: ['商家编码', 'Outer code'],
  cause: ['原因', 'Reason'],
  person: ['人员', 'Person'],
}

export type Report = {
  words: LocalizedPair
  table: string
  /** The same sums by month, of a table with many rows a day. */
  months?: string
  /** The same sums by day and shop alone, of a table with many rows a day. */
  totals?: string
  /** The sums that the table has for each day. */
  columns: readonly string[]
  dimensions: readonly Dimension[]
  measures: readonly Measure[]
  /** How the figures are defined (口径). */
  defined: LocalizedPair
}

const money = (key: string, words: LocalizedPair, sum: readonly string[], rows: Source) =>
  ({ key, words, kind: 'money', sum, rows }) as const
const number = (key: string, words: LocalizedPair, sum: readonly string[], rows: Source) =>
  ({ key, words, kind: 'count', sum, rows }) as const

const shippingColumns = [
  'parcel_count',
  'package_count',
  'weighed_count',
  'total_grams',
  'due_count',
  'on_time_count',
  'late_count',
  'late_minutes',
  'paid_count',
  'paid_minutes',
  'signed_count',
  'signed_minutes',
]

export const reports: Readonly<Record<ReportName, Report>> = {
  sales: {
    words: ['店铺日报', 'Shops by day'],
    table: 'report_sales',
    columns: [
      'trade_count',
      'trade_fen',
      'own_count',
      'own_order_fen',
      'order_count',
      'refund_count',
      'refund_fen',
      'parcel_count',
    ],
    dimensions: ['shop'],
    measures: [
      money('amount', ['销售额 ¥', 'Sales ¥'], ['trade_fen', 'own_order_fen'], 'trades'),
      number('paid', ['付款交易', 'Paid trades'], ['trade_count', 'own_count'], 'trades'),
      {
        ...money('average', ['客单价 ¥', 'Average ¥'], ['trade_fen', 'own_order_fen'], 'trades'),
        per: ['trade_count', 'own_count'],
      },
      {
        ...money('net', ['净额 ¥', 'Net ¥'], ['trade_fen', 'own_order_fen'], 'net'),
        less: ['refund_fen'],
      },
      {
        ...number('refundRate', ['退款率', 'Refund rate'], ['refund_fen'], 'refunds'),
        kind: 'percent',
        per: ['trade_fen', 'own_order_fen'],
        bad: true,
      },
      { ...money('refund', ['退款 ¥', 'Refunds ¥'], ['refund_fen'], 'refunds'), bad: true },
      number('refunds', ['退款笔数', 'Refunds'], ['refund_count'], 'refunds'),
      number('orders', ['销售订单', 'Orders'], ['order_count'], 'orders'),
      number('parcels', ['发货单', 'Shipped'], ['parcel_count'], 'deliveries'),
    ],
    defined: [
      '按付款时间计，北京时间。销售额 = 平台交易的实付 + 未作废的自建订单应付；付款交易是它们的笔数，拆开的自建订单算一笔，补发不算；未转单的、后来关闭的交易也算。退款按平台退款成功的那天计。净额 = 销售额 − 退款；退款率 = 退款 ÷ 销售额。销售订单不含作废的。发货单按发货时间计。',
      'By payment time, Beijing time. Sales = paid by buyers on platforms + off-platform orders that are not voided, including trades that are not converted or closed later. Paid trades is their number: a split off-platform order counts once, a reship does not count. Refunds count on the day they succeeded. Net = sales − refunds; refund rate = refunds ÷ sales. Orders leave out voided ones. Shipped counts by shipping time.',
    ],
  },
  goods: {
    words: ['商品销售', 'Goods'],
    table: 'report_goods',
    months: 'report_goods_month',
    totals: 'report_goods_day',
    columns: ['piece_count', 'amount_fen', 'refunded_pieces', 'refunded_fen'],
    dimensions: ['sku', 'shop'],
    measures: [
      number('pieces', ['件数', 'Pieces'], ['piece_count'], 'lines'),
      money('amount', ['金额 ¥', 'Amount ¥'], ['amount_fen'], 'lines'),
      { ...number('refunded', ['退货件数', 'Refunded pieces'], ['refunded_pieces'], 'lines'), bad: true },
      {
        ...number('rate', ['退货率', 'Refund rate'], ['refunded_pieces'], 'lines'),
        kind: 'percent',
        per: ['piece_count'],
        bad: true,
      },
      { ...money('back', ['已退 ¥', 'Refunded ¥'], ['refunded_fen'], 'lines'), bad: true },
    ],
    defined: [
      '未作废的销售订单，按付款时间计，北京时间。金额是各行分摊的商品款，不含运费。退货件数和已退是这些订单到现在为止退掉的；发货前整单退款的订单已作废，不在内。赠品算件数，金额为 0；拿掉的赠品不算。',
      "Sales orders that are not voided, by payment time, Beijing time. Amounts are the lines' shares of the payment for goods, without freight. Refunded is the part refunded of these orders until now; orders refunded whole before shipping are voided and left out. Gifts count as pieces and cost nothing; gifts that were taken off do not count.",
    ],
  },
  regions: {
    words: ['地区', 'Regions'],
    table: 'report_regions',
    columns: ['order_count', 'piece_count', 'amount_fen'],
    dimensions: ['province', 'shop'],
    measures: [
      number('orders', ['订单', 'Orders'], ['order_count'], 'orders'),
      money('amount', ['金额 ¥', 'Amount ¥'], ['amount_fen'], 'orders'),
      number('pieces', ['件数', 'Pieces'], ['piece_count'], 'orders'),
      {
        ...money('average', ['单均 ¥', 'Average ¥'], ['amount_fen'], 'orders'),
        per: ['order_count'],
      },
    ],
    defined: [
      '未作废的销售订单，按付款时间计，北京时间；省份按订单现在的收货地址。金额是应付，含运费。',
      "Sales orders that are not voided, by payment time, Beijing time; the province is that of the order's present address. Amounts are what buyers pay, with freight.",
    ],
  },
  couriers: {
    words: ['快递', 'Couriers'],
    table: 'report_shipping',
    columns: shippingColumns,
    dimensions: ['courier', 'shop'],
    measures: [
      number('parcels', ['发货单', 'Deliveries'], ['parcel_count'], 'deliveries'),
      number('packages', ['包裹', 'Packages'], ['package_count'], 'deliveries'),
      {
        ...number('grams', ['平均重量', 'Average weight'], ['total_grams'], 'deliveries'),
        kind: 'grams',
        per: ['weighed_count'],
      },
      number('signed', ['已签收', 'Signed for'], ['signed_count'], 'deliveries'),
      {
        ...number('signedHours', ['发货到签收', 'Shipped to signed'], ['signed_minutes'], 'deliveries'),
        kind: 'hours',
        per: ['signed_count'],
        bad: true,
      },
    ],
    defined: [
      '已发货的发货单，按发货时间计，北京时间。平均重量只算称过重的。签收时间是快递的最后一条轨迹；没有轨迹的不算。首次揽收的时间没有保存，所以没有揽收时长。',
      "Shipped deliveries, by shipping time, Beijing time. The average weight is of weighed ones only. Signed for is the time of the courier's last scan; parcels without scans are left out. The time of the first scan is not kept, so there is no time to collection.",
    ],
  },
  causes: {
    words: ['退货原因', 'Refund reasons'],
    table: 'report_causes',
    months: 'report_causes_month',
    columns: ['refund_count', 'asked_fen', 'return_count', 'piece_count', 'succeeded_fen', 'succeeded_count'],
    dimensions: ['cause', 'goods', 'shop'],
    measures: [
      { ...number('refunds', ['退款笔数', 'Refunds'], ['refund_count'], 'asked'), bad: true },
      number('returns', ['其中退货', 'With goods'], ['return_count'], 'asked'),
      number('pieces', ['件数', 'Pieces'], ['piece_count'], 'asked'),
      money('asked', ['申请金额 ¥', 'Asked ¥'], ['asked_fen'], 'asked'),
      { ...money('succeeded', ['已退 ¥', 'Paid back ¥'], ['succeeded_fen'], 'asked'), bad: true },
      { ...number('done', ['已退笔数', 'Paid back'], ['succeeded_count'], 'asked'), bad: true },
    ],
    defined: [
      '退单按买家申请的时间计，北京时间；原因是平台上买家选的。已退是其中退款成功的金额和笔数。',
      "Refunds by the time the buyer asked, Beijing time; the reason is the buyer's on the platform. Paid back is the amount and number of those that succeeded.",
    ],
  },
  deadlines: {
    words: ['发货时效', 'Shipping time'],
    table: 'report_shipping',
    columns: shippingColumns,
    dimensions: ['shop', 'courier'],
    measures: [
      {
        ...number('rate', ['按时率', 'On time'], ['on_time_count'], 'deliveries'),
        kind: 'percent',
        per: ['due_count'],
      },
      number('onTime', ['按时', 'On time'], ['on_time_count'], 'deliveries'),
      { ...number('late', ['超时', 'Late'], ['late_count'], 'deliveries'), bad: true },
      {
        ...number('lateHours', ['平均超', 'Late by'], ['late_minutes'], 'deliveries'),
        kind: 'hours',
        per: ['late_count'],
        bad: true,
      },
      {
        ...number('paidHours', ['付款到发货', 'Paid to shipped'], ['paid_minutes'], 'deliveries'),
        kind: 'hours',
        per: ['paid_count'],
        bad: true,
      },
    ],
    defined: [
      '已发货的发货单，按发货时间计，北京时间。按时 = 不晚于平台的发货时限；没有时限的不算。付款到发货只算知道付款时间的。',
      "Shipped deliveries, by shipping time, Beijing time. On time = not after the platform's deadline; those without one are left out. Paid to shipped is of orders whose payment time is known.",
    ],
  },
  staff: {
    words: ['人员', 'Staff'],
    table: 'report_people',
    columns: [
      'confirmed_count',
      'printed_count',
      'picked_count',
      'checked_count',
      'weighed_count',
      'shipped_count',
      'piece_count',
    ],
    dimensions: ['person', 'shop'],
    measures: [
      number('shipped', ['发货', 'Shipped'], ['shipped_count'], 'deliveries'),
      number('confirmed', ['审单', 'Confirmed'], ['confirmed_count'], 'confirmed'),
      number('printed', ['打单', 'Printed'], ['printed_count'], 'deliveries'),
      number('picked', ['拣货', 'Picked'], ['picked_count'], 'deliveries'),
      number('checked', ['验货', 'Checked'], ['checked_count'], 'deliveries'),
      number('weighed', ['称重', 'Weighed'], ['weighed_count'], 'deliveries'),
      number('pieces', ['发货件数', 'Pieces shipped'], ['piece_count'], 'deliveries'),
    ],
    defined: [
      '审单是人点的确认，按确认时间计，同一单确认几次算几次；打单到发货按发货单发出的那天计，所以一张单的几步在同一天。北京时间。自动确认不算人员。',
      'Confirmed counts each confirmation by a person, by its time; printed to shipped count on the day the delivery left, so all steps of a delivery are on one day. Beijing time. Automatic confirmation is of no person.',
    ],
  },
}

/** Returns the words for a row, as a person would say them. `shopName`: the name of a shop; undefined: it is not known. */
export function rowWords(
  dimension: Dimension,
  { key, code, name }: { key: string; code: string; name: string },
  shopName: (id: string) => string | undefined,
): LocalizedPair {
  const same = (text: string): LocalizedPair => [text, text]
  if (dimension === 'shop') return same(shopName(key) ?? key)
  if (dimension === 'sku') return key === '0' ? ['未匹配', 'Not matched'] : same(`${code} ${name}`)
  const courier = dimension === 'courier' ? courierCodes[key] : undefined
  if (courier) return [courier.zh, courier.en]
  return key === '' ? ['没有填', 'None given'] : same(key)
}

/** "11-24", and of several days "11-24 11-30". */
export const periodName = ({ from, to }: { from: string; to: string }) =>
  from === to ? from.slice(5) : `${from.slice(5)} ${to.slice(5)}`

/** "2026-11-24" and 3 → "2026-11-27". */
export const plusDays = (day: string, days: number) =>
  new Date(Date.parse(day) + days * dayMs).toISOString().slice(0, 10)

/** The number of days from the first to the last. */
export const daysIn = ({ from, to }: { from: string; to: string }) =>
  (Date.parse(to) - Date.parse(from)) / dayMs + 1

export const isReport = (name: string): name is ReportName => Object.hasOwn(reports, name)

/** Returns a measure of these sums; null: nothing to divide by. Money and grams are in fen and grams, a percentage is of 100. */
export function measured(
  { kind, sum, less = [], per }: Measure,
  columns: readonly string[],
  cell: readonly number[] | null,
): number | null {
  const added = (names: readonly string[]) =>
    names.reduce((total, name) => total + (cell?.[columns.indexOf(name)] ?? 0), 0)
  const value = added(sum) - added(less)
  if (per === undefined) return value
  const by = added(per)
  if (by === 0) return null
  if (kind === 'percent') return (100 * value) / by
  return kind === 'hours' ? value / by / 60 : Math.round(value / by)
}

/** Returns the sum of cells; null if all are null. */
export function addCells(cells: readonly (readonly number[] | null)[]): number[] | null {
  const some = cells.filter((cell) => cell !== null)
  if (some.length === 0) return null
  return (some[0] ?? []).map((_, at) => some.reduce((total, cell) => total + (cell[at] ?? 0), 0))
}
