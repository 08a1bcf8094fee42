import { skuOfScan } from '../../catalog/names.ts'
import type { By } from '../../core/access/actor.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import { holdOrders } from '../../orders/holds/holds.ts'
import { lockDeliveries } from '../held.ts'
import { forgetPackageScans } from '../numbers.ts'
import { forgetSerials, writeWeighed } from '../ship-steps.ts'
import type { Leaving } from '../shipping/import.ts'
import type { StationAnswer, StationStop } from './contract.ts'
import { askForSerial, count, finish, opened, type Step, takeSerial } from './count.ts'
import { countCode } from './counting.ts'
import { scanPlainly } from './plain-scan.ts'
import { shipParcel } from './ship-parcel.ts'
import { isOwn, type OpenParcel, openParcel, seePackage, viewOf } from './station-parcel.ts'
import {
  askSerial,
  clearCounts,
  deliveriesInBasket,
  deliveryOfOldNumber,
  deliveryWithCode,
  lockStation,
  type OnStation,
  otherStation,
  putOn,
  stationNowAt,
  takeOff,
  writeScan,
  writeStop,
} from './station-queries.ts'
import { expectedOf, nextOf, stops, surplusOf, toleranceOf, verdicts } from './verdicts.ts'

/** `key`: of one scan, made by the browser. */
export type AtStation = { station: string; key: string }
type Deps = { db: Database; leaving: Leaving }

/**
 * Handles one scan, weighing or key of a station. In one transaction: the station is locked, a key that came before gets its answer again,
 * the parcel's orders are locked, and counts, facts and the scan are written. A parcel that lacks nothing more is then shipped.
 */
async function handle(
  deps: Deps,
  { station, key }: AtStation,
  by: By,
  work: (tx: Tx, on: OnStation | undefined) => Promise<Step>,
): Promise<StationAnswer> {
  const step = await deps.db.transaction().execute(async (tx): Promise<Step> => {
    await lockStation(tx, station)
    const { on, prior } = await stationNowAt(tx, station, key)
    if (prior) return { verdict: prior, parcel: on && (await openParcel(tx, on.deliveryId, by)) }
    const { verdict, parcel } = await work(tx, on)
    const deliveryId = parcel?.first.id ?? on?.deliveryId ?? null
    await writeScan(tx, { key, station, deliveryId, verdict }, by.actor)
    return { verdict, parcel }
  })
  const { verdict, parcel } = step
  if (parcel && shipsNow(step)) return shipParcel(deps, { station, key, parcel }, by)
  return { verdict, parcel: parcel ? viewOf(parcel) : null }
}

const shipsNow = ({ verdict: { kind }, parcel }: Step) =>
  (kind === 'opened' || kind === 'done') &&
  parcel !== undefined &&
  !parcel.stop &&
  !parcel.isCounted &&
  parcel.first.workState === 'ready' &&
  parcel.first.packages.every(({ isScanned }) => isScanned)

/** Scans a waybill, a delivery number, a basket, or goods. */
export async function scan(
  deps: Deps,
  { code: typed, ...at }: AtStation & { code: string },
  by: By,
): Promise<StationAnswer> {
  const code = typed.trim()
  return (await scanPlainly(deps.db, { ...at, code }, by)) ?? scanLocked(deps, { ...at, code }, by)
}

const scanLocked = (deps: Deps, { code, ...at }: AtStation & { code: string }, by: By) =>
  handle(deps, at, by, async (tx, on) => {
    const goods = on && (await skuOfScan(tx, code))
    if (on && !goods && !on.stop && !on.asksSerial) await lockBoth(tx, on, code, by)
    const parcel = on && (await openParcel(tx, on.deliveryId, by))
    if (!on || !parcel) return open(tx, code, { ...at, on }, by)
    if (on.stop) return endStop(tx, { ...at, code, parcel, stop: on.stop })
    if (parcel.stop) return stopAt(tx, at, parcel, parcel.stop)
    if (on.asksSerial) return takeSerial(tx, { ...at, code, parcel, piece: on.asksSerial }, by)
    if (isOwn(parcel, code)) return opened(tx, await seePackage(tx, parcel, code, by), by)
    const counting = countCode(parcel.lines, code)
    if (counting?.shown.needsSerial && counting.counted.length > 0)
      return askForSerial(tx, { ...at, parcel, line: counting.shown })
    if (counting) return count(tx, parcel, counting, by)
    if (goods) return { verdict: verdicts.wrong(goods, nextOf(parcel.lines)), parcel }
    return another(tx, { ...at, on, code, parcel }, by)
  })

/** A label that is scanned may open its parcel instead of the one that is here. Orders are locked in one order, so both are locked at once. */
async function lockBoth(tx: Tx, { deliveryId }: OnStation, code: string, { scope }: By): Promise<void> {
  const { ids } = await namedBy(tx, code, scope)
  await lockDeliveries(tx, [deliveryId, ...ids], scope)
}

/** The code on a basket: LJ-07. */
const basket = /^LJ-?\d{1,3}$/i

/** Returns the deliveries that a code names: of a basket of several waves two. `isOld`: by a number that was given back. */
async function namedBy(tx: Tx, code: string, scope: By['scope']): Promise<{ ids: string[]; isOld: boolean }> {
  const baskets = basket.test(code)
    ? await deliveriesInBasket(tx, Number(code.replace(/\D/g, '')), scope)
    : []
  if (baskets.length > 0) return { ids: baskets, isOld: false }
  const current = await deliveryWithCode(tx, code, scope)
  const old = current === undefined ? await deliveryOfOldNumber(tx, code, scope) : undefined
  return { ids: [current ?? old ?? []].flat(), isOld: old !== undefined }
}

/** Opens the parcel of a waybill, a delivery number, or a basket of a wave. */
async function open(
  tx: Tx,
  code: string,
  { station, on }: { station: string; on: OnStation | undefined },
  by: By,
): Promise<Step> {
  const { ids, isOld } = await namedBy(tx, code, by.scope)
  if (ids.length > 1) return { verdict: verdicts.severalBaskets(code) }
  const [deliveryId] = ids
  const parcel = deliveryId === undefined ? undefined : await openParcel(tx, deliveryId, by)
  if (!parcel) {
    const goods = await skuOfScan(tx, code)
    return { verdict: goods ? verdicts.noParcel : verdicts.unknown(code) }
  }
  const first = parcel.first.id
  const other = await otherStation(tx, first, station)
  if (other) return { verdict: verdicts.busy(other.station, other.userName) }
  await putOn(tx, { deliveryId: first, station, userName: by.actor.name }, on)
  const stop = parcel.stop ?? (isOld ? stops.oldNumber : undefined)
  if (stop) return stopAt(tx, { station }, parcel, stop)
  const surplus = surplusOf(parcel.lines)
  if (surplus) return { verdict: verdicts.surplus(surplus), parcel }
  return opened(tx, await seePackage(tx, parcel, code, by), by)
}

async function stopAt(
  tx: Tx,
  { station }: { station: string },
  parcel: OpenParcel,
  stop: StationStop,
): Promise<Step> {
  await writeStop(tx, station, stop)
  return { verdict: verdicts.stop(stop), parcel: { ...parcel, stop } }
}

/** A stop ends when the parcel's own label, or the basket in which it is put, is scanned. Anything else repeats it. */
async function endStop(
  tx: Tx,
  { station, code, parcel, stop }: { station: string; code: string; parcel: OpenParcel; stop: StationStop },
): Promise<Step> {
  const isBasket = basket.test(code)
  const isLabel = stop.code === 'old_number' ? true : isOwn(parcel, code)
  if (!isBasket && !isLabel) return { verdict: verdicts.stop(stop), parcel: { ...parcel, stop } }
  if (stop.code === 'wrong_waybill' && isLabel) {
    // A refund or a hold that came meanwhile was not said yet.
    if (parcel.stop) return stopAt(tx, { station }, parcel, parcel.stop)
    await writeStop(tx, station, null)
    return { verdict: verdicts.opened(parcel.lines, parcel.first), parcel }
  }
  await takeOff(tx, station)
  return { verdict: verdicts.aside }
}

/** Another parcel's label. While goods are counted, it is a wrong label; else that parcel is opened. */
async function another(
  tx: Tx,
  { code, parcel, ...at }: AtStation & { on: OnStation; code: string; parcel: OpenParcel },
  by: By,
): Promise<Step> {
  const isCounting = parcel.isCounted && parcel.lines.some(({ counted }) => counted > 0)
  const other = isCounting ? undefined : await open(tx, code, at, by)
  if (other) return { parcel, ...other }
  const otherId = await deliveryWithCode(tx, code, by.scope)
  const found = otherId === undefined ? undefined : await openParcel(tx, otherId, by)
  if (!found) return { verdict: verdicts.unknown(code), parcel }
  return stopAt(tx, at, parcel, stops.wrongWaybill(found.first.no, parcel.first.no))
}

/** Weighs the parcel. A weight outside the tolerance needs another weighing, or the reason of the person who takes it. */
export const weigh = (
  deps: Deps,
  { grams, reason, ...at }: AtStation & { grams: number; reason?: string },
  by: By,
) =>
  handle(deps, at, by, async (tx, on) => {
    const parcel = on && (await openParcel(tx, on.deliveryId, by))
    if (!on || !parcel) return { verdict: verdicts.noParcel }
    const stop = on.stop ?? parcel.stop
    if (stop) return stopAt(tx, at, parcel, stop)
    if (parcel.isCounted) return { verdict: verdicts.notYet, parcel }
    const expected = expectedOf(parcel.lines)
    const isOff = expected !== undefined && Math.abs(grams - expected) > toleranceOf(expected)
    if (isOff && reason === undefined) return { verdict: verdicts.off(grams, expected), parcel }
    const ids = parcel.deliveries.map(({ id }) => id)
    const states = await writeWeighed(tx, ids, { grams, by: by.actor.name })
    const weighed = { ...parcel, first: { ...parcel.first, weightGrams: grams } }
    const detail = { grams, ...(isOff ? { expected, note: reason } : {}) }
    return finish(tx, { parcel: weighed, states, event: 'weighed', detail }, by)
  })

/** Takes the parcel off the station and keeps its counts. `short`: goods are missing, so its orders are held. */
export const setAside = (deps: Deps, { short = false, ...at }: AtStation & { short?: boolean }, by: By) =>
  handle(deps, at, by, async (tx, on) => {
    const parcel = on && (await openParcel(tx, on.deliveryId, by))
    if (!on || !parcel) return { verdict: verdicts.noParcel }
    const stop = on.stop ?? parcel.stop
    if (stop) return stopAt(tx, at, parcel, stop)
    if (short) {
      const ids = parcel.deliveries.map(({ orderId }) => orderId)
      const hold = { reason: 'stock', note: '验货台少货', until: null } as const
      const refused = (await holdOrders(tx, ids, hold, by)).find((one) => !one.done && one.code !== 'already')
      // A colleague edits the order: the parcel stays, so that it is not set aside as held.
      if (refused && !refused.done)
        return {
          verdict: verdicts.notHeld(refused.message ?? { zh: refused.code, en: refused.code }),
          parcel,
        }
    }
    await takeOff(tx, at.station)
    return { verdict: short ? verdicts.short : verdicts.aside }
  })

/** Counts the parcel from the beginning. */
export const recount = (deps: Deps, at: AtStation, by: By) =>
  handle(deps, at, by, async (tx, on) => {
    const parcel = on && (await openParcel(tx, on.deliveryId, by))
    if (!on || !parcel) return { verdict: verdicts.noParcel }
    const stop = on.stop ?? parcel.stop
    if (stop) return stopAt(tx, at, parcel, stop)
    const ids = parcel.deliveries.map(({ id }) => id)
    await clearCounts(tx, ids)
    // A parcel that is checked already keeps its serial numbers, and the labels that were scanned.
    if (parcel.isCounted) {
      await forgetSerials(tx, ids)
      await forgetPackageScans(tx, ids)
    }
    await askSerial(tx, at.station, null)
    if (!parcel.isCounted) return { verdict: verdicts.opened(parcel.lines, parcel.first), parcel }
    return { verdict: verdicts.recounted, parcel: await openParcel(tx, on.deliveryId, by) }
  })
