import fc from 'fast-check'
import { sql } from 'kysely'
import { pino } from 'pino'
import type { TraceStep } from '../../server/connectors/traces.ts'
import { trackStates } from '../../server/connectors/traces-contract.ts'
import { systemActor } from '../../server/core/access/actor.ts'
import { trackParcels } from '../../server/fulfilment/tracking/tracking.ts'
import { createLimiter } from '../../server/lib/limiter.ts'
import type { Desk, Round } from './desk-place.ts'

const scans = trackStates.filter((state) => state !== 'unknown')

/** A scan of a courier becomes known, in any order. */
export const trackCommand = fc.record({
  do: fc.constant('track' as const),
  trade: fc.nat({ max: 3 }),
  state: fc.constantFrom(...scans, 'returned' as const, 'returning' as const),
  minute: fc.nat({ max: 9 }),
})
type Track = typeof trackCommand extends fc.Arbitrary<infer Value> ? Value : never

const silent = pino({ level: 'silent' })
const began = new Date('2026-11-24T12:00:00+08:00').getTime()

export async function tracked(desk: Desk, round: Round, { trade, state, minute }: Track): Promise<void> {
  const tid = round.trades[trade % round.trades.length]?.tid ?? ''
  const found = await sql<{ waybillNo: string }>`
    update parcel_track t set next_at = now() from delivery d
    where d.id = t.delivery_id and d.tid = ${tid} and t.next_at is not null returning t.waybill_no as "waybillNo"`.execute(
    desk.db,
  )
  for (const { waybillNo } of found.rows) {
    const known = desk.traces.get(waybillNo) ?? []
    desk.traces.set(waybillNo, [...known, { at: new Date(began + minute * 60_000), state }])
  }
  // A shop's task runs once at a time.
  desk.tracking = desk.tracking.then(() => ask(desk))
  await desk.tracking
}

async function ask(desk: Desk): Promise<void> {
  const trace = async (_: unknown, { waybillNo }: { waybillNo: string }): Promise<TraceStep[]> =>
    desk.traces.get(waybillNo) ?? []
  const shop = {
    ...{ shop: { id: desk.shopId }, connector: { trace }, call: {}, deps: { db: desk.db } },
    ...{ limiter: createLimiter(), limiterKey: '', rate: { perSecond: 10_000, concurrent: 10 } },
    ...{ refreshAt: Number.POSITIVE_INFINITY, readAt: Number.POSITIVE_INFINITY },
  } as never as Parameters<typeof trackParcels>[0]
  await trackParcels({
    ...shop,
    ...{ db: desk.db, params: { parcelsPerRun: 900 }, window: undefined, actor: systemActor },
    ...{ signal: new AbortController().signal, progress: () => {}, log: silent },
    ...{ taskId: '1', runId: '1', fence: '1' },
  })
}
