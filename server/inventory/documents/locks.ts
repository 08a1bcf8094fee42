import { type Actor, type By, wholeScope } from '../../core/access/actor.ts'
import { audit } from '../../core/access/audit.ts'
import type { Tx } from '../../core/db/db.ts'
import { answerEach, type Outcome, type Refusal } from '../../core/decide.ts'
import { sendEvent } from '../../events.ts'
import { minuteMs } from '../../lib/time.ts'
import { whyNotUnfrozen } from '../lifecycle.ts'
import { lockStock, wakeWaiting } from '../stock.ts'
import {
  type DocumentLine,
  type DocumentRow,
  databaseNow,
  linesOf,
  lockDocuments,
  type Unfreezing,
  writeUnfreezing,
} from './document-queries.ts'
import { seesDocument } from './document-scope.ts'
import { documentAnswers, postDocuments } from './documents.ts'

export type PartToUnfreeze = { lineNo: number; quantity: number }

/** 释放锁定: unfreezes stock; backorders are then filled. */
export async function unfreezeStock(
  tx: Tx,
  ids: readonly string[],
  parts: readonly PartToUnfreeze[] | undefined,
  { actor, scope }: By,
): Promise<Outcome[]> {
  const seen = (await lockDocuments(tx, ids)).filter((document) => seesDocument(scope, document))
  const documents = new Map(seen.map((document) => [document.id, document]))
  const lines = Map.groupBy(await linesOf(tx, [...documents.keys()]), (line) => line.documentId)
  const unlocking: Unfreezing[] = []
  const outcomes = answerEach(ids, documents, documentAnswers, (document) => {
    const refusal = whyNotUnfrozen(document)
    if (refusal) return refusal
    const freed = partsOf(document, lines.get(document.id) ?? [], parts)
    if (freed === undefined) return overLimit
    unlocking.push(...freed)
    return undefined
  })
  if (unlocking.length === 0) return outcomes
  await lockStock(tx, unlocking)
  await writeUnfreezing(tx, unlocking, actor.name)
  await wakeWaiting(tx, unlocking)
  const entries = outcomes.filter(({ done }) => done)
  await audit(
    tx,
    ...entries.map(({ id }) => ({
      actor,
      action: 'stock_lock.release',
      subject: { type: 'stock_document', id },
      detail: { parts: unlocking.filter((row) => row.documentId === id).length },
    })),
  )
  return outcomes
}

const overLimit: Refusal = {
  code: 'over_limit',
  message: { zh: '释放数量超过还锁着的', en: 'More than is still locked' },
}

function partsOf(
  { id, warehouseId }: DocumentRow,
  lines: readonly DocumentLine[],
  parts: readonly PartToUnfreeze[] | undefined,
): Unfreezing[] | undefined {
  const freed: Unfreezing[] = []
  for (const { lineNo, skuId, quantity: locked, released } of lines) {
    const left = locked - released
    const quantity = parts
      ? parts.reduce((sum, part) => sum + (part.lineNo === lineNo ? part.quantity : 0), 0)
      : left
    if (quantity > left) return undefined
    if (quantity > 0) freed.push({ documentId: id, lineNo, warehouseId, skuId, quantity })
  }
  return parts?.some(({ lineNo }) => !lines.some((line) => line.lineNo === lineNo)) ? undefined : freed
}

/** Milliseconds after which a stock freeze that lacked pieces is tried again. */
const tryAgainMs = 5 * minuteMs

/**
 * Begins and ends stock freezes whose time has come by the database's clock, because the queue gives the job by that clock and only once. A
 * freeze that lacks pieces is tried again until its end. A repeated call changes nothing.
 */
export async function applyFreezePeriods(
  tx: Tx,
  ids: readonly string[],
  actor: Actor,
  at?: Date,
): Promise<void> {
  const documents = await lockDocuments(tx, ids)
  const now = at ?? (await databaseNow(tx))
  const over = documents.filter(({ endsAt }) => endsAt !== null && endsAt <= now)
  const begun = documents.filter(
    (document) => !over.includes(document) && document.startsAt !== null && document.startsAt <= now,
  )
  const outcomes = await postDocuments(
    tx,
    begun.filter(({ status }) => status === 'approved').map(({ id }) => id),
    { actor, scope: wholeScope },
    now,
  )
  const ended = over.filter((document) => !whyNotUnfrozen(document)).map(({ id }) => id)
  if (ended.length > 0) await unfreezeStock(tx, ended, undefined, { actor, scope: wholeScope })
  const refused = outcomes.filter(({ done }) => !done).map(({ id }) => ({ documentId: id }))
  await sendEvent(tx, 'inventory.lock_window', refused, { after: new Date(now.getTime() + tryAgainMs) })
}
