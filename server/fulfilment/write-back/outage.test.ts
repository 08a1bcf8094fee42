import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { aShippingHouse, type ShippingHouse } from '../../testing/shipping.ts'
import { until } from '../../testing/until.ts'

test('parcels that leave while the platform is down are told once each when it is back, and nobody pressed it', async () => {
  await using house = await aShippingHouse()
  const parcels = []
  for (let n = 0; n < 12; n += 1) parcels.push(await house.shipped())
  await house.control('faults', { kind: 'http', status: 502 })
  const { calls } = house.sandbox.sandbox
  calls.clear()
  const outbox = house.outbox()
  await until(async () => (await gateOf(house)).probes >= 2)
  const pressed = sum(calls)
  await sql`update platform_action set next_at = now() + interval '1 hour' where away`.execute(house.db)
  house.sandbox.sandbox.board.faults = []
  await sql`update shop_gate set probe_at = now()`.execute(house.db)
  for (const { id } of parcels) assert.equal((await house.settled(id)).writeBack, 'done')
  await outbox.stop()
  // The calls that were under way when the platform went down, and two probes.
  assert.equal(pressed <= 8, true, `${pressed} calls while it was down`)
  const shipments = parcels.flatMap(({ tid }) => house.trade(tid).lines.map((line) => line.shipments))
  assert.deepEqual(shipments, Array(24).fill(1))
  assert.deepEqual(await gateOf(house), { away: false, probes: 0 })
  const attempts = await sql<{ state: string; n: number }>`
    select state, count(*)::int as n from platform_action group by 1`.execute(house.db)
  assert.deepEqual(attempts.rows, [{ state: 'succeeded', n: 12 }])
})

test('the day by which the platform wants the parcel goes along, so that the nearest is told first', async () => {
  await using house = await aShippingHouse()
  const { id } = await house.shipped()
  const found = await sql<{ same: boolean }>`
    select a.deadline = d.ship_by as same from delivery d join platform_action a on a.id = d.action_id where d.id = ${id}`.execute(
    house.db,
  )
  assert.deepEqual(found.rows, [{ same: true }])
})

const sum = (counts: ReadonlyMap<string, number>) => [...counts.values()].reduce((all, one) => all + one, 0)

async function gateOf(house: ShippingHouse): Promise<{ away: boolean; probes: number }> {
  const found = await sql<{ away: boolean; probes: number }>`
    select away_since is not null as away, probes from shop_gate where shop_id = ${house.shopId}`.execute(
    house.db,
  )
  return found.rows[0] ?? { away: false, probes: 0 }
}
