import { skuNames } from '../../catalog/names.ts'
import type { Actor } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import type { LineChange } from '../allocation/goods-refunds.ts'
import { addOrderEvents, insertHolds, refreshOrders } from '../order/queries.ts'
import { type Rule, sharesOf } from './decide.ts'
import {
  type GiftFacts,
  type GivenBefore,
  giftOrders,
  givenBefore,
  type OpenLine,
  ordersWithGifts,
  writeRemaining,
  writeTimes,
} from './queries.ts'
import { rulesOfVersions, versionKey } from './settings.ts'

type Failing = GivenBefore & { order: GiftFacts; name: string; shares: number }

/**
 * Removes gifts that the remaining goods of these orders do not earn any more, by the rules as they were when they gave the gifts. A
 * released order keeps its gifts and is held, for a person to decide. Returns every gift line of the orders, before and after; the caller
 * changes the reservations.
 */
export async function removeUnearnedGifts(
  tx: Tx,
  ids: readonly string[],
  actor: Actor,
): Promise<LineChange[]> {
  const having = ids.length === 0 ? [] : await ordersWithGifts(tx, ids)
  if (having.length === 0) return []
  const orders = await giftOrders(tx, having)
  const given = await givenBefore(tx, having)
  const failing = failingOf(orders, given, await rulesOfVersions(tx, given))
  const off = failing.filter(({ order }) => order.status === 'unconfirmed' || order.status === 'confirmed')
  const left = off.flatMap(linesOff)
  await writeRemaining(tx, left)
  await writeTimes(
    tx,
    off.map(({ orderId, ruleId, shares }) => ({ orderId, ruleId, times: shares })),
  )
  await tellOff(tx, orders, left, actor)
  await hold(
    tx,
    failing.filter(({ order }) => order.status === 'released'),
    actor,
  )
  const now = new Map(left.map((line) => [`${line.orderId}/${line.lineNo}`, line.left]))
  return orders.flatMap((order) =>
    order.gifts.map((line) => ({
      orderId: order.id,
      lineNo: line.lineNo,
      was: line.left,
      left: now.get(`${order.id}/${line.lineNo}`) ?? line.left,
    })),
  )
}

function failingOf(
  orders: readonly GiftFacts[],
  given: readonly GivenBefore[],
  rules: ReadonlyMap<string, Rule>,
): Failing[] {
  const byId = new Map(orders.map((order) => [order.id, order]))
  return given.flatMap((one) => {
    const [order, rule] = [byId.get(one.orderId), rules.get(versionKey(one))]
    if (!order || !rule) return []
    const shares = sharesOf(rule.terms, order.sold)
    const earned = typeof shares === 'number' ? shares : 0
    return earned < one.times ? [{ ...one, order, name: rule.name, shares: earned }] : []
  })
}

/**
 * Returns the gift lines of the rule with the pieces that remain. All shares of a rule are equally large, so each line shrinks in
 * proportion.
 */
function linesOff({ order, ruleId, times, shares }: Failing): OpenLine[] {
  return order.gifts
    .filter((line) => line.ruleId === ruleId && line.left > 0)
    .map(({ lineNo, left }) => ({ orderId: order.id, lineNo, left: Math.floor((left * shares) / times) }))
}

async function tellOff(
  tx: Tx,
  orders: readonly GiftFacts[],
  left: readonly OpenLine[],
  actor: Actor,
): Promise<void> {
  if (left.length === 0) return
  const lineOf = new Map(
    orders.flatMap((order) => order.gifts.map((line) => [`${order.id}/${line.lineNo}`, line] as const)),
  )
  const names = await skuNames(
    tx,
    [...lineOf.values()].map(({ skuId }) => skuId),
  )
  const events = left.map(({ orderId, lineNo, left: quantity }) => {
    const skuId = lineOf.get(`${orderId}/${lineNo}`)?.skuId ?? ''
    return { orderId, event: 'gift_off', detail: { gift: names.get(skuId)?.code ?? '', quantity } }
  })
  await addOrderEvents(tx, events, actor)
}

async function hold(tx: Tx, failing: readonly Failing[], actor: Actor): Promise<void> {
  if (failing.length === 0) return
  const holds = [...Map.groupBy(failing, ({ orderId }) => orderId)].map(([orderId, all]) => ({
    orderId,
    reason: 'gift',
    source: '',
    note: all.map(({ name }) => name).join('、'),
    until: null,
  }))
  const placed = await insertHolds(tx, holds, actor.name)
  await refreshOrders(
    tx,
    placed.map(({ orderId }) => orderId),
  )
  const news = new Set(placed.map(({ orderId }) => orderId))
  await addOrderEvents(
    tx,
    holds
      .filter(({ orderId }) => news.has(orderId))
      .map(({ orderId, note }) => ({ orderId, event: 'hold', detail: { reason: 'gift', note } })),
    actor,
  )
}
