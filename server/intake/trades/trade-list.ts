import { type RawBuilder, sql } from 'kysely'
import { goodsLike } from '../../catalog/goods.ts'
import { tradeStatuses, tradeTypes } from '../../connectors/connector.ts'
import type { Scope } from '../../core/access/actor.ts'
import { inScope } from '../../core/access/scope.ts'
import type { Database } from '../../core/db/db.ts'
import { isTradeNumber, searchOf } from '../../core/lists/list-search.ts'
import type { ListQuery, ListTable, Range } from '../../core/lists/list-table.ts'
import { AppError } from '../../errors.ts'
import { facet, has, hashFacet, idFacet } from '../../lib/facets.ts'
import type { KeyRing } from '../../lib/seal.ts'
import { shortRegion, textHash } from '../../lib/text-hash.ts'
import type { TradeFilter, TradeSort, TradeTab } from '../contract.ts'
import { tradeReasons, tradeStates } from '../lifecycle.ts'
import { substateWidth } from './trade-columns.ts'
import { bitFieldOf, isKeyed, keyBase, shopSpan } from './trade-marks.ts'

export const tradeTable: ListTable<TradeSort> = {
  name: 'staged_trade',
  group: { column: 'state' },
  shopFacet: (shop) => idFacet('shop', shop),
  lane: 'lane',
  covered: ['marks', 'paid_at', 'ship_by', 'state_at'],
  markOf: bitFieldOf,
  weeks: {
    table: 'staged_trade_week',
    group: 'state',
    columns: { paidAt: 'paid_week', shipBy: 'ship_by_week', stateAt: 'state_at_week' },
    steady: 'stateAt',
    keyed: (one) => isKeyed(one) && one !== facet('refund', 0),
    base: (group, week) => keyBase(tradeStates.find((state) => state === group) ?? 'staged', week),
  },
  buyerTable: 'staged_trade_person',
  sorts: {
    paidAt: {
      value: sql`coalesce(t.paid_at, '-infinity'::timestamptz)`,
      cast: 'timestamptz',
      nullable: 'paid_at',
    },
    shipBy: {
      value: sql`coalesce(t.ship_by, 'infinity'::timestamptz)`,
      cast: 'timestamptz',
      nullable: 'ship_by',
    },
    stateAt: { value: sql`t.state_at`, cast: 'timestamptz' },
  },
}

/** From so many failed tries on, about five minutes after the first, a person should look at a detail. */
export const failingTries = 5

const groupOf: Record<TradeTab, string> = {
  staged: 'staged',
  blocked: 'staged',
  fetching: 'fetching',
  processed: 'processed',
  history: 'converted',
}

/**
 * Named filters → facets, lanes and conditions. Statuses and reasons become lanes: they change with a row's age.
 * Throws `invalid_input` naming the field.
 */
export async function tradeQuery(
  db: Database,
  ring: KeyRing,
  filter: TradeFilter,
  scope: Scope,
  sort: string | undefined,
): Promise<ListQuery<TradeSort>> {
  const facets: number[][] = []
  const where: RawBuilder<unknown>[] = []
  // A trade number has an index of its own.
  const text = filter.q?.trim() ?? ''
  const few = filter.tids !== undefined || filter.failing !== undefined || isTradeNumber(text)
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
    ...placeOf(filter),
    shops: shopsOf(filter.shop, scope),
    facets,
    ...(search ? { search } : {}),
    ranges,
    where,
    few,
    ...order(sort),
  }
}

/** The query in another tab, or for other reasons. */
export function elsewhere(query: ListQuery<TradeSort>, filter: TradeFilter): ListQuery<TradeSort> {
  const { lanes: _lanes, ...rest } = query
  return { ...rest, ...placeOf(filter) }
}

/** The query in all tabs. */
export function everywhere(query: ListQuery<TradeSort>): ListQuery<TradeSort> {
  const { lanes: _lanes, ...rest } = query
  return { ...rest, groups: Object.values(groupOf) }
}

function placeOf(filter: TradeFilter): Pick<ListQuery<TradeSort>, 'groups' | 'lanes'> {
  const tab = filter.tab ?? 'staged'
  const lanes = substatesOf(filter, tab)
  // Of a trade that is here already it is a newer detail that does not come.
  const groups = tab === 'fetching' && filter.failing ? tradeStates : [groupOf[tab]]
  return { groups, ...(lanes ? { lanes } : {}) }
}

/** The shops asked for; without any those of the scope. What is asked for beyond the scope finds nothing. */
function shopsOf(shop: string | undefined, scope: Scope): readonly string[] | undefined {
  const asked = shop === undefined ? undefined : split(shop)
  if (asked?.some((id) => !/^\d{1,7}$/.test(id) || Number(id) >= shopSpan)) return wrong('shop')
  if (asked) return asked.filter((id) => inScope(scope, id))
  return scope.shops === 'all' ? undefined : scope.shops
}

/** Lanes of the statuses and reasons asked for; undefined: no need to choose. */
function substatesOf(filter: TradeFilter, tab: TradeTab): number[] | undefined {
  if (!filter.status && !filter.reason && tab !== 'blocked') return undefined
  const statuses = filter.status
    ? split(filter.status).map((status) => index(tradeStatuses, status, 'status'))
    : tradeStatuses.map((_, at) => at + 1)
  const reasons = filter.reason
    ? split(filter.reason).map((reason) => (reason === 'none' ? 0 : index(tradeReasons, reason, 'reason')))
    : tradeReasons.map((_, at) => at + 1).concat(tab === 'blocked' ? [] : [0])
  return statuses.flatMap((status) =>
    reasons
      .filter((reason) => tab !== 'blocked' || reason > 0)
      .map((reason) => status * substateWidth + reason),
  )
}

function order(sort: string | undefined): { sort: TradeSort; descending: boolean } {
  const text = sort ?? '-paidAt'
  const name = text.replace(/^-/, '')
  if (name !== 'paidAt' && name !== 'shipBy' && name !== 'stateAt')
    throw new AppError('invalid_input', { detail: 'sort' }, 'sort')
  return { sort: name, descending: text.startsWith('-') }
}

/** "1, 2，3\n4" → ["1", "2", "3", "4"]: people paste from sheets. */
export function pasted(text: string, field: string): string[] {
  const all = [...new Set(text.split(/[\s,，;；、]+/).filter(Boolean))]
  if (all.length > 1000) throw new AppError('too_many_ids', { max: 1000 }, field)
  return all
}

export const split = (text: string) => text.split(',').filter(Boolean)

export function index(known: readonly string[], value: string, field: string): number {
  const at = known.indexOf(value)
  return at < 0 ? wrong(field) : at + 1
}

export function wrong(field: string): never {
  throw new AppError('invalid_input', { detail: field }, field)
}
