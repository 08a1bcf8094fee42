import type { PackedLine } from './packed-queries.ts'
import { leftOf, surplusOf } from './verdicts.ts'

// What a scanned code means for the pieces of a parcel. Pure.

/** A line, and how many of its pieces a scan counted. */
export type CountedPieces = { line: PackedLine; pieces: number }

/** `counted`: empty if there are enough of it. `shown`: the line that the verdict names. `lines`: all lines as they are then. */
export type Counting = {
  counted: readonly CountedPieces[]
  shown: PackedLine
  lines: readonly PackedLine[]
  /** True if these are the last pieces, and none is there that is not wanted. */
  isLast: boolean
}

/** Counts one piece of a line; undefined: there are enough. */
export function countPiece(
  lines: readonly PackedLine[],
  piece: { deliveryId: string; lineNo: number; skuId: string },
): Counting | undefined {
  const line = lines.find(
    (one) => one.deliveryId === piece.deliveryId && one.lineNo === piece.lineNo && one.skuId === piece.skuId,
  )
  return line && line.counted < line.wanted ? counted(lines, [{ line, pieces: 1 }], line) : undefined
}

/** Counts a scanned code, with all pieces of a SKU that is scanned once (整单一扫); undefined: no piece of the parcel has the code. */
export function countCode(lines: readonly PackedLine[], code: string): Counting | undefined {
  const upper = code.toUpperCase()
  const match = lines.filter(({ codes }) => codes.some((one) => one.toUpperCase() === upper))
  const lacking = match.filter(({ wanted, counted }) => counted < wanted)
  const line = lacking[0] ?? match[0]
  if (!line) return undefined
  if (lacking.length === 0) return { counted: [], shown: line, lines, isLast: false }
  return counted(
    lines,
    line.scanOnce
      ? lacking.map((one) => ({ line: one, pieces: one.wanted - one.counted }))
      : [{ line, pieces: 1 }],
    line,
  )
}

function counted(lines: readonly PackedLine[], pieces: readonly CountedPieces[], line: PackedLine): Counting {
  const after = lines.map((one) => {
    const more = pieces.find((each) => each.line === one)?.pieces ?? 0
    return more === 0 ? one : { ...one, counted: one.counted + more }
  })
  const shown = after[lines.indexOf(line)] ?? line
  const isLast = leftOf(after) === 0 && surplusOf(after) === undefined
  return { counted: pieces, shown, lines: after, isLast }
}
