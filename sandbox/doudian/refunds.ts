import { textIn, texts } from '../json-parts.ts'
import type { Refund } from '../world/model.ts'
import { filteredBetween } from '../world/modified-log.ts'
import { type DoudianMethod, invalid, readNumber, readPage, readSpan, readText } from './call.ts'
import { detailJson, listedJson, statusNumber, typeNumber } from './refund-json.ts'

const REACH = 50_000
const HISTORY = 180 * 86_400
const ORDERS = ['update_time', 'apply_time', 'status_deadline'].flatMap((name) => [
  `${name} asc`,
  `${name} desc`,
])

/**
 * afterSale/List: by the time of application, or of the last change, for which order_by "update_time asc" is needed: without it rows are
 * missed. The oldest is first then.
 */
export const afterSaleList: DoudianMethod = ({ body, shop, now, sandbox }) => {
  const page = readPage(body, REACH)
  if ('code' in page) return page
  const applied = readSpan(body, ['start_time', 'end_time'])
  if (applied && 'code' in applied) return applied
  const updated = readSpan(body, ['update_start_time', 'update_end_time'])
  if (updated && 'code' in updated) return updated
  const type = readNumber(body, 'aftersale_type', -1)
  if (typeof type !== 'number') return type
  const order = texts(body, 'order_by')
  if (order.some((one) => !ORDERS.includes(one))) return invalid('order_by不合法')
  const statuses = Array.isArray(body['standard_aftersale_status']) ? body['standard_aftersale_status'] : []
  const [orderId, id] = [textIn(body, 'order_id'), textIn(body, 'aftersale_id')]
  const isWanted = (refund: Refund) =>
    (orderId === '' || refund.trade.tid === orderId) &&
    (id === '' || refund.id === id) &&
    (type < 0 || typeNumber(refund) === type) &&
    (statuses.length === 0 || statuses.includes(statusNumber(refund))) &&
    (applied === undefined || (refund.created >= applied.from && refund.created < applied.to))
  const key = JSON.stringify([orderId, id, type, statuses, applied])
  const span = updated ? { from: updated.from, to: updated.to - 1 } : { from: now - HISTORY, to: now }
  // A query by the number of an order is never late.
  const all = (
    orderId === ''
      ? [...filteredBetween(shop.refundLog, span, key, isWanted)]
      : (shop.trades.get(orderId)?.refunds ?? [])
          .filter(({ modified }) => modified >= span.from && modified <= span.to)
          .filter(isWanted)
          .sort((one, other) => other.modified - one.modified)
  ).reverse()
  if (!updated && order[0]?.endsWith('asc') !== true) all.reverse()
  // Without the order the platform misses rows: the simulator drops every other one.
  const seen = updated && order[0] !== 'update_time asc' ? all.filter((_, index) => index % 2 === 0) : all
  const found = seen.slice(page.page * page.size, (page.page + 1) * page.size)
  const items = found.map((refund) => listedJson(refund, sandbox.world.url))
  const hasMore = (page.page + 1) * page.size < seen.length
  return {
    data: `{"has_more":${hasMore},"total":${seen.length},"page":${page.page},"size":${found.length},"items":[${items.join(',')}]}`,
  }
}

export const afterSaleDetail: DoudianMethod = ({ body, shop, sandbox }) => {
  const id = readText(body, 'after_sale_id')
  if (typeof id !== 'string') return id
  const refund = shop.refunds.get(id)
  return refund === undefined
    ? invalid('参数错误，售后单ID错误', 11000)
    : { data: detailJson(refund, sandbox.world.url) }
}
