import { createHash } from 'node:crypto'
import type { SkuPlace } from './bin-queries.ts'

/**
 * Returns the version of a bin: a hash of its route, its state and its SKUs. A counter in the bin's row would not do, because a SKU also
 * leaves a bin when another bin is saved, which does not write this row. A request that saves the bin names the version that the user saw.
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
