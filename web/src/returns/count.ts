import type { ReturnRow } from './types.ts'

export type Counted = { good: number; defective: number }
export type Count = {
  byLine: Readonly<Record<number, Counted>>
  /** Pieces that are not on the return, by scanned code. */
  wrong: Readonly<Record<string, number>>
}
export const nothing: Count = { byLine: {}, wrong: {} }

const none: Counted = { good: 0, defective: 0 }
export const countOf = (count: Count, lineNo: number): Counted => count.byLine[lineNo] ?? none

export const leftOf = ({ quantity, good, defective }: ReturnRow['lines'][number]) =>
  quantity - good - defective

export const isEmpty = ({ byLine, wrong }: Count) =>
  Object.values(byLine).every(({ good, defective }) => good + defective === 0) &&
  Object.keys(wrong).length === 0

/** Returns a count in which all missing pieces have arrived in good condition. */
export const wholeOf = (row: ReturnRow): Count => ({
  byLine: Object.fromEntries(row.lines.map((line) => [line.lineNo, { good: leftOf(line), defective: 0 }])),
  wrong: {},
})

/**
 * Counts a scanned piece for the first line that has this code and still lacks pieces; if none lacks any, as a wrong piece by the code of our
 * SKU, which is the only one that a receipt takes. Undefined: no line has the code, or no SKU.
 */
export function add(
  count: Count,
  row: ReturnRow,
  code: string,
  quality: 'good' | 'defective',
): Count | undefined {
  const same = row.lines.filter(({ skuCode, outerCode }) =>
    [skuCode, outerCode].some((one) => one !== '' && one.toUpperCase() === code.toUpperCase()),
  )
  if (same.length === 0) return undefined
  const open = same.find((line) => {
    const { good, defective } = countOf(count, line.lineNo)
    return good + defective < leftOf(line)
  })
  if (!open) {
    const known = same.find(({ skuCode }) => skuCode !== '')
    return known && addWrong(count, known.skuCode)
  }
  const before = countOf(count, open.lineNo)
  return {
    ...count,
    byLine: { ...count.byLine, [open.lineNo]: { ...before, [quality]: before[quality] + 1 } },
  }
}

/** Counts a piece that is too many or not on the return. `skuCode`: the code of our SKU. */
export const addWrong = (count: Count, skuCode: string): Count => ({
  ...count,
  wrong: { ...count.wrong, [skuCode]: (count.wrong[skuCode] ?? 0) + 1 },
})

/** The count without the wrong pieces of this code. */
export const withoutWrong = (count: Count, skuCode: string): Count => ({
  ...count,
  wrong: Object.fromEntries(Object.entries(count.wrong).filter(([code]) => code !== skuCode)),
})

export function receiptOf(row: ReturnRow, { byLine, wrong }: Count) {
  return {
    id: row.id,
    version: row.version,
    lines: Object.entries(byLine).map(([lineNo, counted]) => ({ lineNo: Number(lineNo), ...counted })),
    wrong: Object.entries(wrong).map(([skuCode, quantity]) => ({ skuCode, quantity })),
  }
}
