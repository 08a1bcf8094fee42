import type { Refusal } from '../../core/decide.ts'
import type { DocumentKind } from '../lifecycle.ts'
import type { Balance } from '../stock.ts'

/** 过账 as pure functions: the movements of documents, and which documents the balances allow. */

/** The most pieces of one line. */
export const linePieces = 1_000_000_000
/** The most pieces of all lines of a document, which its column holds. */
export const documentPieces = 2_147_483_647

/** The most pieces of one SKU in one warehouse, which the columns of its balance hold. */
const balancePieces = 2_147_483_647

export type PostingLine = { lineNo: number; skuId: string; quantity: number; book: number | null }
export type PostingDocument = {
  id: string
  kind: DocumentKind
  warehouseId: string
  toWarehouseId: string | null
  lines: readonly PostingLine[]
}

export type StockMove = {
  documentId: string
  kind: DocumentKind | 'return' | 'parcel'
  lineNo: number
  step: number
  warehouseId: string
  skuId: string
  onHand: number
  locked: number
}

/**
 * Returns the movements of posting (step 1) or receiving (step 2). A count changes stock by the difference that it found, even if stock
 * has moved since.
 */
export function movesOf(document: PostingDocument, step: 1 | 2): StockMove[] {
  const { id, kind, warehouseId, toWarehouseId, lines } = document
  const at = step === 2 ? (toWarehouseId ?? warehouseId) : warehouseId
  return lines.map(({ lineNo, skuId, quantity, book }) => ({
    documentId: id,
    kind,
    lineNo,
    step,
    warehouseId: at,
    skuId,
    onHand: onHandChange(kind, step, quantity, book),
    locked: kind === 'lock' ? quantity : 0,
  }))
}

function onHandChange(kind: DocumentKind, step: 1 | 2, quantity: number, book: number | null): number {
  if (kind === 'adjustment') return quantity
  if (kind === 'transfer') return step === 1 ? -quantity : quantity
  if (kind === 'count') return quantity - (book ?? 0)
  return 0
}

export type Decided = {
  documentId: string
  missing: { skuId: string; quantity: number }[]
  /** SKUs of a count that another count has changed since they were counted. */
  counted: string[]
  /** SKUs of which a balance would have more pieces than it can hold. */
  over: string[]
  moves: StockMove[]
}

export const isRefused = ({ missing, counted, over }: Decided) =>
  missing.length > 0 || counted.length > 0 || over.length > 0

const keyOf = (at: { warehouseId: string; skuId: string }) => `${at.warehouseId}/${at.skuId}`

/**
 * Decides about the documents in the given sequence, each as a whole. A document that takes pieces is posted only if reserved + frozen do
 * not exceed on hand afterwards. A count is posted only if no other count has changed the SKUs in which it found a difference, since both may
 * have found the same one. `countedSince`: the lines of which that is known; the counts before it in the sequence are others too.
 */
export function decidePosting(
  documents: readonly { id: string; moves: readonly StockMove[] }[],
  balances: readonly Balance[],
  countedSince: readonly { documentId: string; skuId: string }[],
): Decided[] {
  const free = new Map(balances.map((row) => [keyOf(row), row.onHand - row.reserved - row.locked]))
  const onHand = new Map(balances.map((row) => [keyOf(row), row.onHand]))
  const after = (move: StockMove) => (onHand.get(keyOf(move)) ?? 0) + move.onHand
  const overtaken = new Set(countedSince.map(({ documentId, skuId }) => `${documentId} ${skuId}`))
  const countedHere = new Set<string>()
  const isOvertaken = (move: StockMove) =>
    move.kind === 'count' &&
    move.onHand !== 0 &&
    (overtaken.has(`${move.documentId} ${move.skuId}`) || countedHere.has(keyOf(move)))
  return documents.map(({ id, moves }) => {
    const counted = moves.filter(isOvertaken).map(({ skuId }) => skuId)
    const missing = moves.flatMap((move) => {
      const left = (free.get(keyOf(move)) ?? 0) + move.onHand - move.locked
      return left < 0 && move.onHand - move.locked < 0 ? [{ skuId: move.skuId, quantity: -left }] : []
    })
    const over = moves.filter((move) => after(move) > balancePieces).map(({ skuId }) => skuId)
    const decided = { documentId: id, missing, counted, over, moves: [] }
    if (isRefused(decided)) return decided
    for (const move of moves) {
      onHand.set(keyOf(move), after(move))
      free.set(keyOf(move), (free.get(keyOf(move)) ?? 0) + move.onHand - move.locked)
      if (move.kind === 'count' && move.onHand !== 0) countedHere.add(keyOf(move))
    }
    return { ...decided, moves: [...moves] }
  })
}

export function whyNotPosted(
  { missing, counted, over }: Pick<Decided, 'missing' | 'counted' | 'over'>,
  codeOf: (skuId: string) => string,
): Refusal {
  if (over.length > 0) return tooMany(over.map(codeOf))
  return counted.length > 0 ? countedAgain(counted.map(codeOf)) : notEnough(missing, codeOf)
}

function countedAgain(codes: readonly string[]): Refusal {
  const more = codes.length > 3 ? ' …' : ''
  return {
    code: 'counted_since',
    message: {
      zh: `写单后别的盘点单已经改过：${codes.slice(0, 3).join('、')}${more}。作废它，重新盘`,
      en: `Another count has changed since: ${codes.slice(0, 3).join(', ')}${more}. Void it and count again`,
    },
  }
}

function tooMany(codes: readonly string[]): Refusal {
  const more = codes.length > 3 ? ' …' : ''
  return {
    code: 'too_many_pieces',
    message: {
      zh: `过账后库存超过 21 亿件，记不下：${codes.slice(0, 3).join('、')}${more}`,
      en: `There would be more than 2,147,483,647 pieces: ${codes.slice(0, 3).join(', ')}${more}`,
    },
  }
}

function notEnough(missing: Decided['missing'], codeOf: (skuId: string) => string): Refusal {
  const named = missing.slice(0, 3).map(({ skuId, quantity }) => `${codeOf(skuId)} ${quantity}`)
  const more = missing.length > named.length ? ' …' : ''
  return {
    code: 'not_enough',
    message: {
      zh: `可用不够，差：${named.join('、')}${more}`,
      en: `Not enough available, missing: ${named.join(', ')}${more}`,
    },
  }
}
