import Type, { type Static } from 'typebox'
import { type TraceStep, type TrackState, trackStates } from '../../connectors/traces.ts'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { defineTaskKind, type RunContext, type RunCounts } from '../../core/tasks/kinds.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { noteShipping } from '../../orders/holds/shipping.ts'
import { callShop, type OpenedShop } from '../../shops/calls.ts'
import type { InterceptEvent } from '../intercepts/intercept-lifecycle.ts'
import { decideIntercepts } from '../shipping/intercept-verbs.ts'
import {
  type Answered,
  type DueParcel,
  dueParcels,
  endUnshipped,
  recallsOf,
  writeTracks,
} from '../track-queries.ts'

const params = Type.Object(
  { parcelsPerRun: Type.Integer({ default: 900, minimum: 1, maximum: 100_000 }) },
  { additionalProperties: false },
)

/** 物流跟踪: asks the platform where shipped parcels are. The shop's own limit of calls applies, and a run asks for a set of them only. */
export const trackingParcels = defineTaskKind<OpenedShop, typeof params>({
  kind: 'track_parcels',
  name: { zh: '物流跟踪', en: 'Track parcels' },
  params,
  defaultSchedule: { everySeconds: 300 },
  applies: (shop) => shop.traces === true,
  run: trackParcels,
})

/** Parcels whose answers are written together. */
const batchSize = 100
/** Few, because the calls for which a person waits, such as the question before a parcel leaves, share the limit of the shop. */
const atOnce = 2

type Run = RunContext<Static<typeof params>> & OpenedShop

export async function trackParcels(run: Run): Promise<Partial<RunCounts>> {
  const { db, shop, params: asked, signal, progress } = run
  const counts = { seen: 0, updated: 0, failed: 0, requests: 0 }
  await endUnshipped(db, shop.id)
  while (counts.seen < asked.parcelsPerRun) {
    signal.throwIfAborted()
    const due = await dueParcels(db, shop.id, Math.min(batchSize, asked.parcelsPerRun - counts.seen))
    if (due.length === 0) break
    // The deliveries of a merged shipment have one parcel.
    const parcels = [...Map.groupBy(due, ({ courier, waybillNo }) => `${courier} ${waybillNo}`).values()]
    const rows: Answered[] = []
    for (let at = 0; at < parcels.length; at += atOnce) {
      const asking = parcels.slice(at, at + atOnce).map((inside) => askFor(run, inside, signal))
      rows.push(...(await Promise.all(asking)).flat())
    }
    counts.requests += parcels.length
    counts.seen += due.length
    counts.failed += rows.filter(({ state }) => state === null).length
    counts.updated += await db.transaction().execute((tx) => noteTracks(tx, due, rows))
    progress(counts)
  }
  return counts
}

/** A refusal concerns the parcel and waits; any other failure ends the run, as that of every task. */
async function askFor(
  shop: OpenedShop,
  inside: readonly DueParcel[],
  signal: AbortSignal,
): Promise<Answered[]> {
  const [first] = inside
  if (!first) return []
  const { tid, courier: carrier, waybillNo } = first
  const answer = await callShop(
    shop,
    async ({ trace }, call) => (trace ? placeOf(await trace(call, { tid, carrier, waybillNo })) : refused),
    { signal },
  ).catch((error: unknown) => {
    if (error instanceof PlatformError && error.kind === 'rejected') return refused
    throw error
  })
  return inside.map(({ deliveryId }) => ({ deliveryId, waybillNo, ...answer }))
}

/** The result of an intercept that is still open when its parcel is back. */
const cameBack: InterceptEvent = 'return'

const refused = { state: null, movedAt: null }

/** The last scan says where a parcel is. On its way back a parcel is scanned like any other, so `returning` stays until its end. */
export function placeOf(steps: readonly TraceStep[]): { state: TrackState; movedAt: Date | null } {
  // The later of two scans in one second is farther on its way.
  const sorted = steps.toSorted(
    (one, other) =>
      one.at.getTime() - other.at.getTime() ||
      trackStates.indexOf(one.state) - trackStates.indexOf(other.state),
  )
  const last = sorted.at(-1)
  if (!last) return { state: 'unknown', movedAt: null }
  const isBack = sorted.some(({ state }) => state === 'returning')
  if (!isBack) return { state: last.state, movedAt: last.at }
  const isOver = last.state === 'signed' || last.state === 'returned'
  return { state: isOver ? 'returned' : 'returning', movedAt: last.at }
}

/** States that people want to see in the history of an order. */
const noted: ReadonlySet<TrackState | null> = new Set([
  'collected',
  'signed',
  'problem',
  'returning',
  'returned',
])

/** Writes the answers with their order events. A parcel that is back ends its intercept. Returns the number of parcels that changed. */
async function noteTracks(tx: Tx, due: readonly DueParcel[], rows: readonly Answered[]): Promise<number> {
  const changed = rows.flatMap((row) => {
    const parcel = due.find(({ deliveryId }) => deliveryId === row.deliveryId)
    return parcel && row.state !== null && row.state !== parcel.state ? [{ ...parcel, state: row.state }] : []
  })
  const back = changed.filter(({ state }) => state === 'returned').map(({ deliveryId }) => deliveryId)
  const recalls = back.length > 0 ? await recallsOf(tx, back) : []
  if (recalls.length > 0)
    await decideIntercepts(
      tx,
      recalls,
      { event: cameBack, note: '快递显示已退回' },
      { actor: systemActor, scope: wholeScope },
    )
  await writeTracks(tx, rows)
  const events = changed
    .filter(({ state }) => noted.has(state))
    .map(({ orderId, state, courier, waybillNo }) => ({
      orderId,
      event: `parcel_${state}`,
      detail: { courier, waybillNo },
    }))
  if (events.length > 0) await noteShipping(tx, events, systemActor)
  return changed.length
}
