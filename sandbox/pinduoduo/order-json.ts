import { plainYuan, quote, quotedTime } from '../wire.ts'
import { payment, type Trade } from '../world/model.ts'
import { at, hash32 } from '../world/random.ts'

/** Returns order_status: 1 待发货, 2 已发货待签收, 3 已签收. */
export function orderStatus(trade: Trade): number {
  if (trade.status === 'TRADE_FINISHED' || trade.status === 'TRADE_BUYER_SIGNED') return 3
  return trade.consigned > 0 ? 2 : 1
}

/** Returns refund_status: 1 无售后或售后关闭, 2 售后处理中, 4 退款成功; 3 退款中 does not occur here. */
export function refundStatus(trade: Trade): number {
  const status = at(trade.lines, 0).refundStatus
  if (status === 'SUCCESS') return 4
  return status === 'NO_REFUND' || status === 'CLOSED' ? 1 : 2
}

/** Converts the status of an after-sales case to Pinduoduo's number. */
export function afterSalesStatus(status: string, kind: string): number {
  if (status === 'NO_REFUND') return 0
  if (status === 'SUCCESS') return kind.endsWith('EXCHANGE') || kind === 'RESHIPPING' ? 16 : 10
  if (status === 'CLOSED') return 11
  if (status === 'SELLER_REFUSE_BUYER') return 6
  if (status === 'WAIT_BUYER_RETURN_GOODS') return 7
  if (kind === 'REFUND' || kind === 'OTHERS') return 2
  if (kind === 'REPAIR') return 21
  return kind.endsWith('EXCHANGE') || kind === 'RESHIPPING' ? 14 : 3
}

/** Returns an order as pdd.order.information.get and both lists write it: amounts in yuan as numbers, the receiver as ciphertext. */
export function orderJson(trade: Trade, url: string): string {
  const line = at(trade.lines, 0)
  const open = trade.status === 'PAID_FORBID_CONSIGN'
  const refund = trade.refunds[trade.refunds.length - 1]
  const fields: [string, string][] = [
    ['order_sn', quote(trade.tid)],
    ['order_status', String(orderStatus(trade))],
    ['refund_status', String(refundStatus(trade))],
    ['after_sales_status', String(afterSalesStatus(line.refundStatus, refund?.kind ?? 'REFUND'))],
    ['confirm_status', open ? '0' : '1'],
    ['group_status', open ? '0' : '1'],
    ['risk_control_status', trade.hold !== '' && !open ? '1' : '0'],
    ['trade_type', '0'],
    ['created_time', quotedTime(trade.created)],
    ['confirm_time', open || trade.paid === 0 ? 'null' : quotedTime(trade.paid)],
    ['pay_time', trade.paid === 0 ? 'null' : quotedTime(trade.paid)],
    ['shipping_time', trade.consigned === 0 ? '""' : quotedTime(trade.consigned)],
    ['receive_time', orderStatus(trade) === 3 ? quotedTime(trade.ended || trade.modified) : 'null'],
    ['updated_at', quotedTime(trade.modified)],
    ['last_ship_time', quotedTime(trade.shipBefore)],
    ['goods_amount', plainYuan(line.price * line.num + line.adjust)],
    ['discount_amount', plainYuan(line.discount + line.share)],
    ['platform_discount', plainYuan(line.share)],
    ['seller_discount', plainYuan(line.discount)],
    ['capital_free_discount', '0.0'],
    ['postage', plainYuan(trade.postFee)],
    ['pay_amount', plainYuan(payment(trade))],
    ['pay_no', quote(`XP${trade.tid.replace('-', '')}`)],
    ['pay_type', hash32(trade.tid) % 3 === 0 ? '"ALIPAY"' : '"WEIXIN"'],
    ...receiverFields(trade),
    ['buyer_memo', quote(trade.message)],
    ['remark', quote(trade.memo)],
    ['remark_tag', trade.flag === 0 ? 'null' : String(trade.flag)],
    ['remark_tag_name', trade.flag === 0 ? 'null' : quote(at(TAGS, trade.flag - 1))],
    ['is_stock_out', '0'],
    ['stock_out_handle_status', '-1'],
    ['is_lucky_flag', '1'],
    ['is_pre_sale', '0'],
    ['pre_sale_time', '""'],
    ['invoice_status', '0'],
    ['free_sf', trade.couriers.includes('SF') ? '1' : '0'],
    ['home_delivery_type', trade.toDoor ? '1' : '0'],
    ['return_freight_payer', '1'],
    ['logistics_id', line.waybill === '' ? '0' : courierId(line.company)],
    ['tracking_number', quote(line.waybill)],
    ['step_order_info', 'null'],
    ['card_info_list', '[]'],
    ['item_list', `[${itemJson(trade, url)}]`],
  ]
  return `{${fields
    .map(([name, value]) => field(trade, name, value))
    .filter((text) => text !== '')
    .join(',')}}`
}

/** Returns the receiver as orders show it, by which the e-waybill service finds the real one. */
export const receiverMasks = ({ receiver: { name, mobile, address } }: Trade) => ({
  name: `${name[0] ?? ''}${'*'.repeat(Math.max(1, name.length - 1))}`,
  mobile: `${mobile.slice(0, 3)}****${mobile.slice(-4)}`,
  address: `${address.slice(0, 3)}****`,
})

/** Returns the receiver's fields, which are empty once the order is shipped or closed. */
function receiverFields(trade: Trade): [string, string][] {
  const shown = trade.consigned === 0 && trade.status !== 'TRADE_CLOSED'
  const { receiver } = trade
  const secret = (text: string) => (shown ? quote(cipher(trade.tid, text)) : '""')
  const masked = (text: string) => (shown ? quote(text) : '""')
  const masks = receiverMasks(trade)
  return [
    ['receiver_name', secret(receiver.name)],
    ['receiver_name_mask', masked(masks.name)],
    ['receiver_phone', secret(receiver.mobile)],
    ['receiver_phone_mask', masked(masks.mobile)],
    ['address', secret(receiver.address)],
    ['address_mask', masked(masks.address)],
    ['receiver_address', secret(receiver.state + receiver.city + receiver.district + receiver.address)],
    ['receiver_address_mask', masked(`${receiver.state}${receiver.city}${receiver.district}****`)],
    ['country', '"中国"'],
    ['country_id', '1'],
    ['province', quote(receiver.state)],
    ['province_id', String(1 + (hash32(receiver.state) % 34))],
    ['city', quote(receiver.city)],
    ['city_id', String(50 + (hash32(receiver.city) % 400))],
    ['town', quote(receiver.district)],
    ['town_id', String(500 + (hash32(receiver.district) % 3000))],
  ]
}

function itemJson(trade: Trade, url: string): string {
  const line = at(trade.lines, 0)
  return `{"goods_id":${line.listing.numIid},"sku_id":${line.sku?.skuId ?? '0'},"outer_id":${quote(line.sku?.outerId ?? line.listing.outerIid)},"outer_goods_id":${quote(line.listing.outerIid)},"goods_name":${quote(line.listing.title)},"goods_spec":${quote(line.sku?.properties ?? '')},"goods_price":${plainYuan(line.price)},"goods_count":${line.num},"goods_img":${quote(url + line.listing.picture)}}`
}

function field(trade: Trade, name: string, value: string): string {
  const raw = trade.garbage === null || !(name in trade.garbage) ? value : trade.garbage[name]
  return raw === null || raw === undefined ? '' : `"${name}":${raw}`
}

/** Returns a text in the form of POP's searchable ciphertext; always the same for the same text of the same order. */
function cipher(tid: string, text: string): string {
  let body = ''
  for (let i = 0; i < 6; i++) body += hash32(`${i}${tid}${text}`).toString(36).padStart(7, '0')
  return `~AgAAAA${body}=~${hash32(text).toString(36)}~2~~`
}

/** Returns the courier's number. Shipments by the simulator itself have only a courier's name; those by the client have a number. */
function courierId(company: string): string {
  return /^\d+$/.test(company) ? company : '115'
}

const TAGS = ['红色', '黄色', '绿色', '蓝色', '紫色']
