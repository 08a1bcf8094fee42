import { courierOf, couriers } from '../../connectors/couriers.ts'
import type { By, Scope } from '../../core/access/actor.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import { notFound, type Outcome } from '../../core/decide.ts'
import type { RowRefusal } from '../../core/sheets/sheet-contract.ts'
import type { SheetRow } from '../../core/sheets/sheet-pick.ts'
import {
  BadCell,
  namedRows,
  neededCell,
  type RefusalReason,
  readEach,
  refusal,
  reportOf,
} from '../../core/sheets/sheet-rows.ts'
import type { LocalizedText } from '../../lib/localized-text.ts'
import { chosenCouriers, ordersByNumber, voidedOrders } from '../../orders/holds/shipping.ts'
import { type CheckRefunds, checkRefundsBeforeShipping } from '../asking/asking.ts'
import type { WaybillReport } from '../contract.ts'
import { asNumber, waybillPattern } from '../lifecycle.ts'
import { liveByNumber, type Waybill } from '../queries.ts'
import { badWaybill, sameTwice, setWaybills, unknownCourier } from './waybills.ts'

const heads = {
  number: ['单号', '订单号', '销售单号', '交易号', '发货单号', 'order', 'order no', 'trade', 'number'],
  courier: ['快递', '快递公司', '物流公司', 'courier', 'carrier'],
  waybillNo: ['运单号', '快递单号', '物流单号', 'waybill', 'waybill no', 'tracking no'],
} as const
type Head = keyof typeof heads

/** Limits the rows of one import, which is one transaction. */
export const rowsMax = 5000

type Asked = { number: string; courier: string; waybillNo: string }
type Numbered = { row: number; value: Asked }

/** The functions that ship the deliveries of an import: `ask` first checks refunds on the platforms. */
export type Leaving = {
  ask: CheckRefunds
  ship: (tx: Tx, ids: readonly string[], by: By) => Promise<Outcome[]>
}

export type WaybillSource = ({ file: Buffer } | { text: string }) & { keepChosen?: boolean }

/**
 * Imports waybills from pasted lines of "number, courier, waybill", or from a sheet; the number is of an order, a trade or a delivery.
 * Valid rows are written, invalid ones are reported with row and column. With `leaving` the deliveries are then shipped, after the refund
 * check.
 */
export async function importWaybills(
  db: Database,
  source: WaybillSource,
  leaving: Leaving | undefined,
  { actor, scope }: By,
): Promise<WaybillReport> {
  const rows =
    'file' in source
      ? await namedRows<Head>(source.file, heads, ['number', 'courier', 'waybillNo'])
      : pastedRows(source.text)
  const tooMany = rows.slice(rowsMax).map(({ row }) => refusal(row, '', overRows))
  const { good, refused } = readEach(rows.slice(0, rowsMax), askedOf)
  if (leaving) {
    const numbers = [...new Set(good.map(({ value }) => value.number))]
    const live = await liveByNumber(db, numbers, scope)
    await checkRefundsBeforeShipping(
      db,
      leaving.ask,
      live.map(({ id }) => id),
      scope,
    )
  }
  const how = { ship: leaving?.ship, keepChosen: source.keepChosen ?? false }
  const done = await db.transaction().execute((tx) => writeRows(tx, good, how, { actor, scope }))
  const { written, shipped } = done
  return reportOf(rows.length, { written, shipped }, [...refused, ...done.refused, ...tooMany])
}

/** Splits pasted lines into number, courier and waybill, at tabs, commas, semicolons or spaces. A line of column names is skipped. */
function pastedRows(text: string): SheetRow<Head>[] {
  return text.split(/\r?\n/).flatMap((line, at) => {
    const cells = line
      .trim()
      .split(/\s*[\t,，;；]\s*|\s+/)
      .filter(Boolean)
    if (cells.length === 0 || isHead(cells)) return []
    const [number = '', ...rest] = cells
    const waybillNo = rest.length > 1 ? rest.pop() : undefined
    const found: SheetRow<Head>['cells'] = { number }
    if (rest.length > 0) found.courier = rest.join(' ')
    if (waybillNo !== undefined) found.waybillNo = waybillNo
    return [{ row: at + 1, cells: found }]
  })
}

const isHead = (cells: readonly string[]) =>
  heads.waybillNo.some((head) => head === cells.at(-1)?.toLowerCase())

function askedOf(cells: Partial<Record<Head, string>>): Asked {
  const number = asNumber(neededCell(heads.number[0], cells.number))
  const name = neededCell(heads.courier[0], cells.courier)
  const courier = courierOf(name)
  if (courier === undefined)
    throw new BadCell(heads.courier[0], `没有快递「${name}」`, `${unknownCourier.message.en}: ${name}`)
  const waybillNo = neededCell(heads.waybillNo[0], cells.waybillNo).toUpperCase()
  if (!new RegExp(waybillPattern).test(waybillNo))
    throw new BadCell(heads.waybillNo[0], badWaybill.message.zh, badWaybill.message.en)
  return { number, courier, waybillNo }
}

async function writeRows(
  tx: Tx,
  rows: readonly Numbered[],
  { ship, keepChosen }: { ship: Leaving['ship'] | undefined; keepChosen: boolean },
  { actor, scope }: By,
): Promise<{ written: number; shipped: number; refused: RowRefusal[] }> {
  const found = await whichDeliveries(tx, rows, scope)
  if (keepChosen) await refuseOtherCouriers(tx, found)
  const waybills = [...found.rowOf].map(
    ([deliveryId, { value }]): Waybill => ({
      deliveryId,
      courier: value.courier,
      waybillNo: value.waybillNo,
    }),
  )
  const typed = waybills.length === 0 ? [] : await setWaybills(tx, waybills, { actor, scope })
  const written = typed.filter(({ done }) => done).map(({ id }) => id)
  const left = ship && written.length > 0 ? await ship(tx, written, { actor, scope }) : []
  const refused = [...typed, ...left].flatMap((outcome) => {
    const row = found.rowOf.get(outcome.id)?.row ?? 0
    return outcome.done ? [] : [refusal(row, columnOf(outcome), outcome)]
  })
  return {
    written: written.length,
    shipped: left.filter(({ done }) => done).length,
    refused: [...found.refused, ...refused],
  }
}

/** Refuses rows with another courier than the order's, so that a paste does not replace a chosen courier unnoticed. */
async function refuseOtherCouriers(
  tx: Tx,
  found: { rowOf: Map<string, Numbered>; orderOf: Map<string, string>; refused: RowRefusal[] },
): Promise<void> {
  const chosen = await chosenCouriers(tx, [...found.orderOf.values()])
  for (const [deliveryId, { row, value }] of found.rowOf) {
    const courier = chosen.get(found.orderOf.get(deliveryId) ?? '')
    if (courier === undefined || courier === value.courier) continue
    found.rowOf.delete(deliveryId)
    const [want, got] = [courierWords(courier), courierWords(value.courier)]
    const message = {
      zh: `订单选的是${want.zh}，这行是${got.zh}`,
      en: `${want.en} is chosen for the order, the row says ${got.en}`,
    }
    found.refused.push(refusal(row, heads.courier[0], { code: 'other_courier', message }))
  }
}

const courierWords = (code: string): LocalizedText =>
  couriers.find((each) => each.code === code) ?? { zh: code, en: code }

/** Finds the live delivery of each number (of an order, trade or delivery). Rows without exactly one delivery are refused. */
async function whichDeliveries(
  tx: Tx,
  rows: readonly Numbered[],
  scope: Scope,
): Promise<{ rowOf: Map<string, Numbered>; orderOf: Map<string, string>; refused: RowRefusal[] }> {
  const numbers = [...new Set(rows.map(({ value }) => value.number))]
  const live = Map.groupBy(await liveByNumber(tx, numbers, scope), ({ number }) => number)
  const known = await ordersByNumber(
    tx,
    numbers.filter((number) => !live.has(number)),
    scope,
  )
  const voided = await voidedOrders(tx, [...known.values()].flat())
  const rowOf = new Map<string, Numbered>()
  const orderOf = new Map<string, string>()
  const refused: RowRefusal[] = []
  const twice = onTwoParcels(rows, (number) => live.get(number)?.[0]?.parcel ?? number)
  for (const row of rows) {
    const [delivery, other] = live.get(row.value.number) ?? []
    const refuse = (reason: RefusalReason) => refused.push(refusal(row.row, heads.number[0], reason))
    if (twice.has(waybillOf(row))) refused.push(refusal(row.row, heads.waybillNo[0], sameTwice))
    else if (!delivery) refuse(whyNoDelivery(known.get(row.value.number), voided))
    else if (other) refuse(ambiguous)
    else if (rowOf.has(delivery.id)) refuse(orderTwice)
    else {
      rowOf.set(delivery.id, row)
      orderOf.set(delivery.id, delivery.orderId)
    }
  }
  return { rowOf, orderOf, refused }
}

function whyNoDelivery(orders: readonly string[] | undefined, voided: ReadonlySet<string>): RefusalReason {
  if (orders === undefined) return noSuchNumber
  return orders.every((id) => voided.has(id)) ? orderVoided : notReleased
}

const waybillOf = ({ value }: Numbered) => `${value.courier} ${value.waybillNo}`

/** Returns the waybills that the rows give to different shipments. One of the rows is wrong, and it is unknown which. */
function onTwoParcels(rows: readonly Numbered[], parcelOf: (number: string) => string): Set<string> {
  const places = [...Map.groupBy(rows, waybillOf)].map(
    ([waybill, own]) => [waybill, new Set(own.map(({ value }) => parcelOf(value.number))).size] as const,
  )
  return new Set(places.flatMap(([waybill, size]) => (size > 1 ? [waybill] : [])))
}

const notReleased: RefusalReason = {
  code: 'not_released',
  message: { zh: '订单还没有通知配货', en: 'The order is not released' },
}
const orderVoided: RefusalReason = {
  code: 'voided',
  message: { zh: '订单已作废', en: 'The order is voided' },
}
const noSuchNumber: RefusalReason = {
  ...notFound({ zh: '这个号', en: 'This number' }),
  message: { zh: '没有这个订单号或交易号', en: 'No order or trade has this number' },
}
const ambiguous: RefusalReason = {
  code: 'ambiguous',
  message: {
    zh: '这个交易号有几张单（几家店，或拆过单），改用销售单号',
    en: 'Several orders have this trade: of several shops, or split. Use the order number',
  },
}
const orderTwice: RefusalReason = {
  code: 'order_twice',
  message: {
    zh: '这个订单前面已有一行，一单只有一个运单',
    en: 'This order has a row above; an order has one waybill',
  },
}
const overRows: RefusalReason = {
  code: 'too_many_rows',
  message: { zh: `一次最多 ${rowsMax} 行`, en: `At most ${rowsMax} rows at a time` },
}

const columnOf = ({ code }: Outcome & { done: false }) => {
  if (code === 'designated_courier') return heads.courier[0]
  return ofWaybill.includes(code) ? heads.waybillNo[0] : heads.number[0]
}
const ofWaybill = ['waybill_used', 'waybill_twice', 'parcel_waybills']
