import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Connection } from 'mysql2/promise'
import { pino } from 'pino'
import { createRds, type RdsRow, type TableName } from '../../sandbox/rds/tables.ts'
import { connectors } from '../../server/connectors/index.ts'
import { systemActor, wholeScope } from '../../server/core/access/actor.ts'
import { startPush } from '../../server/intake/push/loop.ts'
import { pushServes } from '../../server/intake/push-state.ts'
import { createLimiter } from '../../server/lib/limiter.ts'
import { describeCredentials, setCredentials } from '../../server/shops/shops.ts'
import { aShippingHouse, type ShippingHouse } from '../../server/testing/shipping.ts'
import { until } from '../../server/testing/until.ts'
import { giveShopTasks } from '../../server/worker.ts'
import { Mariadb } from './mariadb.ts'

// The rows of the data push (RDS) in a real MySQL server: written late, twice, many in one second, while the server is killed and while the
// reader is away. Every trade and refund must be staged, and each version must have been one message. No list is read.

const burst = 60
const bursts = 8
const foreign = 5000
const lateMs = 25_000

await using house = await aShippingHouse('tmall')
const database = await Mariadb.start()
const pusher = startPusher(house, database)
try {
  await prove()
} finally {
  await pusher.stop()
  await database.stop()
}

async function prove(): Promise<void> {
  await enter()
  let reader = start()
  await until(() => pushServes(house.db, house.shopId), 20_000)
  Object.assign(pusher.faults, { late: 0.3, lateMs, double: 0.2 })
  for (let n = 0; n < bursts; n += 1) {
    const tids = await made(burst)
    for (const tid of tids.slice(0, 5)) await house.control('refunds', { tid, kind: 'REFUND' })
    if (n === 2) await restart()
    if (n === 4) {
      await reader.stop()
      await made(burst)
      await sleep(3000)
      reader = start()
    }
    if (n === 6) await pusher.writeForeign(foreign)
    await sleep(2000)
  }
  const { rows } = pusher
  const tids = [...(house.sandbox.world.shops[0]?.trades.keys() ?? [])].toSorted()
  const began = performance.now()
  await until(() => tids.every((tid) => rows.jdp_tb_trade.has(tid)), lateMs + 10_000)
  await until(async () => (await staged('staged_trade', 'tid')).length >= tids.length, 90_000)
  assert.deepEqual(await staged('staged_trade', 'tid'), tids)
  const refunds = [...rows.jdp_tb_refund.keys()].toSorted()
  await until(async () => (await staged('staged_refund', 'refund_no')).length >= refunds.length, 90_000)
  assert.deepEqual(await staged('staged_refund', 'refund_no'), refunds)
  await until(async () => (await open()) === 0, 60_000)
  await reader.stop()
  const kept = await sql<{ messages: number; foreign: number }>`
    select count(*) filter (where shop_id is not null)::int as messages,
      count(*) filter (where shop_id is null)::int as foreign from push_message`.execute(house.db)
  // A version that was overwritten before it was read had no message, and no version had two.
  assert.ok((kept.rows[0]?.messages ?? 0) <= pusher.versions.size)
  assert.equal(kept.rows[0]?.foreign, foreign)
  console.log(
    `${tids.length} trades and ${refunds.length} refunds of ${pusher.counts.written} rows staged, ${kept.rows[0]?.messages} messages and ${foreign} of another shop, 0 lost, 0 doubled; the last ${((performance.now() - began) / 1000).toFixed(1)} s after the last was written`,
  )
}

async function restart(): Promise<void> {
  await database.kill()
  await made(burst)
  database.again()
}

function start() {
  const deps = { db: house.db, ring: house.ring, connectors, simulator: true, limiter: createLimiter() }
  return startPush({ deps, log: pino({ level: 'silent' }), everyMs: 200, leaseMs: 9000 })
}

async function enter(): Promise<void> {
  const connector = connectors.find(({ id }) => id === 'taobao')
  assert.ok(connector)
  await house.run((tx) => giveShopTasks(tx, { id: house.shopId }, connector))
  const keys = { ring: house.ring, connectors, simulator: true }
  const { values } = await describeCredentials(house.db, keys, house.shopId, wholeScope)
  const login = { rdsUser: 'jdp_reader', rdsPassword: 'reader-secret', rdsName: 'jdp' }
  const typed = { ...values, rdsAddress: database.address, ...login }
  const by = { actor: systemActor, scope: wholeScope }
  await house.run((tx) => setCredentials(tx, keys, { shopId: house.shopId, typed }, by))
}

async function made(count: number): Promise<string[]> {
  const shop = house.sandbox.world.shops[0]?.key ?? ''
  const type = { type: 'fixed', status: 'WAIT_SELLER_SEND_GOODS', hold: '' }
  return JSON.parse(await house.control('trades', { shop, ...type, count })).tids
}

async function staged(table: string, column: string): Promise<string[]> {
  const found = await sql<{ no: string }>`
    select ${sql.ref(column)} as no from ${sql.table(table)} order by 1`.execute(house.db)
  return found.rows.map(({ no }) => no).toSorted()
}

async function open(): Promise<number> {
  const found = await sql<{ count: number }>`
    select count(*)::int as count from push_message where handled_at is null`.execute(house.db)
  return found.rows[0]?.count ?? 0
}

/** A connection whose loss the next statement reports. */
async function quietRoot(to: Mariadb): Promise<Connection> {
  const connection = await to.root()
  connection.on('error', () => {})
  return connection
}

/** Writes the rows of the simulator into the database, one after the other, again and again while it is down. */
function startPusher({ sandbox: { sandbox } }: ShippingHouse, to: Mariadb) {
  const rds = createRds(sandbox)
  sandbox.push.watchers.add(rds.write)
  const waiting: [TableName, RdsRow][] = []
  let connection: Connection | undefined
  let isStopped = false
  const versions = new Set<string>()
  rds.onCommit = (table, row) => {
    waiting.push([table, row])
    versions.add([table, row['refund_id'] ?? row['tid'], row['modified'], row['jdp_hashcode']].join(' '))
  }
  const write = async () => {
    while (!isStopped) {
      const [first] = waiting
      if (!first) {
        await sleep(20)
        continue
      }
      try {
        connection ??= await quietRoot(to)
        await connection.query('replace into sys_info.?? set ?', first)
        waiting.shift()
      } catch {
        connection?.destroy()
        connection = undefined
        await sleep(200)
      }
    }
    connection?.destroy()
  }
  const running = write()
  return Object.assign(rds, {
    versions,
    /** Rows of another shop, all of one second. */
    async writeForeign(count: number): Promise<void> {
      const [row] = rds.rows.jdp_tb_trade.values()
      assert.ok(row)
      const root = await to.root()
      await root.query('set time_zone = ?', ['+08:00'])
      const base = 9_007_199_254_740_993n
      const at = row['jdp_modified']
      const values = Array.from({ length: count }, (_, n) => [
        ...[String(base + BigInt(n)), '别家', String(n), at, at],
      ])
      await root.query(
        'insert into sys_info.jdp_tb_trade (tid, seller_nick, jdp_hashcode, modified, jdp_modified) values ?',
        [values],
      )
      await root.query('update sys_info.jdp_tb_trade set jdp_modified = now() where seller_nick = ?', [
        '别家',
      ])
      await root.end()
    },
    async stop(): Promise<void> {
      isStopped = true
      await running
    },
  })
}
