import type { Scope } from '../actor.ts'
import type { Database } from '../db.ts'
import { itemsLike } from './item-queries.ts'

/** Platform item ids of goods whose title or outer code holds the text, for the lists of other slices. */
export function goodsLike(db: Database, scope: Scope, text: string): Promise<string[]> {
  return itemsLike(db, scope, text)
}
