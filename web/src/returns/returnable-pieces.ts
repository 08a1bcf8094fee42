import type { Returnable } from './types.ts'

export type ReturnableOrder = { id: string; no: string; lines: Returnable['rows'] }
export type ReturnableLine = Returnable['rows'][number]

/**
 * The typed pieces by order and line, since the number of another order may be typed meanwhile. A line without an entry returns all that
 * is left of it.
 */
export type TypedPieces = Readonly<Record<string, string>>

const keyOf = (orderId: string, { lineNo }: ReturnableLine) => `${orderId} ${lineNo}`

export const withPieces = (typed: TypedPieces, orderId: string, line: ReturnableLine, text: string) => ({
  ...typed,
  [keyOf(orderId, line)]: text,
})

export const piecesOf = (typed: TypedPieces, orderId: string, line: ReturnableLine): string =>
  typed[keyOf(orderId, line)] ?? String(line.left)

/** Returns the lines with pieces to return; undefined if a line's pieces are not a number up to the pieces that are left. */
export function linesToReturn(
  { id, lines }: ReturnableOrder,
  typed: TypedPieces,
): { lineNo: number; quantity: number }[] | undefined {
  const all = lines.map((line) => ({
    lineNo: line.lineNo,
    left: line.left,
    quantity: Number(piecesOf(typed, id, line)),
  }))
  if (all.some(({ quantity, left }) => !Number.isInteger(quantity) || quantity < 0 || quantity > left))
    return undefined
  return all.flatMap(({ lineNo, quantity }) => (quantity === 0 ? [] : [{ lineNo, quantity }]))
}
