import { systemActor, wholeScope } from '../core/access/actor.ts'
import type { Database } from '../core/db/db.ts'
import { type StockSyncRule, usualRule } from './lifecycle.ts'
import { saveShopSettings, shopSettingsOf } from './settings.ts'

const rules: readonly Partial<StockSyncRule>[] = [
  { percent: 60, safety: 2 },
  { percent: 25, max: 99 },
  { percent: 15 },
]

const by = { actor: { ...systemActor, name: '演示' }, scope: wholeScope }

export async function stockSyncDemo(db: Database, shopIds: readonly string[]): Promise<void> {
  for (const [at, shopId] of shopIds.entries()) {
    const rule = rules[at]
    const { version } = await shopSettingsOf(db, shopId)
    if (!rule || version > 0) continue
    const wish = { shopId, enabled: true, rule: { ...usualRule, ...rule }, version }
    await db.transaction().execute((tx) => saveShopSettings(tx, wish, by))
  }
}
