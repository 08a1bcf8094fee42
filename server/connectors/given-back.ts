/** What the seller has given back of a line. */
export type GivenBack = { fen: number; pieces: number }

/** Sums the rows of refunds by their lines. An amount of no line has '' for its number. */
export function givenBackByLine(
  rows: readonly (GivenBack & { oid: string })[],
): ReadonlyMap<string, GivenBack> {
  const sums = new Map<string, GivenBack>()
  for (const { oid, fen, pieces } of rows) {
    const sum = sums.get(oid) ?? { fen: 0, pieces: 0 }
    sums.set(oid, { fen: sum.fen + fen, pieces: sum.pieces + pieces })
  }
  return sums
}

/** True once all pieces of a line, or all its money, have been given back. A line that cost nothing is over with its pieces only. */
export const isAllBack = (
  { fen, pieces }: GivenBack,
  { paid, quantity }: { paid: number; quantity: number },
): boolean => pieces >= quantity || (paid > 0 && fen >= paid)
