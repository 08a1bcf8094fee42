import { orderStatuses } from '../../../server/orders/order/lifecycle.ts'
import type { Search } from '../ui/list/search-params.ts'
import type { OpenCell } from './cell-rows.tsx'
import { periodFilter } from './spans.ts'
import type { ReportRow } from './types.ts'

type Link = { to: string; search: Search }

/** Returns the page of a list with exactly the documents of the cell; undefined: no list has such a filter. */
export function linkOfCell({ report, dimension, measure, span, row, shop }: OpenCell): Link | undefined {
  const shops = { shop: dimension === 'shop' && row ? row.key : shop }
  if (measure.rows === 'orders') {
    const status = orderStatuses.filter((one) => one !== 'voided').join(',')
    const own = ofOrders(dimension, row)
    return (
      own && { to: '/orders', search: { tab: 'all', status, paid: periodFilter(span), ...shops, ...own } }
    )
  }
  if (measure.rows === 'deliveries' && measure.key === 'parcels') {
    const own = dimension === 'courier' && row ? { courier: row.key } : {}
    return { to: '/deliveries', search: { tab: 'all', shipped: periodFilter(span), ...shops, ...own } }
  }
  if (report === 'causes' && measure.key !== 'returns' && row?.key !== '') {
    const own: Search =
      { cause: { reason: row?.key ?? '' }, goods: { outerId: row?.key ?? '' } }[String(dimension)] ?? {}
    return { to: '/refund-statistics', search: { by: 'kind', created: periodFilter(span), ...shops, ...own } }
  }
  return undefined
}

function ofOrders(dimension: OpenCell['dimension'], row: OpenCell['row']): Search | undefined {
  if (row === undefined || dimension === 'shop') return {}
  if (dimension === 'sku') return row.code === '' ? undefined : { sku: row.code }
  return row.key === '' ? undefined : { province: row.key }
}

const pages = {
  order: ({ no }) => ({ to: '/orders', search: { tab: 'all', q: no } }),
  trade: ({ no }) => ({ to: '/trade-history', search: { tids: no } }),
  refund: ({ no }) => ({ to: '/refund-history', search: { refundNos: no } }),
  delivery: ({ no }) => ({ to: '/deliveries', search: { tab: 'all', q: no } }),
} satisfies Record<ReportRow['kind'], (row: ReportRow) => Link>

export const linkOfRow = (row: ReportRow): Link => pages[row.kind](row)
