import { sql } from 'kysely'
import type { Database } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { defineList } from '../../core/lists/define.ts'
import { type Asking, type Bound, type Filter, queryOf, split } from '../../core/lists/define-query.ts'
import type { ListTable, Search } from '../../core/lists/list-table.ts'
import { sharedNow } from '../../lib/clock.ts'
import { hashFacet, idFacet } from '../../lib/facets.ts'
import { buyerSearchKeys } from '../../lib/people.ts'
import type { KeyRing } from '../../lib/seal.ts'
import { textHash } from '../../lib/text-hash.ts'
import { hourMs } from '../../lib/time.ts'
import { tradeOrders } from '../../orders/order/relations.ts'
import { refundRow } from '../contract.ts'
import { type RefundState, refundReasons, refundStates } from '../lifecycle.ts'
import { refundReasonFacet, refundStateFacet } from '../staged/refund-columns.ts'
import { refundRows } from '../staged/refund-view-queries.ts'
import { known } from '../trades/trade-list.ts'
import { refundHistoryList, refundList } from './lists-contract.ts'

export const refundTable: ListTable<(typeof refundList.sorts)[number]> = {
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

/** A deadline within this time counts as due soon. After a deadline the platform may decide by itself. */
export const dueSoonMs = 4 * hourMs
export const dueBefore = () => new Date(sharedNow().getTime() + dueSoonMs).toISOString()

/** The parts of this list that the after-sales page shares, which has the same rows. */
export const refundBound = (ring: KeyRing) =>
  ({
    table: refundTable,
    scope: { shop: 'shop_id' },
    where: {
      reason: (asked) => ({ facets: [split(asked).map(reasonFacet)] }),
      due: () => sql`t.deadline < ${dueBefore()}::timestamptz and t.status = 'applied'`,
      async q(text, { db }) {
        if (text === '') return undefined
        const ids = isNumber.test(text) ? await refundsNumbered(db, text) : []
        return ids.length > 0
          ? { where: sql`t.id = any(${ids}::bigint[])`, few: true }
          : { search: searchOf(ring, text) }
      },
    },
  }) satisfies Bound

const rows = { tag: 'refunds', row: refundRow, rows: refundRows }
export const stagedRefunds = (ring: KeyRing) => defineList(refundList, { ...rows, ...refundBound(ring) })
export const refundLists = (ring: KeyRing) => [
  stagedRefunds(ring),
  defineList(refundHistoryList, { ...rows, ...refundBound(ring) }),
]

/** Returns the query of the list of staged refunds, for searches that are based on it. */
export const refundQuery = (ring: KeyRing, filter: Filter, asking: Asking, sort: string) =>
  queryOf(refundList, refundBound(ring), asking, { ...filter, sort })

const reasonFacet = (asked: string) =>
  refundReasonFacet(asked === 'none' ? '' : known(refundReasons, asked, 'reason'))

/** Numbers of refunds, trades and orders; those of some platforms have letters. A nick or an outer code may look the same. */
const isNumber = /^[a-z0-9][a-z0-9_-]{4,63}$/i

/** The refunds with this number, or of the trade or the order with it; each kind of number has its own index. */
async function refundsNumbered(db: Database, text: string): Promise<string[]> {
  const found = await sql<Row<'staged_refund', 'id'>>`
    select id from staged_refund where refund_no = ${text}
    union select id from staged_refund where tid = ${text}
    union select r.id from ${tradeOrders} as original
      join staged_refund r on r.tid = original.tid and r.shop_id = original.shop_id where original.no = ${text.toUpperCase()}
    limit 500`.execute(db)
  return found.rows.map(({ id }) => id)
}

/** The search for a nick or an outer code. */
function searchOf(ring: KeyRing, text: string): Search {
  return { facets: [hashFacet('outerCode', textHash(text))], buyerKeys: buyerSearchKeys(ring, 'nick', text) }
}
