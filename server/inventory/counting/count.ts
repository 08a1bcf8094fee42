import type { Actor, By } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { once } from '../../core/db/once.ts'
import type { Row } from '../../core/db/rows.ts'
import { answerEach, numbered, type Outcome } from '../../core/decide.ts'
import { AppError } from '../../errors.ts'
import { insertDocuments } from '../documents/document-queries.ts'
import { ensurePairs, lockStock } from '../stock.ts'
import type { CountAnswer } from './contract.ts'
import {
  countLines,
  deleteRound,
  entriesOf,
  hasMoved,
  insertEntry,
  leftOf,
  placesOf,
  type TaskRow,
  tasksById,
  writeTaskEnds,
} from './count-queries.ts'
import { bySku, countOf, type Entry, verdictOf, whyNotCounted, whyNotEnded } from './count-rules.ts'
import { whatCount } from './count-tasks.ts'

/**
 * Pieces of a SKU that are on hand and not on the shelf, because they were picked for parcels that have not left. `maybePacked`: further
 * pieces that may be off the shelf, because their picking is not recorded. `isMoving`: some were picked in the last milliseconds, or are being
 * picked now. The slice fulfilment supplies this function, because this slice may not import it.
 */
export type OffShelf = (
  tx: Tx,
  at: { warehouseId: string; skuId: string },
  ageMs: number,
) => Promise<{ pieces: number; maybePacked: number; isMoving: boolean }>

export type Counted = {
  key: string
  lineNo: number
  round: number
  quantity: number
  /** Milliseconds for which the phone kept the count. */
  ageMs: number
  alone?: boolean | undefined
}

/** Milliseconds. A count that the phone kept for longer is taken only if no goods moved meanwhile. */
const freshMs = 60_000

/**
 * Takes what a person counted at a place. When all places of a SKU are counted, the sum is compared with the books, less what was picked
 * already. A difference asks for a second count, which decides. The task ends with its last SKU.
 */
export async function countPlace(
  tx: Tx,
  taskId: string,
  counted: Counted,
  { by, offShelf }: { by: By; offShelf: OffShelf },
): Promise<CountAnswer> {
  const [task] = await tasksById(tx, [taskId], by.scope, 'lock')
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
  const entries = await entriesOf(tx, [task.id], lineNos)
  const asked = { round, lineNo, userId: by.actor.id, alone }
  const refusal = whyNotCounted(task.status, places, entries, asked)
  if (refusal) throw new AppError('count_refused', { why: refusal.message })

  const at = { warehouseId: task.warehouseId, skuId }
  const { moved, ...shelf } = await expectedNow(tx, at, ageMs, offShelf)
  if (moved) return { verdict: 'moved', left: await leftOf(tx, task.id) }
  const { id: countedById, name: countedBy } = by.actor
  const entry = { lineNo, round, quantity, ...shelf, countedBy, countedById }
  await insertEntry(tx, task.id, entry)
  const verdict = verdictOf(places, [...entries, entry], round)
  if (verdict === 'moved') await deleteRound(tx, task.id, lineNos, round)
  const left = await leftOf(tx, task.id)
  if (left === 0) await close(tx, [task], by.actor)
  return { verdict, left }
}

/**
 * Reads what should lie on the shelf. The balance is locked first: shipping needs this lock too, so picked pieces are still on hand, and
 * shipped pieces are neither on hand nor picked.
 */
async function expectedNow(
  tx: Tx,
  at: { warehouseId: string; skuId: string },
  ageMs: number,
  offShelf: OffShelf,
): Promise<{ expected: number; maybePacked: number; moved: boolean }> {
  const [balance] = await lockStock(tx, await ensurePairs(tx, [at]))
  const { pieces, maybePacked, isMoving } = await offShelf(tx, at, ageMs)
  const isOld = ageMs > freshMs
  const moved = isOld && (isMoving || (await hasMoved(tx, at, ageMs)))
  return { expected: (balance?.onHand ?? 0) - pieces, maybePacked, moved }
}

/** 结束盘点: ends tasks. What is not decided yet is left out; a task without any decided SKU is cancelled. */
export async function endCounts(tx: Tx, ids: readonly string[], by: By): Promise<Outcome[]> {
  const tasks = await tasksById(tx, ids, by.scope, 'lock')
  await close(
    tx,
    tasks.filter((task) => !whyNotEnded(task)),
    by.actor,
  )
  return answerEach(ids, new Map(tasks.map((task) => [task.id, task])), numbered(whatCount), whyNotEnded)
}

type Decided = { skuId: string; difference: number; countedAt: Date }

async function close(tx: Tx, tasks: readonly TaskRow[], actor: Actor): Promise<void> {
  const taskIds = tasks.map(({ id }) => id)
  const entries = Map.groupBy(await entriesOf(tx, taskIds), ({ taskId }) => taskId)
  const lines = Map.groupBy(await countLines(tx, taskIds), ({ taskId }) => taskId)
  const ended = tasks.map((task) => {
    const counted = entries.get(task.id) ?? []
    const decided = [...bySku(lines.get(task.id) ?? [], counted)].flatMap(([skuId, one]): Decided[] => {
      const { round, difference } = countOf(one.places, one.entries)
      const decisive = one.entries.find((entry) => entry.round === round)
      return difference === undefined || !decisive
        ? []
        : [{ skuId, difference, countedAt: decisive.countedAt }]
    })
    const note = `盘点 ${task.no}：第一遍 ${namesIn(counted, 1)}，第二遍 ${namesIn(counted, 2)}`
    const differing = decided.filter(({ difference }) => difference !== 0)
    return {
      ...task,
      note,
      differing,
      status: decided.length === 0 ? ('cancelled' as const) : ('done' as const),
    }
  })
  const drafted = ended.filter(({ differing }) => differing.length > 0)
  const documentIds = await draftsOf(tx, drafted, actor)
  const documentOf = new Map(drafted.map(({ id }, at) => [id, documentIds[at] ?? null]))
  const ends = ended.map(({ id, status }) => ({ id, status, documentId: documentOf.get(id) ?? null }))
  await writeTaskEnds(tx, ends, actor)
}

/** The names of those who counted in this round. The approver sees from them whether two people did. */
const namesIn = (entries: readonly Entry[], round: number) =>
  [...new Set(entries.filter((one) => one.round === round).map(({ countedBy }) => countedBy))].join('、')

/**
 * Writes the differences of each task as a draft of a stock-take, which is approved and posted as any other. A stock-take changes stock by
 * its quantity less the books of its writing, so the quantity is what the books say now, with the difference.
 */
async function draftsOf(
  tx: Tx,
  tasks: readonly { warehouseId: string; note: string; differing: readonly Decided[] }[],
  actor: Actor,
): Promise<string[]> {
  const keyOf = (pair: Row<'stock', 'warehouseId' | 'skuId'>) => `${pair.warehouseId} ${pair.skuId}`
  const pairs = tasks.flatMap(({ warehouseId, differing }) =>
    differing.map(({ skuId }) => ({ warehouseId, skuId })),
  )
  const locked = await lockStock(tx, await ensurePairs(tx, pairs))
  const onHand = new Map(locked.map((balance) => [keyOf(balance), balance.onHand]))
  const drafts = tasks.map(({ warehouseId, note, differing }) => ({
    row: {
      ...{ kind: 'count' as const, warehouseId, toWarehouseId: null, lockKind: null },
      ...{ startsAt: null, endsAt: null, note },
    },
    lines: differing.map(({ skuId, difference, countedAt }) => ({
      skuId,
      countedAt,
      quantity: Math.max(0, (onHand.get(keyOf({ warehouseId, skuId })) ?? 0) + difference),
    })),
  }))
  return insertDocuments(tx, drafts, actor.name)
}
