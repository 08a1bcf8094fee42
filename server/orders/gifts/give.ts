import { type SkuName, skuNames } from '../../catalog/names.ts'
import { type Actor, systemActor } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Reserved } from '../../inventory/reserve.ts'
import { type JustMade, reserveNewOrders, reserveOrders } from '../allocation/goods.ts'
import { giveBackRefunded } from '../allocation/goods-refunds.ts'
import { addOrderEvents, type NewEvent } from '../order/queries.ts'
import { giftDetailOf, type Rule } from './decide.ts'
import { type Added, type Plan, planGifts } from './plan.ts'
import { giftOrders, writeGifts, writeRemaining, writeTimes } from './queries.ts'
import { rulesInForce } from './settings.ts'
import { type WeighedFacts, weighGifts } from './weigh.ts'

/**
 * Puts gifts by the rules on orders that this transaction inserted, and reserves stock for sold goods and gifts at once. Without rules
 * this costs one query. A gift that another transaction has taken from stock meanwhile is left out if its rule says so.
 */
export async function reserveWithGifts(
  tx: Tx,
  ids: readonly string[],
  actor: Actor,
  { touched = false, moved = [] }: JustMade = {},
): Promise<void> {
  const { added, optional } = await giveGifts(tx, ids, actor)
  // The orders were inserted as "all reserved". That is wrong for an order without a warehouse that got a gift, so the allocation state is
  // computed again then.
  const waits = added.some(({ order }) => order.warehouseId === null)
  const answers = await reserveNewOrders(tx, ids, { touched: touched || waits, moved })
  await leaveOutShort(tx, optional, answers, actor)
}

/** Gives gifts and reserves stock for unconfirmed orders that were paid after their insertion. The caller has locked the orders. */
export async function reservePaid(tx: Tx, ids: readonly string[], actor: Actor): Promise<void> {
  const { optional } = await giveGifts(tx, ids, actor)
  const answers = await reserveOrders(tx, ids)
  await leaveOutShort(tx, optional, answers, actor)
}

/**
 * Reserves stock for orders whose lines were matched just now. Those that are complete get the gifts of the rules that name their SKUs, as if
 * the goods had been matched at the conversion; what earlier rules gave stays.
 */
export async function reserveMatched(
  tx: Tx,
  ids: readonly string[],
  complete: readonly string[],
): Promise<void> {
  const { optional } = await giveGifts(tx, complete, systemActor, { further: true })
  const answers = await reserveOrders(tx, ids)
  await leaveOutShort(tx, optional, answers, systemActor)
}

const none = { added: [], optional: [] }

/**
 * No rule sees all goods of a split order, so it gets no gifts. `further`: the rules have been applied to the orders before. `optional`: gift
 * lines that are left out if stock is short.
 */
async function giveGifts(
  tx: Tx,
  ids: readonly string[],
  actor: Actor,
  { further = false } = {},
): Promise<{ added: Added[]; optional: Added[] }> {
  if (ids.length === 0) return none
  const rules = await rulesInForce(tx)
  if (rules.length === 0) return none
  const orders = (await giftOrders(tx, ids)).filter(({ status, split }) => status === 'unconfirmed' && !split)
  const all = await weighGifts(tx, orders, rules, { fresh: true, lock: true })
  const weighed = further ? all.flatMap((one) => furtherOf(one, rules)) : all
  const plan = planGifts(weighed)
  const codes = await writePlan(tx, plan)
  await addOrderEvents(tx, giftEventsOf(weighed, codes), actor)
  const skips = new Set(rules.filter(({ whenOut }) => whenOut !== 'wait').map(({ id }) => id))
  return { added: plan.added, optional: plan.added.filter(({ ruleId }) => skips.has(ruleId ?? '')) }
}

/**
 * The gifts of rules that gave the order nothing before. The other gifts are left out of the facts, so that the plan does not change them, even if
 * their rules have ended since. Empty: there are none.
 */
function furtherOf(one: WeighedFacts, rules: readonly Rule[]): WeighedFacts[] {
  const { had } = one.order
  if (rules.some(({ id, exclusive }) => exclusive && had.has(id))) return []
  const given = one.given.filter(({ rule }) => !had.has(rule.id) && !(rule.exclusive && had.size > 0))
  return given.length === 0 ? [] : [{ ...one, given, order: { ...one.order, gifts: [], had: new Map() } }]
}

export async function writePlan(tx: Tx, plan: Plan): Promise<Map<string, string>> {
  const skuIds = plan.changed.flatMap(({ given }) =>
    given.flatMap(({ items }) => items.map(({ skuId }) => skuId)),
  )
  const names = skuIds.length === 0 ? new Map<string, SkuName>() : await skuNames(tx, skuIds)
  await writeRemaining(tx, plan.left)
  await writeTimes(tx, plan.ended)
  if (plan.gifts.length > 0) await writeGifts(tx, plan.gifts, namedLines(plan.added, names), plan.places)
  return new Map([...names].map(([id, { code }]) => [id, code]))
}

export function namedLines(added: readonly Added[], names: ReadonlyMap<string, SkuName>) {
  return added.map(({ order, lineNo, skuId, quantity, ruleId }) => {
    const { code = '', name = '', spec = '', pictureUrl = '' } = names.get(skuId) ?? {}
    return {
      orderId: order.id,
      tid: order.tid,
      lineNo,
      skuId,
      quantity,
      ruleId,
      code,
      title: name,
      spec,
      pictureUrl,
    }
  })
}

/** Returns the gift event of each order: which rule gave what, and why the other rules gave nothing. */
export function giftEventsOf(
  weighed: readonly WeighedFacts[],
  codes: ReadonlyMap<string, string>,
): NewEvent[] {
  return weighed.flatMap((one) => {
    const detail = giftDetailOf(one, codes)
    return detail ? [{ orderId: one.order.id, event: 'gifts', detail }] : []
  })
}

/** Removes optional gifts that stock could not reserve. The balances are still locked, so no pieces can become available meanwhile. */
async function leaveOutShort(
  tx: Tx,
  optional: readonly Added[],
  answers: readonly Reserved[],
  actor: Actor,
): Promise<void> {
  if (optional.length === 0) return
  const short = new Set(
    answers.filter(({ code }) => code === 'short').map(({ orderId, lineNo }) => `${orderId}/${lineNo}`),
  )
  const out = optional.filter(({ order, lineNo }) => short.has(`${order.id}/${lineNo}`))
  if (out.length === 0) return
  const lines = out.map(({ order, lineNo, quantity }) => ({
    orderId: order.id,
    lineNo,
    was: quantity,
    left: 0,
  }))
  await writeRemaining(tx, lines)
  const gone = out.flatMap(({ order, ruleId }) =>
    ruleId !== null &&
    optional.every((one) => one.order !== order || one.ruleId !== ruleId || out.includes(one))
      ? [{ orderId: order.id, ruleId, times: 0 }]
      : [],
  )
  await writeTimes(tx, gone)
  const names = await skuNames(
    tx,
    out.map(({ skuId }) => skuId),
  )
  await addOrderEvents(
    tx,
    out.map(({ order, skuId }) => ({
      orderId: order.id,
      event: 'gift_short',
      detail: { gift: names.get(skuId)?.code ?? '' },
    })),
    actor,
  )
  await giveBackRefunded(tx, lines, new Set())
}
