import type { Actor, Scope } from '../actor.ts'
import type { Outcome } from '../batches/batch.ts'
import type { Tx } from '../db.ts'
import { acceptOrders } from '../orders/accept.ts'
import { reserveNew } from '../orders/goods.ts'
import { lookAgain } from '../orders/goods-jobs.ts'
import { lockAndSettle } from '../orders/settlements.ts'
import { factsOf, settingsOf } from './convert-facts.ts'
import { type ConvertFacts, convertibleTrades, lockForConvert, markConverted } from './convert-queries.ts'
import { applyPendingRefunds } from './convert-refunds.ts'
import { whyNotConvertible } from './lifecycle.ts'

/**
 * 转销售单. Exactly one sales order for each trade, however often or concurrently it is asked for; the others are told
 * "already", with the order's number. Stock is promised to them in the same transaction. `asRecord` also takes what was
 * shipped elsewhere, as a record without stock.
 */
export async function convertTrades(
  tx: Tx,
  ids: readonly string[],
  actor: Actor,
  scope: Scope,
  options: { asRecord?: boolean } = {},
): Promise<Outcome[]> {
  const facts = new Map((await lockForConvert(tx, ids)).map((row) => [row.id, row]))
  const verdicts = new Map(ids.map((id) => [id, verdict(facts.get(id), scope, options.asRecord ?? false)]))
  const records = await accept(tx, pick(verdicts, 'record'), true, actor)
  const trades = await accept(tx, pick(verdicts, 'trade'), false, actor)
  await reserveNew(
    tx,
    trades.orders.map((order) => order.id),
    trades.refunded,
  )
  const orders = [...trades.orders, ...records.orders]
  const made = new Map(orders.map((order) => [`${order.shopId}/${order.tid}`, order.no]))
  return ids.map((id) => {
    const answer = verdicts.get(id)
    if (answer && typeof answer !== 'string') return { id, ...answer }
    const fact = facts.get(id)
    const no = fact && made.get(`${fact.shop_id}/${fact.tid}`)
    return no ? { id, done: true, ref: no } : { id, done: false, code: 'nothing_to_convert' }
  })
}

type Refusal = { done: false; code: string; ref?: string }
type Verdict = 'trade' | 'record' | Refusal

function verdict(fact: ConvertFacts | undefined, scope: Scope, asRecord: boolean): Verdict {
  if (!fact || (scope.shops !== 'all' && !scope.shops.includes(fact.shop_id)))
    return { done: false, code: 'not_found' }
  if (fact.state === 'converted') return { done: false, code: 'already_converted', ref: fact.order_no }
  if (fact.state === 'processed') return { done: false, code: 'already_processed', ref: fact.state_by }
  if (fact.state === 'fetching') return { done: false, code: 'fetching' }
  const reason = whyNotConvertible(factsOf(fact), settingsOf(fact))
  if (reason === '') return 'trade'
  return reason === 'shipped_elsewhere' && asRecord ? 'record' : { done: false, code: reason }
}

function pick(verdicts: ReadonlyMap<string, Verdict>, wanted: 'trade' | 'record'): string[] {
  return [...verdicts].filter(([, answer]) => answer === wanted).map(([id]) => id)
}

async function accept(tx: Tx, ids: readonly string[], record: boolean, actor: Actor) {
  if (ids.length === 0) return { orders: [], refunded: false }
  const orders = await acceptOrders(tx, convertibleTrades(ids, record), actor)
  if (orders.length === 0) return { orders, refunded: false }
  await markConverted(tx, orders, actor.name)
  if (record)
    await lockAndSettle(
      tx,
      orders.map((order) => order.id),
      actor,
    )
  await lookAgain(
    tx,
    orders.filter((order) => order.unmatched).map((order) => order.id),
  )
  return { orders, refunded: await applyPendingRefunds(tx, orders, actor) }
}
