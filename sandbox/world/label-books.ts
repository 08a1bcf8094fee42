import {
  balanceOf,
  giveLabels,
  type Label,
  type LabelRequest,
  packagesOf,
  repeatedLabels,
  setBalance,
} from './labels.ts'
import type { Shop } from './model.ts'
import { recordActivity, type World } from './world.ts'

// The books of the e-waybill services. Each service reads requests and words its answers in its own way, and books them here alike.

/** What a shop has at a courier: numbers that it may still take, numbers given, and those of them that were given back. */
export function figuresOf({ labels }: World, shop: Shop, courier: string) {
  const used = labels.given.filter((label) => label.shop === shop && label.courier === courier)
  return {
    balance: balanceOf(labels, shop, courier),
    used: used.length,
    cancelled: used.filter((label) => label.cancelled).length,
  }
}

/** Gives every package of every parcel a number; undefined: the balance is too low. A repeated request may get its old ones, which cost nothing. */
export function takeLabels(
  world: World,
  shop: Shop,
  courier: string,
  parcels: readonly LabelRequest[],
): Label[] | undefined {
  const { labels } = world
  const known = parcels.map(({ objectId }) => repeatedLabels(labels, shop, courier, objectId))
  const fresh = parcels.reduce((sum, parcel, at) => sum + (known[at]?.length ? 0 : packagesOf(parcel)), 0)
  const balance = balanceOf(labels, shop, courier)
  if (balance < fresh) return undefined
  setBalance(labels, shop, courier, balance - fresh)
  return parcels.flatMap((parcel, at) =>
    known[at]?.length ? known[at] : newLabels(world, shop, courier, parcel),
  )
}

function newLabels(world: World, shop: Shop, courier: string, parcel: LabelRequest): Label[] {
  const made = giveLabels(world, shop, { ...parcel, courier })
  for (const label of made) record(world, 'waybill_get', label)
  return made
}

/**
 * Takes a number back. A number that was given back stays so, and the balance gets it back once. `unknown`: the shop has no such number.
 * `under_way`: a parcel has left with it.
 */
export function cancelLabel(
  world: World,
  shop: Shop,
  { courier, waybill }: Pick<Label, 'courier' | 'waybill'>,
): 'unknown' | 'under_way' | 'cancelled' {
  const label = world.labels.byWaybill.get(waybill)
  if (label === undefined || label.shop !== shop || label.courier !== courier) return 'unknown'
  if (world.waybills.has(label.parent || waybill)) return 'under_way'
  if (!label.cancelled) setBalance(world.labels, shop, courier, balanceOf(world.labels, shop, courier) + 1)
  label.cancelled = true
  record(world, 'waybill_cancel', label)
  return 'cancelled'
}

function record(world: World, action: string, { shop, waybill, courier, tids, objectId }: Label): void {
  const detail = { courier, tids: tids.join(), objectId }
  recordActivity(world, shop, { action, key: waybill, accepted: true, detail })
}
