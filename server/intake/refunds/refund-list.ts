import { type RawBuilder, sql } from 'kysely'
import { refundKinds, refundStatuses } from '../../connectors/connector.ts'
import type { Scope } from '../../core/access/actor.ts'
import { scopeSql } from '../../core/access/scope.ts'
import { pasted, split, wrong } from '../../core/lists/define-query.ts'
import type { ListQuery, ListTable, Search } from '../../core/lists/list-table.ts'
import { AppError } from '../../errors.ts'
import { sharedNow } from '../../lib/clock.ts'
import { facet, hashFacet, idFacet } from '../../lib/facets.ts'
import { buyerSearchKeys } from '../../lib/people.ts'
import type { KeyRing } from '../../lib/seal.ts'
import { textHash } from '../../lib/text-hash.ts'
import { hourMs } from '../../lib/time.ts'
import type { RefundFilter, RefundSort, RefundTab } from '../contract.ts'
import { type RefundState, refundReasons, refundStates } from '../lifecycle.ts'
import { refundReasonFacet, refundStateFacet } from '../staged/refund-columns.ts'
import { index, known } from '../trades/trade-list.ts'

export const refundTable: ListTable<RefundSort> = {
  name: 'staged_refund',
  group: {
    column: 'state',
    facet: (group) =>
      refundStateFacet(refundStates.find((state): state is RefundState => state === group) ?? 'staged'),
  },
  shopFacet: (shop) => idFacet('shop', shop),
  sorts: {
    deadline: { value: sql`coalesce(t.deadline, 'infinity'::timestamptz)`, cast: 'timestamptz' },
    modifiedAt: { value: sql`t.modified_at`, cast: 'timestamptz' },
    stateAt: { value: sql`t.state_at`, cast: 'timestamptz' },
  },
}

const groupsOf: Record<RefundTab, readonly RefundState[]> = {
  open: ['staged'],
  due: ['staged'],
  no_original: ['staged'],
  refusing: ['refusing'],
  processed: ['processed'],
  history: ['converted', 'refused', 'processed'],
}

/** A deadline within this time counts as due soon. After a deadline the platform may decide by itself. */
export const dueSoonMs = 4 * hourMs

/** Returns the query of the filter. Throws `invalid_input` with the field's name. */
export function refundQuery(
  ring: KeyRing,
  filter: RefundFilter,
  { scope, sort }: { scope: Scope; sort: string | undefined },
  now = sharedNow(),
): ListQuery<RefundSort> {
  const tab = filter.tab ?? 'open'
  const facets: number[][] = []
  const where: RawBuilder<unknown>[] = []
  if (filter.shop)
    facets.push(split(filter.shop).map((id) => (/^\d{1,7}$/.test(id) ? idFacet('shop', id) : wrong('shop'))))
  if (scope.shops !== 'all') {
    facets.push(scope.shops.map((id) => idFacet('shop', id)))
    where.push(scopeSql(scope, sql.ref('t.shop_id')))
  }
  if (filter.status)
    facets.push(
      split(filter.status).map((status) => facet('refundStatus', index(refundStatuses, status, 'status'))),
    )
  if (filter.kind)
    facets.push(split(filter.kind).map((kind) => facet('refundKind', index(refundKinds, kind, 'kind'))))
  if (filter.phase)
    facets.push(
      split(filter.phase).map((phase) =>
        facet('refundPhase', index(['onsale', 'aftersale'], phase, 'phase')),
      ),
    )
  if (filter.reason)
    facets.push(
      split(filter.reason).map((reason) =>
        refundReasonFacet(reason === 'none' ? '' : known(refundReasons, reason, 'reason')),
      ),
    )
  if (tab === 'no_original') facets.push([refundReasonFacet('no_original')])
  if (tab === 'due')
    where.push(
      sql`t.deadline < ${new Date(now.getTime() + dueSoonMs).toISOString()}::timestamptz and t.status = 'applied'`,
    )
  const text = filter.q?.trim() ?? ''
  const isNumber = /^[0-9]+(-[0-9]+)?$/.test(text) && text.length >= 5
  if (isNumber) where.push(sql`(t.refund_no = ${text} or t.tid = ${text})`)
  if (filter.refundNos) where.push(sql`t.refund_no = any(${pasted(filter.refundNos, 'refundNos')}::text[])`)
  if (filter.tids) where.push(sql`t.tid = any(${pasted(filter.tids, 'tids')}::text[])`)
  if (filter.modifiedFrom) where.push(sql`t.modified_at >= ${filter.modifiedFrom}::timestamptz`)
  if (filter.modifiedTo) where.push(sql`t.modified_at < ${filter.modifiedTo}::timestamptz`)
  return {
    groups: groupsOf[tab],
    facets,
    ...(text && !isNumber ? { search: searchOf(ring, text) } : {}),
    where,
    ...order(sort ?? (tab === 'history' ? '-stateAt' : 'deadline')),
  }
}

function searchOf(ring: KeyRing, text: string): Search {
  return { facets: [hashFacet('outerCode', textHash(text))], buyerKeys: buyerSearchKeys(ring, 'nick', text) }
}

function order(sort: string): { sort: RefundSort; descending: boolean } {
  const name = sort.replace(/^-/, '')
  if (name !== 'deadline' && name !== 'modifiedAt' && name !== 'stateAt')
    throw new AppError('invalid_input', { detail: 'sort' }, 'sort')
  return { sort: name, descending: sort.startsWith('-') }
}
