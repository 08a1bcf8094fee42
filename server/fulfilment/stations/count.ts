import type { By } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { noteShipping } from '../../orders/holds/shipping.ts'
import type { WorkState } from '../lifecycle.ts'
import { addSerial, forgetSerialsOf, type Piece, serialPattern, writeChecked } from '../ship-steps.ts'
import { takeNumbers } from '../waybills/take.ts'
import type { ScanReply } from './contract.ts'
import { type Counting, countCode, countPiece } from './counting.ts'
import type { PackedLine } from './packed-queries.ts'
import { verdictOf } from './plain-scan.ts'
import { asking, forgetCounts, isLabelNext, isOwn, type OpenParcel } from './station-parcel.ts'
import { addPieces, askSerial } from './station-queries.ts'
import { verdicts, wantedOf } from './verdicts.ts'

// Counting under the locks of the parcel's orders: the last piece, and pieces with a serial number.

export type Step = { verdict: ScanReply; parcel?: OpenParcel | undefined }

/** Counts pieces. The last one makes the parcel checked. */
export async function count(tx: Tx, parcel: OpenParcel, counting: Counting, by: By): Promise<Step> {
  const { counted, lines, isLast } = counting
  if (isLast) {
    const states = await writeChecked(tx, parcel.deliveries, by.actor.name)
    await forgetCounts(tx, parcel)
    const checked = { ...parcel, lines, isCounted: false }
    return finish(tx, { parcel: checked, states, event: 'checked', detail: { pieces: wantedOf(lines) } }, by)
  }
  await addPieces(tx, counted)
  return { verdict: verdictOf(counting), parcel: { ...parcel, lines } }
}

/** Notes the step in the orders' histories. `states`: the next step of each delivery. */
export async function finish(
  tx: Tx,
  {
    parcel,
    states,
    event,
    detail,
  }: {
    parcel: OpenParcel
    states: ReadonlyMap<string, WorkState>
    event: 'checked' | 'weighed'
    detail: Record<string, unknown>
  },
  by: By,
): Promise<Step> {
  await noteShipping(
    tx,
    parcel.deliveries.map(({ orderId }) => ({ orderId, event, detail })),
    by.actor,
  )
  const first = { ...parcel.first, workState: states.get(parcel.first.id) ?? parcel.first.workState }
  return withNumber(tx, { verdict: verdicts.done(first), parcel: { ...parcel, first } }, by)
}

/** The parcel was opened, or its label or number was scanned again. */
export const opened = (tx: Tx, parcel: OpenParcel, by: By) =>
  withNumber(tx, { verdict: verdicts.opened(parcel.lines, parcel.first), parcel }, by)

/** 后置打印: asks for the number of a parcel whose goods are checked. The browser prints the label when the number is there. */
async function withNumber(tx: Tx, { parcel, verdict }: Step & { parcel: OpenParcel }, by: By): Promise<Step> {
  if (!isLabelNext(parcel) || parcel.first.workState !== 'number') return { verdict, parcel }
  const outcomes = await takeNumbers(tx, [parcel.first.id], by)
  const refused = outcomes.find((one) => !one.done && one.code !== 'already')
  if (!refused || refused.done) return { verdict, parcel }
  return { verdict: verdicts.noNumber(refused.message ?? { zh: refused.code, en: refused.code }), parcel }
}

/** The piece counts when its serial number is scanned. */
export async function askForSerial(
  tx: Tx,
  { station, parcel, line }: { station: string; parcel: OpenParcel; line: PackedLine },
): Promise<Step> {
  const { deliveryId, lineNo, skuId } = line
  await askSerial(tx, station, { deliveryId, lineNo, skuId })
  return { verdict: verdicts.serial(line), parcel: asking(parcel, true) }
}

/** Takes the scanned code as the serial number of the piece, and counts the piece. */
export async function takeSerial(
  tx: Tx,
  { station, code, parcel, piece }: { station: string; code: string; parcel: OpenParcel; piece: Piece },
  by: By,
): Promise<Step> {
  const counting = countPiece(parcel.lines, piece)
  if (!counting) {
    // The piece was refunded meanwhile.
    await askSerial(tx, station, null)
    return { verdict: verdicts.opened(parcel.lines, parcel.first), parcel: asking(parcel, false) }
  }
  const isOther = isOwn(parcel, code) || countCode(parcel.lines, code) !== undefined
  if (isOther || !serialPattern.test(code))
    return { verdict: verdicts.noSerial(counting.shown), parcel: asking(parcel, true) }
  if (counting.shown.counted === 1) await forgetSerialsOf(tx, piece)
  const ids = parcel.deliveries.map(({ id }) => id)
  if (!(await addSerial(tx, piece, { serial: code, by: by.actor.name, parcel: ids })))
    return { verdict: verdicts.serialTwice(code), parcel: asking(parcel, true) }
  await askSerial(tx, station, null)
  return count(tx, asking(parcel, false), counting, by)
}
