import type { Static } from 'typebox'
import { skuNames } from '../../catalog/names.ts'
import type { Database } from '../../core/db/db.ts'
import { sharedNow } from '../../lib/clock.ts'
import { countBy, dryRowsMax, sumBy } from '../list/dry-run.ts'
import type { giftDryRun } from './contract.ts'
import type { RuleInput } from './decide.ts'
import { planGifts } from './plan.ts'
import { giftOrders } from './queries.ts'
import { rulesToTry } from './settings.ts'
import { type WeighedFacts, weighGifts } from './weigh.ts'

type DryRun = Static<typeof giftDryRun>

/** Returns the gifts that the stored rules, or a draft, would give these orders on 重算赠品. Reads only. */
export async function tryGifts(
  db: Database,
  { ids, capped }: { ids: readonly string[]; capped: boolean },
  drafts: readonly RuleInput[] | undefined,
): Promise<DryRun> {
  const rules = await rulesToTry(db, drafts)
  const orders = (await giftOrders(db, ids)).filter(({ origin, split }) => origin !== 'record' && !split)
  const weighed = await weighGifts(db, orders, rules, { fresh: false, lock: false })
  const names = await skuNames(
    db,
    weighed.flatMap(({ order, given }) => [
      ...order.gifts.map(({ skuId }) => skuId),
      ...given.flatMap(({ items }) => items.map(({ skuId }) => skuId)),
    ]),
  )
  const byId = new Map(weighed.map((one) => [one.order.id, one]))
  const codeOf = (id: string) => names.get(id)?.code ?? id
  const rows = orders.flatMap(({ id }) => {
    const one = byId.get(id)
    return one ? [rowOf(one, codeOf)] : []
  })
  return {
    seen: rows.length,
    capped,
    changing: planGifts(weighed).changed.length,
    at: sharedNow(),
    byRule: countBy(rows.flatMap(({ given }) => given.map(({ rule }) => rule))),
    bySku: sumBy(
      rows.flatMap(({ given }) =>
        given.flatMap(({ items }) => items.map(({ code, quantity }) => ({ name: code, count: quantity }))),
      ),
    ),
    rows: rows.slice(0, dryRowsMax),
  }
}

function rowOf(
  { order, given, missed }: WeighedFacts,
  codeOf: (id: string) => string,
): DryRun['rows'][number] {
  const item = ({ skuId, quantity }: { skuId: string; quantity: number }) => ({
    code: codeOf(skuId),
    quantity,
  })
  return {
    id: order.id,
    no: order.no,
    now: order.gifts.filter(({ left }) => left > 0).map(({ skuId, left }) => item({ skuId, quantity: left })),
    given: given.map(({ rule, times, items }) => ({ rule: rule.name, times, items: items.map(item) })),
    missed: missed.map(([rule, miss]) => ({ rule: rule.name, miss })),
  }
}
