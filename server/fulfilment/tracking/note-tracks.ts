import type { TraceStep } from '../../connectors/traces.ts'
import { type TrackState, trackStates } from '../../connectors/traces-contract.ts'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { noteShipping } from '../../orders/holds/shipping.ts'
import type { InterceptEvent } from '../intercepts/intercept-lifecycle.ts'
import { decideIntercepts } from '../shipping/intercept-verbs.ts'
import { type Answered, type DueParcel, recallsOf, writeTracks } from '../track-queries.ts'

/** The result of an intercept that is still open when its parcel is back. */
const cameBack: InterceptEvent = 'return'

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

/** A parcel as it was before the answer. */
type Tracked = Pick<DueParcel, 'deliveryId' | 'orderId' | 'courier' | 'waybillNo' | 'state'>

/** States that people want to see in the history of an order. */
const noted: ReadonlySet<TrackState | null> = new Set([
  'collected',
  'signed',
  'problem',
  'returning',
  'returned',
])

/** Writes the answers with their order events. A parcel that is back ends its intercept. Returns the number of parcels that changed. */
export async function noteTracks(
  tx: Tx,
  due: readonly Tracked[],
  rows: readonly Answered[],
): Promise<number> {
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
