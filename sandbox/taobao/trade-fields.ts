import { quote, quotedTime, quoteId, yuan } from '../wire.ts'
import { goodsFee, type Line, payment, type Trade } from '../world/model.ts'
import { hash32 } from '../world/random.ts'
import { maskAddress, maskMobile, maskName, maskNick } from './mask.ts'

/** The data that a field writer may need besides the trade. */
export interface Wire {
  url: string
  /** In peak hours, by how many seconds lists are late; undefined in ordinary hours. */
  peakSeconds: number | undefined
}

/** True in peak hours, in which lists and details lack fields. */
export const isPeak = ({ peakSeconds }: Wire): boolean => peakSeconds !== undefined

/** The deadline of the next step: the seller's to ship, then the buyer's to confirm; null: the status has none. */
export function deadline(status: string, shipBefore: number, consigned: number): string | null {
  if (status === 'WAIT_SELLER_SEND_GOODS') return shipBefore === 0 ? null : quotedTime(shipBefore)
  return status === 'WAIT_BUYER_CONFIRM_GOODS' ? quotedTime(consigned + 10 * 86_400) : null
}

/** A function that returns a field of a trade as raw JSON; null leaves the field out, as TOP does with fields that are not set. */
export type TradeWriter = (trade: Trade, wire: Wire) => string | null

const time = (seconds: number) => (seconds === 0 ? null : quotedTime(seconds))
const text = (value: string) => (value === '' ? null : quote(value))
const only = (trade: Trade): Line | undefined => (trade.lines.length === 1 ? trade.lines[0] : undefined)
const flag =
  (name: string): TradeWriter =>
  (trade) =>
    trade.hold === name ? '1' : null
const isB = (trade: Trade) => trade.shop.platform === 'tmall'
const tradeDiscount = (trade: Trade) => trade.lines.reduce((sum, line) => sum + line.share, 0)
const confirmed = (trade: Trade) => (trade.status === 'TRADE_FINISHED' ? payment(trade) - refunded(trade) : 0)

function refunded(trade: Trade): number {
  let sum = 0
  for (const refund of trade.refunds) if (refund.status === 'SUCCESS') sum += refund.fee
  return sum
}

export const TRADE_FIELDS: Record<string, TradeWriter> = {
  tid: (t) => t.tid,
  tid_str: (t) => quoteId(t.tid),
  sid: (t) => quoteId(t.tid),
  status: (t) => quoteId(t.status),
  type: (t) => quote(t.type),
  title: (t) => quote(t.shop.options.name),
  seller_nick: (t) => quote(t.shop.options.name),
  buyer_nick: (t) => quote(maskNick(t.buyer.nick)),
  buyer_open_uid: (t) => quoteId(t.buyer.openUid),
  created: (t) => quotedTime(t.created),
  modified: (t) => quotedTime(t.modified),
  pay_time: (t) => time(t.paid),
  consign_time: (t) => time(t.consigned),
  end_time: (t) => time(t.ended),
  timeout_action_time: (t, w) => (isPeak(w) ? null : deadline(t.status, t.shipBefore, t.consigned)),
  delivery_time: (t) => (t.paid === 0 ? null : quotedTime(t.shipBefore)),
  est_con_time: (t) => (t.stepStatus === '' ? null : quote('付款后 2 天内发货')),
  send_time: (t) => (t.stepStatus === '' ? null : quotedTime(t.shipBefore + 3 * 86_400)),
  payment: (t) => yuan(payment(t)),
  total_fee: (t) => yuan(t.lines.reduce((sum, line) => sum + goodsFee(line), 0)),
  post_fee: (t) => yuan(t.postFee),
  has_post_fee: (t) => String(t.postFee > 0),
  discount_fee: (t) => yuan(tradeDiscount(t)),
  adjust_fee: (t) => yuan(only(t)?.adjust ?? 0),
  received_payment: (t) => yuan(confirmed(t)),
  available_confirm_fee: (t, w) =>
    isPeak(w) ? '"0.00"' : yuan(t.paid === 0 || t.ended > 0 ? 0 : payment(t) - refunded(t)),
  commission_fee: (t, w) => (isPeak(w) ? null : yuan(isB(t) ? Math.round(payment(t) * 0.05) : 0)),
  point_fee: () => '0',
  real_point_fee: () => '0',
  buyer_obtain_point_fee: () => '0',
  coupon_fee: () => '0',
  credit_card_fee: (t) => yuan(hash32(t.tid) % 9 === 0 ? payment(t) : 0),
  platform_subsidy_fee: () => '"0.00"',
  cod_fee: () => '"0.00"',
  buyer_cod_fee: () => '"0.00"',
  seller_cod_fee: () => '"0.00"',
  cod_status: (t) => text(t.codStatus),
  alipay_no: (t) => (t.paid === 0 ? null : quote('***')),
  buyer_area: (t) => quote(t.buyer.state + t.buyer.city),
  shipping_type: (t) =>
    quote(
      t.type === 'eticket' || t.type === 'auto_delivery' ? 'virtual' : t.postFee === 0 ? 'free' : 'express',
    ),
  num: (t) => String(only(t)?.num ?? t.lines.reduce((sum, line) => sum + line.num, 0)),
  num_iid: (t) => only(t)?.listing.numIid ?? null,
  price: (t) => {
    const line = only(t)
    return line === undefined ? null : yuan(line.price)
  },
  pic_path: (t, w) => quoteId(w.url + (t.lines[0]?.listing.picture ?? '')),
  snapshot_url: (t) => quoteId(`s:${t.tid}_1`),
  receiver_name: (t) => quote(maskName(t.receiver.name)),
  receiver_country: () => '""',
  receiver_state: (t) => quote(t.receiver.state),
  receiver_city: (t) => quote(t.receiver.city),
  receiver_district: (t) => quote(t.receiver.district),
  receiver_town: (t) => quote(t.receiver.town),
  receiver_address: (t) => quote(maskAddress(t.receiver.address)),
  receiver_zip: (t) => quote(t.receiver.zip),
  receiver_mobile: (t) => quoteId(maskMobile(t.receiver.mobile)),
  receiver_phone: () => '""',
  seller_flag: (t) => String(t.flag),
  seller_memo: (t) => text(t.memo),
  buyer_message: (t) => text(t.message),
  has_buyer_message: (t) => String(t.message !== ''),
  seller_rate: () => 'false',
  buyer_rate: () => 'false',
  can_rate: (t) => String(t.status === 'TRADE_FINISHED'),
  seller_can_rate: (t) => String(t.status === 'TRADE_FINISHED'),
  step_trade_status: (t) => text(t.stepStatus),
  step_paid_fee: (t) => (t.stepStatus === '' ? null : yuan(t.stepPaid)),
  new_presell: (t) => (t.stepStatus === '' ? null : 'true'),
  mark_desc: (t) => (t.hold === 'top_hold' ? quote('订单存在风险，平台审核中，请勿发货') : null),
  top_hold: flag('top_hold'),
  team_buy_hold: flag('team_buy_hold'),
  share_group_hold: flag('share_group_hold'),
  ofp_hold: flag('ofp_hold'),
  forbid_consign: flag('forbid_consign'),
  is_sh_ship: () => 'false',
  is_part_consign: (t) =>
    String(t.status === 'SELLER_CONSIGNED_PART' || new Set(t.lines.map((line) => line.waybill)).size > 1),
  is_3D: () => 'false',
  is_lgtype: () => 'false',
  is_brand_sale: () => 'false',
  is_force_wlb: () => 'false',
  is_daixiao: () => 'false',
  is_wt: () => 'false',
  has_yfx: () => 'true',
  zero_purchase: (t) => (t.type === 'pre_auth_type' ? 'true' : 'false'),
  trade_from: (t) => quote(t.from),
  asdp_ads: (t) => (t.toDoor ? '"201"' : null),
  logistics_agreement: (t) => (t.toDoor ? '{"asdp_biz_type":"aox","asdp_ads":"201"}' : null),
  logistics_infos: (t) =>
    t.couriers.length === 0
      ? null
      : `{"logistics_info":[${t.lines
          .map(
            ({ oid }) =>
              `{"trade_id":${t.tid},"sub_trade_id":${oid},"biz_delivery_type":2,"white_delivery_cps":${quote(t.couriers.join(','))}}`,
          )
          .join(',')}]}`,
  lm: (t) => (t.receiver === t.buyer ? null : '"1"'),
}
