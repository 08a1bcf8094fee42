import type { Actor, By } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Outcome, Refusal } from '../../core/decide.ts'
import { type ReceivedStock, receiveStock } from '../../inventory/documents/take-in.ts'
import { defectiveWarehouses } from '../../inventory/warehouses.ts'
import { noteShipping } from '../../orders/holds/shipping.ts'
import { linesToReturn, noteCameBack } from '../../orders/refunds/for-returns.ts'
import { isShippedByUs, notShipped } from '../create.ts'
import { whyNotReceived } from '../lifecycle.ts'
import {
  addReturnEvents,
  cameBackOf,
  linesOf,
  partsOf,
  type ReturnLine,
  type ReturnPart,
  type ReturnRow,
} from '../queries.ts'
import { answerReturns, lockReturns, settleAutomatically, transition } from '../transition.ts'
import { returnWarehouses } from '../warehouses.ts'
import { writeBackReceipts } from '../write-back/tell.ts'
import { type Arrived, writeDiscrepancies, writeReceipts } from './receipt-queries.ts'

export type Receipt = {
  id: string
  /** The version of the return that the user saw. Left out: it is not checked, and the return must not have been received before. */
  version?: number | undefined
  warehouseId?: string | undefined
  /** The received pieces of each line; left out: all expected pieces, in good condition. */
  lines?: readonly { lineNo: number; good: number; defective: number }[] | undefined
  /** Received pieces that are not on the return. They are kept apart and are not put on hand. */
  wrong?: readonly { skuId: string; quantity: number; note: string }[] | undefined
  /** True: the goods are on hand already, as those of an unclaimed parcel. */
  stocked?: boolean | undefined
}

type Plan = {
  held: ReturnRow
  receipt: Receipt
  warehouseId: string
  lines: readonly ReturnLine[]
  arrived: Arrived
}

/**
 * 收货: puts received goods on hand, good ones in the warehouse of the receipt (left out: that of the return), defective ones in the
 * defective warehouse of that warehouse. An unconfirmed return is confirmed too (快速入库), so that unpacking need not wait for a clerk. A
 * repeated or concurrent receipt is refused, since the return is received already or has another version. Missing and wrong pieces become
 * discrepancies.
 */
export async function receiveReturns(
  tx: Tx,
  receipts: readonly Receipt[],
  { actor, scope }: By,
): Promise<Outcome[]> {
  const ids = receipts.map(({ id }) => id)
  const held = await lockReturns(tx, ids, scope)
  return receiveLocked(tx, held, receipts, { actor, scope })
}

export async function receiveLocked(
  tx: Tx,
  held: readonly ReturnRow[],
  receipts: readonly Receipt[],
  { actor, scope }: By,
): Promise<Outcome[]> {
  const byId = new Map(receipts.map((receipt) => [receipt.id, receipt]))
  const ids = held.map(({ id }) => id)
  const lines = await linesOf(tx, ids)
  const parts = await partsOf(tx, ids)
  const places = held.flatMap(({ id, warehouseId }) => byId.get(id)?.warehouseId ?? warehouseId ?? [])
  const warehouses = await returnWarehouses(tx, places, scope)
  const out = await piecesOut(tx, [...lines.values()].flat())
  const plans = new Map<string, Plan>()
  const outcomes = answerReturns([...byId.keys()], held, (one) => {
    const planned = plan(one, byId.get(one.id) ?? { id: one.id }, {
      lines: lines.get(one.id) ?? [],
      parts: parts.get(one.id) ?? [],
      warehouses,
      out,
    })
    if ('code' in planned) return planned
    plans.set(one.id, planned)
    for (const [key, pieces] of piecesOf(planned)) out.set(key, (out.get(key) ?? 0) - pieces)
    return undefined
  })
  if (plans.size > 0) await write(tx, [...plans.values()], parts, actor)
  return outcomes
}

/** Returns the orders whose goods we have shipped, by their present status; goods that never left cannot come back. */
export async function goneOrders(
  tx: Tx,
  lines: readonly Pick<ReturnLine, 'orderId'>[],
): Promise<ReadonlySet<string>> {
  const rows = await linesToReturn(tx, [...new Set(lines.map(({ orderId }) => orderId))])
  return new Set(rows.filter(isShippedByUs).map(({ orderId }) => orderId))
}

/**
 * Returns the pieces of each line that are shipped and have not come back, by "order id/line number". No receipt may exceed them, so that
 * no piece is received twice.
 */
async function piecesOut(tx: Tx, lines: readonly ReturnLine[]): Promise<Map<string, number>> {
  const orderIds = [...new Set(lines.map(({ orderId }) => orderId))]
  const rows = await linesToReturn(tx, orderIds)
  const back = await cameBackOf(tx, orderIds)
  return new Map(
    rows.filter(isShippedByUs).map(({ orderId, lineNo, quantity }) => {
      const key = `${orderId}/${lineNo}`
      return [key, quantity - (back.get(key) ?? 0)]
    }),
  )
}

function piecesOf({ lines, arrived }: Pick<Plan, 'lines' | 'arrived'>): [key: string, pieces: number][] {
  const keys = new Map(lines.map((line) => [line.lineNo, `${line.orderId}/${line.orderLineNo}`]))
  return arrived.lines.map(({ lineNo, good, defective }) => [keys.get(lineNo) ?? '', good + defective])
}

function plan(
  held: ReturnRow,
  receipt: Receipt,
  facts: {
    lines: readonly ReturnLine[]
    parts: readonly ReturnPart[]
    warehouses: ReadonlySet<string>
    out: ReadonlyMap<string, number>
  },
): Plan | Refusal {
  const warehouseId = receipt.warehouseId ?? held.warehouseId
  const refusal = whyNotReceived({ ...held, hasWarehouse: warehouseId !== null })
  const isRest = held.status === 'received' || held.status === 'settled'
  const waited = facts.lines.filter(({ isShort }) => isShort || !isRest)
  if (refusal && !(isRest && waited.length > 0 && receipt.lines && receipt.version !== undefined))
    return refusal
  if (receipt.version !== undefined && receipt.version !== held.version) return changed
  if (warehouseId === null || !facts.warehouses.has(warehouseId)) return noWarehouse
  const counted = countedOf(facts.lines, receipt, waited)
  if ('code' in counted) return counted
  const wrong = receipt.wrong ?? []
  const came = counted.filter(({ good, defective }) => good + defective > 0)
  const arrived = { lines: came, wrong, short: shortOf(waited, came) }
  const beyond = whyNotOut({ lines: facts.lines, arrived }, facts.out)
  if (beyond) return beyond
  if (came.length + wrong.length === 0) return nothing
  const stockable = new Set(facts.parts.map(({ lineNo }) => lineNo))
  if (!receipt.stocked && came.some(({ lineNo }) => !stockable.has(lineNo))) return noSku
  return { held, receipt, warehouseId, lines: facts.lines, arrived }
}

function whyNotOut(
  receipt: Pick<Plan, 'lines' | 'arrived'>,
  out: Parameters<typeof plan>[2]['out'],
): Refusal | undefined {
  for (const [at, [key, pieces]] of piecesOf(receipt).entries()) {
    const left = out.get(key)
    if (left === undefined) return notShipped
    if (pieces > left) return tooMany(receipt.arrived.lines[at]?.lineNo ?? 0, left)
  }
  return undefined
}

/**
 * Returns the good and defective pieces of each line in the receipt. Refuses more pieces than expected, and lines of which no pieces are
 * expected any more.
 */
function countedOf(
  lines: readonly ReturnLine[],
  receipt: Receipt,
  waited: readonly ReturnLine[],
): Arrived['lines'] | Refusal {
  if (!receipt.lines)
    return lines.map(({ lineNo, quantity, good, defective }) => ({
      lineNo,
      good: quantity - good - defective,
      defective: 0,
    }))
  const given = new Map(receipt.lines.map((line) => [line.lineNo, line]))
  if (given.size < receipt.lines.length) return noLine
  for (const { lineNo, good, defective } of given.values()) {
    const line = lines.find((one) => one.lineNo === lineNo)
    if (!line) return noLine
    const left = waited.includes(line) ? line.quantity - line.good - line.defective : 0
    if (good + defective > left) return tooMany(lineNo, left)
  }
  return [...given.values()]
}

function shortOf(lines: readonly ReturnLine[], came: Arrived['lines']): Arrived['short'] {
  const now = new Map(came.map((line) => [line.lineNo, line.good + line.defective]))
  return lines.map(({ lineNo, quantity, good, defective }) => ({
    lineNo,
    quantity: quantity - good - defective - (now.get(lineNo) ?? 0),
  }))
}

async function write(
  tx: Tx,
  plans: readonly Plan[],
  parts: ReadonlyMap<string, readonly ReturnPart[]>,
  actor: Actor,
): Promise<void> {
  const held = plans.map((one) => ({ ...one.held, warehouseId: one.warehouseId, hasWarehouse: true }))
  const confirmed = await transition(tx, held, { event: 'confirm', detail: { how: 'receive' } }, actor)
  const byId = new Map([...held, ...confirmed].map((one) => [one.id, one]))
  await transition(tx, [...byId.values()], { event: 'receive' }, actor)
  const rows = plans.map(({ held: { id }, warehouseId, arrived }) => ({
    returnId: id,
    warehouseId,
    ...arrived,
  }))
  const steps = await writeReceipts(tx, rows, actor.name)
  await addReturnEvents(tx, plans.map(receiptEvent), actor)
  await writeDiscrepancies(tx, rows, actor)
  const stories = plans.flatMap(({ held: { no }, lines }) =>
    [...new Set(lines.map(({ orderId }) => orderId))].map((orderId) => ({
      orderId,
      event: 'return_received',
      detail: { no },
    })),
  )
  await noteCameBack(
    tx,
    stories.map(({ orderId }) => orderId),
  )
  await noteShipping(tx, stories, actor)
  const ids = plans.map((one) => one.held.id)
  const received = await writeBackReceipts(tx, ids, actor)
  await settleAutomatically(tx, received, actor)
  await putAway(tx, plans, { parts, steps }, actor)
}

const receiptEvent = ({ held, warehouseId, arrived }: Plan) => ({
  returnId: held.id,
  event: 'receipt',
  detail: {
    warehouseId,
    good: arrived.lines.reduce((sum, { good }) => sum + good, 0),
    defective: arrived.lines.reduce((sum, { defective }) => sum + defective, 0),
  },
})

/** Puts the goods on hand. Must be the transaction's only call on stock (lock order). */
async function putAway(
  tx: Tx,
  plans: readonly Plan[],
  { parts, steps }: { parts: ReadonlyMap<string, readonly ReturnPart[]>; steps: ReadonlyMap<string, number> },
  actor: Actor,
): Promise<void> {
  const stocking = plans.filter(({ receipt }) => !receipt.stocked)
  const apart = await defectiveWarehouses(
    tx,
    stocking
      .filter(({ arrived }) => arrived.lines.some(({ defective }) => defective > 0))
      .map(({ warehouseId }) => warehouseId),
  )
  const goods = stocking.flatMap(({ held: { id }, warehouseId, arrived }) =>
    arrived.lines.flatMap(({ lineNo, good, defective }) =>
      (parts.get(id) ?? [])
        .filter((part) => part.lineNo === lineNo)
        .flatMap(({ skuId, perLine }): ReceivedStock[] => {
          const row = { kind: 'return' as const, documentId: id, lineNo, step: steps.get(id) ?? 1, skuId }
          return [
            { ...row, warehouseId, quantity: good * perLine },
            {
              ...row,
              warehouseId: apart.get(warehouseId) ?? warehouseId,
              quantity: defective * perLine,
            },
          ]
        }),
    ),
  )
  await receiveStock(tx, goods, actor)
}

const changed: Refusal = {
  code: 'changed',
  message: {
    zh: '这张退货单刚被收货或改动，刷新后核对',
    en: 'It was just received or changed; reload and check',
  },
}
const noWarehouse: Refusal = {
  code: 'no_warehouse',
  message: {
    zh: '没有退货仓，或退货仓已停用。选一个退货仓再收货',
    en: 'No return warehouse, or it is retired. Choose one, then receive',
  },
}
const nothing: Refusal = {
  code: 'nothing',
  message: { zh: '没有填收到的数量', en: 'Nothing was counted' },
}
const noSku: Refusal = {
  code: 'no_sku',
  message: {
    zh: '有商品没匹配 SKU，入不了库。先匹配商品',
    en: 'Some goods have no SKU and cannot be stocked. Match them first',
  },
}
const noLine: Refusal = {
  code: 'no_line',
  message: { zh: '没有这一行商品，或写了两次', en: 'No such line, or given twice' },
}
const tooMany = (lineNo: number, left: number): Refusal => ({
  code: 'too_many',
  message: {
    zh: `第 ${lineNo} 行最多还能收 ${left} 件，多出的记为错收`,
    en: `Line ${lineNo}: at most ${left} can still arrive; book the rest as wrong goods`,
  },
})
