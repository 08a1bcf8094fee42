import type { Json } from '../json-parts.ts'
import { dividedFee, goodsFee, type Line, payment, type Trade } from '../world/model.ts'
import { hash32 } from '../world/random.ts'
import { OPEN_STATUSES } from '../world/refund.ts'
import { openParcels, parcelsOf } from '../world/sent-parcels.ts'
import { UNPAID } from '../world/story.ts'
import { aftersaleStatus } from './aftersales.ts'

/** 10 待付款, 13 凑单中, 20 待发货, 21 部分发货, 30 待收货, 100 完成, 200 全部退款, 250 未付款取消. */
export function orderStatus(trade: Trade): number {
  if (UNPAID.has(trade.status)) return 10
  if (trade.status === 'PAID_FORBID_CONSIGN') return 13
  if (trade.status === 'SELLER_CONSIGNED_PART') return 21
  if (trade.status === 'TRADE_FINISHED') return 100
  if (trade.status === 'TRADE_CLOSED') return 200
  if (trade.status === 'TRADE_CLOSED_BY_TAOBAO') return 250
  if (trade.status !== 'WAIT_SELLER_SEND_GOODS') return 30
  return openParcels(trade).length > 0 ? 21 : 20
}

export const productOf = (line: Line): { product_id: string; sku_id: string } => ({
  product_id: line.listing.numIid,
  sku_id: line.sku?.skuId ?? '0',
})

/** Pieces of a line in after-sales that are open, and in those that ended with the goods paid back. */
export function aftersalePieces(trade: Trade, line: Line): { open: number; done: number } {
  const mine = trade.refunds.filter((refund) => refund.line === line)
  const pieces = (of: typeof mine) => of.reduce((sum, { num }) => sum + num, 0)
  const partly = mine.filter(({ status, num }) => status === 'SUCCESS' && num < line.num)
  const done = line.status === 'TRADE_CLOSED' ? line.num : pieces(partly)
  return {
    open: Math.min(pieces(mine.filter(({ status }) => OPEN_STATUSES.has(status))), line.num),
    done: Math.min(done, line.num),
  }
}

/** Returns an order as order/get writes it: amounts in fen, times in seconds, numbers as texts, the receiver masked. */
export function orderJson(trade: Trade, url: string): Json {
  const order: Json = {
    order_id: trade.tid,
    openid: `o${hash32(trade.buyer.openUid).toString(36)}`,
    unionid: '',
    create_time: trade.created,
    update_time: trade.modified,
    status: orderStatus(trade),
    is_present: hash32(`present ${trade.tid}`) % 16 === 0,
    order_detail: {
      product_infos: trade.lines.map((line) => productJson(trade, line, url)),
      pay_info: {
        prepay_id: `wx${hash32(trade.tid).toString(16)}`,
        prepay_time: trade.created,
        pay_time: trade.paid,
        transaction_id: trade.paid === 0 ? '' : `4200${trade.tid}`,
        payment_method: 1,
      },
      price_info: priceJson(trade),
      delivery_info: deliveryJson(trade),
      ext_info: {
        customer_notes: trade.message,
        merchant_notes: trade.memo,
        confirm_receipt_time: trade.status === 'TRADE_FINISHED' ? trade.ended : 0,
      },
    },
    aftersale_detail: {
      on_aftersale_order_cnt: trade.refunds.filter(({ status }) => OPEN_STATUSES.has(status)).length,
      aftersale_order_list: trade.refunds.map((refund) => ({
        aftersale_order_id: refund.id,
        status: aftersaleStatus(refund),
      })),
    },
  }
  for (const [name, raw] of Object.entries(trade.garbage ?? {})) {
    if (raw === null) delete order[name]
    else order[name] = JSON.parse(raw)
  }
  return order
}

function productJson(trade: Trade, line: Line, url: string): Json {
  const { open, done } = aftersalePieces(trade, line)
  return {
    ...productOf(line),
    sku_cnt: line.num,
    on_aftersale_sku_cnt: open,
    finish_aftersale_sku_cnt: done,
    title: line.listing.title,
    thumb_img: url + line.listing.picture,
    sale_price: line.price,
    market_price: line.price,
    real_price: dividedFee(line),
    estimate_price: dividedFee(line),
    sku_code: line.sku?.outerId ?? '',
    out_product_id: line.listing.outerIid,
    out_sku_id: '',
    sku_attrs: (line.sku?.properties ?? '')
      .split(';')
      .filter(Boolean)
      .map((pair) => ({ attr_key: pair.split(':')[0], attr_value: pair.split(':')[1] ?? '' })),
    sku_deliver_info: { stock_type: 0, predict_delivery_time: '' },
    delivery_deadline: trade.shipBefore,
    is_free_gift: false,
  }
}

function priceJson(trade: Trade): Json {
  const { lines, postFee } = trade
  const sum = (of: (line: Line) => number) => lines.reduce((total, line) => total + of(line), 0)
  const goods = sum(goodsFee)
  const off = goods - sum(dividedFee)
  return {
    product_price: goods,
    order_price: payment(trade),
    freight: postFee,
    discounted_price: off,
    is_discounted: off > 0,
    original_order_price: goods + postFee,
    merchant_receieve_price: payment(trade),
  }
}

function deliveryJson(trade: Trade): Json {
  const parcels = parcelsOf(trade)
  return {
    address_info: addressJson(trade),
    delivery_product_info: parcels.map(({ courier, waybill, at, goods }) => ({
      waybill_id: waybill,
      delivery_id: courier,
      delivery_name: courier,
      delivery_time: at,
      deliver_type: 1,
      product_infos: goods.map(({ line, pieces }) => ({ ...productOf(line), product_cnt: pieces })),
    })),
    ship_done_time: orderStatus(trade) >= 30 ? trade.consigned : 0,
    deliver_method: 0,
    address_under_review: false,
    ewaybill_order_code: `ew${hash32(trade.tid).toString(36)}`,
  }
}

/** The same receiver has the same hash_code. */
export function addressJson({ receiver }: Trade): Json {
  const { name, mobile, state, city, district, address } = receiver
  return {
    user_name: `${name[0] ?? ''}${'*'.repeat(Math.max(1, name.length - 1))}`,
    postal_code: '',
    province_name: state,
    city_name: city,
    county_name: district,
    detail_info: '***',
    house_number: '',
    tel_number: `${mobile.slice(0, 1)}**********`,
    use_tel_number: 1,
    hash_code: [0, 1, 2, 3]
      .map((n) => hash32(`${n}${name}${mobile}${address}`).toString(16).padStart(8, '0'))
      .join(''),
  }
}
