import { spawn } from 'node:child_process'
import { sql } from 'kysely'
import { migrate } from '../server/core/db/migrate.ts'
import { type BenchServer, freshDatabase, hasDatabase, open, renameDatabase } from './database.ts'
import { fillOrders } from './world/order-world.ts'
import { makeQueues } from './world/world.ts'

/**
 * Eight stations (e2e/stations.test.ts) over a database that has this many other orders, each shipped one with its delivery. Ends the
 * process with a failure if a parcel is wrong.
 */
export async function benchStations(server: BenchServer, size: number, rebuild: boolean): Promise<void> {
  const name = `stations_${size}`
  if (rebuild || !(await hasDatabase(server, name))) {
    const draft = `${name}_draft`
    const url = await freshDatabase(server, draft)
    await migrate(url)
    await fillOrders(url, server.ring, size)
    await addDeliveries(url)
    await renameDatabase(server, draft, name)
  }
  // The run ships parcels and makes shops, so it gets a copy. Migrations that are newer than the kept database are applied to the copy.
  const url = await freshDatabase(server, `${name}_run`, name)
  await migrate(url)
  await makeQueues(url)
  const child = spawn(process.execPath, ['--test', 'e2e/stations.test.ts'], {
    env: { ...process.env, STATION_DATABASE: url },
    stdio: 'inherit',
  })
  const code = await new Promise((settle) => child.once('close', settle))
  if (code !== 0) process.exitCode = 1
}

/** Adds a delivery for each shipped order. All warehouses are closed, so that the orders of the stations get the one that has their goods. */
async function addDeliveries(url: string): Promise<void> {
  const { db, close } = open(url, 2)
  try {
    await sql`
      insert into delivery (no, order_id, order_no, tid, shop_id, warehouse_id, status, courier, waybill_no, write_back, round, ship_by,
        created_by, created_at, shipped_at, shipped_by, sku_id, piece_count, shape)
      select 'DN' || o.id, o.id, o.no, o.tid, o.shop_id, o.warehouse_id, 'shipped', 'SF', 'SF' || (7000000000000 + o.id), 'done', 1, o.ship_by,
        '林晓', o.created_at, o.created_at + interval '1 day', '孙悦', null, o.quantity, 'mixed'
      from sales_order o where o.status in ('shipped', 'completed')`.execute(db)
    await sql`update warehouse set active = false`.execute(db)
    await sql`vacuum analyze delivery`.execute(db)
  } finally {
    await close()
  }
}
