import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { tradeTypes } from '../../connectors/connector.ts'
import { couriers } from '../../connectors/couriers.ts'
import { memoryKeyRing } from '../../lib/seal.ts'
import { dayMs } from '../../lib/time.ts'
import type { OrderFilter, OrderTab } from '../../orders/list/lists-contract.ts'
import type { OrderTime } from '../../orders/list/order-list.ts'
import { startCoverage } from '../../testing/coverage.ts'
import { testDatabase } from '../../testing/database.ts'
import { type Dice, dice } from '../../testing/dice.ts'
import {
  codeOf,
  firstTid,
  itemOf,
  makeManyOrders,
  manyDays,
  newestOrder,
  plainly,
  shopsOfMany,
  someNames,
  titles,
} from '../../testing/many-orders.ts'
import { type Scope, wholeScope } from '../access/actor.ts'
import { openDatabase } from '../db/db.ts'
import type { CappedCount, ListTable } from './list-table.ts'

// Lists of very many orders return the same as plain SQL on every path of the code, and no path stays untested.

const coverage = await startCoverage()
const { lowerLimits } = await import('./list-limits.ts')
const { kindOf, kindOfShop } = await import('./list-kinds.ts')
const { countExactly, countRows, extentOf, listIds } = await import('./list.ts')
const { orderQuery, orderTable } = await import('../../orders/list/order-list.ts')
const { orders } = await import('../../orders/lists.ts')
const { orderList, refundStates } = await import('../../orders/list/lists-contract.ts')
const orderSorts = orderList.sorts
const orderTabs = Object.keys(orderList.tabs) as OrderTab[]
const { statusFacet } = await import('../../orders/order/facets.ts')
const { offPlatformOrigins, orderStatuses } = await import('../../orders/order/lifecycle.ts')
type OrderSort = (typeof orderSorts)[number]

/** The lists are made for this many rows and more. A smaller table meets the same limits, since they are lowered with it. */
const whole = 200_000
const size = Number(process.env['LIST_ROWS'] ?? 40_000)
const scaled = (rows: number) => Math.round((rows * size) / whole)
lowerLimits(size / whole)
const ring = memoryKeyRing()
const database = await testDatabase()
const { db, close } = openDatabase(database.url, { max: 4, name: 'list ways' })
const owner = openDatabase(database.ownerUrl, { max: 2, name: 'list ways' })
after(async () => {
  await close()
  await owner.close()
  await database[Symbol.asyncDispose]()
})
await makeManyOrders(owner.db, ring, size)

const itemsLike = async (_db: unknown, _scope: Scope, text: string) => (titles[text] ?? []).map(itemOf)
const parts = { ring, itemsLike }

const at = (days: number) => new Date(newestOrder.getTime() - days * dayMs).toISOString()

/** A time within the whole span, or within its last days, which have the most orders. */
const someTime = (random: Dice) => at(random.chance(0.3) ? random.int(20) : random.int(manyDays + 30) - 20)
const yesOrNo = (random: Dice) => random.pick(['true', 'false'])
const numbers = (random: Dice, count: number) => Array.from({ length: count }, () => 1 + random.int(size))

type Filters = Record<string, (random: Dice) => string>
const flags = ['held', 'differs', 'problem', 'short', 'planned', 'unmatched', 'urgent', 'locked']
const texts = ['hasMessage', 'hasMemo', 'cod', 'severalLines', 'archived']
const filters: Filters = {
  ...Object.fromEntries([...flags, ...texts].map((name) => [name, yesOrNo])),
  shop: (random) => random.pick([...shopsOfMany.map(String), '99', '3,4', '1,2']),
  status: (random) => random.pick([...orderStatuses, 'shipped,completed', 'unconfirmed,voided']),
  flag: (random) => random.pick(['0', '1', '5', '4,5', '1,2,3,4,5']),
  refund: (random) => random.pick([...refundStates, 'open,succeeded']),
  origin: (random) => random.pick([...offPlatformOrigins, 'manual,reship']),
  courier: (random) => random.pick([...couriers.map(({ code }) => code), 'SF,YTO', 'UC,ZJS']),
  warehouse: (random) => random.pick(['1', '2', '3', '99', '2,3']),
  type: (random) => random.pick([...tradeTypes, 'presale,group_buy']),
  province: (random) => random.pick(['北京', '浙江省', '台湾', '西藏自治区,青海省']),
  paidFrom: someTime,
  paidTo: someTime,
  createdFrom: someTime,
  createdTo: someTime,
  shipByTo: someTime,
  shipAfterTo: someTime,
  q: (random) =>
    random.pick([
      ...Object.keys(titles),
      ...someNames.slice(0, 3),
      '1000',
      '1033',
      codeOf(0),
      codeOf(1900),
      'C-77',
    ]),
  ids: (random) => numbers(random, 40).join(),
  tids: (random) =>
    numbers(random, 5)
      .map((n) => String(firstTid + BigInt(n)))
      .join(),
}
/** Filters that match few rows are chosen less often. */
const names = Object.keys(filters).flatMap((name) =>
  name === 'ids' || name === 'tids' ? [name] : [name, name, name],
)

function someFilter(random: Dice, count: number): OrderFilter {
  const filter: Record<string, string> = { tab: random.pick(orderTabs) }
  while (Object.keys(filter).length <= count) {
    const name = random.pick(names)
    filter[name] = filters[name]?.(random) ?? ''
    // Empty ranges are chosen seldom.
    const [from, to] = [filter[name.replace(/To$/, 'From')], filter[name.replace(/From$/, 'To')]]
    if (from && to && from > to && random.chance(0.9))
      filter[name] = name.endsWith('To') ? at(-20) : at(manyDays)
  }
  return filter as OrderFilter
}

type Asked = { filter: OrderFilter; scope: Scope; sort: string }

const values: Record<OrderSort, ReturnType<typeof sql>> = {
  createdAt: sql`p.created_at`,
  paidAt: sql`coalesce(p.paid_at, '-infinity')`,
  shipBy: sql`coalesce(p.ship_by, 'infinity')`,
}

/** Returns the number of orders by plain SQL, and the first ids in the table's order. */
async function askPlainly(
  { filter, scope, sort }: Asked,
  first: number,
  table: ListTable<OrderTime> = orderTable,
): Promise<{ count: number; ids: string[] }> {
  const name = orderSorts.find((one) => one === sort.replace('-', '')) ?? 'createdAt'
  const direction = sort.startsWith('-') ? sql`desc` : sql`asc`
  const later = table.sorts[name].lackingBy ? sql`p.created_at` : sql`null::timestamptz`
  const found = await sql<{ count: number; ids: string[] }>`
    with hit as materialized (
      select p.n, ${values[name]} as value, case when not isfinite(${values[name]}) then ${later} end as later
      from plain_order p where ${plainly(table.live ? filter : { ...filter, archived: 'true' }, scope)}
    )
    select (select count(*)::int from hit) as count,
      array(
        select hit.n::text from hit order by hit.value ${direction}, hit.later ${direction}, hit.n ${direction} limit ${first}
      ) as ids`.execute(db)
  return found.rows[0] ?? { count: -1, ids: [] }
}

/** Reads pages of these lengths one after the other. The last length repeats until the rows end or a maximum is reached. */
async function page(
  table: ListTable<OrderTime>,
  asked: Asked,
  lengths: readonly number[],
): Promise<string[]> {
  const query = await orderQuery(db, parts, asked.filter, { scope: asked.scope, sort: asked.sort })
  const found: string[] = []
  let after: string | undefined
  for (const limit of lengths) {
    const { ids, next } = await listIds(db, table, query, { limit, after })
    found.push(...ids)
    if (next === null) break
    assert.equal(ids.length, limit)
    after = next
  }
  return found
}

/** The list without the declarations of an archive and of times that are close together, like that of refunds. */
const { name, group, shopFacet, sorts } = orderTable
const plainTable: ListTable<OrderTime> = { name, group, shopFacet, sorts }
/** The plain list whose orders without the time of the sort follow another time, like staged trades without a deadline. */
const lackingTable: ListTable<OrderTime> = {
  ...plainTable,
  sorts: {
    ...sorts,
    paidAt: { ...sorts.paidAt, lackingBy: 'createdAt' },
    shipBy: { ...sorts.shipBy, lackingBy: 'createdAt' },
  },
}
/** The list whose orders are also found by columns, like staged trades. */
const kindTable: ListTable<OrderTime> = {
  ...orderTable,
  kinds: [kindOf('status', orderStatuses, statusFacet), kindOfShop],
}
const tables = [plainTable, orderTable, lackingTable, kindTable]

async function answersAsPlainly(
  table: ListTable<OrderTime>,
  asked: Asked,
  lengths: readonly number[],
): Promise<void> {
  const words = JSON.stringify({ ...asked, lengths })
  const most = lengths.reduce((sum, one) => sum + one, 0)
  const plain = await askPlainly(asked, most, table)
  assert.deepEqual(await page(table, asked, lengths), plain.ids, words)
  const query = await orderQuery(db, parts, asked.filter, { scope: asked.scope, sort: asked.sort })
  const counted = await countRows(db, table, query)
  assertCounted(counted, plain.count, words)
}

/** Checks a count: exact, or capped, and then there are more rows. */
function assertCounted(counted: CappedCount, real: number, words: string): void {
  if (counted.capped) assert.ok(real > counted.count && counted.count >= 100, `${words} ${real}`)
  else assert.equal(counted.count, real, words)
}

function someQuestion(random: Dice): Asked {
  const shops = random.chance(0.8) ? 'all' : random.pick([['1'], ['3', '4'], []])
  return {
    filter: someFilter(random, random.int(5)),
    scope: { shops, warehouses: 'all' },
    sort: random.pick(['', '-']) + random.pick(orderSorts),
  }
}
const someLengths = (random: Dice) =>
  random.pick([
    [50, 50, 50],
    [7, 1, 30, 200],
    [scaled(2000), 50, 50],
    [scaled(20_000), 50, 3],
  ])

/** Filters that make each path the cheapest, or that match nothing. Random filters rarely do. */
const hard: OrderFilter[] = [
  { tab: 'all' },
  { tab: 'completed' },
  { tab: 'completed', held: 'true' },
  { tab: 'completed', severalLines: 'true', q: '四件套' },
  { tab: 'completed', hasMemo: 'true', q: '四件套', locked: 'true' },
  { tab: 'all', createdFrom: at(30), paidTo: at(200), hasMemo: 'false' },
  { tab: 'completed', shipAfterTo: at(200), urgent: 'false' },
  { tab: 'all', q: '枕芯', province: '台湾' },
  { tab: 'all', planned: 'true', archived: 'true', severalLines: 'false' },
  { tab: 'completed', archived: 'true', hasMemo: 'false' },
  { tab: 'all', q: '13800001003' },
  { tab: 'all', q: '1039' },
  { tab: 'all', shop: '2', createdFrom: at(10), createdTo: at(10) },
  // Facets that exclude each other, which only the sample shows.
  { tab: 'completed', status: 'unconfirmed' },
]
/** Ranges of one time, sorted by each time: few rows, very many rows, and rows without the other times. */
const ranged: OrderFilter[] = [
  { tab: 'all', hasMemo: 'false', createdFrom: at(60), createdTo: at(58) },
  { tab: 'completed', hasMemo: 'false', createdFrom: at(390), createdTo: at(30) },
  { tab: 'completed', severalLines: 'false', paidFrom: at(200), paidTo: at(190) },
  { tab: 'completed', flag: '0', shipByTo: at(300) },
]
/** Nearly all that match are among the oldest orders: reading on from there finds too few, and the rest is looked up. */
const ending: Asked = {
  filter: { tab: 'all', held: 'true', severalLines: 'true' },
  scope: wholeScope,
  sort: 'createdAt',
}
/** Nearly all orders match, but none of the oldest: a count along the index of the creation meets none of them. */
const beginning: Asked = { filter: { tab: 'completed', held: 'false' }, scope: wholeScope, sort: 'createdAt' }

test('pages and counts of very many orders are those of plain SQL', async () => {
  const random = dice(12)
  for (const filter of hard)
    for (const sort of [random.pick(orderSorts), `-${random.pick(orderSorts)}`])
      for (const table of tables)
        await answersAsPlainly(table, { filter, scope: wholeScope, sort }, [20, scaled(2000), 50])
  for (const filter of ranged)
    for (const sort of orderSorts.flatMap((one) => [one, `-${one}`]))
      for (const table of [orderTable, lackingTable])
        await answersAsPlainly(table, { filter, scope: wholeScope, sort }, [
          20,
          scaled(1900),
          30,
          scaled(20_000),
        ])
  for (const asked of [ending, beginning]) await answersAsPlainly(orderTable, asked, [scaled(11_500), 50])
  for (let round = 0; round < 60; round += 1)
    await answersAsPlainly(random.pick([orderTable, ...tables]), someQuestion(random), someLengths(random))
})

test('counts of tabs, the exact number and the last id are those of plain SQL', async () => {
  const random = dice(3)
  const given: OrderFilter[] = [
    {},
    { q: someNames[1] ?? '' },
    { createdFrom: at(3), hasMemo: 'false' },
    { cod: 'false' },
  ]
  const fixed = given.map((filter) => ({ filter, scope: wholeScope, sort: 'paidAt' }))
  const nobody: Asked = { filter: { flag: '0' }, scope: { shops: [], warehouses: 'all' }, sort: 'paidAt' }
  for (const asked of [...fixed, nobody, ...Array.from({ length: 5 }, () => someQuestion(random))]) {
    const { filter, scope, sort } = asked
    const tabs = await orders({ ...parts, waybills: sql`delivery` }).counts({ db, scope }, filter)
    for (const tab of orderTabs) {
      const { count } = await askPlainly({ ...asked, filter: { ...filter, tab } }, 0)
      assertCounted(tabs[tab] ?? { count: -1, capped: false }, count, JSON.stringify({ ...asked, tab }))
    }
    const query = await orderQuery(db, parts, filter, { scope, sort })
    const { count, ids } = await askPlainly({ ...asked, sort: 'createdAt' }, size)
    assert.equal(await countExactly(db, orderTable, query), count)
    assert.equal(await countExactly(db, orderTable, query, 50), Math.min(count, 51))
    const upTo = count === 0 ? null : String(Math.max(...ids.map(Number)))
    assert.deepEqual(await extentOf(db, orderTable, query), { total: count, upTo })
  }
})

test('a cursor of another question is refused', async () => {
  const query = await orderQuery(db, parts, { tab: 'all' }, { scope: wholeScope, sort: undefined })
  const { next } = await listIds(db, orderTable, query, { limit: 3, after: undefined })
  const other = await orderQuery(db, parts, { tab: 'all', flag: '1' }, { scope: wholeScope, sort: undefined })
  assert.ok(next)
  await assert.rejects(listIds(db, orderTable, other, { limit: 3, after: next }), { code: 'invalid_cursor' })
})

test('a cursor of the shops of a platform goes on with another shop, and is none of another platform', async () => {
  const query = await orderQuery(db, parts, { tab: 'all' }, { scope: wholeScope, sort: undefined })
  const of = (shops: string[], shopsBy: string) => ({ ...query, shops, shopsBy })
  const { next } = await listIds(db, orderTable, of(['1'], 'one'), { limit: 1, after: undefined })
  assert.ok(next)
  const page = { limit: 1, after: next }
  assert.equal((await listIds(db, orderTable, of(['1', '3'], 'one'), page)).ids.length, 1)
  await assert.rejects(listIds(db, orderTable, of(['1'], 'other'), page), { code: 'invalid_cursor' })
})

/** Declarations of lists are tested with those lists. */
const declared = /^(declare-contract|define|define-query|list-contract)\.ts/
/** Code for other lists and for callers. */
const never = [
  'list.ts async function numbersOf',
  'list.ts async function pageById<',
  'list.ts function rowsOf<Sort ext',
  'list.ts ? [...query.where, where',
  'list.ts (value) => /^-?\\d{1,18}$',
  'list.ts (value) => !value.includ',
  'list-statistics.ts () => tables.delete(live',
  "list-statistics.ts : ['facets']",
  'list-table.ts (one) => ({ facets: one,',
  'list-plan.ts ? Number.POSITIVE_INFINI',
  'list-read.ts : sql`null::float8`',
  'list-page.ts return []',
]
/** Paths whose choice depends on PostgreSQL's statistics. */
const seldom = ['list-count.ts return lookedUp(table, q', 'list-page.ts ? cursor']

test('no way of the lists was left untaken', async () => {
  const random = dice(41)
  const untaken = async () =>
    (await coverage.missed(new URL('./', import.meta.url))).filter(
      (one) => !declared.test(one) && ![...never, ...seldom].includes(one),
    )
  let left = await untaken()
  // The choice of the cheapest path depends on measured time, so another query may take a path that is left.
  for (let more = 0; more < 100 && left.length > 0; more += 1) {
    await answersAsPlainly(
      tables[more % tables.length] ?? orderTable,
      someQuestion(random),
      someLengths(random),
    )
    left = await untaken()
  }
  assert.deepEqual(left, [])
})
