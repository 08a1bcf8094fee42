import type { Trade, TradeLine } from '../../server/connectors/connector.ts'
import { toChinaTime } from '../../server/lib/time.ts'

const yuan = (fen: number) => (fen / 100).toFixed(2)
const time = (date: Date | null) => (date ? toChinaTime(date) : undefined)

/** Returns an answer of the platform for this trade: about 2.5 KB of JSON for two lines. */
export function rawOf(trade: Trade): string {
  const { receiver, buyer } = trade
  return JSON.stringify({
    trade_fullinfo_get_response: {
      trade: {
        tid: trade.tid,
        status: trade.platformStatus,
        type: trade.platformType,
        created: time(trade.createdAt),
        modified: time(trade.modifiedAt),
        pay_time: time(trade.paidAt),
        consign_time: time(trade.shippedAt),
        end_time: time(trade.endedAt),
        delivery_time: time(trade.shipBy),
        payment: yuan(trade.paymentFen),
        total_fee: yuan(trade.paymentFen + trade.discountFen),
        post_fee: yuan(trade.postFeeFen),
        platform_subsidy_fee: '0.00',
        buyer_nick: buyer.nick,
        buyer_open_uid: buyer.openId,
        seller_flag: trade.flag,
        receiver_name: receiver.name,
        receiver_state: receiver.province,
        receiver_city: receiver.city,
        receiver_district: receiver.district,
        receiver_town: receiver.town,
        receiver_address: receiver.address,
        receiver_zip: receiver.zip,
        receiver_mobile: receiver.mobile,
        receiver_phone: '',
        is_sh_ship: false,
        seller_memo: trade.sellerMemo,
        buyer_message: trade.buyerMessage,
        oaid: receiver.token,
        orders: { order: trade.lines.map(rawLine) },
        promotion_details: {
          promotion_detail: trade.lines.map((line) => ({
            id: line.oid,
            discount_fee: yuan(line.discountFen),
            promotion_name: '跨店满减',
            promotion_desc: `跨店满减:省${yuan(line.discountFen)}元`,
            promotion_id: `shopbonus-${line.oid.slice(4, 14)}`,
          })),
        },
      },
      request_id: `r${trade.tid.slice(-11)}`,
    },
  })
}

function rawLine(line: TradeLine) {
  return {
    oid: line.oid,
    status: line.platformStatus,
    refund_status: line.refund === 'none' ? 'NO_REFUND' : 'WAIT_SELLER_AGREE',
    refund_id: line.refundId === '' ? undefined : line.refundId,
    num_iid: line.itemId,
    sku_id: line.skuId,
    outer_iid: line.outerItemId,
    outer_sku_id: line.outerSkuId,
    title: line.title,
    sku_properties_name: line.spec,
    pic_path: line.pictureUrl,
    num: line.quantity,
    price: yuan(line.priceFen),
    total_fee: yuan(line.priceFen * line.quantity),
    payment: yuan(line.paymentFen),
    discount_fee: yuan(line.discountFen),
    adjust_fee: '0.00',
    divide_order_fee: yuan(line.paymentFen),
    part_mjz_discount: '0.00',
    cid: 50_008_565,
    seller_type: 'B',
    order_from: 'TAOBAO',
    is_oversold: false,
    store_code: 'STORE_HZ01',
  }
}
