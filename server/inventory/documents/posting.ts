import type { Refusal } from '../../core/decide.ts'
import type { DocumentKind } from '../lifecycle.ts'
import type { Balance } from '../stock.ts'

/** 过账 as pure functions: the movements of documents, and which documents the balances allow. */

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
  moves: StockMove[]
}

const keyOf = (at: { warehouseId: string; skuId: string }) => `${at.warehouseId}/${at.skuId}`

/**
 * Decides about the documents in the given sequence, each as a whole. A document that takes pieces is posted only if reserved + frozen do
 * not exceed on hand afterwards.
 */
export function decidePosting(
  documents: readonly { id: string; moves: readonly StockMove[] }[],
  balances: readonly Balance[],
): Decided[] {
  const free = new Map(balances.map((row) => [keyOf(row), row.onHand - row.reserved - row.locked]))
  return documents.map(({ id, moves }) => {
    const missing = moves.flatMap((move) => {
      const left = (free.get(keyOf(move)) ?? 0) + move.onHand - move.locked
      return left < 0 && move.onHand - move.locked < 0 ? [{ skuId: move.skuId, quantity: -left }] : []
    })
    if (missing.length > 0) return { documentId: id, missing, moves: [] }
    for (const move of moves) free.set(keyOf(move), (free.get(keyOf(move)) ?? 0) + move.onHand - move.locked)
    return { documentId: id, missing, moves: [...moves] }
  })
}

export function notEnough(missing: Decided['missing'], codeOf: (skuId: string) => string): Refusal {
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
