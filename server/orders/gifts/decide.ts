import type { Static } from 'typebox'
import { within } from '../sourcing/choose.ts'
import type { giftRule } from './contract.ts'
import type { GiftMiss } from './lifecycle.ts'

// Decides which gifts orders get. Pure: conversion, creation, payment, 重算赠品 and the dry run use it; after a refund the terms of the rules
// are applied again.

export type RuleInput = Static<typeof giftRule>
type Goods = { skuIds: readonly string[]; itemIds: readonly string[] }
export type Terms = Pick<
  RuleInput,
  | 'minFen'
  | 'maxFen'
  | 'minQuantity'
  | 'maxQuantity'
  | 'match'
  | 'base'
  | 'perFen'
  | 'perQuantity'
  | 'maxTimes'
> &
  Goods
type Gift = { code: string; skuId: string | null; quantity: number; insteadId: string | null }
export type Rule = Pick<
  RuleInput,
  'name' | 'enabled' | 'time' | 'shops' | 'firstOrders' | 'perBuyer' | 'exclusive' | 'whenOut'
> & {
  id: string
  version: number
  from: Date | null
  to: Date | null
  terms: Terms
  /** True if a SKU code of the rule does not exist; with `match` all, no order can meet the rule. */
  lacks: boolean
  gifts: Gift[]
}

/** A sold line of an order. `left`: its pieces, `fen`: its money, both without refunded goods. */
export type Sold = { skuId: string | null; itemId: string; left: number; fen: number }
export type GiftLine = {
  lineNo: number
  skuId: string
  left: number
  ruleId: string | null
  offBy: string | null
}
export type GiftOrder = {
  id: string
  shopId: string
  origin: string
  orderedAt: Date
  paidAt: Date | null
  cod: boolean
  warehouseId: string | null
  sold: readonly Sold[]
  gifts: readonly GiftLine[]
  /** Shares that each rule gave the order before, by rule id; 0: the rule's gifts were removed since. */
  had: ReadonlyMap<string, number>
}

export type Given = { rule: Rule; times: number; items: { skuId: string; quantity: number }[] }
export type Weighed = { order: GiftOrder; given: Given[]; missed: [rule: Rule, miss: GiftMiss][] }

/** What the orders of one call take from each other: places under `firstOrders`, gifts for one buyer, and pieces in stock. */
export type Scarce = {
  /** By rule id: the number of orders that already count toward the rule's limit `firstOrders`. */
  taken: ReadonlyMap<string, number>
  /** By order id: other orders of the same buyer with the rules that gave them gifts. Orders of the same call are listed with rule null. */
  sameBuyer: ReadonlyMap<string, readonly { orderId: string; ruleId: string | null }[]>
  /** Available pieces of a gift's SKU in a warehouse; undefined: not read, and treated as enough. */
  free: (warehouseId: string, skuId: string) => number | undefined
  take: (warehouseId: string, skuId: string, quantity: number) => void
}

export function sharesOf(terms: Terms, sold: readonly Sold[]): number | GiftMiss {
  const lines = sold.filter(({ left }) => left > 0)
  const isNamed = ({ skuId, itemId }: Sold) =>
    (skuId !== null && terms.skuIds.includes(skuId)) || terms.itemIds.includes(itemId)
  const names = terms.skuIds.length + terms.itemIds.length
  const named = lines.filter(isNamed)
  if (names > 0 && named.length === 0) return 'goods'
  if (names > 0 && terms.match === 'all' && !hasAll(terms, named)) return 'goods'
  const counted = names > 0 && terms.base === 'goods' ? named : lines
  const fen = counted.reduce((sum, line) => sum + line.fen, 0)
  const quantity = counted.reduce((sum, line) => sum + line.left, 0)
  if (quantity === 0) return 'goods'
  if (!within(fen, terms.minFen, terms.maxFen)) return 'amount'
  if (!within(quantity, terms.minQuantity, terms.maxQuantity)) return 'quantity'
  const shares = Math.min(
    terms.maxTimes ?? Number.POSITIVE_INFINITY,
    ...(terms.perFen === null ? [] : [Math.floor(fen / terms.perFen)]),
    ...(terms.perQuantity === null ? [] : [Math.floor(quantity / terms.perQuantity)]),
  )
  // Without 每满 N there is one share, and `maxTimes` has no effect.
  if (terms.perFen === null && terms.perQuantity === null) return 1
  return shares > 0 ? shares : 'times'
}

function hasAll({ skuIds, itemIds }: Goods, named: readonly Sold[]): boolean {
  return (
    skuIds.every((id) => named.some(({ skuId }) => skuId === id)) &&
    itemIds.every((id) => named.some(({ itemId }) => itemId === id))
  )
}

/**
 * Applies the rule to one order alone, without regard to other rules, other orders and stock. Returns the shares or the reason why none.
 */
export function sharesByRule(rule: Rule, order: GiftOrder): number | GiftMiss {
  if (!rule.enabled) return 'off'
  if (rule.shops.length > 0 && !rule.shops.includes(order.shopId)) return 'shop'
  // A reshipped order gets no gifts, because the original order got them.
  if (order.origin === 'reship') return 'again'
  if (order.paidAt === null && !order.cod) return 'unpaid'
  const at = rule.time === 'paid' ? (order.paidAt ?? order.orderedAt) : order.orderedAt
  if ((rule.from !== null && at < rule.from) || (rule.to !== null && at >= rule.to)) return 'dates'
  if (rule.lacks && rule.terms.match === 'all') return 'goods'
  // All SKUs that the rule names are unknown. Without this test an empty list would mean "any goods".
  if (rule.lacks && rule.terms.skuIds.length + rule.terms.itemIds.length === 0) return 'goods'
  const shares = sharesOf(rule.terms, order.sold)
  return typeof shares === 'number' ? Math.min(shares, mostShares(rule)) : shares
}

/** One gift of a rule has at most this number of pieces on an order: 每满 0.01 with a thousand pieces would exceed what a line can count. */
const mostPieces = 10_000
const mostShares = ({ gifts }: Rule) =>
  Math.floor(mostPieces / Math.max(1, ...gifts.map(({ quantity }) => quantity)))

/** Decides the gifts of all orders, the earliest payment first. Equal facts give equal gifts. */
export function decide(orders: readonly GiftOrder[], rules: readonly Rule[], scarce: Scarce): Weighed[] {
  const state = { scarce, taken: new Map(scarce.taken), got: new Map<string, Set<string>>() }
  const at = ({ paidAt, orderedAt }: GiftOrder) => (paidAt ?? orderedAt).getTime()
  const queue = orders.toSorted((a, b) => at(a) - at(b) || Number(a.id) - Number(b.id))
  return queue.map((order) => decideOne(order, rules, state))
}

type State = { scarce: Scarce; taken: Map<string, number>; got: Map<string, Set<string>> }

function decideOne(order: GiftOrder, rules: readonly Rule[], state: State): Weighed {
  const given: Given[] = []
  const missed: Weighed['missed'] = []
  let closed = false
  for (const rule of rules) {
    const shares = sharesByRule(rule, order)
    const miss =
      typeof shares === 'string' ? shares : missOf(rule, order, state, { closed, some: given.length > 0 })
    const got = miss === undefined ? itemsOf(rule, order, Number(shares), state.scarce) : miss
    if (typeof got === 'string') {
      missed.push([rule, got])
      continue
    }
    given.push({ rule, times: Number(shares), items: got })
    note(rule, order, got, state)
    closed = rule.exclusive
  }
  return { order, given, missed }
}

function missOf(
  rule: Rule,
  order: GiftOrder,
  state: State,
  { closed, some }: { closed: boolean; some: boolean },
): GiftMiss | undefined {
  if (closed || (rule.exclusive && some)) return 'excluded'
  const had = order.had.get(rule.id)
  if (rule.firstOrders !== null && had === undefined && (state.taken.get(rule.id) ?? 0) >= rule.firstOrders)
    return 'places'
  if (rule.perBuyer !== null && !had && givenToBuyer(rule, order, state) >= rule.perBuyer) return 'buyer'
  return undefined
}

function givenToBuyer(rule: Rule, order: GiftOrder, { scarce, got }: State): number {
  const others = scarce.sameBuyer.get(order.id) ?? []
  const has = others.filter(({ orderId, ruleId }) => ruleId === rule.id || got.get(orderId)?.has(rule.id))
  return new Set(has.map(({ orderId }) => orderId)).size
}

function note(rule: Rule, order: GiftOrder, items: Given['items'], state: State): void {
  if (!order.had.has(rule.id)) state.taken.set(rule.id, (state.taken.get(rule.id) ?? 0) + 1)
  const got = state.got.get(order.id) ?? new Set()
  state.got.set(order.id, got.add(rule.id))
  if (order.warehouseId === null) return
  for (const { skuId, quantity } of items) {
    const more = quantity - heldOf(order, rule, skuId)
    if (more > 0) state.scarce.take(order.warehouseId, skuId, more)
  }
}

const heldOf = ({ gifts }: GiftOrder, rule: Rule, skuId: string) =>
  gifts.reduce((sum, line) => sum + (line.ruleId === rule.id && line.skuId === skuId ? line.left : 0), 0)

/**
 * Returns the gifts for `times` shares. A gift that is out of stock is left out, replaced, or given nevertheless, by the rule's `whenOut`.
 * If no gift remains, the reason is returned.
 */
function itemsOf(rule: Rule, order: GiftOrder, times: number, scarce: Scarce): Given['items'] | GiftMiss {
  const items: Given['items'] = []
  let miss: GiftMiss = 'no_sku'
  for (const gift of rule.gifts) {
    const found = pick(gift, { rule, order, quantity: gift.quantity * times, scarce })
    if (typeof found === 'string') miss = found
    else items.push({ skuId: found.skuId, quantity: gift.quantity * times })
  }
  return items.length > 0 ? items : miss
}

type Asked = { rule: Rule; order: GiftOrder; quantity: number; scarce: Scarce }

function pick({ skuId, insteadId }: Gift, asked: Asked): { skuId: string } | GiftMiss {
  const { rule, order } = asked
  const isOff = (id: string) => order.gifts.some((line) => line.skuId === id && line.offBy !== null)
  if (skuId === null) return 'no_sku'
  if (isOff(skuId)) return 'by_hand'
  if (rule.whenOut === 'wait' || isThere(skuId, asked)) return { skuId }
  const instead = rule.whenOut === 'instead' ? insteadId : null
  return instead !== null && !isOff(instead) && isThere(instead, asked) ? { skuId: instead } : 'out'
}

/**
 * True if there are enough pieces for the gift. Pieces that the order has already count. An order without a warehouse may still be sourced
 * to one that has the gift.
 */
function isThere(skuId: string, { rule, order, quantity, scarce }: Asked): boolean {
  const more = quantity - heldOf(order, rule, skuId)
  if (more <= 0 || order.warehouseId === null) return true
  return (scarce.free(order.warehouseId, skuId) ?? more) >= more
}

const irrelevantMisses: ReadonlySet<GiftMiss> = new Set(['off', 'dates', 'shop', 'again'])
const toldMax = 8

export function giftDetailOf({ given, missed }: Weighed, codes: ReadonlyMap<string, string>) {
  const passed = missed
    .filter(([, miss]) => !irrelevantMisses.has(miss))
    .slice(0, toldMax)
    .map(([{ name }, miss]) => [name, miss])
  if (given.length === 0 && passed.length === 0) return undefined
  return {
    gifts: given.map(({ rule, times, items }) => ({
      rule: rule.name,
      times,
      items: items.map(({ skuId, quantity }) => [codes.get(skuId) ?? skuId, quantity]),
    })),
    passed,
  }
}
