import { courierCodes } from '../../../server/connectors/couriers.ts'
import { provinces } from '../../../server/lib/provinces.ts'
import { orderStatuses } from '../../../server/orders/order/lifecycle.ts'
import { rangeOf, wholeDays } from '../ui/form/range-text.ts'
import type { Search } from '../ui/list/search-params.ts'
import type { OpenCell } from './cell-rows.tsx'
import type { ReportRow } from './types.ts'

type Link = { to: string; search: Search }

/**
 * Returns the page of a list with exactly the documents of the cell; undefined: no list has such a filter. `ofAllWarehouses`: the person sees the
 * deliveries of every warehouse.
 */
export function linkOfCell(cell: OpenCell, ofAllWarehouses: boolean): Link | undefined {
  const { report, dimension, span, row, shop } = cell
  const own = cell.others ? undefined : filterOf(cell, ofAllWarehouses)
  if (own === undefined) return undefined
  const shops = { shop: dimension === 'shop' && row ? row.key : shop }
  const days = rangeOf(wholeDays(span.from, span.to))
  if (report === 'causes')
    return { to: '/refund-statistics', search: { by: 'kind', created: days, ...shops, ...own } }
  if (cell.measure.rows === 'deliveries')
    return { to: '/deliveries', search: { tab: 'all', shipped: days, ...shops, ...own } }
  const status = orderStatuses.filter((one) => one !== 'voided').join(',')
  return { to: '/orders', search: { tab: 'all', status, archived: 'true', paid: days, ...shops, ...own } }
}

/** Returns the filter of the list by the row of the cell; undefined: the list would show other documents, or there is none. */
function filterOf(
  { report, dimension, measure, row }: OpenCell,
  ofAllWarehouses: boolean,
): Search | undefined {
  const isOfPart = ['refunded', 'back'].includes(measure.key)
  if (measure.rows === 'orders' || (measure.rows === 'lines' && !isOfPart)) return ofOrders(dimension, row)
  if (measure.rows === 'deliveries' && measure.key === 'parcels') {
    // The sales of a shop count its deliveries of every warehouse, and the list has those of one's own.
    if (report === 'sales') return ofAllWarehouses ? {} : undefined
    if (row === undefined || dimension === 'shop') return {}
    return Object.hasOwn(courierCodes, row.key) ? { courier: row.key } : undefined
  }
  // The statistics have each figure of the report but the numbers of refunds with goods and of those paid back.
  if (report !== 'causes' || ['returns', 'done'].includes(measure.key)) return undefined
  if (row === undefined || dimension === 'shop') return {}
  if (row.key === '') return undefined
  return dimension === 'cause' ? { reason: row.key } : { outerId: row.key }
}

function ofOrders(dimension: OpenCell['dimension'], row: OpenCell['row']): Search | undefined {
  if (row === undefined || dimension === 'shop') return {}
  if (dimension === 'sku') return row.code === '' ? undefined : { sku: row.code }
  return provinces.includes(row.key) ? { province: row.key } : undefined
}

const pages = {
  order: ({ no }) => ({ to: '/orders', search: { tab: 'all', q: no } }),
  trade: ({ no }) => ({ to: '/trade-history', search: { tids: no } }),
  refund: ({ no }) => ({ to: '/refund-history', search: { refundNos: no } }),
  delivery: ({ no }) => ({ to: '/deliveries', search: { tab: 'all', q: no } }),
} satisfies Record<ReportRow['kind'], (row: ReportRow) => Link>

export const linkOfRow = (row: ReportRow): Link => pages[row.kind](row)
