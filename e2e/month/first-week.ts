import assert from 'node:assert/strict'
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Caller } from '../../server/testing/app.ts'
import { until } from '../../server/testing/until.ts'
import { control, shippedOf } from './books.ts'
import { asked, connectShop, hurryTasks, idsOf, setUp, shipOrders, stockUp } from './merchant.ts'
import { booksEqual, type Month } from './month.ts'

/** Unpacks the release, starts it with its own database, makes the administrator, and keeps a copy of the keys elsewhere. */
export async function install(month: Month): Promise<string> {
  const { machine, elsewhere } = month
  await month.install(machine)
  const from = performance.now()
  const said = await machine.start()
  const seconds = ((performance.now() - from) / 1000).toFixed(1)
  month.boss = await setUp(machine.url, said)
  await copyFile(machine.data('keys', 'sealing.json'), join(elsewhere, 'sealing.json'))
  const doctor = await machine.sanyi(['doctor'], { codes: [0, 1] })
  assert.doesNotMatch(doctor, /^✗/m, doctor)
  return `first start ${seconds} s, one administrator, keys copied`
}

/** Connects the shops by their consent pages, enters goods and stock, and waits for the first load. */
export async function connect(month: Month): Promise<string> {
  const { boss, sandbox, shopKeys } = month
  await stockUp(boss, sandbox, shopKeys)
  for (const key of shopKeys) await connectShop(boss, sandbox, key)
  await hurryTasks(boss)
  await until(() => isComplete(boss), 90_000)
  return booksEqual(month)
}

/** True if all shops are complete up to some minute. */
export async function isComplete(who: Caller): Promise<boolean> {
  const { rows } = Object(await asked(who, 'GET', '/api/shops'))
  return rows.every((shop: { coverage: { completeTo: string | null } | null }) => shop.coverage?.completeTo)
}

/** Trades come, are converted, shipped and written back. */
export async function trade(month: Month): Promise<string> {
  await tradeFor(month, 6)
  return booksEqual(month)
}

/** Lets this number of parcels leave, with new trades and events of buyers meanwhile, and waits until the platform knows of them. */
export async function tradeFor(
  { boss, sandbox }: Pick<Month, 'boss' | 'sandbox'>,
  parcels: number,
): Promise<void> {
  await control(sandbox, 'rate', { newTradesPerMinute: 120, eventsPerMinute: 60 })
  const before = shippedOf(sandbox)
  const left = await shipOrders(boss, parcels)
  await sleep(3000)
  await control(sandbox, 'rate', { newTradesPerMinute: 0, eventsPerMinute: 0 })
  await until(() => shippedOf(sandbox) >= before + left, 60_000)
  await until(async () => (await idsOf(boss, '/api/orders?tab=unconfirmed')).length > 0, 30_000)
}
