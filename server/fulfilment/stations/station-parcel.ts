import type { By } from '../../core/access/actor.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import { stopsOf } from '../../orders/holds/shipping.ts'
import { applyNotices } from '../../orders/refunds/refund-notices.ts'
import { lockDeliveries } from '../held.ts'
import { forgetPackageScans, writePackageScanned } from '../numbers.ts'
import { forgetSerials, writeUnchecked } from '../ship-steps.ts'
import type { StationParcel, StationStop } from './contract.ts'
import { type PackedDelivery, type PackedLine, packedDeliveries } from './packed-queries.ts'
import { clearCounts } from './station-queries.ts'
import { expectedOf, stops, toleranceOf } from './verdicts.ts'

/** A parcel as a station reads it: its deliveries, the first one first, and the pieces to count. */
export type OpenParcel = {
  deliveries: readonly PackedDelivery[]
  first: PackedDelivery
  lines: readonly PackedLine[]
  /** True if its pieces are counted: the warehouse requires the check, and it is not done. */
  isCounted: boolean
  stop: StationStop | undefined
}

/**
 * Locks the orders of the parcel, applies their refund notices, and reads it. Undefined: outside the scope. Each scan does so, so that a
 * refund stops the parcel at the next scan and not at the end.
 */
export async function openParcel(
  tx: Tx,
  deliveryId: string,
  { actor, scope }: By,
): Promise<OpenParcel | undefined> {
  const held = await lockDeliveries(tx, [deliveryId], scope)
  if (held.length === 0) return undefined
  const orderIds = held.map(({ order }) => order.id)
  await applyNotices(tx, orderIds, actor)
  const found = await readParcel(
    tx,
    held.map(({ delivery }) => delivery.id),
  )
  if (!found) return undefined
  const stale = found.deliveries.filter(
    ({ checkedAt, checkedPieces, pieces }) => checkedAt && checkedPieces !== pieces,
  )
  if (stale.length > 0) {
    const ids = found.deliveries.map(({ id }) => id)
    await writeUnchecked(tx, ids)
    await forgetSerials(tx, ids)
    await forgetPackageScans(tx, ids)
    return openParcel(tx, deliveryId, { actor, scope })
  }
  return { ...found, stop: await stopOf(tx, found.deliveries) }
}

/** Returns why this parcel may not leave now. */
export async function stopOf(
  tx: Tx,
  deliveries: readonly PackedDelivery[],
): Promise<StationStop | undefined> {
  const shipped = deliveries.find(({ status }) => status === 'shipped')
  if (shipped) return stops.shipped(shipped.shippedBy ?? '', timeOf(shipped.shippedAt))
  if (deliveries.some(({ status, orderStatus }) => status === 'cancelled' || orderStatus !== 'released'))
    return stops.voided
  const found = await stopsOf(
    tx,
    deliveries.map(({ orderId }) => orderId),
  )
  const [first] = found.values()
  return first && { code: first.code, message: first.message }
}

export const readParcel = async (db: Database | Tx, deliveryIds: readonly string[]) =>
  asParcel(await packedDeliveries(db, deliveryIds))

/** The parcel of these deliveries. Pieces that are not to be counted are shown as counted. */
export function asParcel(deliveries: readonly PackedDelivery[]): Omit<OpenParcel, 'stop'> | undefined {
  const [first] = deliveries
  if (!first) return undefined
  const isCounted =
    first.shipSteps.includes('check') && deliveries.some(({ checkedAt }) => checkedAt === null)
  const lines = deliveries.flatMap((one) => one.lines)
  return {
    deliveries,
    first,
    isCounted: isCounted && first.status === 'pending',
    lines: isCounted
      ? lines
      : lines.flatMap((line) => (line.wanted > 0 ? [{ ...line, counted: line.wanted }] : [])),
  }
}

/** The parcel, as it is when the station waits for a serial number or no longer does. */
export const asking = (parcel: OpenParcel, asksSerial: boolean): OpenParcel => ({
  ...parcel,
  first: { ...parcel.first, asksSerial },
})

/** 后置打印: its goods are checked, and its label comes next. */
export const isLabelNext = ({ first, isCounted }: Pick<OpenParcel, 'first' | 'isCounted'>) =>
  first.printsLast && !isCounted && ['number', 'print'].includes(first.workState)

/** True if the code is the parcel's waybill or that of a package, or the number of one of its deliveries or orders. */
export const isOwn = ({ deliveries }: Pick<OpenParcel, 'deliveries'>, code: string) =>
  deliveries.some(({ no, orderNo, waybillNo, packages }) =>
    [no, orderNo, waybillNo, ...packages.map((one) => one.waybillNo)].includes(code.toUpperCase()),
  )

/** Notes the package whose label was scanned, if the code is that of one. */
export async function seePackage(
  tx: Tx,
  parcel: OpenParcel,
  code: string,
  { actor }: By,
): Promise<OpenParcel> {
  const { courier, packages } = parcel.first
  const seen = packages.find(({ waybillNo, isScanned }) => waybillNo === code.toUpperCase() && !isScanned)
  if (!seen) return parcel
  await writePackageScanned(tx, { courier, waybillNo: seen.waybillNo }, actor.name)
  const now = packages.map((one) => (one === seen ? { ...one, isScanned: true } : one))
  return { ...parcel, first: { ...parcel.first, packages: now } }
}

/** The goods were counted: forgets the counts, which the fact `checked` replaces. */
export const forgetCounts = (tx: Tx, { deliveries }: Pick<OpenParcel, 'deliveries'>) =>
  clearCounts(
    tx,
    deliveries.map(({ id }) => id),
  )

export function viewOf({ deliveries, first, lines, isCounted, stop }: OpenParcel): StationParcel {
  const expected = expectedOf(lines)
  const together = (of: (one: PackedDelivery) => string) =>
    [...new Set(deliveries.map(of))].filter((text) => text !== '').join('；')
  return {
    deliveryId: first.id,
    no: first.no,
    orderNos: deliveries.map(({ orderNo }) => orderNo),
    courier: first.courier,
    waybillNo: first.waybillNo,
    receiverMasked: first.receiverMasked,
    region: first.region,
    shipBy: first.shipBy,
    buyerMessage: together((one) => one.buyerMessage),
    sellerMemo: together((one) => one.sellerMemo),
    ownNote: together((one) => one.ownNote),
    shipSteps: first.shipSteps,
    workState: first.workState,
    labelNow: !stop && isLabelNext({ first, isCounted }),
    packages: first.packages,
    lines: lines.map(({ codes, weightGrams, ...line }) => line),
    asksSerial: first.asksSerial,
    weightGrams: first.weightGrams,
    expectedGrams: expected ?? null,
    toleranceGrams: expected === undefined ? null : toleranceOf(expected),
    stop: stop ?? null,
  }
}

const clock = new Intl.DateTimeFormat('zh-CN', {
  timeZone: 'Asia/Shanghai',
  ...{ month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' },
})
const timeOf = (at: Date | null) => (at ? clock.format(at) : '')
