import assert from 'node:assert/strict'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../../server/testing/until.ts'
import { control, shippedOf } from './books.ts'
import { tradeFor } from './first-week.ts'
import { asked, readyOrders, runTasks, shipOrders, shipReady, signIn, tasksOf } from './merchant.ts'
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
  month.forgotten = { from: Date.now() / 1000, to: Infinity }
  const before = shippedOf(sandbox)
  await shipReady(boss, ready)
  await tradeFor(month, 4)
  await control(sandbox, 'rate', { newTradesPerMinute: 60, eventsPerMinute: 0 })
  await machine.lose()
  // The platforms go on without us.
  await sleep(2000)
  await control(sandbox, 'rate', { newTradesPerMinute: 0, eventsPerMinute: 0 })
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
  if (month.forgotten) month.forgotten.to = Date.now() / 1000
  const shipped = shippedOf(sandbox)
  const from = performance.now()
  await machine.start()
  month.boss = await signIn(machine.url)
  const quiet = await alarmsOf(month)
  assert.ok(quiet.includes('being_read'), quiet.join())
  await until(async () => !(await alarmsOf(month)).includes('being_read'), 180_000)
  const seconds = ((performance.now() - from) / 1000).toFixed(1)
  assert.equal(shippedOf(sandbox), shipped)
  await booksEqual(month)
  assert.equal(shippedOf(sandbox), shipped)
  await shipOrders(month.boss, 3)
  await until(() => shippedOf(sandbox) > shipped, 60_000)
  return `quiet for ${seconds} s from the start, then open; ${await booksEqual(month)}`
}

async function alarmsOf({ boss }: Month): Promise<string[]> {
  const { rows } = Object(await asked(boss, 'GET', '/api/alarms'))
  return rows.map(({ kind }: { kind: string }) => kind)
}
