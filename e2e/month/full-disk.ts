import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../../server/testing/until.ts'
import { control } from './books.ts'
import { fillUp } from './fill-up.ts'
import { asked } from './merchant.ts'
import { booksEqual, type Month } from './month.ts'

/** The disk runs full while trades come: the product says so, loses nothing, and goes on by itself once there is room. */
export async function fullDisk(month: Month): Promise<string> {
  const { boss, machine, sandbox } = month
  const children = machine.children()
  await fillUp(machine.data('filler'))
  await control(sandbox, 'rate', { newTradesPerMinute: 60, eventsPerMinute: 0 })
  let kept = 0
  /** Adds a large SKU and returns why not. */
  const add = async (): Promise<string> => {
    const code = `FULL-${kept}-${randomBytes(3).toString('hex')}`
    const rows = [{ code, productCode: code, name: '货'.repeat(100), spec: randomBytes(60).toString('hex') }]
    const { status, body } = await boss.call('POST', '/api/skus', { rows })
    if (status === 200) kept += 1
    return status === 200 ? '' : String(Object(body).code)
  }
  await until(async () => (await add()) === 'disk_full', 60_000)
  const doctor = await machine.sanyi(['doctor'], { codes: [2] })
  assert.match(doctor, /^✗ .*磁盘/m, doctor)
  await until(async () => {
    const { rows } = Object(await asked(boss, 'GET', '/api/alarms'))
    return rows.some(
      ({ kind, title }: { kind: string; title: { en: string } }) =>
        kind === 'disk_low' && title.en.startsWith('The disk is full'),
    )
  }, 30_000)
  await until(() => /磁盘满了.* · The disk is full/.test(machine.output()), 60_000)
  await sleep(3000)
  await rm(machine.data('filler'))
  const from = performance.now()
  await until(async () => (await add()) === '', 60_000)
  const seconds = ((performance.now() - from) / 1000).toFixed(1)
  const { body } = await boss.call('GET', '/api/skus/count?q=FULL-')
  assert.equal(Object(body).count, kept, JSON.stringify(body))
  const said = await booksEqual(month)
  assert.deepEqual(machine.children(), children)
  assert.doesNotMatch(machine.output(), /ended unexpectedly/)
  return `said by page, doctor, alarm and console; written again ${seconds} s after there was room, no process ended; ${said}`
}
