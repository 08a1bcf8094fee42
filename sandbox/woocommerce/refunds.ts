import type { Json } from '../json-parts.ts'
import { plainYuan } from '../wire.ts'
import type { Refund } from '../world/model.ts'
import { askedTrade, gmt, local, pageIn, placesIn, type WooMethod, wrong } from './call.ts'
import { attributesOf, refundId, skuOf, taxed } from './order-json.ts'

/** GET /orders/{id}/refunds: what the seller has given back of an order, the newest first. */
export const list: WooMethod = (call) => {
  const trade = askedTrade(call)
  if ('code' in trade) return trade
  const paged = pageIn(call.params)
  if ('code' in paged) return paged
  const { page, size } = paged
  const places = placesIn(call.params)
  return {
    rows: trade.refunds
      .toReversed()
      .slice((page - 1) * size, page * size)
      .map((refund) => refundJson(refund, places)),
    total: trade.refunds.length,
    size,
  }
}

export const detail: WooMethod = (call) => {
  const trade = askedTrade(call)
  if ('code' in trade) return trade
  const refund = trade.refunds.find(({ id }) => String(refundId(id)) === call.ids[1])
  return refund === undefined
    ? wrong(404, 'woocommerce_rest_invalid_order_refund_id', 'Invalid order refund ID.')
    : { data: refundJson(refund, placesIn(call.params)) }
}

function refundJson({ id, fee, num, reason, created, line }: Refund, places: number): Json {
  const { total, total_tax } = taxed(fee, places)
  return {
    id: refundId(id),
    parent_id: 0,
    date_created: local(created),
    date_created_gmt: gmt(created),
    amount: plainYuan(fee),
    reason,
    refunded_by: 1,
    refunded_payment: true,
    meta_data: [],
    line_items: [
      {
        id: refundId(id) + 1,
        name: line.listing.title,
        product_id: Number(line.listing.numIid),
        variation_id: line.sku === null ? 0 : Number(line.sku.skuId),
        quantity: -num,
        tax_class: '',
        subtotal: `-${total}`,
        subtotal_tax: `-${total_tax}`,
        total: `-${total}`,
        total_tax: `-${total_tax}`,
        taxes: [],
        meta_data: [
          { id: 1, key: '_refunded_item_id', value: line.oid },
          ...attributesOf(line.sku?.properties ?? '').map(({ name, option }, index) => ({
            id: index + 2,
            key: `pa_${index}`,
            value: option,
            display_key: name,
            display_value: option,
          })),
        ],
        sku: skuOf(line),
        price: Number(total),
      },
    ],
    shipping_lines: [],
    tax_lines: [],
    fee_lines: [],
  }
}
