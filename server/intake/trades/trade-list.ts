import { type RawBuilder, sql } from 'kysely'
import { goodsLike } from '../../catalog/goods.ts'
import { tradeStatuses, tradeTypes } from '../../connectors/connector.ts'
import type { Scope } from '../../core/access/actor.ts'
import { inScope } from '../../core/access/scope.ts'
import type { Database } from '../../core/db/db.ts'
import { pasted, split, wrong } from '../../core/lists/define-query.ts'
import { countTabs, inTab, type Tab } from '../../core/lists/list.ts'
import { isTradeNumber, searchOf } from '../../core/lists/list-search.ts'
import type { CappedCount, ListQuery, ListTable, Range } from '../../core/lists/list-table.ts'
import { AppError } from '../../errors.ts'
import { facet, has, hashFacet, idFacet } from '../../lib/facets.ts'
import type { KeyRing } from '../../lib/seal.ts'
import { shortRegion, textHash } from '../../lib/text-hash.ts'
import type { TradeFilter, TradeSort, TradeTab } from '../contract.ts'
import { tradeReasons, tradeStates } from '../lifecycle.ts'
import { tradeReasonFacet, tradeStateFacet, tradeStatusFacet } from '../staged/trade-columns.ts'

export const tradeTable: ListTable<TradeSort> = {
  name: 'staged_trade',
  group: {
    column: 'state',
    facet: (group) => tradeStateFacet(tradeStates.find((state) => state === group) ?? 'staged'),
  },
  shopFacet: (shop) => idFacet('shop', shop),
  buyerTable: 'staged_trade_person',
  sorts: {
    paidAt: {
      value: sql`coalesce(t.paid_at, '-infinity'::timestamptz)`,
      cast: 'timestamptz',
      lacksFirst: true,
    },
    shipBy: { value: sql`coalesce(t.ship_by, 'infinity'::timestamptz)`, cast: 'timestamptz' },
    stateAt: { value: sql`t.state_at`, cast: 'timestamptz' },
  },
}

/** After this many failed tries, about five minutes, a person must look at the detail request. */
export const failingTries = 5

const tabs: Record<TradeTab, Tab> = {
  staged: { groups: ['staged'] },
  blocked: { groups: ['staged'], where: [sql`t.reason <> ''`] },
  fetching: { groups: ['fetching'] },
  processed: { groups: ['processed'] },
  history: { groups: ['converted'] },
}

/** Returns the query of the filter. Throws `invalid_input` with the field's name. */
export async function tradeQuery(
  db: Database,
  ring: KeyRing,
  filter: TradeFilter,
  { scope, sort }: { scope: Scope; sort: string | undefined },
): Promise<ListQuery<TradeSort>> {
  return inTab(await anywhere(db, ring, filter, { scope, sort }), tabOf(filter, filter.tab ?? 'staged'))
}

export async function countInTabs(
  db: Database,
  ring: KeyRing,
  filter: TradeFilter,
  scope: Scope,
): Promise<Record<TradeTab, CappedCount>> {
  const query = await anywhere(db, ring, filter, { scope, sort: undefined })
  return countTabs(db, tradeTable, query, { ...tabs, fetching: tabOf(filter, 'fetching') })
}

/** With `failing`, the tab `fetching` shows trades of any state, because the newer detail of a staged trade may fail. */
const tabOf = (filter: TradeFilter, tab: TradeTab): Tab =>
  tab === 'fetching' && filter.failing ? { groups: tradeStates } : tabs[tab]

/** Returns the part of the query that is the same for every tab. */
async function anywhere(
  db: Database,
  ring: KeyRing,
  filter: TradeFilter,
  { scope, sort }: { scope: Scope; sort: string | undefined },
): Promise<ListQuery<TradeSort>> {
  const facets: number[][] = []
  const where: RawBuilder<unknown>[] = []
  // These filters use indexes of their own.
  const text = filter.q?.trim() ?? ''
  const few = filter.tids !== undefined || filter.failing !== undefined || isTradeNumber(text)
  if (filter.status)
    facets.push(split(filter.status).map((one) => tradeStatusFacet(known(tradeStatuses, one, 'status'))))
  if (filter.reason)
    facets.push(
      split(filter.reason).map((one) =>
        tradeReasonFacet(one === 'none' ? '' : known(tradeReasons, one, 'reason')),
      ),
    )
  if (filter.type)
    facets.push(split(filter.type).map((type) => facet('tradeType', index(tradeTypes, type, 'type'))))
  if (filter.flag)
    facets.push(
      split(filter.flag).map((flag) => (/^[0-5]$/.test(flag) ? facet('flag', Number(flag)) : wrong('flag'))),
    )
  if (filter.province)
    facets.push(split(filter.province).map((name) => hashFacet('province', textHash(shortRegion(name)))))
  for (const [name, yes, no] of [
    ['hasMessage', has.message, has.noMessage],
    ['hasMemo', has.memo, has.noMemo],
    ['severalLines', has.severalLines, has.oneLine],
    ['cod', has.cod, has.noCod],
  ] as const) {
    if (filter[name]) facets.push([facet('has', filter[name] === 'true' ? yes : no)])
  }
  if (filter.hasRefund)
    facets.push(filter.hasRefund === 'true' ? [facet('refund', 1), facet('refund', 2)] : [facet('refund', 0)])
  if (filter.failing)
    where.push(sql`t.id in (select trade_id from trade_fetch where tries >= 3 and tries >= ${failingTries})`)
  if (isTradeNumber(text)) where.push(sql`t.tid = ${text}`)
  const search =
    text === '' || isTradeNumber(text)
      ? undefined
      : await searchOf(ring, text, (like) => goodsLike(db, scope, like))
  if (filter.tids) where.push(sql`t.tid = any(${pasted(filter.tids, 'tids')}::text[])`)
  const ranges: Range<TradeSort>[] = []
  if (filter.paidFrom || filter.paidTo)
    ranges.push({ on: 'paidAt', from: filter.paidFrom, to: filter.paidTo })
  if (filter.shipByTo) ranges.push({ on: 'shipBy', to: filter.shipByTo })
  return {
    groups: tradeStates,
    shops: shopsOf(filter.shop, scope),
    facets,
    ...(search ? { search } : {}),
    ranges,
    where,
    few,
    ...order(sort),
  }
}

/** Returns the shops of the filter that are in the scope. Without a filter: the shops of the scope. */
function shopsOf(shop: string | undefined, scope: Scope): readonly string[] | undefined {
  const asked = shop === undefined ? undefined : split(shop)
  if (asked?.some((id) => !/^\d{1,7}$/.test(id))) return wrong('shop')
  if (asked) return asked.filter((id) => inScope(scope, id))
  return scope.shops === 'all' ? undefined : scope.shops
}

function order(sort: string | undefined): { sort: TradeSort; descending: boolean } {
  const text = sort ?? '-paidAt'
  const name = text.replace(/^-/, '')
  if (name !== 'paidAt' && name !== 'shipBy' && name !== 'stateAt')
    throw new AppError('invalid_input', { detail: 'sort' }, 'sort')
  return { sort: name, descending: text.startsWith('-') }
}

export function index(known: readonly string[], value: string, field: string): number {
  const at = known.indexOf(value)
  return at < 0 ? wrong(field) : at + 1
}

export function known<One extends string>(all: readonly One[], value: string, field: string): One {
  return all.find((one) => one === value) ?? wrong(field)
}
