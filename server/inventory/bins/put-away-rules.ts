/** Where a SKU lies: its main and its spare bin; null: it has none. */
export type Places = { mainBinId: string | null; spareBinId: string | null }

export const binKinds = ['main', 'spare'] as const
export type BinKind = (typeof binKinds)[number]

/** `isNew`: the SKU did not lie in this bin before. */
export type Placing = { as: BinKind; isNew: boolean }

/**
 * Decides which bin of the SKU this one is. A free place is taken, the main one first. If both places are other bins, a person has to say
 * which one is replaced (undefined).
 */
export function placingOf(
  { mainBinId, spareBinId }: Places,
  binId: string,
  chosen: BinKind | undefined,
): Placing | undefined {
  if (mainBinId === binId) return { as: 'main', isNew: false }
  if (spareBinId === binId) return { as: 'spare', isNew: false }
  if (chosen) return { as: chosen, isNew: true }
  if (mainBinId === null) return { as: 'main', isNew: true }
  return spareBinId === null ? { as: 'spare', isNew: true } : undefined
}
