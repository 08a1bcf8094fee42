import { setTimeout as sleep } from 'node:timers/promises'
import type { House } from '../../e2e/day-house.ts'
import { rowsOf } from '../../e2e/settle.ts'
import { createRandom } from '../../sandbox/world/random.ts'

type OrderRow = { id: string; openProblems?: number }
type DeliveryRow = { id: string; waybillNo: string }

/** The number of answers by path and status. Status 0: no answer. */
export type Shift = { answers: Map<string, number> }

/**
 * Simulates clerks at the order desk until the signal: they confirm, release, enter waybills and ship, one by one and in bulk, and now and
 * then undo a shipping. A request without an answer is repeated, and must not take effect twice.
 */
export async function clerksAtWork(house: House, seed: string, signal: AbortSignal): Promise<Shift> {
  const shift: Shift = { answers: new Map() }
  const random = createRandom(`clerks/${seed}`)
  for (let turn = 0; !signal.aborted; turn += 1) {
    await orderTurn(house, shift, turn % 3 === 0)
    await parcelTurn(house, shift, turn % 3 === 1)
    if (random.chance(0.2)) await undo(house, shift)
    await sleep(random.between(50, 300))
  }
  return shift
}

async function call(
  house: House,
  shift: Shift,
  [method, path]: readonly [string, string],
  body?: unknown,
): Promise<unknown> {
  const answer = await house.boss.call(method, path, body).catch(() => undefined)
  const key = `${method} ${path.replace(/\?.*/, '')} ${answer?.status ?? 0}`
  shift.answers.set(key, (shift.answers.get(key) ?? 0) + 1)
  return answer?.body
}

async function orderTurn(house: House, shift: Shift, inBulk: boolean): Promise<void> {
  if (inBulk) {
    for (const [action, tab] of [
      ['orders.confirm', 'unconfirmed'],
      ['orders.release', 'confirmed'],
    ])
      await call(house, shift, ['POST', '/api/batches'], { action, target: { filter: { tab } }, input: {} })
    return
  }
  for (const [verb, tab] of [
    ['confirm', 'unconfirmed'],
    ['release', 'confirmed'],
  ]) {
    const found = await call(house, shift, ['GET', `/api/orders?tab=${tab}&held=false&short=false&limit=50`])
    const ids = rowsOf<OrderRow>(found).map(({ id }) => id)
    if (ids.length > 0) await call(house, shift, ['POST', `/api/orders/${verb}`], { ids })
  }
}

async function parcelTurn(house: House, shift: Shift, inBulk: boolean): Promise<void> {
  const found = await call(house, shift, ['GET', '/api/deliveries?tab=pending&limit=100'])
  const waiting = rowsOf<DeliveryRow>(found)
  const rows = waiting
    .filter(({ waybillNo }) => waybillNo === '')
    // The waybill follows from the delivery's id, so that a repeated request has the same waybill.
    .map(({ id }) => ({ id, courier: 'SF', waybillNo: `SF${1_000_000_000_000 + Number(id)}` }))
  if (rows.length > 0) await call(house, shift, ['POST', '/api/deliveries/waybills'], { rows })
  if (waiting.length === 0) return
  if (inBulk) {
    const body = {
      action: 'deliveries.ship',
      target: { filter: { tab: 'pending', waybill: 'yes' } },
      input: {},
    }
    await call(house, shift, ['POST', '/api/batches'], body)
    return
  }
  const ids = waiting.map(({ id }) => id)
  // A user may click twice.
  const press = () => call(house, shift, ['POST', '/api/deliveries/ship'], { ids })
  await Promise.all([press(), press()])
}

async function undo(house: House, shift: Shift): Promise<void> {
  const found = await call(house, shift, ['GET', '/api/deliveries?tab=shipped&writeBack=waiting&limit=5'])
  const ids = rowsOf<DeliveryRow>(found).map(({ id }) => id)
  if (ids.length > 0) await call(house, shift, ['POST', '/api/deliveries/unship'], { ids })
}
