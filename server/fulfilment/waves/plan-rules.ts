import type { WaveGoods, WaveSorting } from './lifecycle.ts'

/** Makes waves of the parcels that wait. Pure: no database, no clock. */

export type PlanRule = {
  id: string
  name: string
  enabled: boolean
  goods: WaveGoods
  piecesFrom: number
  piecesTo: number | null
  couriers: string[]
  provinces: string[]
  hoursLeft: number | null
  byCourier: boolean
  byProvince: boolean
  ordersFrom: number
  ordersTo: number
  sorting: WaveSorting
  /** Times of day (14:40) at which its waves are made without a person, and the number of waiting parcels that makes them. */
  autoTimes: string[]
  autoOrders: number | null
}

/** The values of a new rule, which takes every parcel. */
export const plainRule: Omit<PlanRule, 'id' | 'name'> = {
  ...{
    enabled: true,
    goods: 'any',
    piecesFrom: 1,
    piecesTo: null,
    couriers: [],
    provinces: [],
    hoursLeft: null,
  },
  ...{ byCourier: false, byProvince: false, ordersFrom: 1, ordersTo: 100, sorting: 'picking' },
  ...{ autoTimes: [], autoOrders: null },
}

/** True if the rule makes waves without a person: `warehousesWithAutoRules` asks the same. */
export const isAutomatic = ({ enabled, autoTimes, autoOrders }: PlanRule): boolean =>
  enabled && (autoTimes.length > 0 || autoOrders !== null)

/** The content of one basket: a delivery, or the deliveries of a merged shipment. */
export type Unit = {
  deliveries: readonly { id: string; orderId: string; shopId: string }[]
  courier: string
  province: string
  /** The one SKU of the parcel; null: it has several. */
  oneSku: string | null
  /** Pieces that are still to be picked; 0: all lie in baskets of earlier waves. */
  pieces: number
  shipBy: Date | null
  /** The tenths of the route in which its bins lie, a bit for each, the nearest tenth the lowest. A SKU without a bin comes behind all bins. */
  parts: number
  /** Position on the route of its last bin. */
  last: number
}

export type PlannedWave = { rule: PlanRule; courier: string; units: Unit[] }
/** `waiting`: how many parcels each rule would take or keeps waiting, by its id. `unmatched`: parcels that no rule takes. */
export type Plan = { waves: PlannedWave[]; waiting: Map<string, number>; unmatched: number }

const hourMs = 3_600_000

/**
 * Asks the rules top-down; a parcel goes into the first wave that has room. Parcels near each other on the route go together, so that a
 * picker does not walk the whole route for each wave. Parcels that are too few for a rule go on to the rules below.
 */
export function planWaves(units: readonly Unit[], rules: readonly PlanRule[], now: Date): Plan {
  const waves: PlannedWave[] = []
  const waiting = new Map(rules.map(({ id }) => [id, 0]))
  const add = (id: string, count: number) => waiting.set(id, (waiting.get(id) ?? 0) + count)
  let rest = [...units]
  for (const rule of rules.filter(({ enabled }) => enabled)) {
    const made = groupsOf(rule, rest, now).flatMap((group) => cut(rule, group))
    const taken = new Set(made.flatMap((wave) => wave.units))
    rest = rest.filter((unit) => !taken.has(unit))
    add(rule.id, taken.size)
    waves.push(...made)
  }
  let unmatched = 0
  for (const unit of rest) {
    const first =
      rules.find((rule) => rule.enabled && matches(rule, unit, now)) ??
      rules.find((rule) => matches(rule, unit, now))
    if (first) add(first.id, 1)
    else unmatched += 1
  }
  return { waves, waiting, unmatched }
}

/** Returns the waves of the rules that are due. `timed`: the rules of which a time of day has come. */
export const dueWaves = ({ waves, waiting }: Plan, timed: ReadonlySet<string>): PlannedWave[] =>
  waves.filter(
    ({ rule: { id, autoOrders } }) =>
      timed.has(id) || (autoOrders !== null && (waiting.get(id) ?? 0) >= autoOrders),
  )

function matches(rule: PlanRule, unit: Unit, now: Date): boolean {
  const isOne = unit.oneSku !== null
  if ((rule.goods === 'same' || rule.goods === 'single') && !isOne) return false
  if (rule.goods === 'many' && isOne) return false
  if (unit.pieces < rule.piecesFrom || unit.pieces > (rule.piecesTo ?? Infinity)) return false
  if (rule.couriers.length > 0 && !rule.couriers.includes(unit.courier)) return false
  if (rule.provinces.length > 0 && !rule.provinces.includes(unit.province)) return false
  if (rule.hoursLeft === null) return true
  return unit.shipBy !== null && unit.shipBy.getTime() - now.getTime() < rule.hoursLeft * hourMs
}

function groupsOf(rule: PlanRule, units: readonly Unit[], now: Date): Unit[][] {
  const keyOf = (unit: Unit) =>
    [
      rule.goods === 'same' ? `${unit.oneSku}×${unit.pieces}` : '',
      rule.byCourier ? unit.courier : '',
      rule.byProvince ? unit.province : '',
    ].join('/')
  return [
    ...Map.groupBy(
      units.filter((unit) => matches(rule, unit, now)),
      keyOf,
    ).values(),
  ]
}

/**
 * Cuts a group into waves. Parcels that go to the same parts of the route are together, from the far end to the near one: a picker then
 * leaves out the parts without a stop, and only the wave with the shortest way is not full. If the last wave would be smaller than the rule
 * allows, the least urgent parcels wait.
 */
function cut(rule: PlanRule, group: readonly Unit[]): PlannedWave[] {
  const tooFew = group.length % rule.ordersTo < rule.ordersFrom ? group.length % rule.ordersTo : 0
  const along = group
    .toSorted(byDeadline)
    .slice(0, group.length - tooFew)
    .toSorted((a, b) => b.parts - a.parts || b.last - a.last)
  const waves: PlannedWave[] = []
  for (let from = 0; from < along.length; from += rule.ordersTo) {
    const units = along.slice(from, from + rule.ordersTo).toSorted(byDeadline)
    const couriers = new Set(units.map(({ courier }) => courier))
    waves.push({ rule, courier: couriers.size === 1 ? (units[0]?.courier ?? '') : '', units })
  }
  return waves
}

/** The most urgent parcel gets the first basket, so that it gets its goods first if there are too few. */
const byDeadline = (a: Unit, b: Unit) =>
  (a.shipBy?.getTime() ?? Infinity) - (b.shipBy?.getTime() ?? Infinity) || 0
