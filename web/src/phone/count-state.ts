import type { Answer } from '../api-routes.ts'

export type CountLine = Answer<'GET', '/count-tasks/:id'>['lines'][number]
type Waiting = { lineNo: number; round: number }

/** Lines that are still to be counted: those without a count, then those that another person counted once, then those that this person did. */
export function openLines(
  lines: readonly CountLine[],
  waiting: readonly Waiting[],
  userId: string,
): CountLine[] {
  const isKept = (line: CountLine) =>
    waiting.some(({ lineNo, round }) => lineNo === line.lineNo && round === line.round)
  const rank = (line: CountLine) => (line.round === 1 ? 0 : isOwnFirst(line, userId) ? 2 : 1)
  return lines
    .filter((line) => line.open && !isKept(line))
    .toSorted((a, b) => rank(a) - rank(b) || a.lineNo - b.lineNo)
}

/** The lines once the server has taken this count and before they are read again: its place is no longer open. */
export const withCounted = (lines: readonly CountLine[], { lineNo, round }: Waiting): CountLine[] =>
  lines.map((line) => (line.lineNo === lineNo && line.round === round ? { ...line, open: false } : line))

/** True if this person made the first count, so another one should make the second. */
export const isOwnFirst = (line: CountLine, userId: string): boolean =>
  line.round === 2 && line.firstById === userId

export const isGoods = (line: CountLine, code: string): boolean =>
  line.code.toUpperCase() === code.toUpperCase() || line.barcodes.includes(code)
