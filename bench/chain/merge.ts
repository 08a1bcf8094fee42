import { sql } from 'kysely'
import { systemActor } from '../../server/core/access/actor.ts'
import type { Database } from '../../server/core/db/db.ts'
import { migrate } from '../../server/core/db/migrate.ts'
import { facet, idFacet } from '../../server/lib/facets.ts'
import { autoMerge } from '../../server/orders/merge/auto-merge.ts'
import { statusFacet } from '../../server/orders/order/facets.ts'
import { type BenchServer, freshDatabase, open } from '../database.ts'
import { type House, inHouse, reportTimes, timeAll } from '../lists/list-times.ts'
import { report } from '../report.ts'
import { makeQueues } from '../world/world.ts'

/** One in `pairShare` of the open orders has the receiver of another order. */
const pairShare = 10
/** The two orders of a pair are twelve apart, at the beginning of each run of orders. */
const apart = 12
const run = 2 * apart * pairShare
const pairedOf = (size: number) =>
  2 * apart * Math.floor(size / run) + 2 * Math.max(0, Math.min(apart, (size % run) - apart))

/**
 * Measures the merge suggestions over open orders, page by page, and merging all of them; for comparison, one plain statement that marks
 * the same orders.
 */
export async function benchMerge(server: BenchServer, size: number): Promise<void> {
  const url = await freshDatabase(server, 'bench_merge')
  await migrate(url)
  await makeQueues(url)
  await fill(url, size)
  const merging = pairedOf(size)
  await inHouse(url, server.ring, async (house) => {
    reportTimes(
      {
        name: 'merge suggestions',
        work: `pages of 50 over ${size.toLocaleString('en')} open orders`,
        floors: { p99: 200, worst: 1000 },
      },
      await timeAll(house, await pages(house)),
    )
  })
  const { db, close } = open(url, 4)
  try {
    const seconds = await mergeAll(db)
    const merged = await sql<{
      count: number
    }>`select count(*)::int as count from sales_order where parcel is not null`.execute(db)
    if (merged.rows[0]?.count !== merging) throw new Error(`${merged.rows[0]?.count} merged of ${merging}`)
    report({
      name: 'merge',
      work: `automatic merge of ${merging.toLocaleString('en')} among ${size.toLocaleString('en')} open orders`,
      figure: seconds,
      unit: 's',
      floor: 30,
      atMost: true,
      ownTables: await intoOwnTables(db),
    })
  } finally {
    await close()
  }
}

async function fill(url: string, size: number): Promise<void> {
  const { db, close } = open(url, 2)
  try {
    await sql`
      insert into shop (platform, variant, name) select 'taobao', 'taobao', '店 ' || n from generate_series(1, 6) n`.execute(
      db,
    )
    await sql`insert into warehouse (code, name, kind) values ('W1', '主仓', 'own')`.execute(db)
    const facets = [
      statusFacet('unconfirmed'),
      facet('held', 0),
      facet('differs', 0),
      facet('refundState', 0),
      facet('goods', 0),
      idFacet('shop', '1'),
      facet('flag', 0),
    ]
    const chunk = 50_000
    for (let from = 0; from < size; from += chunk) {
      await sql`
        with made as (
          insert into sales_order (no, shop_id, origin, tid, status, cod, goods_fen, post_fee_fen, discount_fen, payment_fen, quantity, paid_at,
            ordered_at, flag, warehouse_id, facets, people, buyer_message, seller_memo, receiver_masked, receiver_hash, region, created_by)
          select 'SO261125' || lpad(n::text, 8, '0'), 1 + n % 6, 'trade', n::text, 'unconfirmed', false, 1000, 0, 0, 1000, 1,
            now() - interval '1 hour', now() - interval '1 hour', 0, 1, ${facets}::int[], '{}', '', '', '王** 138****' || buyer % 10000,
            hashint8(buyer), '浙江 杭州', 'bench'
          from generate_series(${from}::bigint, ${Math.min(size, from + chunk) - 1}::bigint) n
          -- Both of a pair in one shop, pairs scattered over the whole house.
          cross join lateral (select case when n % ${sql.lit(run)} between ${sql.lit(apart)} and ${sql.lit(2 * apart - 1)} then n - ${sql.lit(apart)} else n end as buyer) b
          returning id, tid
        )
        insert into order_line (order_id, line_no, tid, oid, item_id, platform_sku_id, outer_item_id, outer_sku_id, title, spec, picture_url,
          quantity, price_fen, discount_fen, payment_fen)
        select id, 1, tid, tid, 'i', 's', 'A', 'A-1', '四件套', '雾蓝', '', 1, 1000, 0, 1000 from made`.execute(
        db,
      )
    }
    await sql`vacuum analyze sales_order`.execute(db)
    await sql`vacuum analyze order_line`.execute(db)
  } finally {
    await close()
  }
}

/** Returns the path of every page of suggestions. */
async function pages({ app, cookie }: House): Promise<string[]> {
  const paths: string[] = []
  for (let after = ''; ; ) {
    const path = `/api/order-merges${after && `?after=${after}`}`
    paths.push(path)
    const answer = await app.inject({ url: path, headers: { cookie } })
    const { next }: { next: string | null } = JSON.parse(answer.body)
    if (next === null || paths.length >= 2000) return paths
    after = next
  }
}

async function mergeAll(db: Database): Promise<number> {
  const began = performance.now()
  await autoMerge({
    db,
    params: { waitMinutes: 10, acrossShops: false, sameNick: false, withoutNotes: false, withoutShort: true },
    actor: systemActor,
    signal: new AbortController().signal,
    progress: () => undefined,
  })
  return (performance.now() - began) / 1000
}

/** Sets the parcel number of these orders in one statement, without checks and history. */
async function intoOwnTables(db: Database): Promise<number> {
  await sql`update sales_order set parcel = null where parcel is not null`.execute(db)
  const began = performance.now()
  await sql`
    update sales_order o set parcel = s.id, version = version + 1, updated_at = now()
    from (select receiver_hash, min(id) as id from sales_order where status = 'unconfirmed' group by receiver_hash having count(*) > 1) s
    where o.receiver_hash = s.receiver_hash`.execute(db)
  return (performance.now() - began) / 1000
}
