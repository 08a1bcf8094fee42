import type { By } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { once } from '../../core/db/once.ts'
import { AppError } from '../../errors.ts'
import { insertDocument } from '../documents/document-queries.ts'
import { ensurePairs, lockStock } from '../stock.ts'
import type { CountAnswer } from './contract.ts'
import {
  countLines,
  deleteRound,
  entriesOf,
  hasMoved,
  insertEntry,
  placesOf,
  progressOf,
  type TaskRow,
  taskById,
  writeTaskEnd,
} from './count-queries.ts'
import { bySku, countOf, type Entry, verdictOf, whyNotCounted } from './count-rules.ts'
import { whatCount } from './count-tasks.ts'

/**
 * Pieces of a SKU that are on hand and not on the shelf, because they were picked for parcels that have not left. `isMoving`: some were
 * picked in the last milliseconds, or are being picked now. The slice fulfilment supplies this function, because this slice may not import
 * it.
 */
export type OffShelf = (
  tx: Tx,
  at: { warehouseId: string; skuId: string },
  ageMs: number,
) => Promise<{ pieces: number; isMoving: boolean }>

export type Counted = {
  key: string
  lineNo: number
  round: number
  quantity: number
  /** Milliseconds for which the phone kept the count. */
  ageMs: number
  alone?: boolean | undefined
}

/** A count that was kept for longer is taken only if no goods moved since. */
const freshMs = 60_000

/**
 * Takes what a person counted at a place. When all places of a SKU are counted, the sum is compared with the books, less what was picked
 * already. A difference asks for a second count, which stands. The task ends with its last SKU.
 */
export async function countPlace(
  tx: Tx,
  taskId: string,
  counted: Counted,
  { by, offShelf }: { by: By; offShelf: OffShelf },
): Promise<CountAnswer> {
  const task = await taskById(tx, taskId, by.scope, 'lock')
  if (!task) throw new AppError('not_found', { what: whatCount })
  return once(tx, { key: counted.key, kind: `count ${taskId}` }, by.actor, () =>
    take(tx, task, counted, { by, offShelf }),
  )
}

async function take(
  tx: Tx,
  task: TaskRow,
  { lineNo, round, quantity, ageMs, alone = false }: Counted,
  { by, offShelf }: { by: By; offShelf: OffShelf },
): Promise<CountAnswer> {
  const places = await placesOf(tx, task.id, lineNo)
  const skuId = places[0]?.skuId
  if (skuId === undefined) throw new AppError('not_found', { what: { zh: '这一行', en: 'This line' } })
  const lineNos = places.map((place) => place.lineNo)
  const entries = await entriesOf(tx, task.id, lineNos)
  const asked = { round, lineNo, userId: by.actor.id, alone }
  const refusal = whyNotCounted(task.status, places, entries, asked)
  if (refusal) throw new AppError('count_refused', { why: refusal.message })

  const { expected, moved } = await expectedNow(tx, { warehouseId: task.warehouseId, skuId }, ageMs, offShelf)
  const left = async () => (await progressOf(tx, [task.id])).get(task.id)?.left ?? 0
  if (moved) return { verdict: 'moved', left: await left() }
  const { id: countedById, name: countedBy } = by.actor
  const entry = { lineNo, round, quantity, expected, countedBy, countedById }
  await insertEntry(tx, task.id, entry)
  const verdict = verdictOf(places, [...entries, entry], round)
  if (verdict === 'moved') await deleteRound(tx, task.id, lineNos, round)
  const remaining = await left()
  if (remaining === 0) await close(tx, task, by)
  return { verdict, left: remaining }
}

/**
 * Reads what should lie on the shelf. The balance is locked first: what ships needs this lock, so pieces are either still on hand and picked,
 * or neither.
 */
async function expectedNow(
  tx: Tx,
  at: { warehouseId: string; skuId: string },
  ageMs: number,
  offShelf: OffShelf,
): Promise<{ expected: number; moved: boolean }> {
  const [balance] = await lockStock(tx, await ensurePairs(tx, [at]))
  const { pieces, isMoving } = await offShelf(tx, at, ageMs)
  const isOld = ageMs > freshMs
  const moved = isOld && (isMoving || (await hasMoved(tx, at, ageMs)))
  return { expected: (balance?.onHand ?? 0) - pieces, moved }
}

export type CountEnd = { status: 'done' | 'cancelled'; documentNo: string | null; differences: number }

/** 结束盘点: ends a task. What is not decided yet is left out; a task without any decided SKU is cancelled. */
export async function endCount(tx: Tx, taskId: string, by: By): Promise<CountEnd> {
  const task = await taskById(tx, taskId, by.scope, 'lock')
  if (!task) throw new AppError('not_found', { what: whatCount })
  if (task.status !== 'open')
    throw new AppError('count_refused', { why: { zh: '已结束', en: 'It has ended already' } })
  return close(tx, task, by)
}

async function close(tx: Tx, task: TaskRow, by: By): Promise<CountEnd> {
  const entries = await entriesOf(tx, task.id)
  const decided = [...bySku(await countLines(tx, task.id), entries)].flatMap(([skuId, one]) => {
    const { difference } = countOf(one.places, one.entries)
    return difference === undefined ? [] : [{ skuId, difference }]
  })
  const differing = decided.filter(({ difference }) => difference !== 0)
  const note = `盘点 ${task.no}：第一遍 ${namesIn(entries, 1)}，第二遍 ${namesIn(entries, 2)}`
  const documentId = differing.length === 0 ? null : await draftOf(tx, task, { differing, note }, by)
  const status = decided.length === 0 ? ('cancelled' as const) : ('done' as const)
  await writeTaskEnd(tx, task.id, { status, documentId }, by.actor)
  const after = await taskById(tx, task.id, by.scope, 'read')
  return { status, documentNo: after?.documentNo ?? null, differences: differing.length }
}

/** The names of those who counted in this round. The approver sees from them whether two people did. */
const namesIn = (entries: readonly Entry[], round: number) =>
  [...new Set(entries.filter((one) => one.round === round).map(({ countedBy }) => countedBy))].join('、')

/**
 * Writes the differences as a draft of a stock-take, which is approved and posted as any other. A stock-take changes stock by its quantity
 * less the books of its writing, so the quantity is what the books say now, with the difference.
 */
async function draftOf(
  tx: Tx,
  { warehouseId }: TaskRow,
  { differing, note }: { differing: readonly { skuId: string; difference: number }[]; note: string },
  { actor }: By,
): Promise<string> {
  const pairs = await ensurePairs(
    tx,
    differing.map(({ skuId }) => ({ warehouseId, skuId })),
  )
  const onHand = new Map((await lockStock(tx, pairs)).map((balance) => [balance.skuId, balance.onHand]))
  const lines = differing.map(({ skuId, difference }) => ({
    skuId,
    quantity: Math.max(0, (onHand.get(skuId) ?? 0) + difference),
  }))
  const row = {
    ...{ kind: 'count' as const, warehouseId, toWarehouseId: null, lockKind: null },
    ...{ startsAt: null, endsAt: null, note },
  }
  return insertDocument(tx, row, lines, actor.name)
}
