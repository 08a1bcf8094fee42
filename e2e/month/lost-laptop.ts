import assert from 'node:assert/strict'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { codesOf } from '../../server/testing/app.ts'
import { until } from '../../server/testing/until.ts'
import { textOf } from '../settle.ts'
import { control, shippedOf } from './books.ts'
import { tradeFor } from './first-week.ts'
import { asked, idsOf, readyOrders, runTasks, shipOrders, shipReady, signIn, tasksOf } from './merchant.ts'
import { anotherMachine, backupOf, booksEqual, type Month } from './month.ts'

/** The nightly backup runs, a day of trading follows, and the laptop with its data folder is gone. */
export async function lostLaptop(month: Month): Promise<string> {
  const { boss, machine, elsewhere, sandbox } = month
  const [task] = await tasksOf(boss, 'backup')
  await asked(boss, 'PATCH', `/api/tasks/${task?.id}`, {
    enabled: true,
    params: { place: elsewhere, keep: 14, pointInTimeDays: 0 },
  })
  // Two parcels have their numbers and lie packed at night.
  const ready = await readyOrders(boss, 2)
  const [night] = await runTasks(boss, 'backup')
  assert.equal(night?.state, 'done', JSON.stringify(night))
  await machine.sanyi(['check-backup', await backupOf(month)])
  month.forgotten = { from: sandbox.world.deeds.length, to: Infinity }
  const before = shippedOf(sandbox)
  await shipReady(boss, ready)
  await tradeFor(month, 4)
  // New trades arrive until the restore: a list with a row each second and then none for half a minute may be taken for a late one, and
  // then nothing of its shop would be confirmed or shipped for minutes.
  await control(sandbox, 'rate', { newTradesPerMinute: 60, eventsPerMinute: 0 })
  await machine.lose()
  await sleep(2000)
  return `backup checked; ${shippedOf(sandbox) - before} parcels left after it, then everything was gone but backup and keys`
}

/** Restores the backup on a new machine. It comes up quiet, catches up, and ships nothing twice. */
export async function restore(month: Month): Promise<string> {
  const { elsewhere, sandbox } = month
  const machine = await anotherMachine(month, 'new-laptop')
  month.machine = machine
  await month.install(machine)
  machine.giveKeys(join(elsewhere, 'sealing.json'))
  await machine.sanyi(['restore', await backupOf(month)])
  if (month.forgotten) month.forgotten.to = sandbox.world.deeds.length
  const shipped = shippedOf(sandbox)
  // The platforms do not answer yet, so that the look at the quiet installation is in time.
  const silence = textOf(await control(sandbox, 'faults', { kind: 'isp' }), 'id')
  await machine.start()
  month.boss = await signIn(machine.url)
  await assertQuiet(month)
  const from = performance.now()
  await fetch(`${sandbox.url}/control/faults/${silence}`, { method: 'DELETE' })
  await until(async () => !(await alarmsOf(month)).includes('being_read'), 180_000)
  const seconds = ((performance.now() - from) / 1000).toFixed(1)
  assert.equal(shippedOf(sandbox), shipped)
  await booksEqual(month)
  assert.equal(shippedOf(sandbox), shipped)
  await shipOrders(month.boss, 3)
  await until(() => shippedOf(sandbox) > shipped, 60_000)
  return `quiet until its shops were read, ${seconds} s; ${await booksEqual(month)}`
}

/** Nothing is confirmed or shipped for a shop that was not read again, and the overview says so. */
async function assertQuiet(month: Month): Promise<void> {
  const { boss } = month
  const alarms = await alarmsOf(month)
  assert.ok(alarms.includes('being_read'), alarms.join())
  const orders = await idsOf(boss, '/api/orders?tab=unconfirmed&held=false')
  const deliveries = await idsOf(boss, '/api/deliveries?tab=pending&waybill=yes')
  assert.ok(orders.length > 0 && deliveries.length > 0)
  for (const [path, ids] of [
    ['/api/orders/confirm', orders],
    ['/api/deliveries/ship', deliveries],
  ] as const)
    assert.deepEqual([...new Set(await codesOf(boss, path, { ids }))], ['being_read'])
}

async function alarmsOf({ boss }: Month): Promise<string[]> {
  const { rows } = Object(await asked(boss, 'GET', '/api/alarms'))
  return rows.map(({ kind }: { kind: string }) => kind)
}
