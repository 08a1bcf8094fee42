import { wholeScope } from '../actor.ts'
import type { Database } from '../db.ts'
import { AppError } from '../errors.ts'
import { shopById } from '../shops/queries.ts'
import type { ShopFacts } from './lifecycle.ts'

/** The settings that decide what converts, as they stand now. */
export async function shopFacts(db: Database, shopId: string): Promise<ShopFacts> {
  const shop = await shopById(db, shopId, wholeScope)
  if (!shop) throw new AppError('not_found', { what: '店铺' })
  return { goLiveAt: shop.goLiveAt, convertUnpaid: shop.settings.convertUnpaid ?? false }
}
