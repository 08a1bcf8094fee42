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

test('a request that was sent without an answer, and that a person tries again, finds its number, which goes back if it is not wanted', async () => {
  await using house = await aShippingHouse()
  await aWaybillAccount(house)
  const { id } = await house.released()
  must(await house.run((tx) => takeNumbers(tx, [id], { actor: packer, scope: wholeScope })))
  const outbox = house.outbox()
  await numbersSettled(house)
  await outbox.stop()
  const given = await sql<{
    no: string
  }>`select waybill_no as no from waybill where delivery_id = ${id}`.execute(house.db)
  // As if its answer had been lost, and a person had tried it again.
  await sql`update delivery set courier = '', waybill_no = '', labelled = false where id = ${id}`.execute(
    house.db,
  )
  await sql`
    update waybill set state = 'asked', waybill_no = '', print_data = null, ended_at = null, wanted = false, sends = 1
    where delivery_id = ${id}`.execute(house.db)
  await sql`
    update platform_action set state = 'pending', unclear = true, attempt = 0, next_at = now(), result = null, ended_at = null
    where kind = 'waybill.take'`.execute(house.db)
  const again = house.outbox()
  await numbersSettled(house)
  await again.stop()
  const number = await sql<{ state: string; no: string; sends: number }>`
    select state, waybill_no as no, sends from waybill where delivery_id = ${id}`.execute(house.db)
  assert.deepEqual(number.rows, [{ state: 'returned', no: given.rows[0]?.no, sends: 2 }])
})
