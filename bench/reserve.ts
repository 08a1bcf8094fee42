import { sql } from 'kysely'
import type { Database } from '../server/core/db/db.ts'
import { migrate } from '../server/core/db/migrate.ts'
import { type Demand, reserve } from '../server/inventory/reserve.ts'
import { type BenchServer, freshDatabase, open } from './database.ts'
import { report } from './report.ts'

const batchSize = 500
const connections = 2
/** The stock is less than the demand, so that overselling would show. */
const stockShare = 0.9

/** Measures promising one popular SKU in batches from two connections; for comparison, counting up one row for each demand. */
export async function benchReserve(server: BenchServer, count: number): Promise<void> {
  const url = await freshDatabase(server, 'bench_reserve')
  await migrate(url)
  const { db, close } = open(url, connections + 1)
  try {
    const onHand = Math.floor(count * stockShare)
    const warehouseId = await aWarehouse(db)
    await putStock(db, warehouseId, '1', onHand)
    const perSecond = count / (await reserveAll(db, warehouseId, count))
    const facts = await oversold(db, warehouseId, onHand)

    const singly = Math.min(count, 6_000)
    await putStock(db, warehouseId, '2', Math.floor(singly * stockShare))
    const rowByRow = singly / (await countUp(db, warehouseId, singly))
    const promised = `${count.toLocaleString('en')} demands of one SKU in batches of ${batchSize}, ${connections} connections`
    report({
      name: 'reserve',
      work: promised,
      figure: perSecond,
      unit: 'demands/s',
      floor: 20_000,
      atMost: false,
      ceiling: rowByRow,
      floorRatio: 10,
      facts,
    })
    report({
      name: 'oversell',
      work: `pieces promised beyond what is there, of ${onHand.toLocaleString('en')}`,
      figure: facts.oversold,
      unit: 'pieces',
      floor: 1,
      atMost: true,
    })
  } finally {
    await close()
  }
}

async function aWarehouse(db: Database): Promise<string> {
  const found = await sql<{ id: string }>`
    insert into warehouse (code, name, kind) values ('W1', '主仓', 'own') returning id`.execute(db)
  return found.rows[0]?.id ?? ''
}

async function putStock(db: Database, warehouseId: string, skuId: string, onHand: number): Promise<void> {
  await sql`insert into stock (warehouse_id, sku_id, on_hand) values (${warehouseId}, ${skuId}, ${onHand})`.execute(
    db,
  )
}

async function reserveAll(db: Database, warehouseId: string, count: number): Promise<number> {
  let next = 0
  const take = () => {
    const first = next
    next += batchSize
    return first < count ? demandsFrom(first, Math.min(batchSize, count - first), warehouseId) : undefined
  }
  return timed(async () => {
    for (let demands = take(); demands; demands = take()) {
      const batch = demands
      await db.transaction().execute((tx) => reserve(tx, batch))
    }
  })
}

function demandsFrom(first: number, length: number, warehouseId: string): Demand[] {
  const paidAt = Date.UTC(2026, 10, 11)
  return Array.from({ length }, (_, index) => ({
    orderId: String(first + index + 1),
    lineNo: 1,
    skuId: '1',
    warehouseId,
    quantity: 1,
    paidAt: new Date(paidAt + first + index),
  }))
}

/** The simplest implementation: one statement and one commit for each piece. */
async function countUp(db: Database, warehouseId: string, count: number): Promise<number> {
  let next = 0
  return timed(async () => {
    while (next < count) {
      next += 1
      await sql`
        update stock set reserved = reserved + 1
        where warehouse_id = ${warehouseId} and sku_id = 2 and on_hand - reserved - locked >= 1`.execute(db)
    }
  })
}

async function timed(work: () => Promise<void>): Promise<number> {
  const began = performance.now()
  await Promise.all(Array.from({ length: connections }, work))
  return (performance.now() - began) / 1000
}

async function oversold(db: Database, warehouseId: string, onHand: number) {
  const found = await sql<{ promised: number; balance: number; rows: number }>`
    select coalesce(sum(r.reserved), 0)::int as promised, count(*)::int as rows,
      (select reserved from stock where warehouse_id = ${warehouseId} and sku_id = 1) as balance
    from reservation r where sku_id = 1`.execute(db)
  const { promised = 0, balance = 0, rows = 0 } = found.rows[0] ?? {}
  if (balance !== promised) throw new Error(`the balance says ${balance}, rows ${promised}`)
  return { onHand, promised, waiting: rows - promised, oversold: Math.max(0, promised - onHand) }
}
