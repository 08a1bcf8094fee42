import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { wholeScope } from '../core/access/actor.ts'
import { type Dice, dice } from '../testing/dice.ts'
import { aReturnHouse, type ReturnHouse, type ShippedOrder, wrongInReturns } from '../testing/returns.ts'
import { packer } from '../testing/shipping.ts'
import { wrongInTheBooks } from '../testing/stock.ts'
import { createReturns, returnParcels } from './create.ts'
import { makeExchanges } from './exchange.ts'
import { claimParcels, registerParcels, stockParcels } from './parcels/parcels.ts'
import { resolveDiscrepancies } from './receiving/problems.ts'
import { moveReturns } from './transition.ts'

// Refunds arrive in any order while several users and several scanners work at the same time.

let house: ReturnHouse
before(async () => {
  house = await aReturnHouse()
})
after(() => house[Symbol.asyncDispose]())

const hands = 10
const deeds = 12
const idsOf = async (table: string) =>
  (await sql<{ id: string }>`select id from ${sql.table(table)} order by id`.execute(house.db)).rows.map(
    ({ id }) => id,
  )
const some = (roll: Dice, ids: readonly string[]) =>
  ids.length === 0 ? [] : [...new Set([roll.pick(ids), roll.pick(ids), roll.pick(ids)])]

async function receiveSome(roll: Dice): Promise<void> {
  const ids = some(roll, await idsOf('return_order'))
  if (roll.chance(0.5)) return void (await house.receive(ids.map((id) => ({ id }))))
  const seen = await sql<{ id: string; version: number; lines: { lineNo: number; left: number }[] }>`
    select t.id, t.version, (select jsonb_agg(jsonb_build_object('lineNo', line_no, 'left', quantity - good - defective)) from return_line
      where return_id = t.id) as lines
    from return_order t where t.id = any(${ids}::bigint[])`.execute(house.db)
  await house.receive(
    seen.rows.map(({ id, version, lines }) => ({
      id,
      version,
      lines: lines.map(({ lineNo, left }) => {
        const good = roll.int(left + 1)
        return { lineNo, good, defective: roll.int(left - good + 1) }
      }),
    })),
  )
}

async function parcelSome(roll: Dice): Promise<void> {
  const line = { skuCode: `OF-SHOP-${house.shopId}`, good: 1 + roll.int(2), defective: roll.int(2) }
  const waybillNo = `RACE${roll.int(12)}00`
  const input = { warehouseId: house.warehouseId, courier: '', waybillNo, phone: '', note: '', lines: [line] }
  await house.run((tx) => registerParcels(tx, house.ring, [input], { actor: packer, scope: wholeScope }))
  const [parcels, returns] = [await idsOf('unclaimed_parcel'), await idsOf('return_order')]
  if (roll.chance(0.4))
    await house.run((tx) => stockParcels(tx, some(roll, parcels), { actor: packer, scope: wholeScope }))
  const claims = some(roll, parcels).map((parcelId) => ({ parcelId, returnId: roll.pick(returns) }))
  if (returns.length > 0)
    await house.run((tx) => claimParcels(tx, claims, 'person', { actor: packer, scope: wholeScope }))
  if (roll.chance(0.5)) await house.match()
}

async function refundSome(roll: Dice, orders: readonly ShippedOrder[], at: number): Promise<void> {
  const specs = [0, 1, 2].map(() => {
    const number = roll.int(orders.length)
    const oid = roll.pick(['o1', 'o2', ''])
    return {
      tid: orders[number]?.tid ?? '',
      refundNo: `race${orders[number]?.tid}${oid}`,
      oid,
      quantity: oid === 'o1' ? 1 + roll.int(2) : 1,
      kind: roll.pick(['return', 'return', 'exchange', 'refund_only'] as const),
      status: roll.pick(['applied', 'agreed', 'agreed', 'closed', 'succeeded'] as const),
      waybillNo: roll.chance(0.5) ? `RACE${roll.int(12)}00` : '',
      at,
    }
  })
  await house.refund(...new Map(specs.map((spec) => [spec.refundNo, spec])).values())
}

async function deed(roll: Dice, orders: readonly ShippedOrder[], at: number): Promise<void> {
  const ids = some(roll, await idsOf('return_order'))
  const { run } = house
  switch (roll.int(8)) {
    case 0:
    case 1:
      return refundSome(roll, orders, at)
    case 2:
    case 3:
      return receiveSome(roll)
    case 4:
      return parcelSome(roll)
    case 5: {
      const { id } = roll.pick(orders)
      const wish = {
        orderId: id,
        reason: '',
        courier: '',
        waybillNo: '',
        warehouseId: undefined,
        exchangeWhen: undefined,
      }
      const lines = [{ lineNo: 1 + roll.int(2), quantity: 1 }]
      return void (await run((tx) =>
        createReturns(tx, [{ ...wish, kind: 'return', lines }], { actor: packer, scope: wholeScope }),
      ))
    }
    case 6:
      return void (await run((tx) =>
        returnParcels(
          tx,
          some(
            roll,
            orders.map(({ deliveryId }) => deliveryId),
          ),
          { actor: packer, scope: wholeScope },
        ),
      ))
    default: {
      const event = roll.pick(['confirm', 'unconfirm', 'settle', 'void'] as const)
      await run((tx) =>
        moveReturns(tx, ids, { event, detail: { reason: '乱' } }, { actor: packer, scope: wholeScope }),
      )
      const problems = some(roll, await idsOf('return_problem'))
      await run((tx) => resolveDiscrepancies(tx, problems, '乱', { actor: packer, scope: wholeScope }))
      return void (await run((tx) =>
        makeExchanges(tx, house.ring, ids, { actor: packer, scope: wholeScope }),
      ))
    }
  }
}

/** True if the test had something to prove: goods were received, and a parcel was assigned to its return. */
async function happened(): Promise<boolean> {
  const told = await sql<{ received: number; claimed: number }>`
    select count(*) filter (where received_at is not null)::int as received,
      (select count(*)::int from unclaimed_parcel where status = 'claimed') as claimed
    from return_order`.execute(house.db)
  const [sums] = told.rows
  return sums !== undefined && sums.received > 3 && sums.claimed > 0
}

test('whatever comes at once, nothing is received twice or beyond what left, and the books agree', {
  timeout: 120_000,
}, async () => {
  const failures: string[] = []
  // Chance decides which transaction comes first. If no parcel has found its return, another round runs with new orders.
  for (let round = 0; round < 6 && !(await happened()); round += 1) {
    const orders: ShippedOrder[] = []
    for (let n = 0; n < 8; n += 1) orders.push(await house.shipped())
    const hand = async (no: number) => {
      const roll = dice(round * hands + no + 1)
      for (let n = 0; n < deeds; n += 1)
        await deed(roll, orders, (round * deeds + n) * hands + no).catch(
          (error: unknown) => void failures.push(String(error)),
        )
    }
    await Promise.all(Array.from({ length: hands }, (_, no) => hand(no)))
    assert.deepEqual(failures, [])
    assert.deepEqual(await wrongInReturns(house.db), [])
    assert.deepEqual(await wrongInTheBooks(house.db), [])
  }
  assert.ok(await happened())
})
