import { sql } from 'kysely'
import type { Database } from '../../server/core/db/db.ts'
import { countDemand } from '../../server/intake/trades/staged-needs.ts'
import { usualChecks } from '../../server/orders/review/confirm-settings.ts'
import { type BenchServer, freshDatabase, hasDatabase, open, renameDatabase, urlOf } from '../database.ts'
import { openOrderWorld } from '../world/order-world.ts'
import { isChain, stageTrades } from './chain-trades.ts'
import { addRules, makeHouse } from './choose.ts'

/** As many shops as one worker serves at the same time (tasks/loop.ts). */
export const houseShops = 4

type House = { size: number; trades: number }

/** Returns the database that was prepared for a run, or a new one. The run uses it up. */
export async function takeChainHouse(server: BenchServer, house: House): Promise<string> {
  await makeChainHouse(server, house)
  await renameDatabase(server, nameOf(house), 'bench_chain')
  return urlOf(server, 'bench_chain')
}

const nameOf = ({ size, trades }: House) => `chain_${size}_${trades}`

/**
 * Prepares a database of `size` orders with the rules of a large company, and at least `trades` trades that can be converted. It may be
 * prepared long before the run, because it takes longer than a run.
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
    // The other warehouses have no stock of these goods.
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

/** Makes some goods scarce: one popular SKU, and one in a hundred of the others. */
async function makeScarce(db: Database): Promise<void> {
  await sql`update stock set on_hand = 10000 where sku_id in (select id from sku where code = 'S2')`.execute(
    db,
  )
  await sql`update stock set on_hand = 20 where sku_id in (select id from sku where code like 'S%07')`.execute(
    db,
  )
  await sql`vacuum (full, analyze) stock`.execute(db)
}

/** Adds the checks that a new rule has. */
async function addChecks(db: Database, shopIds: readonly string[]): Promise<void> {
  const rules = [{ name: '日常', enabled: true, from: null, to: null, checks: usualChecks }]
  await sql`
    insert into confirm_rules (shop_id, rules, updated_by)
    select id, ${JSON.stringify(rules)}::jsonb, 'bench' from unnest(${[...shopIds]}::bigint[]) shop (id)`.execute(
    db,
  )
}
