import type { By } from '../../core/access/actor.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import { secondMs } from '../../lib/time.ts'
import { checkRefundsBeforeShipping } from '../asking/asking.ts'
import { anyUncheckedOf } from '../asking/asking-queries.ts'
import type { Leaving } from '../shipping/import.ts'
import type { StationAnswer } from './contract.ts'
import { type OpenParcel, openParcel, viewOf } from './station-parcel.ts'
import { lockStation, replaceReply, stationNowAt, takeOff, writeStop } from './station-queries.ts'
import { verdicts, wantedOf } from './verdicts.ts'

/** The longest time that a station waits for the platforms' answer about refunds. */
const patienceMs = 2 * secondMs
/** Refusals that no work at the station can mend. */
const stopping: readonly string[] = [
  'refund_open',
  'address_changed',
  'courier_changed',
  'on_hold',
  'wrong_status',
  'already',
]

/** Ships the parcel as the verb does. A refusal that stops it is a stop of the station, any other leaves it where it is. */
export async function shipParcel(
  { db, leaving }: { db: Database; leaving: Leaving },
  { station, key, parcel }: { station: string; key: string; parcel: OpenParcel },
  by: By,
): Promise<StationAnswer> {
  const ids = parcel.deliveries.map(({ id }) => id)
  const asking = checkRefundsBeforeShipping(db, leaving.ask, ids, by.scope)
  await Promise.race([asking, new Promise((settle) => setTimeout(settle, patienceMs).unref())])
  // The platform may still answer, or fail, after the wait.
  asking.catch(() => {})
  return db.transaction().execute(async (tx) => {
    await lockStation(tx, station)
    // The same scan, sent twice at once, has shipped it meanwhile.
    const { on, prior } = await stationNowAt(tx, station, key)
    if (prior && on?.deliveryId !== parcel.first.id) return { verdict: prior, parcel: null }
    const answer = await shipLocked(tx, leaving, { station, parcel }, by)
    await replaceReply(tx, key, answer.verdict)
    return answer
  })
}

async function shipLocked(
  tx: Tx,
  leaving: Leaving,
  { station, parcel }: { station: string; parcel: OpenParcel },
  by: By,
): Promise<StationAnswer> {
  const ids = parcel.deliveries.map(({ id }) => id)
  const outcomes = await leaving.ship(tx, ids, by)
  const refused = outcomes.find((one) => !one.done)
  if (!refused || refused.done) {
    await takeOff(tx, station)
    const verdict = verdicts.shipped(wantedOf(parcel.lines), parcel.first.weightGrams)
    return { verdict: { ...verdict, unchecked: await anyUncheckedOf(tx, ids) }, parcel: null }
  }
  const now = await openParcel(tx, parcel.first.id, by)
  const message = refused.message ?? { zh: refused.code, en: refused.code }
  const stop = now?.stop ?? (stopping.includes(refused.code) ? { code: refused.code, message } : undefined)
  if (now && stop) {
    await writeStop(tx, station, stop)
    return { verdict: verdicts.stop(stop), parcel: viewOf({ ...now, stop }) }
  }
  return { verdict: verdicts.stuck(message), parcel: now ? viewOf(now) : null }
}
