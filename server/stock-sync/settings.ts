import { stockSyncTaskKind } from '../catalog/listings/match.ts'
import { type By, type Scope, wholeScope } from '../core/access/actor.ts'
import { audit } from '../core/access/audit.ts'
import { assertInScope, inWarehouses } from '../core/access/scope.ts'
import type { Database, Tx } from '../core/db/db.ts'
import { answerEach, type Outcome } from '../core/decide.ts'
import { wakeTask } from '../core/tasks/tasks.ts'
import { AppError } from '../errors.ts'
import { listWarehouses } from '../inventory/warehouses.ts'
import { calculateStockSync } from './calculate.ts'
import { auditEach, listingAnswers } from './heads.ts'
import { type StockSyncRule, usualRule } from './lifecycle.ts'
import {
  lockSettings,
  lockStockSyncs,
  type ShopStockSync,
  shopStockSync,
  switchShop,
  writeRule,
  writeShopStockSync,
} from './queries.ts'

export type ShopSettings = Omit<ShopStockSync, 'updatedAt'> & { updatedAt: Date | null }

/** Returns a shop's rule and whether stock sync is enabled; a shop without settings has the default rule, is off, and has version 0. */
export async function shopSettingsOf(db: Database, shopId: string): Promise<ShopSettings> {
  const unset = { shopId, enabled: false, rule: usualRule, version: 0, updatedBy: '', updatedAt: null }
  return (await shopStockSync(db, shopId)) ?? unset
}

type SaveShopRequest = { shopId: string; enabled: boolean; rule: StockSyncRule; version: number }
/**
 * Saves a shop's rule and whether stock sync is enabled. The shop's task then calculates all listings at once. Throws `outside_scope` (also
 * of a warehouse), `invalid_input`, and `conflict` if another user has saved meanwhile.
 */
export async function saveShopSettings(
  tx: Tx,
  wish: SaveShopRequest,
  { actor, scope, request }: By,
): Promise<void> {
  const { shopId } = wish
  assertInScope(scope, [shopId], 'shopId')
  await assertSound(tx, wish.rule)
  await lockSettings(tx, shopId)
  assertWithin(scope, wish.rule, [(await shopSettingsOf(tx, shopId)).rule])
  if (!(await writeShopStockSync(tx, { ...wish, updatedBy: actor.name })))
    throw new AppError('conflict', { what: { zh: '库存同步的规则', en: 'The rule' } })
  await switchShop(tx, shopId, wish.enabled)
  await audit(tx, {
    actor,
    action: 'upload_shop.save',
    subject: { type: 'shop', id: shopId },
    shopId,
    detail: { enabled: wish.enabled, percent: wish.rule.percent, safety: wish.rule.safety },
    request,
  })
  await wakeTask(tx, stockSyncTaskKind, shopId)
}

/** Gives listings their own rule; null: the shop's rule again. Throws `invalid_input`, and `outside_scope` of a warehouse. */
export async function setStockSyncRule(
  tx: Tx,
  ids: readonly string[],
  rule: StockSyncRule | null,
  { actor, scope }: By,
): Promise<Outcome[]> {
  if (rule) await assertSound(tx, rule)
  const heads = await lockStockSyncs(tx, ids, scope)
  if (rule)
    assertWithin(
      scope,
      rule,
      [...heads.values()].map((head) => head.rule ?? head.shopRule ?? usualRule),
    )
  const outcomes = answerEach(ids, heads, listingAnswers, () => undefined)
  const done = outcomes.filter((one) => one.done).map(({ id }) => id)
  if (done.length === 0) return outcomes
  await writeRule(tx, done, rule)
  const detail = rule ? { percent: rule.percent, safety: rule.safety } : {}
  await auditEach(tx, { action: 'stock_upload.rule', detail }, { ids: done, heads }, actor)
  await calculateStockSync(tx, done)
  return outcomes
}

/**
 * A person of some warehouses may leave the others in a rule or take them out, and adds none. No warehouses in a rule are all of them.
 */
function assertWithin(scope: Scope, { warehouses }: StockSyncRule, before: readonly StockSyncRule[]): void {
  if (scope.warehouses === 'all') return
  const had = (id: string) =>
    before.every((one) => one.warehouses.length === 0 || one.warehouses.includes(id))
  const adds =
    warehouses.length === 0
      ? before.some((one) => one.warehouses.length > 0)
      : warehouses.some((id) => !inWarehouses(scope, id) && !had(id))
  if (adds) throw new AppError('outside_scope', {}, 'rule.warehouses')
}

async function assertSound(tx: Tx, { min, max, warehouses }: StockSyncRule): Promise<void> {
  if (max !== null && max < min) {
    const detail = { zh: '最多不能少于至少', en: 'the most is less than the least' }
    throw new AppError('invalid_input', { detail }, 'rule.max')
  }
  const known = new Set((await listWarehouses(tx, wholeScope)).map(({ id }) => id))
  if (warehouses.some((id) => !known.has(id)))
    throw new AppError('invalid_input', { detail: 'rule.warehouses' }, 'rule.warehouses')
}
