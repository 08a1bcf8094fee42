import { sql } from 'kysely'
import { wholeScope } from '../core/access/actor.ts'
import type { InterceptEvent } from '../fulfilment/intercepts/intercept-lifecycle.ts'
import { decideIntercepts } from '../fulfilment/shipping/intercept-verbs.ts'
import { type Packed, packer, type ShippingHouse } from './shipping.ts'

type Parcel = Pick<Packed, 'id'>

export async function interceptsOf(house: ShippingHouse, { id }: Parcel) {
  const found = await sql<{ id: string; way: string; state: string }>`
    select id, way, state from intercept where delivery_id = ${id} order by id`.execute(house.db)
  return found.rows
}

/** Returns the intercepts as texts: "recall open". */
export const interceptsShown = async (house: ShippingHouse, parcel: Parcel) =>
  (await interceptsOf(house, parcel)).map(({ way, state }) => `${way} ${state}`)

/** Decides the parcel's last intercept as a packer. Returns "done" or the code of the refusal. */
export async function decideLast(
  house: ShippingHouse,
  parcel: Parcel,
  event: InterceptEvent,
): Promise<string[]> {
  const ids = (await interceptsOf(house, parcel)).map(({ id }) => id).slice(-1)
  const outcomes = await house.run((tx) =>
    decideIntercepts(tx, ids, { event }, { actor: packer, scope: wholeScope }),
  )
  return outcomes.map((one) => (one.done ? 'done' : one.code))
}
