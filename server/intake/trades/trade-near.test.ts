import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { type RawBuilder, sql } from 'kysely'
import { wholeScope } from '../../core/access/actor.ts'
import { openDatabase } from '../../core/db/db.ts'
import { countRows, listIds } from '../../core/lists/list.ts'
import { lowerLimits } from '../../core/lists/list-limits.ts'
import type { CappedCount, ListQuery, ListTable } from '../../core/lists/list-table.ts'
import { facet, has } from '../../lib/facets.ts'
import { memoryKeyRing } from '../../lib/seal.ts'
import { dayMs } from '../../lib/time.ts'
import { testDatabase } from '../../testing/database.ts'
import { type Dice, dice } from '../../testing/dice.ts'
import { aShop } from '../../testing/orders.ts'
import {
  tradeReasonFacet,
  tradeRefundFacet,
  tradeStateFacet,
  tradeStatusFacet,
} from '../staged/trade-columns.ts'
import { type TradeFilter, type TradeSort, tradeList } from './lists-contract.ts'
import { tradeQuery, tradeTable } from './trade-list.ts'

// Lists of very many staged trades by one of two near times within a range of the other are those of plain SQL, also where the times are not near.

/** The lists are made for this many rows and more. A smaller table meets the same limits, since they are lowered with it. */
const whole = 200_000
const size = Number(process.env['LIST_ROWS'] ?? 40_000)
const scaled = (rows: number) => Math.round((rows * size) / whole)
lowerLimits(size / whole)
const days = 400
const newest = new Date('2026-11-20T00:00:00Z')
const ring = memoryKeyRing()
const database = await testDatabase()
const { db, close } = openDatabase(database.url, { max: 4, name: 'near times' })
const owner = openDatabase(database.ownerUrl, { max: 2, name: 'near times' })
after(async () => {
  await close()
  await owner.close()
  await database[Symbol.asyncDispose]()
})

/**
 * How much later than its payment the state of a trade begins: of 100 trades those with these last digits of the number; the others, ten
 * minutes. The limits are three days and minus one day.
 */
const laterBy: Record<number, string> = {
  3: '3 days',
  17: '3 days 0.000001 seconds',
  31: '-1 day',
  47: '-1 day -0.000001 seconds',
  62: '50 days',
  76: '-50 days',
}
const farShare = 4 / 100

/** Trades of 400 days, paid at whole hours. Memos are rare but for the oldest, so that a list of them is read far down. */
async function makeTrades(): Promise<void> {
  const shop = await aShop(db)
  const facets = sql`array[${tradeRefundFacet(false, false)}, ${tradeStatusFacet('paid')}, ${tradeReasonFacet('')},
    case when state = 'converted' then ${tradeStateFacet('converted')}::int else ${tradeStateFacet('staged')}::int end,
    ${facet('shop', Number(shop))}, ${facet('flag', 0)} + flag,
    case when has_memo then ${facet('has', has.memo)}::int else ${facet('has', has.noMemo)}::int end]`
  await sql`
    insert into staged_trade (shop_id, tid, state, state_at, modified_at, detail_at, status, platform_status, trade_type, ordered_at, paid_at, ship_by,
      line_count, flag, seller_memo, reason, facets)
    select ${shop}::bigint, n::text, state, at + later, at, at, 'paid', 'X', 'normal', at, case when n % 29 <> 5 then at end,
      case when n % 7 = 1 then at + interval '2 days' end, 1, flag, case when has_memo then '急' else '' end, '', ${facets}
    from (
      select n, date_trunc('hour', ${newest}::timestamptz - make_interval(secs => (${size} - n) * ${days * 86_400}::float8 / ${size})) as at,
        case when n % 3 = 0 then 'converted' else 'staged' end as state, case when n % 10 < 8 then 0 else n % 6 end as flag,
        n < ${size / 20} or n % 1009 = 2 as has_memo
      from generate_series(1, ${size}::int) n
    ) f
    join (select d, coalesce(l.later, interval '10 minutes') as later from generate_series(0, 99) d
      left join unnest(${Object.keys(laterBy)}::int[], ${Object.values(laterBy)}::interval[]) l (d, later) using (d)) o on o.d = n % 100
    order by n`.execute(owner.db)
  await sql`vacuum (analyze) staged_trade`.execute(owner.db)
}
await makeTrades()

const at = (ago: number) => new Date(newest.getTime() - ago * dayMs).toISOString()

/** `began`: a range of the beginning of the state, which no filter of the page has. */
type Asked = { filter: TradeFilter; sort: string; began?: { from?: string; to?: string } }
type Rows = { ids: string[]; far: boolean[]; count: number }

const values: Record<TradeSort, RawBuilder<unknown>> = {
  paidAt: sql`coalesce(t.paid_at, '-infinity')`,
  shipBy: sql`coalesce(t.ship_by, 'infinity')`,
  stateAt: sql`t.state_at`,
}

/** Returns by plain SQL the first ids of the list, which of them are far, and the number of all. */
async function askPlainly({ filter, sort, began = {} }: Asked, first: number): Promise<Rows> {
  const name = tradeList.sorts.find((one) => one === sort.replace('-', '')) ?? 'paidAt'
  const way = sort.startsWith('-') ? sql`desc` : sql`asc`
  const conditions = [
    sql`t.state = ${filter.tab === 'history' ? 'converted' : 'staged'}`,
    filter.hasMemo && sql`(t.seller_memo <> '') = ${filter.hasMemo === 'true'}`,
    filter.flag && sql`t.flag::text = any(${filter.flag.split(',')})`,
    filter.paidFrom && sql`t.paid_at >= ${filter.paidFrom}`,
    filter.paidTo && sql`t.paid_at < ${filter.paidTo}`,
    filter.shipByTo && sql`t.ship_by < ${filter.shipByTo}`,
    began.from && sql`t.state_at >= ${began.from}`,
    began.to && sql`t.state_at < ${began.to}`,
  ].filter((one) => typeof one === 'object')
  const later =
    name === 'shipBy' ? sql`case when t.ship_by is null then ${values.paidAt} end` : sql`null::int`
  const found = await sql<Rows>`
    with hit as materialized (
      select t.id, ${values[name]} as value, ${later} as later, t.paid_at - t.state_at as apart from staged_trade t where ${sql.join(conditions, sql` and `)}
    ), head as (
      select *, row_number() over (order by value ${way}, later ${way}, id ${way}) as place from hit
      order by value ${way}, later ${way}, id ${way} limit ${first}
    )
    select array_agg(id::text order by place) as ids,
      array_agg(coalesce(apart < interval '-3 days' or apart > interval '1 day', false) order by place) as far,
      (select count(*)::int from hit) as count
    from head`.execute(db)
  const { ids, far, count } = found.rows[0] ?? { ids: null, far: null, count: -1 }
  return { ids: ids ?? [], far: far ?? [], count }
}

async function queryFor({ filter, sort, began }: Asked): Promise<ListQuery<TradeSort>> {
  const query = await tradeQuery(db, ring, filter, { scope: wholeScope, sort })
  return began ? { ...query, ranges: [...(query.ranges ?? []), { on: 'stateAt', ...began }] } : query
}

/** Reads pages of these lengths, one behind the other. */
async function pages(table: ListTable<TradeSort>, query: ListQuery<TradeSort>, lengths: readonly number[]) {
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

function assertCounted(counted: CappedCount, real: number, words: string): void {
  if (counted.capped) assert.ok(real > counted.count && counted.count >= 100, `${words} ${real}`)
  else assert.equal(counted.count, real, words)
}

/** Asserts that pages and count are those of plain SQL. Returns how often a far trade stands beside one that is not. */
async function answersAsPlainly(asked: Asked, lengths: readonly number[]): Promise<number> {
  const words = JSON.stringify({ ...asked, lengths })
  const query = await queryFor(asked)
  const plain = await askPlainly(
    asked,
    lengths.reduce((sum, one) => sum + one, 0),
  )
  assert.deepEqual(await pages(tradeTable, query, lengths), plain.ids, words)
  assertCounted(await countRows(db, tradeTable, query), plain.count, words)
  return plain.far.filter((far, place) => place > 0 && far !== plain.far[place - 1]).length
}

const sorts = tradeList.sorts.flatMap((sort) => [sort, `-${sort}`])

function someQuestion(random: Dice): Asked {
  const some = () => at(random.int(days + 30) - 15)
  const ranges = (name: string) => {
    const [from = '', to = ''] = [some(), some()].toSorted()
    const both = random.pick([[from, to], [from], [undefined, to]])
    return { [`${name}From`]: both[0], [`${name}To`]: both[1] }
  }
  const { beganFrom: from, beganTo: to } = random.chance(0.4) ? ranges('began') : {}
  const given: Record<string, string | undefined> = {
    tab: random.pick(['staged', 'history']),
    hasMemo: random.pick([undefined, undefined, 'true', 'false']),
    flag: random.pick([undefined, undefined, '0', '2', '0,1']),
    ...(random.chance(0.7) ? ranges('paid') : {}),
    ...(random.chance(0.2) ? { shipByTo: some() } : {}),
  }
  const filter = Object.fromEntries(Object.entries(given).filter(([, value]) => value)) as TradeFilter
  return {
    filter,
    sort: random.pick(sorts),
    ...(from || to ? { began: { ...(from ? { from } : {}), ...(to ? { to } : {}) } } : {}),
  }
}

const someLengths = (random: Dice) =>
  random.pick([
    [50, 50, 50],
    [1, 7, 1, 30, 200],
    Array.from({ length: 60 }, () => 9),
    [scaled(2000), 50, 50],
    [scaled(20_000), 50, 3],
  ])

test('pages by the beginning of the state within a range of payment go from near trades to far ones and back', async () => {
  const small = Array.from({ length: 80 }, () => 7)
  for (const sort of ['stateAt', '-stateAt']) {
    const filter = { tab: 'staged', flag: '0', paidFrom: at(70), paidTo: at(69) } as const
    assert.ok((await answersAsPlainly({ filter, sort }, small)) >= 4)
    // So many are asked for that the range is read to its end, and beyond it the far ones.
    const months = { ...filter, paidFrom: at(300), paidTo: at(180) }
    assert.ok(
      (await answersAsPlainly({ filter: months, sort }, [scaled(30_000), 7, 7, scaled(30_000)])) >=
        scaled(1000),
    )
    // Few match, behind very many that do not.
    const memos = { tab: 'staged', hasMemo: 'true', paidFrom: at(365), paidTo: at(5) } as const
    await answersAsPlainly({ filter: memos, sort }, [20, 100, scaled(2000), scaled(2000)])
  }
})

test('trades at the limits of what is near, and a microsecond beyond them, are in the range that begins with their payment', async () => {
  for (const [digits, later] of Object.entries(laterBy)) {
    const some = await sql<{ id: string; paid: Date }>`
      select id, paid_at as paid from staged_trade t where tid::int % 100 = ${digits}::int and state_at = paid_at + ${later}::interval
        and state = 'staged' and flag = 0 limit 3`.execute(db)
    assert.equal(some.rows.length, 3)
    for (const { id, paid } of some.rows)
      for (const sort of ['stateAt', '-stateAt']) {
        const range = { paidFrom: paid.toISOString(), paidTo: new Date(paid.getTime() + 1).toISOString() }
        const asked: Asked = { filter: { tab: 'staged', flag: '0', ...range }, sort }
        assert.ok((await askPlainly(asked, 100)).ids.includes(id))
        await answersAsPlainly(asked, [3, 3, 3, 50])
      }
  }
})

test('trades without payment stand where plain SQL has them, within a range of the beginning of the state', async () => {
  const small = [...Array.from({ length: 12 }, () => 3), scaled(2000), 7]
  for (const sort of sorts)
    for (const paid of [{}, { paidTo: at(70) }])
      await answersAsPlainly(
        { filter: { tab: 'staged', flag: '0', ...paid }, sort, began: { from: at(70), to: at(66) } },
        small,
      )
})

test('any list of near times is that of plain SQL, page by page, and so is its count', async () => {
  const random = dice(5)
  for (let round = 0; round < 40; round += 1)
    await answersAsPlainly(someQuestion(random), someLengths(random))
})

test('the far trades come from their index, and without it they would be lost', async () => {
  const { near } = tradeTable
  assert.ok(near)
  const asked: Asked = {
    filter: { tab: 'staged', flag: '0', paidFrom: at(200), paidTo: at(199) },
    sort: '-stateAt',
  }
  const plain = await askPlainly(asked, 5000)
  const lengths = [5000]
  const blind = { ...tradeTable, near: { ...near, far: sql`false` } }
  const found = await pages(blind, await queryFor(asked), lengths)
  const following = plain.ids.filter((_, place) => !plain.far[place])
  assert.ok(following.length < plain.ids.length)
  assert.deepEqual(
    following.filter((id) => !found.includes(id)),
    [],
  )
  assert.ok(found.length < plain.ids.length)
  const plan = await sql<{ 'QUERY PLAN': string }>`
    explain select t.id from staged_trade t where t.state = 'staged' and ${near.far}`.execute(db)
  assert.match(plan.rows.map((row) => row['QUERY PLAN']).join(), /staged_trade_far/)
})

test('where more than 20,000 trades are far, the lists are the same, read along their own sort', async () => {
  await sql`update staged_trade set state_at = state_at + interval '20 days' where id % 5 = 0`.execute(
    owner.db,
  )
  await sql`vacuum (analyze) staged_trade`.execute(owner.db)
  const index = await sql<{ rows: number }>`
    select reltuples as rows from pg_class where oid = 'staged_trade_far'::regclass`.execute(db)
  assert.ok((index.rows[0]?.rows ?? 0) > size * farShare + scaled(20_000))
  const random = dice(8)
  for (let round = 0; round < 12; round += 1)
    await answersAsPlainly(someQuestion(random), someLengths(random))
})
