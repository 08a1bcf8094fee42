import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { rowsOf } from '../../e2e/settle.ts'
import type { TradingHouse } from './trading-house.ts'

type Stage = { orders: number; busyMs: number }
export type Stages = Record<'convert' | 'confirm' | 'release' | 'ship', Stage>

export type Conveyor = {
  stages: Stages
  /** The number of trades given to the first stage so far. */
  given: () => number
  /** Adds no more trades; settles when no delivery is left that can be shipped. */
  stop(): Promise<void>
}

/**
 * Simulates the usual work through the API. Trades arrive at the rate and are converted by bulk actions over a selection; unconfirmed
 * orders are confirmed and confirmed ones released by bulk actions over a filter; pasted couriers and waybills ship the deliveries.
 */
export function startConveyor(house: TradingHouse, tradeIds: readonly string[], perSecond: number): Conveyor {
  const stage = (): Stage => ({ orders: 0, busyMs: 0 })
  const stages: Stages = { convert: stage(), confirm: stage(), release: stage(), ship: stage() }
  const began = performance.now()
  let given = 0
  let stopping = false
  const convert = async () => {
    const due = Math.floor(((performance.now() - began) / 1000) * perSecond)
    const ids = stopping ? [] : tradeIds.slice(given, Math.min(due, given + largestBatch))
    if (ids.length === 0) return 0
    given += ids.length
    return bulk(house, 'trades.convert', { ids })
  }
  const loops = [
    loop(stages.convert, () => stopping, convert),
    loop(
      stages.confirm,
      () => stopping,
      () => bulkOver(house, 'orders.confirm', 'unconfirmed'),
    ),
    loop(
      stages.release,
      () => stopping,
      () => bulkOver(house, 'orders.release', 'confirmed'),
    ),
    loop(
      stages.ship,
      () => stopping,
      () => paste(house),
    ),
  ]
  return {
    stages,
    given: () => given,
    async stop() {
      stopping = true
      await Promise.all(loops)
      // Finishes what the loops have left, from the first stage to the last.
      await bulkOver(house, 'orders.confirm', 'unconfirmed')
      await bulkOver(house, 'orders.release', 'confirmed')
      while ((await paste(house)) > 0);
    },
  }
}

const largestBatch = 2000
const pauseMs = 250

async function loop(stage: Stage, isOver: () => boolean, work: () => Promise<number>): Promise<void> {
  while (!isOver()) {
    const began = performance.now()
    const orders = await work()
    if (orders > 0) stage.busyMs += performance.now() - began
    stage.orders += orders
    await sleep(pauseMs)
  }
}

const bulkOver = (house: TradingHouse, action: string, tab: string) =>
  bulk(house, action, { filter: { tab, held: 'false', short: 'false' } })

/** Returns the number of succeeded rows. A refusal here is an error of the benchmark. */
async function bulk(house: TradingHouse, action: string, target: object): Promise<number> {
  const started = await house.boss.call('POST', '/api/batches', { action, target, input: {} })
  if (Object(started.body).code === 'nothing_matches') return 0
  if (started.status !== 202) throw new Error(`${action}: ${started.status} ${JSON.stringify(started.body)}`)
  for (;;) {
    const { body } = await house.boss.call('GET', `/api/batches/${Object(started.body).id}`)
    const batch = Object(body)
    if (batch.state === 'stopped') throw new Error(`${action} was stopped: ${JSON.stringify(body)}`)
    if (batch.state !== 'done') {
      await sleep(50)
      continue
    }
    if (batch.refused > 0) throw new Error(`${action} refused: ${JSON.stringify(batch.reasons)}`)
    return batch.succeeded
  }
}

type Delivery = { id: string; no: string }
const pageSize = 200

async function paste(house: TradingHouse): Promise<number> {
  const rows: Delivery[] = []
  let after = ''
  do {
    const { body } = await house.boss.call('GET', `/api/deliveries?tab=pending&limit=${pageSize}${after}`)
    rows.push(...rowsOfPage(body))
    const { next } = Object(body)
    after = next ? `&after=${encodeURIComponent(next)}` : ''
  } while (after !== '' && rows.length < largestBatch)
  if (rows.length === 0) return 0
  const text = rows.map(({ id, no }) => `${no}\t顺丰\tSF${1_000_000_000_000 + Number(id)}`).join('\n')
  const { status, body } = await house.boss.call('POST', '/api/deliveries/import', { text, ship: true })
  const { shipped, refused } = Object(body)
  if (status !== 200 || shipped !== rows.length)
    throw new Error(`import: ${status} ${shipped} of ${rows.length} ${JSON.stringify(refused).slice(0, 300)}`)
  return shipped
}

const rowsOfPage = (body: unknown) => rowsOf<Delivery>(body)

/** Returns the staged trades from the shops in turn, as they arrive on a usual day. */
export async function convertible(house: TradingHouse): Promise<string[]> {
  const found = await sql<{ id: string }>`
    select id from (
      select id, shop_id, row_number() over (partition by shop_id order by id) as turn
      from staged_trade where state = 'staged' and reason = '') t
    order by turn, shop_id`.execute(house.db)
  return found.rows.map(({ id }) => id)
}
