import Type, { type Static } from 'typebox'
import { notFollowed } from '../../connectors/traces.ts'
import { defineTaskKind, type RunContext, type RunCounts } from '../../core/tasks/kinds.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { callShop, type OpenedShop } from '../../shops/calls.ts'
import { type Answered, type DueParcel, dueParcels, endUnshipped, showsScans } from '../track-queries.ts'
import { noteTracks, placeOf } from './note-tracks.ts'

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
  await endUnshipped(db, { shopId: shop.id })
  const follows = await showsScans(db, shop.id)
  while (counts.seen < asked.parcelsPerRun) {
    signal.throwIfAborted()
    const due = await dueParcels(db, shop.id, Math.min(batchSize, asked.parcelsPerRun - counts.seen))
    if (due.length === 0) break
    // The deliveries of a merged shipment have one parcel.
    const parcels = [...Map.groupBy(due, ({ courier, waybillNo }) => `${courier} ${waybillNo}`).values()]
    const rows: Answered[] = []
    for (let at = 0; at < parcels.length; at += atOnce) {
      const asking = parcels.slice(at, at + atOnce).map((inside) => askFor(run, inside, follows))
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

/**
 * A refusal concerns the parcel and waits; any other failure ends the run, as that of every task. `follows`: the platform shows the scans of
 * this shop's parcels, so that one without scans was not collected.
 */
async function askFor(shop: Run, inside: readonly DueParcel[], follows: boolean): Promise<Answered[]> {
  // The platform knows only those orders of a merged shipment that it made.
  const known = inside.find(({ onPlatform }) => onPlatform)
  const answer = known ? await answerOf(shop, known, follows) : refused
  return inside.map(({ deliveryId, waybillNo }) => ({ deliveryId, waybillNo, ...answer }))
}

async function answerOf(shop: Run, parcel: DueParcel, follows: boolean) {
  const { tid, oids, courier: carrier, waybillNo } = parcel
  return callShop(
    shop,
    async ({ trace }, call) =>
      trace ? placeOf(await trace(call, { tid, oids, carrier, waybillNo })) : refused,
    { signal: shop.signal },
  ).catch((error: unknown) => {
    if (!(error instanceof PlatformError) || error.kind !== 'rejected') throw error
    return error.code === notFollowed && follows ? placeOf([]) : refused
  })
}

const refused = { state: null, movedAt: null }
