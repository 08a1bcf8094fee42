import { quote } from '../wire.ts'
import { dividedFee, goodsFee, type Line, payment, type Trade } from '../world/model.ts'
import { hash32 } from '../world/random.ts'
import { UNPAID } from '../world/story.ts'
import { companyOf } from './companies.ts'
import { packsOf } from './packs.ts'
import { statusNumber, typeNumber } from './refund-json.ts'
import { specOf } from './spec.ts'
import { shopId } from './tokens.ts'

/** order_status: 1 待支付, 105 已支付, 2 备货中, 101 部分发货, 3 已发货, 4 已取消, 5 已完成. */
export function orderStatus(status: string, { hold }: Trade): number {
  if (UNPAID.has(status)) return 1
  if (status === 'PAID_FORBID_CONSIGN' || status === 'TRADE_RISK_LOCKED') return 105
  if (status === 'WAIT_SELLER_SEND_GOODS') return hold === '' ? 2 : 105
  if (status === 'SELLER_CONSIGNED_PART') return 101
  if (status === 'TRADE_FINISHED') return 5
  return status === 'TRADE_CLOSED' || status === 'TRADE_CLOSED_BY_TAOBAO' ? 4 : 3
}

/** main_status has more: 103 部分支付, 21 发货前退款完结, 22 发货后退款完结. */
function mainStatus(status: string, trade: Trade): number {
  if (status === 'TRADE_CLOSED') return trade.consigned > 0 ? 22 : 21
  return trade.stepStatus === 'FRONT_PAID_FINAL_NOPAID' ? 103 : orderStatus(status, trade)
}

/** Gray, red, yellow, green, blue and purple by the world's numbers, as seller_remark_stars counts them: 灰紫青绿橙红. */
export const STARS: readonly number[] = [0, 5, 4, 3, 2, 1]

/** Returns an order as searchList and orderDetail write it: amounts in fen, times in seconds, the receiver as ciphertext with its masks. */
export function orderJson(trade: Trade, url: string): string {
  const { lines } = trade
  const fields: [string, string][] = [
    ['order_id', quote(trade.tid)],
    ['shop_id', shopId(trade.shop)],
    ['shop_name', quote(trade.shop.options.name)],
    ['doudian_open_id', quote(`1@#${hash32(trade.buyer.openUid).toString(36)}`)],
    ['order_type', trade.type === 'eticket' ? '4' : '0'],
    ['order_status', String(orderStatus(trade.status, trade))],
    ['main_status', String(mainStatus(trade.status, trade))],
    ['create_time', String(trade.created)],
    ['pay_time', String(trade.paid)],
    ['update_time', String(trade.modified)],
    ['ship_time', String(trade.consigned)],
    ['finish_time', String(trade.ended)],
    ['exp_ship_time', String(trade.shipBefore)],
    ['pay_type', trade.type === 'cod' ? '0' : '1'],
    ...orderMoney(trade),
    ['buyer_words', quote(trade.message)],
    ['seller_words', quote(trade.memo)],
    ['seller_remark_stars', String(STARS[trade.flag] ?? 0)],
    ['cancel_reason', '""'],
    ...receiverFields(trade),
    ['open_address_id', quote(openAddressId(trade))],
    ['serial_number_list', JSON.stringify(lines.flatMap(({ identCodes }) => identCodes))],
    ['order_phase_list', `[${phases(trade)}]`],
    ['logistics_info', `[${packsOf(trade).map(packJson).join(',')}]`],
    ['sku_order_list', `[${lines.map((line) => lineJson(trade, line, url)).join(',')}]`],
  ]
  return `{${fields
    .map(([name, value]) => field(trade, name, value))
    .filter((text) => text !== '')
    .join(',')}}`
}

/** pay_amount is the order's amount less promotion_amount, with the freight. The discount of the trade is the platform's. */
function orderMoney(trade: Trade): [string, string][] {
  const sumOf = (of: (line: Line) => number) => trade.lines.reduce((sum, line) => sum + of(line), 0)
  const [shop, platform] = [sumOf((line) => line.discount), sumOf((line) => line.share)]
  return [
    ['order_amount', String(payment(trade) + shop + platform)],
    ['pay_amount', String(payment(trade))],
    ['post_amount', String(trade.postFee)],
    ['post_insurance_amount', '0'],
    ['modify_amount', String(sumOf((line) => line.adjust))],
    ['promotion_amount', String(shop + platform)],
    ['promotion_shop_amount', String(shop)],
    ['promotion_platform_amount', String(platform)],
    ['promotion_talent_amount', '0'],
    ['promotion_pay_amount', '0'],
    ['shop_cost_amount', String(shop)],
    ['platform_cost_amount', String(platform)],
    ['only_platform_cost_amount', String(platform)],
    ['author_cost_amount', '0'],
  ]
}

function lineJson(trade: Trade, line: Line, url: string): string {
  const { listing, sku } = line
  const at = { parent: trade.tid, oid: line.oid }
  const refund = trade.refunds.findLast((one) => one.line === line)
  const state = refund === undefined ? 0 : statusNumber(refund)
  const spec = specOf(sku?.properties ?? '')
  const money = [
    ['origin_amount', line.price],
    ['sum_amount', goodsFee(line)],
    ['order_amount', goodsFee(line) + line.adjust],
    ['pay_amount', dividedFee(line)],
    ['post_amount', 0],
    ['modify_amount', line.adjust],
    ['promotion_amount', line.discount + line.share],
    ['promotion_shop_amount', line.discount],
    ['promotion_platform_amount', line.share],
    ['promotion_pay_amount', 0],
  ] as const
  return `{"order_id":"${at.oid}","parent_order_id":"${at.parent}","order_status":${orderStatus(line.status, trade)},"main_status":${mainStatus(line.status, trade)},"trade_type":${trade.type === 'step' ? 2 : 0},"goods_type":0,"product_id":${listing.numIid},"product_id_str":"${listing.numIid}","sku_id":${sku?.skuId ?? 0},"out_product_id":${quote(listing.outerIid)},"out_sku_id":"","code":${quote(sku?.outerId ?? '')},"product_name":${quote(listing.title)},"product_pic":${quote(url + listing.picture)},"spec":${JSON.stringify(spec)},"item_num":${line.num},${money.map(([name, fen]) => `"${name}":${fen}`).join(',')},"pre_sale_type":0,"exp_ship_time":${trade.shipBefore},"ship_time":${line.consigned},"finish_time":${line.ended},"given_product_type":"","need_serial_number":false,"after_sale_info":{"after_sale_status":${state},"after_sale_type":${refund === undefined ? 0 : typeNumber(refund)},"refund_status":${state === 12 ? 3 : state === 0 ? 0 : 1}}}`
}

function packJson(pack: ReturnType<typeof packsOf>[number]): string {
  const goods = pack.goods.map(
    ({ line, num }) =>
      `{"sku_order_id":"${line.oid}","product_count":${num},"product_name":${quote(line.listing.title)},"price":${line.price},"outer_sku_id":${quote(line.sku?.outerId ?? '')},"sku_id":${line.sku?.skuId ?? 0},"product_id":${line.listing.numIid},"product_id_str":"${line.listing.numIid}","sku_specs":[]}`,
  )
  const [code, name] = companyOf(pack.company)
  return `{"tracking_no":${quote(pack.waybill)},"company":"${code}","company_name":${quote(name)},"ship_time":${pack.at},"delivery_id":"${pack.id}","product_info":[${goods.join(',')}]}`
}

/** The two phases of a presale with a deposit. */
function phases(trade: Trade): string {
  if (trade.stepStatus === '') return ''
  const [front, final] = [
    !trade.stepStatus.startsWith('FRONT_NOPAID'),
    !trade.stepStatus.endsWith('FINAL_NOPAID'),
  ]
  const phase = (number: number, isPaid: boolean) =>
    `{"phase_order_id":"${trade.tid}${number}","total_phase":2,"current_phase":${number},"pay_success":${isPaid},"phase_pay_time":${isPaid ? trade.paid : 0}}`
  return [phase(1, front), phase(2, final)].join(',')
}

/** Returns the receiver; names and numbers are masked, and the ciphertext can be decrypted by the platform only. */
function receiverFields(trade: Trade): [string, string][] {
  const { receiver } = trade
  const masks = receiverMasks(trade)
  const place = (detail: string, name: string) =>
    `{"province":{"name":${quote(receiver.state)},"id":"${1 + (hash32(receiver.state) % 34)}"},"city":{"name":${quote(receiver.city)},"id":"${50 + (hash32(receiver.city) % 400)}"},"town":{"name":${quote(receiver.district)},"id":"${500 + (hash32(receiver.district) % 3000)}"},"street":{"name":${quote(receiver.town)},"id":"0"},"${name}":${quote(detail)}${name === 'encrypt_detail' ? ',"detail":""' : ''}}`
  return [
    ['post_receiver', '""'],
    ['encrypt_post_receiver', quote(cipher(trade.tid, receiver.name, '##'))],
    ['mask_post_receiver', quote(masks.name)],
    ['post_tel', '""'],
    ['encrypt_post_tel', quote(cipher(trade.tid, receiver.mobile, '$$'))],
    ['mask_post_tel', quote(masks.mobile)],
    ['post_addr', place(cipher(trade.tid, receiver.address, '##'), 'encrypt_detail')],
    ['mask_post_addr', place(masks.address, 'detail')],
  ]
}

/** The ciphertexts of name, mobile and address, as `receiverFields` writes them. */
export const ciphersOf = ({ tid, receiver: { name, mobile, address } }: Trade): string[] => [
  cipher(tid, name, '##'),
  cipher(tid, mobile, '$$'),
  cipher(tid, address, '##'),
]

/** The open_address_id, which is equal for trades of one day with the same receiver. */
export function openAddressId(trade: Trade): string {
  return `#${hash32(`${Math.floor((trade.created + 28_800) / 86_400)}${homeOf(trade)}`).toString(36)}`
}

/** The receiver and address in plain text. */
export const homeOf = ({ receiver: { name, mobile, state, city, district, town, address } }: Trade) =>
  [name, mobile, state, city, district, town, address].join('\u0001')

export const receiverMasks = ({ receiver: { name, mobile, address } }: Trade) => ({
  name: `${name[0] ?? ''}${'*'.repeat(Math.max(1, name.length - 1))}`,
  mobile: `${mobile[0] ?? ''}*********${mobile.slice(-1)}`,
  address: `${address.slice(0, 2)}****`,
})

/** A text in the form of the platform's ciphertext; always the same for the same text of the same order. */
function cipher(tid: string, text: string, frame: string): string {
  let body = ''
  for (let i = 0; i < 4; i++) body += hash32(`${i}${tid}${text}`).toString(36).padStart(7, '0')
  return `${frame}${hash32(text).toString(36)}${frame}${body}*${hash32(tid).toString(36)}${frame}`
}

function field(trade: Trade, name: string, value: string): string {
  const raw = trade.garbage === null || !(name in trade.garbage) ? value : trade.garbage[name]
  return raw === null || raw === undefined ? '' : `"${name}":${raw}`
}
