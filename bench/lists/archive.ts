import { sql } from 'kysely'
import type { Database } from '../../server/core/db/db.ts'
import { type BenchServer, freshDatabase, hasDatabase, open, renameDatabase, urlOf } from '../database.ts'
import { quantile, report } from '../report.ts'
import { restoreIndexes, takeIndexes } from '../world/copies.ts'
import { openOrderWorld } from '../world/order-world.ts'
import { makeQueues } from '../world/world.ts'
import { type House, inHouse, type Timing, timeAll } from './list-times.ts'
import { orderFilters, orderQuestions } from './order-queries.ts'

/** Archived orders for each live one. */
const times = 5
/** Milliseconds in which a search over all orders has to be answered. */
const searchFloorMs = 1000

/**
 * Asks the same lists of live orders, of a database with these alone and of one with five times as many archived orders beside them, in turn; then
 * searches over all orders.
 */
export async function benchArchive(server: BenchServer, size: number, rebuild: boolean): Promise<void> {
  const { url } = await openOrderWorld(server, size, rebuild)
  const beside = await openArchive(server, size, rebuild)
  await inHouse(url, server.ring, (alone) =>
    inHouse(beside, server.ring, async (full) => {
      await comparePages(alone, full, size)
      await searchAll(full, size)
    }),
  )
}

async function comparePages(alone: House, full: House, size: number): Promise<void> {
  // Searches by number, buyer and waybill go over archived orders too.
  const filters = (await orderFilters(alone.db)).filter(
    (one) => !['q', 'tids', 'ids'].some((name) => name in one),
  )
  const pages = orderQuestions(filters, 300)
    .filter((_, at) => at % 31 === 0)
    .map(({ tab, sort, filters: asked }) => `/api/orders?${new URLSearchParams({ tab, sort, ...asked })}`)
  const counts = filters.map((one) => `/api/orders/counts?${new URLSearchParams(one)}`)
  for (const [name, paths] of [
    ['pages', pages],
    ['tab counts', counts],
  ] as const) {
    const [one, other] = await inTurn(alone, full, paths)
    for (const by of ['databaseMs', 'ms'] as const) {
      const p99 = [one, other].map((timings) =>
        quantile(
          timings.map((each) => each[by]),
          0.99,
        ),
      )
      const [before = 0, after = 0] = p99
      report({
        name: `archive ${name}`,
        work: `${paths.length} of ${size.toLocaleString('en')} live orders, ${by === 'ms' ? 'by the clock' : 'of the database’s processor'}; p50, p95, p99 alone ${figures(one, by)}, beside ${times} times as many archived ones ${figures(other, by)}`,
        ...{ unit: 'times the p99', atMost: true, figure: after / before, floor: 1.1 },
        facts: { slowest: other.toSorted((a, b) => b[by] - a[by]).slice(0, 5) },
      })
    }
  }
}

const figures = (timings: readonly Timing[], by: 'ms' | 'databaseMs') =>
  [0.5, 0.95, 0.99]
    .map((share) =>
      quantile(
        timings.map((each) => each[by]),
        share,
      ).toFixed(1),
    )
    .join(', ')

/** Each path is asked of both, first of one and then of the other by turns. The first time is not counted: it reads the disk. */
async function inTurn(alone: House, full: House, paths: readonly string[]): Promise<[Timing[], Timing[]]> {
  const timings: [Timing[], Timing[]] = [[], []]
  for (const [at, path] of paths.entries()) {
    const ask = async (which: 0 | 1) => {
      const house = which === 0 ? alone : full
      await timeAll(house, [path])
      timings[which].push(...(await timeAll(house, [path])))
    }
    for (const which of at % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) await ask(which)
  }
  return timings
}

/** Numbers and buyers of archived orders, and texts and filters over all. */
async function searchAll(full: House, size: number): Promise<void> {
  const found = await sql<{ no: string; tid: string }>`
    select no, tid from sales_order where archived_at is not null and id % 99991 = 7 order by id limit 20`.execute(
    full.db,
  )
  const whole = { tab: 'all', archived: 'true' }
  const searches = [
    ...found.rows.flatMap(({ no, tid }) => [
      { tab: 'all', q: no },
      { tab: 'all', q: tid },
      { tab: 'all', tids: tid },
    ]),
    ...['13800138000', '8000', '1234', '0417'].map((q) => ({ tab: 'all', q })),
    ...['王伟', '四件套', '第7款', 'tb_1234'].map((q) => ({ ...whole, q })),
    ...(await orderFilters(full.db)).map((filters) => ({ ...whole, ...filters })),
  ]
  const timings = await timeAll(
    full,
    searches.map((one) => `/api/orders?${new URLSearchParams(one)}`),
  )
  for (const by of ['ms', 'databaseMs'] as const)
    report({
      name: 'archive search',
      work: `${timings.length} searches and filters over ${((times + 1) * size).toLocaleString('en')} orders, ${by === 'ms' ? 'by the clock' : 'of the database’s processor'}; p50, p95, p99 ${figures(timings, by)}`,
      ...{
        unit: 'ms worst',
        atMost: true,
        figure: quantile(
          timings.map((each) => each[by]),
          1,
        ),
        floor: searchFloorMs,
      },
      facts: { slowest: timings.toSorted((a, b) => b[by] - a[by]).slice(0, 5) },
    })
}

/** Returns the database with archived orders: a copy of the live world, and of its ended orders copies of earlier years, without lines. */
async function openArchive(server: BenchServer, size: number, rebuild: boolean): Promise<string> {
  const name = `orders_${size}_archive`
  if (rebuild || !(await hasDatabase(server, name))) {
    const url = await freshDatabase(server, `${name}_draft`, `orders_${size}`)
    await fillArchive(url, size)
    await renameDatabase(server, `${name}_draft`, name)
  }
  await makeQueues(urlOf(server, name))
  return urlOf(server, name)
}

async function fillArchive(url: string, size: number): Promise<void> {
  const { db, close } = open(url, 4)
  try {
    const indexes = await takeIndexes(db, ['sales_order'])
    const waiting = Array.from({ length: times }, (_, at) => times - at)
    const lane = async () => {
      for (let turn = waiting.shift(); turn !== undefined; turn = waiting.shift())
        await copyEnded(db, turn, size)
    }
    await Promise.all([lane(), lane()])
    await sql`select setval(pg_get_serial_sequence('sales_order', 'id'), ${size * (times + 1)}::bigint)`.execute(
      db,
    )
    await restoreIndexes(url, indexes, ['sales_order'])
  } finally {
    await close()
  }
}

/** Copies every order as one that ended `turn` × 400 days earlier, with other numbers and buyers. */
async function copyEnded(db: Database, turn: number, size: number): Promise<void> {
  const shift = sql`make_interval(days => ${turn * 400}::int)`
  await db.transaction().execute(async (tx) => {
    await sql`set local synchronous_commit = off`.execute(tx)
    await sql`
      insert into sales_order (id, no, shop_id, origin, tid, status, version, cod, goods_fen, post_fee_fen, discount_fen, payment_fen,
        refunded_fen, quantity, refunded_quantity, paid_at, ordered_at, ship_by, ship_after, flag, facets, people, buyer_message, seller_memo,
        receiver_masked, region, void_reason, created_at, updated_at, created_by, warehouse_id, courier, urgent, written_back_at, archived_at)
      overriding system value
      select id + ${turn * size}::bigint, 'SO' || to_char(created_at - ${shift}, 'YYMMDD') || lpad((id + ${turn * size}::bigint)::text, 8, '0'), shop_id, origin,
        case when origin = 'trade' then (tid::numeric - ${turn}::numeric * 100000000000000000)::text else tid || '-' || ${turn}::int end,
        case status when 'voided' then status else 'completed' end, version, cod, goods_fen, post_fee_fen, discount_fen, payment_fen, refunded_fen,
        quantity, refunded_quantity, paid_at - ${shift}, ordered_at - ${shift}, ship_by - ${shift}, ship_after - ${shift}, flag,
        array[f.first + case status when 'voided' then 6 else 5 end] || facets[2:],
        array(select k - (k & ${2 ** 32 - 1}::bigint) + (((k & ${2 ** 32 - 1}::bigint) * 40503 + ${turn}::bigint * 104729) & ${2 ** 32 - 1}::bigint) from unnest(people) k),
        buyer_message, seller_memo, receiver_masked, region, void_reason, created_at - ${shift}, updated_at - ${shift}, created_by, warehouse_id, courier,
        false, created_at - ${shift}, now()
      from sales_order, lateral (select facets[1] - array_position(array['unconfirmed', 'confirmed', 'released', 'shipped', 'completed', 'voided'], status) as first) f
      where id <= ${size}::bigint order by id`.execute(tx)
  })
}
