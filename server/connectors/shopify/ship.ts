import { PlatformError } from '../../lib/platform-error.ts'
import type { Call } from '../connector.ts'
import { type Fields, fieldsAt, isFields, listAt, longest, textAt, wholeAt } from '../fields.ts'
import type { ChangeInput, ParcelGoods, ShipInput, ToldParcel } from '../parcels.ts'
import { changeWith, noFormerParcel, shippedBy, shippingWith, shipWith } from '../shipping.ts'
import { ask, change, rowsOf } from './client.ts'
import { courierNames } from './couriers.ts'
import { shipFailureOf } from './errors.ts'
import { numberAt } from './fields.ts'
import { orderRow } from './order-row.ts'
import { numbersWith, sentWith } from './parcels.ts'
import { changeTracking, sendParcel, workLinesQuery, workQuery } from './queries.ts'
import { isHeldWork } from './statuses.ts'
import { tradeDetail } from './trades.ts'

/** A row of a work order: pieces of a line that lie at one place and are to be sent. */
type Row = { work: string; place: string; id: string; oid: string; left: number }

/**
 * Sends a parcel: pieces of lines, from the work orders in which they wait. The platform knows no parcel again, so it is asked first for the pieces that are left to send. Goods at two
 * places are two parcels there, with one waybill; if only the first of them was sent, the next try sends the other.
 */
export async function ship(call: Call, input: ShipInput): Promise<void> {
  const company = shippingWith(courierNames, input)
  const { tid, waybillNo } = input
  await shipWith(
    input,
    async () => {
      const works = await worksOf(call, tid)
      const rows = await rowsToSend(call, works)
      // An earlier try may have sent some of the goods at several places. The other pieces of their lines are none of this parcel.
      const whole = rows && works.length === 1 ? taking(rows, input) : undefined
      const taken = whole ?? (rows && taking(rows, await withoutSent(call, input)))
      if (!taken || taken.length === 0)
        throw new PlatformError('rejected', 'not_done', 'The order may not be shipped now.')
      for (const goods of Map.groupBy(taken, ({ place }) => place).values())
        await change(call, sendParcel, {
          fulfillment: {
            lineItemsByFulfillmentOrder: [...Map.groupBy(goods, ({ work }) => work)].map(([id, items]) => ({
              fulfillmentOrderId: id,
              fulfillmentOrderLineItems: items.map((one) => ({ id: one.id, quantity: one.left })),
            })),
            notifyCustomer: true,
            trackingInfo: { company, number: waybillNo },
          },
        })
    },
    { meaningOf: shipFailureOf, look: () => tradeDetail(call, tid), hasAll: () => hasAll(call, input) },
  )
}

/** All work orders of an order. Each hold, split or move of its goods may have left an ended one behind. */
async function worksOf(call: Call, tid: string): Promise<Fields[]> {
  const found: Fields[] = []
  let after: string | null = null
  do {
    const { order } = await orderRow(call, workQuery, tid, { after })
    const { rows, next } = rowsOf(fieldsAt(order, 'fulfillmentOrders'))
    found.push(...rows.filter(isFields))
    after = next
  } while (after !== null)
  return found
}

/** The rows of all work orders that may be sent. Undefined: one of them is on hold, so nothing of the order may leave. */
async function rowsToSend(call: Call, works: readonly Fields[]): Promise<Row[] | undefined> {
  if (works.some(isHeldWork)) return undefined
  const found: Row[] = []
  for (const work of works.filter(maySend)) {
    const id = textAt(work, 'id', longest.name)
    const place = numberAt(fieldsAt(fieldsAt(work, 'assignedLocation'), 'location'), 'id')
    for (const row of (await rowsOfWork(call, id, fieldsAt(work, 'lineItems'))).filter(isFields)) {
      const left = wholeAt(row, 'remainingQuantity', 0, 1_000_000) ?? 0
      const oid = numberAt(fieldsAt(row, 'lineItem'), 'id')
      if (left > 0) found.push({ work: id, place, id: textAt(row, 'id', longest.name), oid, left })
    }
  }
  return found
}

const maySend = (work: Fields): boolean =>
  listAt(work, 'supportedActions', '').some((one) => isFields(one) && one.action === 'CREATE_FULFILLMENT')

/** The rows of a work order, also those behind the first page. */
async function rowsOfWork(call: Call, id: string, first: Fields): Promise<readonly unknown[]> {
  let { rows, next } = rowsOf(first)
  const found = [...rows]
  while (next !== null) {
    const { data } = await ask(call, workLinesQuery, { id, after: next })
    ;({ rows, next } = rowsOf(fieldsAt(fieldsAt(data, 'fulfillmentOrder'), 'lineItems')))
    found.push(...rows)
  }
  return found
}

/** The parcel without the pieces that have left with its waybill already. @throws {PlatformError} if all of them have. */
async function withoutSent(call: Call, input: ShipInput): Promise<ShipInput> {
  const { tid, oids, waybillNo } = input
  const goods = (input.goods ?? []).filter(({ oid }) => oids.length === 0 || oids.includes(oid))
  // Without pieces, all that is left of the lines is sent.
  if (goods.length === 0) return input
  const sent = new Map(await sentWith(call, tid, waybillNo))
  const open = goods.map(({ oid, quantity }): ParcelGoods => {
    const gone = Math.min(sent.get(oid) ?? 0, quantity)
    sent.set(oid, (sent.get(oid) ?? 0) - gone)
    return { oid, quantity: quantity - gone }
  })
  const left = open.filter(({ quantity }) => quantity > 0)
  if (left.length === 0) throw new PlatformError('rejected', 'not_done', 'The parcel has left already.')
  return { ...input, goods: left }
}

/** The pieces of the parcel by rows; undefined: not all of them are there. Without pieces, all that is left of the lines. */
function taking(rows: readonly Row[], { oids, goods }: ShipInput): Row[] | undefined {
  const isAsked = ({ oid }: { oid: string }) => oids.length === 0 || oids.includes(oid)
  const wanted: readonly ParcelGoods[] | undefined = goods?.filter(isAsked)
  if (!wanted || wanted.length === 0) return rows.filter(isAsked)
  const taken: Row[] = []
  for (const { oid, quantity } of wanted) {
    let open = quantity
    for (const row of rows.filter((one) => one.oid === oid)) {
      const left = Math.min(open, row.left)
      if (left > 0) taken.push({ ...row, left })
      open -= left
    }
    if (open > 0) return undefined
  }
  return taken
}

/**
 * fulfillmentTrackingInfoUpdate, for each of the platform's parcels with the former waybill: goods at two places are two of them. One that has the new
 * waybill by an earlier try is left as it is.
 */
export async function changeWaybill(call: Call, input: ChangeInput): Promise<void> {
  const company = shippingWith(courierNames, input)
  const { tid, was, waybillNo } = input
  await changeWith(
    input,
    async () => {
      const ids = await numbersWith(call, tid, was.waybillNo)
      if (ids.length === 0) throw noFormerParcel()
      for (const id of ids)
        await change(call, changeTracking, {
          id,
          info: { company, number: waybillNo },
          notifyCustomer: true,
        })
    },
    { meaningOf: shipFailureOf, look: () => tradeDetail(call, tid), hasAll: () => hasAll(call, input) },
  )
}

const isShown = shippedBy(tradeDetail)

/** Pieces of one line may lie at several places, which are as many calls, and the waybill of the line does not say that all of them were made. */
export const shipped = async (call: Call, parcel: ToldParcel): Promise<boolean> =>
  (await isShown(call, parcel)) && (await hasAll(call, parcel))

async function hasAll(call: Call, { tid, oids, waybillNo, goods = [] }: ToldParcel): Promise<boolean> {
  const asked = goods.filter(({ oid }) => oids.length === 0 || oids.includes(oid))
  if (asked.length === 0) return true
  const sent = await sentWith(call, tid, waybillNo)
  return [...Map.groupBy(asked, ({ oid }) => oid)].every(
    ([oid, rows]) => (sent.get(oid) ?? 0) >= rows.reduce((sum, { quantity }) => sum + quantity, 0),
  )
}
