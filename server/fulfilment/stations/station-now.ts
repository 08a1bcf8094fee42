import type { Static } from 'typebox'
import type { By } from '../../core/access/actor.ts'
import type { Database } from '../../core/db/db.ts'
import { ordersOf, ordersOfShipments } from '../queries.ts'
import type { stationNow } from './contract.ts'
import { readParcel, stopOf, viewOf } from './station-parcel.ts'
import { parcelOn, stoppedToday, usersToday } from './station-queries.ts'

/**
 * Reads the parcel on a station without a lock, for a page that was opened again, and the figures of today. It also shows a stop that came
 * since the last scan; the next scan writes it.
 */
export async function nowAt(db: Database, station: string, by: By): Promise<Static<typeof stationNow>> {
  const [users, stopped, parcel] = await Promise.all([
    usersToday(db, by),
    stoppedToday(db, by),
    db.transaction().execute(async (tx) => {
      const on = await parcelOn(tx, station)
      const [own] = on ? await ordersOf(tx, [on.deliveryId], by.scope) : []
      if (!on || !own) return null
      const all = own.parcel === null ? [own] : await ordersOfShipments(tx, [own.parcel])
      const found = await readParcel(
        tx,
        all.map(({ id }) => id),
      )
      if (!found) return null
      return viewOf({ ...found, stop: on.stop ?? (await stopOf(tx, found.deliveries)) })
    }),
  ])
  return { parcel, users, stopped }
}
