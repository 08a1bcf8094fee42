import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { wholeScope } from '../../core/access/actor.ts'
import { aWaybillAccount, numbersSettled } from '../../testing/numbers/numbered.ts'
import { must } from '../../testing/run.ts'
import { aShippingHouse, packer } from '../../testing/shipping.ts'
import { until } from '../../testing/until.ts'
import { writeUnwanted } from '../waybill-states.ts'
import { takeNumbers } from './take.ts'

test('a number that is given up while the answer to its second sending is written waits for nobody, and goes back', async () => {
  await using house = await aShippingHouse()
  await aWaybillAccount(house)
  const { id, orderId } = await house.released()
  must(await house.run((tx) => takeNumbers(tx, [id], { actor: packer, scope: wholeScope })))
  await sql`update platform_action set attempt = 1 where kind like 'waybill.%'`.execute(house.db)
  const waits = async () => {
    const found = await sql`
      select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`.execute(
      house.db,
    )
    return found.rows.length > 0
  }
  const outbox = await house.run(async (tx) => {
    await sql`select from sales_order where id = ${orderId} for update`.execute(tx)
    const started = house.outbox()
    await until(waits)
    // A deadlock is looked for after one second, by whoever waits longer then.
    await sleep(1200)
    assert.deepEqual(await writeUnwanted(tx, [id]), [id])
    return started
  })
  await numbersSettled(house)
  await outbox.stop()
  const number = await sql<{ state: string; wanted: boolean; sends: number }>`
    select state, wanted, sends from waybill where delivery_id = ${id}`.execute(house.db)
  assert.deepEqual(number.rows, [{ state: 'returned', wanted: false, sends: 2 }])
})
