import type { Actor } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { sharedNow } from '../../lib/clock.ts'
import { ruleInForce, rulesOfShops } from './confirm-settings.ts'
import { judgeAndKeep } from './judge.ts'
import { withProblems } from './problem-queries.ts'

/**
 * Checks the given locked orders again if they are unconfirmed and have problems, because something about them has changed. Where no rule
 * is in force, only the checks that always apply remain.
 */
export async function judgeAgain(tx: Tx, ids: readonly string[], actor: Actor): Promise<void> {
  const orders = await withProblems(tx, ids)
  if (orders.length === 0) return
  const rules = await rulesOfShops(tx, [...new Set(orders.map((order) => order.shopId))])
  const now = sharedNow()
  await judgeAndKeep(
    tx,
    orders.map(({ id, shopId }) => ({
      id,
      checks: ruleInForce(rules.get(shopId)?.rules ?? [], now)?.checks ?? {},
    })),
    now,
    actor,
  )
}
