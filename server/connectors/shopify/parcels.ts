import { PlatformError } from '../../lib/platform-error.ts'
import type { Call } from '../connector.ts'
import { type Fields, fieldsAt, isFields, listAt, longest, textAt, wholeAt } from '../fields.ts'
import { ask, rowsOf } from './client.ts'
import { gid, numberAt, utcAt } from './fields.ts'
import { orderRow } from './order-row.ts'
import { parcelLinesQuery, parcelsQuery } from './queries.ts'
import { sizes } from './sizes.ts'

/** A parcel of an order, with its pieces by the numbers of the lines. */
export type Parcel = { waybills: readonly string[]; at: Date | null; goods: ReadonlyMap<string, number> }

/** Every parcel of an order with all its lines: the order itself shows ten parcels, and eight lines of each. */
export async function parcelRowsOf(call: Call, tid: string, order: Fields): Promise<readonly Fields[]> {
  const shown = listAt(order, 'fulfillments', '').filter(isFields)
  const rows = isAll(order, shown, sizes.parcelsOfOrder) ? shown : await allOf(call, tid)
  const whole: Fields[] = []
  for (const row of rows) {
    const lines = fieldsAt(row, 'fulfillmentLineItems')
    const isWhole = Array.isArray(lines.nodes) && fieldsAt(lines, 'pageInfo').hasNextPage !== true
    whole.push(isWhole ? row : { ...row, fulfillmentLineItems: { nodes: await linesOf(call, row) } })
  }
  return whole
}

/** Without a count, a list that is full may have been cut. */
function isAll(order: Fields, rows: readonly Fields[], most: number): boolean {
  const count = wholeAt(fieldsAt(order, 'fulfillmentsCount'), 'count', 0, 10_000)
  return count === null ? rows.length < most : rows.length >= count
}

async function allOf(call: Call, tid: string): Promise<readonly Fields[]> {
  const { order } = await orderRow(call, parcelsQuery, tid)
  const rows = listAt(order, 'fulfillments', '').filter(isFields)
  if (!isAll(order, rows, sizes.parcelsNamed))
    throw new PlatformError('retry', 'bad_answer', 'The order has more parcels than it shows.')
  return rows
}

/** The parcels of the order that have left with this waybill, without their lines. */
async function rowsWith(call: Call, tid: string, waybillNo: string): Promise<readonly Fields[]> {
  const isOurs = ({ waybills }: Parcel) =>
    waybills.some((one) => one.toUpperCase() === waybillNo.toUpperCase())
  return (await allOf(call, tid)).filter((row) => parcelsIn([row]).some(isOurs))
}

/** The numbers of the parcels of the order that have left with this waybill. */
export const numbersWith = async (call: Call, tid: string, waybillNo: string): Promise<readonly string[]> =>
  (await rowsWith(call, tid, waybillNo)).map((row) => gid('Fulfillment', numberAt(row, 'id')))

/** The pieces of each line that have left with a waybill, which may be that of several parcels. */
export async function sentWith(
  call: Call,
  tid: string,
  waybillNo: string,
): Promise<ReadonlyMap<string, number>> {
  const sent = new Map<string, number>()
  for (const row of await rowsWith(call, tid, waybillNo)) {
    const whole = { ...row, fulfillmentLineItems: { nodes: await linesOf(call, row) } }
    for (const { goods } of parcelsIn([whole]))
      for (const [oid, pieces] of goods) sent.set(oid, Math.min((sent.get(oid) ?? 0) + pieces, 1_000_000))
  }
  return sent
}

async function linesOf(call: Call, row: Fields): Promise<readonly unknown[]> {
  const id = gid('Fulfillment', numberAt(row, 'id'))
  const found: unknown[] = []
  for (let after: string | null = null, isFirst = true; isFirst || after !== null; isFirst = false) {
    const { data } = await ask(call, parcelLinesQuery, { id, after })
    const { rows, next } = rowsOf(fieldsAt(fieldsAt(data, 'fulfillment'), 'fulfillmentLineItems'))
    found.push(...rows)
    after = next
  }
  return found
}

/** Reads the parcels that have left. One that was cancelled has not. */
export function parcelsIn(rows: readonly Fields[]): Parcel[] {
  return rows
    .filter((row) => !['CANCELLED', 'ERROR', 'FAILURE'].includes(textAt(row, 'status', longest.word)))
    .map((row) => {
      const goods = new Map<string, number>()
      for (const item of listAt(fieldsAt(row, 'fulfillmentLineItems'), 'nodes', '').filter(isFields)) {
        const oid = numberAt(fieldsAt(item, 'lineItem'), 'id')
        const pieces = wholeAt(item, 'quantity', 0, 1_000_000) ?? 0
        if (oid !== '') goods.set(oid, Math.min((goods.get(oid) ?? 0) + pieces, 1_000_000))
      }
      const waybills = listAt(row, 'trackingInfo', '')
        .filter(isFields)
        .map((info) => textAt(info, 'number', longest.word).trim())
        .filter(Boolean)
      return { waybills, at: utcAt(row, 'createdAt'), goods }
    })
}

export const waybillsOf = (parcels: readonly Parcel[], oid: string): readonly string[] => [
  ...new Set(parcels.filter(({ goods }) => (goods.get(oid) ?? 0) > 0).flatMap(({ waybills }) => waybills)),
]
