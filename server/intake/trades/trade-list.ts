import { sql } from 'kysely'
import { goodsLike } from '../../catalog/goods.ts'
import { tradeStatuses } from '../../connectors/connector.ts'
import type { Scope } from '../../core/access/actor.ts'
import type { Database } from '../../core/db/db.ts'
import { type Bound, queryOf, wrong } from '../../core/lists/define-query.ts'
import { kindOf, kindOfShop } from '../../core/lists/list-kinds.ts'
import { isTradeNumber, searchOf } from '../../core/lists/list-search.ts'
import type { ListQuery, ListTable } from '../../core/lists/list-table.ts'
import { idFacet } from '../../lib/facets.ts'
import type { KeyRing } from '../../lib/seal.ts'
import { dayMs } from '../../lib/time.ts'
import { tradeReasons, tradeStates } from '../lifecycle.ts'
import { tradeReasonFacet, tradeStateFacet, tradeStatusFacet } from '../staged/trade-columns.ts'
import { type TradeFilter, type TradeSort, tradeList } from './lists-contract.ts'

export const tradeTable: ListTable<TradeSort> = {
  name: 'staged_trade',
  group: {
    column: 'state',
    facet: (group) => tradeStateFacet(tradeStates.find((state) => state === group) ?? 'staged'),
  },
  shopFacet: (shop) => idFacet('shop', shop),
  buyerTable: 'staged_trade_person',
  kinds: [
    kindOf('reason', ['', ...tradeReasons], tradeReasonFacet),
    kindOf('status', tradeStatuses, tradeStatusFacet),
    kindOfShop,
  ],
  sorts: {
    paidAt: {
      value: sql`coalesce(t.paid_at, '-infinity'::timestamptz)`,
      cast: 'timestamptz',
      lacksFirst: true,
    },
    // Most trades have no deadline: it is kept only while we may have to ship.
    shipBy: {
      value: sql`coalesce(t.ship_by, 'infinity'::timestamptz)`,
      cast: 'timestamptz',
      lackingBy: 'paidAt',
    },
    stateAt: { value: sql`t.state_at`, cast: 'timestamptz' },
  },
  // A trade is mostly paid shortly before its state begins: at most three days before it and one day after it. Trades beyond these limits are
  // in the index `staged_trade_far`, which has the same numbers in seconds. Nothing follows from a deadline, which few trades have.
  near: {
    steady: 'stateAt',
    after: {
      stateAt: [0, 0],
      paidAt: [-3 * dayMs, dayMs],
      shipBy: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
    },
    lacking: { paidAt: sql`t.paid_at is null` },
    farIndex: 'staged_trade_far',
    far: sql`extract(epoch from t.paid_at - t.state_at) not between -259200 and 86400`,
  },
}

/** After this number of failed tries, one to two minutes, a person must look at the detail request. */
export const failingTries = 5

/** Binds the declared filters of the list of staged trades to its table. */
export const tradeBound = (ring: KeyRing): Bound<TradeSort> => ({
  table: tradeTable,
  scope: {},
  where: {
    blocked: (asked) => (asked === 'true' ? sql`t.reason <> ''` : sql`t.reason = ''`),
    failing: () =>
      sql`t.id in (select trade_id from trade_fetch where tries >= 3 and tries >= ${failingTries})`,
    async q(text, { db, scope }) {
      if (text === '') return undefined
      // A trade number has its own index.
      if (isTradeNumber(text)) return { where: sql`t.tid = ${text}`, few: true }
      return { search: await searchOf(ring, text, (like) => goodsLike(db, scope, like)) }
    },
  },
})

/** Returns the query of the list of staged trades for these filters. Throws `invalid_input` with the field's name. */
export const tradeQuery = (
  db: Database,
  ring: KeyRing,
  filter: TradeFilter,
  { scope, sort }: { scope: Scope; sort: string | undefined },
): Promise<ListQuery<TradeSort>> => queryOf(tradeList, tradeBound(ring), { db, scope }, { ...filter, sort })

export function known<One extends string>(all: readonly One[], value: string, field: string): One {
  return all.find((one) => one === value) ?? wrong(field)
}
