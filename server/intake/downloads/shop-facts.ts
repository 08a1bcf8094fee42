import { wholeScope } from '../../core/access/actor.ts'
import type { Database } from '../../core/db/db.ts'
import { readShop } from '../../shops/shops.ts'
import type { ShopFacts } from '../lifecycle.ts'

export async function shopFacts(db: Database, shopId: string): Promise<ShopFacts> {
  const shop = await readShop(db, shopId, wholeScope)
  return { goLiveAt: shop.goLiveAt, convertUnpaid: shop.settings.convertUnpaid }
}
