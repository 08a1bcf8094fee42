import { createHash } from 'node:crypto'
import type { SkuPlace } from './bin-queries.ts'

/**
 * The version of a bin is what it holds: a SKU leaves a bin also when another bin is saved, which writes nothing to this one's row. Whoever
 * saves a bin names the version that was seen.
 */
export function versionOf(
  { route, active }: { route: number; active: boolean },
  lying: readonly Pick<SkuPlace, 'skuId' | 'spare'>[],
): string {
  const goods = lying.map(({ skuId, spare }) => `${spare ? 'spare' : 'main'} ${skuId}`).toSorted()
  return createHash('sha256')
    .update(JSON.stringify([route, active, goods]))
    .digest('base64url')
    .slice(0, 22)
}
