export type Goods = { skuCode: string; good: number; defective: number }

/**
 * Reads lines such as "BED 2 1": two good pieces and one defective. Repeated codes are added up. `wrong`: the first line that cannot be
 * read.
 */
export function readGoods(text: string): { lines: Goods[]; wrong: string | undefined } {
  const byCode = new Map<string, Goods>()
  for (const line of text.split('\n').map((one) => one.trim())) {
    if (line === '') continue
    const [, skuCode, good = '1', defective = '0'] =
      /^(\S+)(?:\s+(\d{1,5}))?(?:\s+(\d{1,5}))?$/.exec(line) ?? []
    if (skuCode === undefined || Number(good) + Number(defective) === 0) return { lines: [], wrong: line }
    const before = byCode.get(skuCode) ?? { skuCode, good: 0, defective: 0 }
    byCode.set(skuCode, {
      skuCode,
      good: before.good + Number(good),
      defective: before.defective + Number(defective),
    })
  }
  return { lines: [...byCode.values()], wrong: undefined }
}
