import { sql } from 'kysely'
import { refundStatuses } from '../../connectors/connector.ts'
import { type Asking, split } from '../../core/lists/define-query.ts'
import type { ListQuery } from '../../core/lists/list-table.ts'
import { facet } from '../../lib/facets.ts'
import type { KeyRing } from '../../lib/seal.ts'
import { originalFor } from '../../orders/order/relations.ts'
import { originals } from '../../orders/refunds/refund-rules.ts'
import { dueBefore, refundQuery } from '../refunds/lists.ts'
import { known } from '../trades/trade-list.ts'
import type { AfterSalesFilter } from './desk-contract.ts'
import { duties, originalFilters } from './desk-rules.ts'

const open = ['applied', 'agreed'] as const
const isOpen = open.map((status) => facet('refundStatus', refundStatuses.indexOf(status) + 1))

/**
 * Returns the query of 售后工作台: open refunds that wait for our answer, the nearest deadline first. It uses an index of the list of staged
 * refunds.
 */
export async function afterSalesQuery(
  ring: KeyRing,
  filter: AfterSalesFilter,
  asking: Asking,
  sort = 'deadline',
): Promise<ListQuery<string>> {
  const { tab = 'open', original, duty, deadlineTo, ...common } = filter
  const query = await refundQuery(ring, { ...common, tab: 'open' }, asking, sort)
  const where = [...query.where, sql`t.status = any(${[...open]}::text[])`]
  const before = tab === 'due' ? dueBefore() : undefined
  for (const to of [before, deadlineTo])
    if (to) where.push(sql`coalesce(t.deadline, 'infinity'::timestamptz) < ${to}::timestamptz`)
  if (original) where.push(standsAt(split(original)))
  if (duty) {
    const named = split(duty)
    for (const one of named) if (one !== 'none') known(duties, one, 'duty')
    where.push(sql`t.duty = any(${named.map((one) => (one === 'none' ? '' : one))}::text[])`)
  }
  return {
    ...query,
    groups: tab === 'unconverted' ? ['staged'] : ['staged', 'converted', 'refusing'],
    facets: [...query.facets, isOpen],
    where,
  }
}

/**
 * Returns the condition on the state of the refund's original. If the trade has no order, the state is `staged`; if we do not have the
 * trade, it is `no_original`.
 */
function standsAt(names: readonly string[]) {
  for (const name of names) known([...originals, ...originalFilters], name, 'original')
  const original = originalFor(sql.ref('t.tid'), sql.ref('t.shop_id'), sql.ref('t.refund_no'))
  const standing = sql`(select standing from ${original} as original)`
  const none = sql`case when t.reason = 'no_original' then 'no_original' else 'staged' end`
  return sql`coalesce(${standing}, ${none}) = any(${[...names]}::text[])`
}
