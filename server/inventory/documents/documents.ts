import { skuNames, skusOfCodes } from '../../catalog/names.ts'
import type { By, Scope } from '../../core/access/actor.ts'
import { inWarehouses } from '../../core/access/scope.ts'
import type { Tx } from '../../core/db/db.ts'
import { answerEach, numbered, type Outcome } from '../../core/decide.ts'
import { AppError } from '../../errors.ts'
import { sendEvent } from '../../events.ts'
import { sharedNow } from '../../lib/clock.ts'
import {
  type DocumentEvent,
  type DocumentKind,
  type FreezeKind,
  statusAfter,
  whyNotDocument,
} from '../lifecycle.ts'
import { ensurePairs, lockStock, wakeWaiting } from '../stock.ts'
import { warehousesById } from '../warehouses.ts'
import {
  applyMoves,
  countedSince,
  type DocumentRow,
  insertDocument,
  linesOf,
  lockDocuments,
  type NewDocument,
  type NewLine,
  rewriteDraft,
  writeDocumentStatus,
} from './document-queries.ts'
import { isDocumentInScope, notYours, seesDocument } from './document-scope.ts'
import { decidePosting, documentPieces, isRefused, movesOf, whyNotPosted } from './posting.ts'

export type DocumentInput = {
  warehouseId: string
  toWarehouseId?: string | undefined
  lockKind?: FreezeKind | undefined
  startsAt?: string | undefined
  endsAt?: string | undefined
  note?: string | undefined
  lines: readonly { skuCode: string; quantity: number }[]
}

export async function createDocument(
  tx: Tx,
  kind: DocumentKind,
  input: DocumentInput,
  { actor, scope }: By,
): Promise<string> {
  const { row, lines } = await read(tx, kind, input, scope)
  return insertDocument(tx, row, lines, actor.name)
}

/**
 * Replaces the content of a draft. Throws `conflict` if the document is no draft any more or is newer than the version that the user saw.
 */
export async function rewriteDocument(
  tx: Tx,
  { id, version }: { id: string; version: number },
  input: DocumentInput,
  scope: Scope,
): Promise<void> {
  const [document] = await lockDocuments(tx, [id])
  if (!document || !isDocumentInScope(scope, document, false))
    throw new AppError('not_found', { what: { zh: '单据', en: 'Document' } })
  if (document.status !== 'draft' || document.version !== version)
    throw new AppError('conflict', { what: document.no })
  const { row, lines } = await read(tx, document.kind, input, scope)
  await rewriteDraft(tx, document, row, lines)
}

async function read(
  tx: Tx,
  kind: DocumentKind,
  input: DocumentInput,
  scope: Scope,
): Promise<{ row: NewDocument; lines: NewLine[] }> {
  const { warehouseId } = input
  if (!inWarehouses(scope, warehouseId)) throw new AppError('outside_scope', {}, 'warehouseId')
  const toWarehouseId = kind === 'transfer' ? (input.toWarehouseId ?? null) : null
  if (kind === 'transfer' && (toWarehouseId === null || toWarehouseId === warehouseId))
    throw wrong('要选另一个仓库', 'choose another warehouse', 'toWarehouseId')
  const known = await warehousesById(tx, [warehouseId, ...(toWarehouseId ? [toWarehouseId] : [])])
  for (const [field, id] of Object.entries({ warehouseId, toWarehouseId })) {
    if (id !== null && known.get(id)?.active !== true)
      throw wrong('仓库不存在或已停用', 'the warehouse does not exist or is retired', field)
  }
  const lockKind = kind === 'lock' ? (input.lockKind ?? 'normal') : null
  const window = freezePeriodOf(lockKind, input)
  const row = { kind, warehouseId, toWarehouseId, lockKind, ...window, note: input.note?.trim() ?? '' }
  return { row, lines: await readLines(tx, kind, input.lines) }
}

function freezePeriodOf(lockKind: FreezeKind | null, { startsAt, endsAt }: DocumentInput) {
  if (lockKind !== 'promotion') return { startsAt: null, endsAt: null }
  if (startsAt === undefined || endsAt === undefined || Date.parse(startsAt) >= Date.parse(endsAt))
    throw wrong('大促要写开始和结束时间', 'a promotion needs its begin and end', 'endsAt')
  return { startsAt: new Date(startsAt), endsAt: new Date(endsAt) }
}

async function readLines(tx: Tx, kind: DocumentKind, lines: DocumentInput['lines']): Promise<NewLine[]> {
  const codes = lines.map((line) => line.skuCode.trim())
  const skus = await skusOfCodes(tx, codes)
  const unknown = codes.filter((code) => !skus.has(code))
  if (unknown.length > 0) throw wrongCodes('没有商家编码', 'no such code', unknown)
  const twice = codes.filter((code, index) => codes.indexOf(code) < index)
  if (twice.length > 0) throw wrongCodes('写了两次', 'given twice', twice)
  const bundles = codes.filter((code) => skus.get(code)?.isBundle)
  if (bundles.length > 0) throw wrongCodes('组合没有自己的库存', 'a bundle has no stock of its own', bundles)
  const bad = lines.filter(({ quantity }) => !fits(kind, quantity)).map((line) => line.skuCode)
  if (bad.length > 0) throw wrongCodes('数量不对', 'wrong quantity', bad)
  if (lines.reduce((sum, { quantity }) => sum + Math.abs(quantity), 0) > documentPieces)
    throw wrong('数量合计太大，分成几张写', 'too many pieces in all; write several documents', 'lines')
  return lines.map(({ quantity }, index) => ({ skuId: skus.get(codes[index] ?? '')?.id ?? '', quantity }))
}

function fits(kind: DocumentKind, quantity: number): boolean {
  if (kind === 'adjustment') return quantity !== 0
  return kind === 'count' ? quantity >= 0 : quantity > 0
}

const wrong = (zh: string, en: string, field: string) =>
  new AppError('invalid_input', { detail: { zh, en } }, field)

function wrongCodes(zh: string, en: string, codes: readonly string[]): AppError {
  const named = [...new Set(codes)].slice(0, 5).join('、')
  return wrong(`${zh}：${named}`, `${en}: ${named}`, 'lines')
}

/**
 * 审核: approves documents. Enqueues the begin and the end of a stock freeze that has a period. `seen`: the versions that the user read; a draft that
 * was rewritten since is refused.
 */
export async function approveDocuments(
  tx: Tx,
  ids: readonly string[],
  { actor, scope }: By,
  seen: readonly { id: string; version: number }[] = [],
): Promise<Outcome[]> {
  const versions = new Map(seen.map(({ id, version }) => [id, version]))
  const { moving, outcomes } = await decide(tx, ids, { event: 'approve', versions }, scope)
  await writeDocumentStatus(
    tx,
    moving.map(({ id }) => id),
    'approved',
    actor.name,
  )
  for (const { id, startsAt, endsAt } of moving) {
    for (const at of [startsAt, endsAt])
      if (at !== null) await sendEvent(tx, 'inventory.lock_window', [{ documentId: id }], { after: at })
  }
  return outcomes
}

/** 作废: voids documents before any stock has moved. */
export async function voidDocuments(
  tx: Tx,
  ids: readonly string[],
  { actor, scope }: By,
): Promise<Outcome[]> {
  const { moving, outcomes } = await decide(tx, ids, { event: 'void' }, scope)
  await writeDocumentStatus(
    tx,
    moving.map(({ id }) => id),
    'voided',
    actor.name,
  )
  return outcomes
}

/**
 * 过账: adjustments, counts and stock freezes change the balances, transfers leave the source. A document is posted as a whole, or refused
 * with what is missing.
 */
export const postDocuments = (tx: Tx, ids: readonly string[], by: By, now = sharedNow()) =>
  post(tx, ids, { event: 'post', now }, by)

/** 收货: puts the goods of a transfer on hand at the destination. */
export const receiveDocuments = (tx: Tx, ids: readonly string[], by: By) =>
  post(tx, ids, { event: 'receive', now: sharedNow() }, by)

async function post(
  tx: Tx,
  ids: readonly string[],
  { event, now }: { event: 'post' | 'receive'; now: Date },
  { actor, scope }: By,
): Promise<Outcome[]> {
  const { moving, outcomes } = await decide(tx, ids, { event, now }, scope)
  if (moving.length === 0) return outcomes
  const lines = Map.groupBy(
    await linesOf(
      tx,
      moving.map(({ id }) => id),
    ),
    (line) => line.documentId,
  )
  const wanted = moving.map((document) => ({
    id: document.id,
    moves: movesOf({ ...document, lines: lines.get(document.id) ?? [] }, event === 'post' ? 1 : 2),
  }))
  const pairs = await ensurePairs(
    tx,
    wanted.flatMap(({ moves }) => moves),
  )
  const balances = await lockStock(tx, pairs)
  const counted = await countedSince(
    tx,
    moving.map(({ id }) => id),
  )
  const decided = decidePosting(wanted, balances, counted)
  const refused = new Map(decided.filter(isRefused).map((one) => [one.documentId, one]))
  await applyMoves(
    tx,
    decided.flatMap(({ moves }) => moves),
    actor.name,
  )
  const done = moving.filter(({ id }) => !refused.has(id))
  for (const to of ['sent', 'posted'] as const)
    await writeDocumentStatus(
      tx,
      done.filter((document) => document.to === to).map(({ id }) => id),
      to,
      actor.name,
    )
  await wakeWaiting(tx, pairs)
  const names = await skuNames(
    tx,
    [...refused.values()].flatMap((one) => [
      ...one.missing.map(({ skuId }) => skuId),
      ...one.counted,
      ...one.over,
    ]),
  )
  return outcomes.map((outcome) => {
    const lacks = refused.get(outcome.id)
    if (!lacks || !outcome.done) return outcome
    const { code, message } = whyNotPosted(lacks, (skuId) => names.get(skuId)?.code ?? skuId)
    return { id: outcome.id, done: false, code, message, ...(outcome.ref ? { ref: outcome.ref } : {}) }
  })
}

/**
 * Locks the stock documents in the order of their ids, and decides by the lifecycle table whether each may take the event. `moving`: the
 * documents that may; the outcomes assume that the caller moves all of them to their new status.
 */
async function decide(
  tx: Tx,
  ids: readonly string[],
  {
    event,
    now = sharedNow(),
    versions,
  }: { event: DocumentEvent; now?: Date; versions?: ReadonlyMap<string, number> },
  scope: Scope,
) {
  const found = (await lockDocuments(tx, ids)).filter((document) => seesDocument(scope, document))
  const isHeld = (document: DocumentRow) => isDocumentInScope(scope, document, event === 'receive')
  const documents = new Map(found.map((document) => [document.id, document]))
  const isChanged = ({ id, version }: DocumentRow) => (versions?.get(id) ?? version) !== version
  const why = (document: DocumentRow) =>
    isHeld(document)
      ? (whyNotDocument(document, event, now) ?? (isChanged(document) ? changed : undefined))
      : notYours
  const moving = found
    .filter((document) => !why(document))
    .map((document) => ({ ...document, to: statusAfter(document, event) }))
  return { moving, outcomes: answerEach(ids, documents, documentAnswers, why) }
}

const changed = {
  code: 'changed',
  message: {
    zh: '单据刚被改过，刷新看过再审核',
    en: 'The document has just changed; reload, read it, then approve',
  },
}

export const documentAnswers = numbered({ zh: '单据', en: 'Document' })
