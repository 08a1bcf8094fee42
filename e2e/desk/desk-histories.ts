import fc from 'fast-check'
import { type RawBuilder, sql } from 'kysely'
import { wholeScope } from '../../server/core/access/actor.ts'
import { shipDeliveries } from '../../server/flows/ship.ts'
import { releaseOrders } from '../../server/fulfilment/shipping/release.ts'
import { setWaybills } from '../../server/fulfilment/shipping/waybills.ts'
import { stage } from '../../server/intake/testing.ts'
import { mergeOrders } from '../../server/orders/merge/merge.ts'
import { confirmOrders } from '../../server/orders/review/confirm.ts'
import { until } from '../../server/testing/until.ts'
import { clerk, rowsOf } from '../one-shop.ts'
import { aParcel, type Command, convert, perform } from './desk-commands.ts'
import { lanes } from './desk-lanes.ts'
import { withNumbers } from './desk-numbers.ts'
import { withParcels } from './desk-parcels.ts'
import { baskets, type Cast, type Desk, openRounds, type Round, type Start } from './desk-place.ts'
import { hearFirst, script } from './desk-refunds.ts'

/** One to four trades, and several lanes of commands that run at the same time. */
export type History = Cast & { lanes: readonly (readonly Command[])[] }

const starts: readonly Start[] = [
  ...([
    'absent',
    'staged',
    'converted',
    'converted',
    'released',
    'together',
    'together',
    'together',
    'together',
    'together',
  ] as const),
  ...(['labelled', 'labelled', 'labelled', 'picked', 'picked', 'picked'] as const),
  ...(['shipped', 'shipped', 'shipped', 'asked', 'asked', 'asked'] as const),
]

const aStart = (some: readonly Start[]) =>
  fc.record({ basket: fc.nat({ max: baskets.length - 1 }), start: fc.constantFrom(...some) })

export const history: fc.Arbitrary<History> = fc.record({
  trades: fc.oneof(
    { weight: 5, arbitrary: fc.array(aStart(starts), { minLength: 1, maxLength: 4 }) },
    { weight: 1, arbitrary: fc.array(aStart(['together']), { minLength: 2, maxLength: 4 }) },
  ),
  scripts: fc.array(script, { minLength: 8, maxLength: 8 }),
  lanes,
})

/** Prepares rounds for these histories, with each trade at its start. */
export async function begin(desk: Desk, histories: readonly History[]): Promise<Round[]> {
  const rounds = await openRounds(desk, histories)
  const from = (...chosen: Start[]) =>
    rounds.flatMap((round, at) =>
      round.trades.flatMap((trade, n) => {
        const start = histories[at]?.trades[n]?.start
        return start !== undefined && chosen.includes(start) ? [{ round, trade }] : []
      }),
    )
  const tids = (...chosen: Start[]) => from(...chosen).map(({ trade }) => trade.tid)
  const known = from('staged', 'converted', 'together', 'released', 'labelled', 'picked', 'shipped', 'asked')
  await stage(desk, ...known.map(({ trade }) => trade))
  await convert(desk, tids('converted', 'together', 'released', 'labelled', 'picked', 'shipped', 'asked'))
  for (const [, some] of Map.groupBy(from('together'), ({ round }) => round.no))
    await merge(
      desk,
      some.map(({ trade }) => trade.tid),
    )
  await release(desk, tids('together', 'released', 'labelled', 'picked', 'shipped', 'asked'))
  await number(desk, tids('labelled', 'picked'))
  for (const { round, trade } of from('labelled')) {
    const at = round.trades.indexOf(trade)
    await withParcels(desk, round, { do: 'print', trades: [at], how: 'printed' })
  }
  for (const { round, trade } of from('picked'))
    await withParcels(desk, round, {
      do: 'wave',
      trade: round.trades.indexOf(trade),
      act: 'whole',
      twice: true,
    })
  await ship(desk, tids('shipped', 'asked'))
  await hearFirst(desk, from('asked'))
  return rounds
}

const idsOf = async ({ db }: Desk, query: RawBuilder<{ id: string }>) =>
  (await rowsOf(db, query)).map(({ id }) => id)

async function merge(desk: Desk, tids: readonly string[]): Promise<void> {
  const ids = await ordersOf(desk, tids)
  if (ids.length > 1) await desk.run((tx) => mergeOrders(tx, ids, { actor: clerk, scope: wholeScope }))
}

const ordersOf = (desk: Desk, tids: readonly string[]) =>
  idsOf(
    desk,
    sql<{ id: string }>`select id from sales_order where tid = any(${[...tids]}::text[]) order by id`,
  )

async function release(desk: Desk, tids: readonly string[]): Promise<void> {
  const ids = await ordersOf(desk, tids)
  await desk.run((tx) => confirmOrders(tx, ids, { actor: clerk, scope: wholeScope }))
  await desk.run((tx) => releaseOrders(tx, ids, { actor: clerk, scope: wholeScope }))
}

/** Takes numbers, and waits until they have come or were refused. */
async function number(desk: Desk, tids: readonly string[]): Promise<void> {
  const ids = await idsOf(
    desk,
    sql<{
      id: string
    }>`select id from delivery where tid = any(${[...tids]}::text[]) and status = 'pending' order by id`,
  )
  await withNumbers(desk, 'take', ids)
  await until(
    async () => (await rowsOf(desk.db, sql`select from waybill where state = 'asked' limit 1`)).length === 0,
  )
}

async function ship(desk: Desk, tids: readonly string[]): Promise<void> {
  const ids = await idsOf(
    desk,
    sql<{ id: string }>`select id from delivery where tid = any(${[...tids]}::text[]) and status = 'pending'`,
  )
  await desk.run((tx) => setWaybills(tx, ids.map(aParcel), { actor: clerk, scope: wholeScope }))
  await desk.run((tx) => shipDeliveries(tx, ids, { actor: clerk, scope: wholeScope }))
}

/** Runs all lanes at once. A failure is thrown only when all lanes have ended, so that it is the only one reported. */
export async function play(desk: Desk, round: Round, { lanes }: History): Promise<void> {
  const ended = await Promise.allSettled(
    lanes.map(async (commands) => {
      for (const one of commands) await perform(desk, round, one)
    }),
  )
  const failed = ended.find((lane) => lane.status === 'rejected')
  if (failed) throw failed.reason
}

/** Runs `work` for all, `abreast` at a time. */
export async function sideBySide<T>(
  all: readonly T[],
  abreast: number,
  work: (one: T, at: number) => Promise<void>,
): Promise<void> {
  let next = 0
  const hand = async () => {
    while (next < all.length) {
      const at = next++
      const one = all[at]
      if (one !== undefined) await work(one, at)
    }
  }
  const ended = await Promise.allSettled(Array.from({ length: abreast }, hand))
  const failed = ended.find((one) => one.status === 'rejected')
  if (failed) throw failed.reason
}
