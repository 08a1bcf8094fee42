import { plainYuan, quote, quotedTime, quoteId, yuan } from '../wire.ts'
import { dividedFee, type Line, linePayment, lineTotal, type Trade } from '../world/model.ts'
import { at, hash32 } from '../world/random.ts'
import { ENDED } from '../world/story.ts'
import { deadline, isPeak, type Wire } from './trade-fields.ts'

/** A function that returns a field of one trade line as raw JSON; null leaves the field out. */
export type LineWriter = (line: Line, trade: Trade, wire: Wire) => string | null

const text = (value: string) => (value === '' ? null : quote(value))
const time = (seconds: number) => (seconds === 0 ? null : quotedTime(seconds))

export const ORDER_FIELDS: Record<string, LineWriter> = {
  oid: (l) => l.oid,
  oid_str: (l) => quoteId(l.oid),
  status: (l) => quoteId(l.status),
  title: (l) => quote(l.listing.title),
  num_iid: (l) => l.listing.numIid,
  sku_id: (l) => (l.sku === null ? null : quoteId(l.sku.skuId)),
  outer_iid: (l) => text(l.listing.outerIid),
  outer_sku_id: (l) => text(l.sku?.outerId ?? ''),
  sku_properties_name: (l) => text(l.sku?.properties ?? ''),
  pic_path: (l, _t, w) => quoteId(w.url + l.listing.picture),
  cid: (l) => String(l.listing.cid),
  num: (l) => String(l.num),
  price: (l) => yuan(l.price),
  total_fee: (l) => yuan(lineTotal(l)),
  payment: (l, t) => yuan(linePayment(t, l)),
  discount_fee: (l) => yuan(l.discount),
  adjust_fee: (l) => yuan(l.adjust),
  divide_order_fee: (l) => yuan(dividedFee(l)),
  part_mjz_discount: (l) => yuan(l.share),
  refund_status: (l) => quoteId(l.refundStatus),
  refund_id: (l, _t, w) => (isPeak(w) ? null : text(l.refundId)),
  seller_type: (_l, t) => (t.shop.platform === 'tmall' ? '"B"' : '"C"'),
  seller_rate: () => 'false',
  buyer_rate: () => 'false',
  is_oversold: () => 'false',
  is_daixiao: () => 'false',
  is_www: () => 'false',
  is_service_order: () => 'false',
  order_from: (_l, t) => quote(at(t.from.split(','), 0)),
  snapshot_url: (l) => quoteId(`s:${l.oid}_1`),
  end_time: (l) => time(l.ended),
  consign_time: (l) => time(l.consigned),
  timeout_action_time: (l, t, w) => (isPeak(w) ? null : deadline(l.status, t.shipBefore, l.consigned)),
  shipping_type: (l) => (l.consigned === 0 ? null : '"express"'),
  logistics_company: (l) => text(l.company),
  invoice_no: (l) => text(l.waybill),
  store_code: (l) => (hash32(l.oid) % 20 === 0 ? '"STORE_HZ01"' : null),
  estimate_con_time: (_l, t) => (t.stepStatus === '' ? null : quote('付款后 2 天内')),
  is_sh_ship: (l) => String(ENDED.has(l.status)),
}

/** Returns the promotions that explain the discounts, each with the id of its line or trade. */
export function promotionDetails(trade: Trade): string | null {
  const found: string[] = []
  let whole = 0
  for (const line of trade.lines) {
    whole += line.share
    if (line.discount === 0) continue
    const name = at(LINE_NAMES, hash32(line.oid) % LINE_NAMES.length)
    found.push(
      `{"discount_fee":${yuan(line.discount)},"id":${line.oid},"promotion_desc":${quoteId(`${name}:省${plainYuan(line.discount)}元`)},"promotion_id":${quoteId(`bybtpromotion-${hash32(line.oid)}_${line.listing.numIid}`)},"promotion_name":${quote(name)}}`,
    )
  }
  if (whole > 0) {
    const name = at(TRADE_NAMES, hash32(trade.tid) % TRADE_NAMES.length)
    found.push(
      `{"discount_fee":${yuan(whole)},"id":${trade.tid},"promotion_desc":${quoteId(`${name}:省${plainYuan(whole)}元`)},"promotion_id":${quoteId(`shopbonus-${hash32(trade.tid)}_88`)},"promotion_name":${quote(name)}}`,
    )
  }
  return found.length === 0 ? null : `{"promotion_detail":[${found.join(',')}]}`
}

const LINE_NAMES = ['限时打折', '会员价', '单品直降', '粉丝专享价']
const TRADE_NAMES = ['店铺优惠券', '满300减30', '跨店满减', '品类券']
