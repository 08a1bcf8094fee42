import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { nodeFlags } from '../server/core/embedded/children.ts'
import { codesOf } from '../server/testing/app.ts'
import { testDatabase } from '../server/testing/database.ts'
import { until } from '../server/testing/until.ts'
import { type Checked, describe } from './checker.ts'
import { endOfDay } from './day.ts'
import { type House, openHouse } from './day-house.ts'
import { openWarehouses } from './hands/place.ts'
import { hurry, rowsOf } from './settle.ts'

test('an installation that was restored from a backup is quiet until its shops were read again; then its books are the platforms’, and nothing was shipped or sent twice', async () => {
  await using base = await testDatabase()
  await using house = await openHouse({ trades: 25, shops: 2, seed: 'restored', database: base })
  const place = await mkdtemp(join(tmpdir(), 'sanyi-restored-'))
  await openWarehouses(house)
  await sql`update warehouse set ship_steps = '{}'`.execute(house.db)
  await house.start('web')
  await hurry(house)
  await house.start('worker')
  const ready = await untilReady(house, 9)
  await ship(house, ready.slice(0, 3))
  await untilWrittenBack(house, 3)

  // Three parcels leave whose platforms do not know it yet when the backup is made.
  await house.stop('worker')
  await ship(house, ready.slice(3, 6))
  const backup = (await run(house, base.ownerUrl, 'backup', [place])).split('\n')[0] ?? ''
  await house.start('worker')
  await ship(house, ready.slice(6, 9))
  await untilWrittenBack(house, 9)
  await house.control('rate', { newTradesPerMinute: 120, eventsPerMinute: 0 })
  await sleep(3000)
  await house.control('rate', { newTradesPerMinute: 0, eventsPerMinute: 0 })
  await house.kill('worker')
  await house.kill('web')

  const before = await shippedOnPlatforms(house)
  assert.equal(before.size, 9)
  const restoredAt = Date.now() / 1000
  await run(house, base.ownerUrl, 'restore', [backup, '--replace'])
  await lists(house, false)
  await house.start('web')
  await house.start('worker')
  await sleep(4000)
  assert.deepEqual(await sinceRestore(house), { sent: 0, waiting: 3, closed: 2 })
  assert.deepEqual(await refusalsOfConfirm(house), ['being_read'])
  const { body } = await house.boss.call('GET', '/api/alarms')
  const alarms = rowsOf<{ kind: string; title: { zh: string; en: string } }>(body)
  const [alarm, ...more] = alarms.filter(({ kind }) => kind === 'being_read')
  assert.equal(more.length, 1)
  assert.match(alarm?.title.zh ?? '', /^已从 \d\d-\d\d \d\d:\d\d 的备份恢复，.+还在重新读取$/)
  assert.match(
    alarm?.title.en ?? '',
    /^Restored from a backup of \d\d-\d\d \d\d:\d\d; .+ is being read again$/,
  )

  await lists(house, true)
  await until(async () => (await sinceRestore(house)).closed === 0, 60_000)
  const { checked, restless } = await endOfDay(house, 60_000)
  assert.deepEqual(restless, [])
  const differences = checked.differences.filter((one) => !isLostReport(one, restoredAt))
  assert.deepEqual(differences, [], describe(checked))
  assert.deepEqual(await shippedOnPlatforms(house), before)
  assert.equal(checked.shipped, 9)
  await rm(place, { recursive: true })
})

/** True if the platform alone knows of a report: it was sent after the backup and before the restore. */
function isLostReport({ rule, found }: Checked['differences'][number], restoredAt: number): boolean {
  if (rule !== 'no report more often than it was sent') return false
  const { deeds } = Object(found) as { deeds: readonly { at: number }[] }
  return deeds.every(({ at }) => at < restoredAt)
}

/** Converts, confirms and releases orders, and types their waybills, until this number can be shipped. Some stay unconfirmed. */
async function untilReady(house: House, count: number): Promise<string[]> {
  const press = async (path: string, list: string, most = 50) => {
    const { body } = await house.boss.call('GET', `${list}&limit=50`)
    const ids = rowsOf<{ id: string }>(body)
      .map(({ id }) => id)
      .slice(0, most)
    if (ids.length > 0) await house.boss.call('POST', path, { ids })
  }
  let found: string[] = []
  await until(async () => {
    await press('/api/staged-trades/convert', '/api/staged-trades?tab=staged&reason=none')
    // No more than are needed, since some have to stay unconfirmed.
    const onTheirWay = await sql<{ n: number }>`
      select count(*)::int as n from sales_order where status in ('confirmed', 'released')`.execute(house.db)
    const wanted = count - (onTheirWay.rows[0]?.n ?? 0)
    if (wanted > 0)
      await press('/api/orders/confirm', '/api/orders?tab=unconfirmed&held=false&short=false', wanted)
    await press('/api/orders/release', '/api/orders?tab=confirmed&held=false&short=false')
    const { body } = await house.boss.call('GET', '/api/deliveries?tab=number&limit=50')
    const rows = rowsOf<{ id: string }>(body).map(({ id }) => ({
      id,
      courier: 'YTO',
      waybillNo: `YT9${id.padStart(12, '0')}`,
    }))
    if (rows.length > 0) await house.boss.call('POST', '/api/deliveries/waybills', { rows })
    const numbered = await house.boss.call('GET', '/api/deliveries?tab=pending&waybill=yes&limit=50')
    found = rowsOf<{ id: string }>(numbered.body).map(({ id }) => id)
    const rest = await house.boss.call('GET', '/api/orders?tab=unconfirmed&held=false&limit=50')
    return found.length >= count && rowsOf(rest.body).length > 0
  }, 60_000)
  return found.slice(0, count)
}

async function ship(house: House, ids: string[]): Promise<void> {
  const codes = await codesOf(house.boss, '/api/deliveries/ship', { ids })
  assert.deepEqual([...new Set(codes)], ['done'])
}

async function untilWrittenBack(house: House, count: number): Promise<void> {
  await until(async () => {
    const found = await sql<{ done: number }>`
      select count(*)::int as done from delivery where status = 'shipped' and write_back = 'done'`.execute(
      house.db,
    )
    return found.rows[0]?.done === count
  }, 60_000)
}

/** How often each line of a trade was shipped on its platform. */
async function shippedOnPlatforms(house: House): Promise<Map<string, number>> {
  const found = new Map<string, number>()
  for (const deed of house.sandbox.world.deeds.filter(
    ({ action, accepted }) => action === 'ship' && accepted,
  ))
    found.set(deed.key, (found.get(deed.key) ?? 0) + 1)
  return found
}

async function sinceRestore({ db }: House): Promise<{ sent: number; waiting: number; closed: number }> {
  const found = await sql<{ sent: number; waiting: number; closed: number }>`
    select (select count(*)::int from platform_action where sent_at > (select max(restored_at) from restore_record)) as sent,
      (select count(*)::int from platform_action where state = 'pending' and kind = 'trade.ship') as waiting,
      (select count(*)::int from shop_gate where restored_at is not null) as closed`.execute(db)
  return found.rows[0] ?? { sent: -1, waiting: -1, closed: -1 }
}

async function refusalsOfConfirm(house: House): Promise<string[]> {
  const { body } = await house.boss.call('GET', '/api/orders?tab=unconfirmed&held=false&limit=50')
  const ids = rowsOf<{ id: string }>(body).map(({ id }) => id)
  return [...new Set(await codesOf(house.boss, '/api/orders/confirm', { ids }))]
}

/** Switches the downloads of all shops on or off. */
async function lists({ db }: House, enabled: boolean): Promise<void> {
  await sql`
    update task set enabled = ${enabled}, next_run_at = now()
    where kind in ('trade_list', 'refund_list', 'trade_catch_up', 'reconciliation')`.execute(db)
}

/** Runs `npm run backup` or `restore` and returns its output. */
async function run(house: House, ownerUrl: string, script: string, args: string[]): Promise<string> {
  const file = fileURLToPath(new URL(`../scripts/${script}.ts`, import.meta.url))
  const child = spawn(process.execPath, [...nodeFlags, file, ...args], {
    env: { ...house.environment(), DATABASE_OWNER_URL: ownerUrl },
  })
  let out = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      out += text
    })
  const code = await new Promise((settle) => child.on('close', settle))
  assert.equal(code, 0, out)
  return out
}
