import { sql } from 'kysely'
import type { Database } from '../../server/core/db/db.ts'
import { countDemand } from '../../server/intake/trades/staged-needs.ts'
import { usualChecks } from '../../server/orders/review/confirm-settings.ts'
import { type BenchServer, freshDatabase, hasDatabase, open, renameDatabase, urlOf } from '../database.ts'
import { openOrderWorld } from '../world/order-world.ts'
import { isChain, stageTrades } from './chain-trades.ts'
import { addRules, makeHouse } from './choose.ts'

/** As many as one worker serves at a time (tasks/loop.ts). */
export const houseShops = 4

type House = { size: number; trades: number }

/** The house that was made ready for a run, or a new one. It is used up by the run. */
export async function takeChainHouse(server: BenchServer, house: House): Promise<string> {
  await makeChainHouse(server, house)
  await renameDatabase(server, nameOf(house), 'bench_chain')
  return urlOf(server, 'bench_chain')
}

const nameOf = ({ size, trades }: House) => `chain_${size}_${trades}`

/**
 * A house of `size` orders with the rules of a large one, and at least so many trades that are ready to be converted. May be made
 * ready long before it is used: it takes longer than a run.
 */
export async function makeChainHouse(server: BenchServer, house: House): Promise<void> {
  const name = nameOf(house)
  if (await hasDatabase(server, name)) return
  const world = await openOrderWorld(server, house.size, false)
  const url = await freshDatabase(server, `${name}_draft`, new URL(world.url).pathname.slice(1))
  const { db, close } = open(url, 2)
  try {
    const ids = await makeHouse(db, houseShops)
    await addRules(db)
    // The world's own have nothing of these goods.
    await sql`update warehouse set active = false where code not in ('W1', 'W2', 'W3')`.execute(db)
    await makeScarce(db)
    await addChecks(db, ids)
    await stageTrades(url, server.ring, ids, house.trades)
    while (await countDemand(db));
    await sql`checkpoint`.execute(db)
  } finally {
    await close()
  }
  await renameDatabase(server, `${name}_draft`, name)
}

export async function chainShops(db: Database): Promise<string[]> {
  const found = await sql<{ id: string }>`select id from shop where platform = 'bench' order by id`.execute(
    db,
  )
  return found.rows.map(({ id }) => id)
}

export async function chainTrades(db: Database): Promise<number> {
  const found = await sql<{ count: number }>`
    select count(*)::int as count from staged_trade where ${isChain('tid')} and state = 'staged'`.execute(db)
  return found.rows[0]?.count ?? 0
}

/** Some goods are few: one that everybody wants, and one in a hundred of the others. */
async function makeScarce(db: Database): Promise<void> {
  await sql`update stock set on_hand = 10000 where sku_id in (select id from sku where code = 'S2')`.execute(
    db,
  )
  await sql`update stock set on_hand = 20 where sku_id in (select id from sku where code like 'S%07')`.execute(
    db,
  )
  await sql`vacuum (full, analyze) stock`.execute(db)
}

/** What a new rule asks. */
async function addChecks(db: Database, shopIds: readonly string[]): Promise<void> {
  const rules = [{ name: '日常', enabled: true, from: null, to: null, checks: usualChecks }]
  await sql`
    insert into confirm_rules (shop_id, rules, updated_by)
    select id, ${JSON.stringify(rules)}::jsonb, 'bench' from unnest(${[...shopIds]}::bigint[]) shop (id)`.execute(
    db,
  )
}
