import type { By } from '../../core/access/actor.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import { secondMs } from '../../lib/time.ts'
import { holdOrders } from '../../orders/holds/holds.ts'
import { noteShipping } from '../../orders/holds/shipping.ts'
import { checkRefundsBeforeShipping } from '../asking/asking.ts'
import { anyUncheckedOf } from '../asking/asking-queries.ts'
import { ordersOf } from '../queries.ts'
import { writeChecked, writeWeighed } from '../ship-steps.ts'
import type { Leaving } from '../shipping/import.ts'
import type { ScanReply, StationAnswer, StationStop } from './contract.ts'
import { forgetCounts, type OpenParcel, openParcel, viewOf } from './station-parcel.ts'
import {
  addPiece,
  clearCounts,
  deliveriesInBasket,
  deliveryOfOldNumber,
  deliveryWithCode,
  goodsWithCode,
  insertScan,
  lockStation,
  type OnStation,
  otherStation,
  type PackedLine,
  parcelOn,
  priorVerdict,
  putOn,
  replaceReply,
  takeOff,
  touch,
  writeStop,
} from './station-queries.ts'
import { expectedOf, leftOf, nextOf, stops, surplusOf, toleranceOf, verdicts, wantedOf } from './verdicts.ts'

/** `key`: of one scan, made by the browser. */
export type AtStation = { station: string; key: string }
type Deps = { db: Database; leaving: Leaving }
type Step = { verdict: ScanReply; parcel?: OpenParcel | undefined }

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
    const on = await parcelOn(tx, station)
    const prior = await priorVerdict(tx, key)
    if (prior) return { verdict: prior, parcel: on && (await openParcel(tx, on.deliveryId, by)) }
    const { verdict, parcel } = await work(tx, on)
    const deliveryId = parcel?.first.id ?? on?.deliveryId ?? null
    await touch(tx, station)
    await insertScan(tx, { key, station, deliveryId, verdict }, by.actor)
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
  parcel.first.workState === 'ready'

/** Scans a waybill, a delivery number, a basket, or goods. */
export const scan = (deps: Deps, { code: typed, ...at }: AtStation & { code: string }, by: By) =>
  handle(deps, at, by, async (tx, on) => {
    const code = typed.trim()
    const parcel = on && (await openParcel(tx, on.deliveryId, by))
    if (!on || !parcel) return open(tx, code, at, by)
    if (on.stop) return endStop(tx, { ...at, code, parcel, stop: on.stop })
    if (parcel.stop) return stopAt(tx, at, parcel, parcel.stop)
    if (isOwn(parcel, code)) return { verdict: verdicts.opened(parcel.lines, parcel.first.workState), parcel }
    const upper = code.toUpperCase()
    const match = parcel.lines.filter(({ codes }) => codes.some((one) => one.toUpperCase() === upper))
    if (match.length > 0) return count(tx, parcel, match, by)
    const goods = await goodsWithCode(tx, code)
    if (goods) return { verdict: verdicts.wrong(goods, nextOf(parcel.lines)), parcel }
    return another(tx, { ...at, code, parcel }, by)
  })

/** The code on a basket: LJ-07. */
const basket = /^LJ-?\d{1,3}$/i

const isOwn = ({ deliveries }: OpenParcel, code: string) =>
  deliveries.some(({ no, waybillNo }) => [no, waybillNo].includes(code.toUpperCase()))

/** Opens the parcel of a waybill, a delivery number, or a basket of a wave. */
async function open(tx: Tx, code: string, { station }: AtStation, by: By): Promise<Step> {
  const baskets = basket.test(code)
    ? await deliveriesInBasket(tx, Number(code.replace(/\D/g, '')), by.scope)
    : []
  if (baskets.length > 1) return { verdict: verdicts.severalBaskets(code) }
  const current = baskets[0] ?? (await deliveryWithCode(tx, code, by.scope))
  const deliveryId = current ?? (await deliveryOfOldNumber(tx, code, by.scope))
  const parcel = deliveryId === undefined ? undefined : await openParcel(tx, deliveryId, by)
  if (!parcel) {
    const goods = await goodsWithCode(tx, code)
    return { verdict: goods ? verdicts.noParcel : verdicts.unknown(code) }
  }
  const first = parcel.first.id
  const other = await otherStation(tx, first, station)
  if (other) return { verdict: verdicts.busy(other.station, other.userName) }
  await putOn(tx, { deliveryId: first, station, userName: by.actor.name })
  const stop = parcel.stop ?? (current === undefined ? stops.oldNumber : undefined)
  if (stop) return stopAt(tx, { station }, parcel, stop)
  const surplus = surplusOf(parcel.lines)
  return {
    verdict: surplus ? verdicts.surplus(surplus) : verdicts.opened(parcel.lines, parcel.first.workState),
    parcel,
  }
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
  if (stop.code === 'wrong_waybill' && isLabel && !parcel.stop) {
    await writeStop(tx, station, null)
    return { verdict: verdicts.opened(parcel.lines, parcel.first.workState), parcel }
  }
  await takeOff(tx, station)
  return { verdict: verdicts.aside }
}

async function count(tx: Tx, parcel: OpenParcel, match: readonly PackedLine[], by: By): Promise<Step> {
  const line = nextOf(match)
  const [shown] = match
  if (!line) return { verdict: shown ? verdicts.extra(shown) : verdicts.noParcel, parcel }
  await addPiece(tx, line)
  const counted = { ...line, counted: line.counted + 1 }
  const lines = parcel.lines.map((one) => (one === line ? counted : one))
  const left = leftOf(lines)
  if (left > 0) return { verdict: verdicts.right(counted, left), parcel: { ...parcel, lines } }
  const surplus = surplusOf(lines)
  if (surplus) return { verdict: verdicts.surplus(surplus), parcel: { ...parcel, lines } }
  await writeChecked(tx, parcel.deliveries, by.actor.name)
  await forgetCounts(tx, parcel)
  return finish(tx, { parcel, event: 'checked', detail: { pieces: wantedOf(lines) } }, by)
}

/** Notes the step in the orders' histories and reads its next step. */
async function finish(
  tx: Tx,
  {
    parcel,
    event,
    detail,
  }: { parcel: OpenParcel; event: 'checked' | 'weighed'; detail: Record<string, unknown> },
  by: By,
): Promise<Step> {
  const orders = await ordersOf(
    tx,
    parcel.deliveries.map(({ id }) => id),
    by.scope,
  )
  await noteShipping(
    tx,
    orders.map(({ orderId }) => ({ orderId, event, detail })),
    by.actor,
  )
  const next = await openParcel(tx, parcel.first.id, by)
  const state = next?.first.workState ?? 'ready'
  return { verdict: verdicts.done(state), parcel: next }
}

/** Another parcel's label. While goods are counted, it is a wrong label; else that parcel is opened. */
async function another(
  tx: Tx,
  { code, parcel, ...at }: AtStation & { code: string; parcel: OpenParcel },
  by: By,
): Promise<Step> {
  const isCounting = parcel.isCounted && parcel.lines.some(({ counted }) => counted > 0)
  const opened = isCounting ? undefined : await open(tx, code, at, by)
  if (opened) return { parcel, ...opened }
  const otherId = await deliveryWithCode(tx, code, by.scope)
  const other = otherId === undefined ? undefined : await openParcel(tx, otherId, by)
  if (!other) return { verdict: verdicts.unknown(code), parcel }
  return stopAt(tx, at, parcel, stops.wrongWaybill(other.first.no, parcel.first.no))
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
    await writeWeighed(
      tx,
      parcel.deliveries.map(({ id }) => id),
      { grams, by: by.actor.name },
    )
    const detail = { grams, ...(isOff ? { expected, note: reason } : {}) }
    return finish(tx, { parcel, event: 'weighed', detail }, by)
  })

/** Takes the parcel off the station and keeps its counts. `short`: goods are missing, so its orders are held. */
export const setAside = (deps: Deps, { short = false, ...at }: AtStation & { short?: boolean }, by: By) =>
  handle(deps, at, by, async (tx, on) => {
    const parcel = on && (await openParcel(tx, on.deliveryId, by))
    if (!on || !parcel) return { verdict: verdicts.noParcel }
    const stop = on.stop ?? parcel.stop
    if (stop) return stopAt(tx, at, parcel, stop)
    await takeOff(tx, at.station)
    if (short) {
      const orders = await ordersOf(
        tx,
        parcel.deliveries.map(({ id }) => id),
        by.scope,
      )
      const ids = orders.map(({ orderId }) => orderId)
      await holdOrders(tx, ids, { reason: 'stock', note: '验货台少货', until: null }, by)
    }
    return { verdict: verdicts.aside }
  })

/** Counts the parcel from the beginning. */
export const recount = (deps: Deps, at: AtStation, by: By) =>
  handle(deps, at, by, async (tx, on) => {
    const parcel = on && (await openParcel(tx, on.deliveryId, by))
    if (!on || !parcel) return { verdict: verdicts.noParcel }
    const stop = on.stop ?? parcel.stop
    if (stop) return stopAt(tx, at, parcel, stop)
    await clearCounts(
      tx,
      parcel.deliveries.map(({ id }) => id),
    )
    return { verdict: verdicts.recounted, parcel: await openParcel(tx, on.deliveryId, by) }
  })

/** The longest time that a station waits for the platforms' answer about refunds. */
const patienceMs = 2 * secondMs
/** Refusals that no work at the station can mend. */
const stopping: readonly string[] = ['refund_open', 'address_changed', 'on_hold', 'wrong_status', 'already']

/** Ships the parcel as the verb does. A refusal that stops it is a stop of the station, any other leaves it where it is. */
async function shipParcel(
  { db, leaving }: Deps,
  { station, key, parcel }: AtStation & { parcel: OpenParcel },
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
    const said =
      (await parcelOn(tx, station))?.deliveryId !== parcel.first.id && (await priorVerdict(tx, key))
    if (said) return { verdict: said, parcel: null }
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
