import { type Outcome, patch, post } from '../api.ts'
import type { Body } from '../api-routes.ts'
import type { SkuDetail } from './types.ts'

type SkuPart = Omit<Body<'PATCH', '/skus'>['rows'][number], 'id' | 'version'> & { code: string }
type ProductPart = { name: string; category: string; brand: string; productCode?: string }

export async function addSku(sku: SkuPart, product: ProductPart): Promise<Outcome | undefined> {
  return (await post('/skus', { rows: [{ ...sku, ...product }] })).results[0]
}

/**
 * Returns a function that saves changes of a SKU and its product, in two requests. `seen`: the SKU as the user saw it. If only the first
 * request succeeds, the next try sends the version that it made.
 */
export function skuChanger(seen: SkuDetail) {
  let { version } = seen
  return async (sku: SkuPart, { name, category, brand }: ProductPart): Promise<Outcome | undefined> => {
    const [outcome] = (await patch('/skus', { rows: [{ ...sku, id: seen.id, version }] })).results
    if (!outcome?.done) return outcome
    version += 1
    if (name === seen.name && category === seen.category && brand === seen.brand) return outcome
    return (await patch('/products', { rows: [{ id: seen.productId, name, category, brand }] })).results[0]
  }
}
