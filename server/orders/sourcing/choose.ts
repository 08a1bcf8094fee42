import type { How, Miss, Policy } from './choice-lifecycle.ts'
import { regionWords } from './regions.ts'

/**
 * Sourcing: chooses warehouse and courier of orders. Pure: conversion, the repeated sourcing and the dry run use it, and the pages use
 * its labels.
 */

/** The conditions of a sourcing rule. An empty list and null mean no condition. */
export type Conditions = {
  name: string
  enabled: boolean
  /** Start and end of the time in which the rule is in force; the end is exclusive, null: no limit. */
  from: string | null
  to: string | null
  shops: string[]
  /** Regions as "浙江", "广东 深圳", "义乌". The order's region must contain the words of one of them next to each other. */
  regions: string[]
  /** Buyer message or seller memo must contain one of these words. */
  words: string[]
  /** Buyer message and seller memo must contain none of these words. */
  notWords: string[]
  /** Lower limits are inclusive, upper limits exclusive. */
  minWeightG: number | null
  maxWeightG: number | null
  minFen: number | null
  maxFen: number | null
  cod: boolean | null
  skus: string[]
  categories: string[]
}

/** `warehouses`: ids, in the sequence of preference. */
export type WarehouseRule = Conditions & { warehouses: string[]; policy: Policy }
/** `warehouses`: the rule applies only to orders of these warehouses; empty: of any. */
export type CourierRule = Conditions & { warehouses: string[]; courier: string }
/** By courier code: the regions that the courier does not serve. */
export type Reach = Readonly<Record<string, readonly string[]>>

export type SourcingOrder = {
  key: string
  shopId: string
  region: string
  buyerMessage: string
  sellerMemo: string
  cod: boolean
  paymentFen: number
  /** Total weight in grams; null: the weight of a line is not known. */
  weightG: number | null
  skus: readonly string[]
  categories: readonly string[]
  parts: readonly StockDemand[]
  /** True if stock is requested immediately; later orders then have fewer pieces available. */
  asks: boolean
  /** Time of payment, else of the order; earlier orders choose first. */
  at: Date
  /** Reservations and backorders of the order. They count as available for it, since a move frees them. */
  held: readonly (StockDemand & { warehouseId: string })[]
  hand: { warehouseId: string | null; courier: string | null }
  /** Couriers among which the platform lets it go; empty: it is free. */
  designated: readonly string[]
  /** Set if only the courier is chosen: the order keeps this warehouse, active or not. */
  stays?: { warehouseId: string | null }
}
export type StockDemand = { skuId: string; quantity: number }

/** Warehouse id → SKU id → available pieces after all backorders are served; negative: the backorders exceed the stock. */
export type FreeStock = ReadonlyMap<string, ReadonlyMap<string, number>>
type RemainingStock = Map<string, Map<string, number>>

export type SourcingRules = {
  warehouses: readonly { id: string; name: string }[]
  warehouseRules: readonly Compiled<WarehouseRule>[]
  courierRules: readonly Compiled<CourierRule>[]
  reach: ReadonlyMap<string, readonly (readonly string[])[]>
}
type Compiled<Rule extends Conditions> = {
  rule: Rule
  regions: readonly (readonly string[])[]
  words: readonly string[]
  notWords: readonly string[]
  inTime: boolean
}

/** Reasons for which a rule does not concern the order; the order's event leaves such rules out. */
const irrelevantMisses: ReadonlySet<Miss> = new Set(['off', 'dates', 'shop'])

export type Passed = [rule: string, miss: Miss]
export type SourcingResult = {
  warehouseId: string | null
  how: How
  /** Name of the rule that decided; empty: none did. */
  warehouseRule: string
  /** Rules that did not decide, each with its reason: those before the deciding rule, or all. */
  warehousePassed: Passed[]
  courier: string
  courierRule: string
  courierPassed: Passed[]
}

/** Returns true if the words of `region` are next to each other in the order's region. */
function lies(order: readonly string[], region: readonly string[]): boolean {
  if (region.length === 0) return false
  return order.some((_, at) => region.every((word, index) => order[at + index] === word))
}

export function compileSourcingRules(
  stored: {
    warehouses: SourcingRules['warehouses']
    warehouseRules: readonly WarehouseRule[]
    courierRules: readonly CourierRule[]
    reach: Reach
  },
  now: Date,
): SourcingRules {
  return {
    warehouses: stored.warehouses,
    warehouseRules: stored.warehouseRules.map((rule) => compile(rule, now)),
    courierRules: stored.courierRules.map((rule) => compile(rule, now)),
    reach: compileReach(stored.reach),
  }
}

export function compileReach(reach: Reach): SourcingRules['reach'] {
  return new Map(Object.entries(reach).map(([courier, regions]) => [courier, regions.map(regionWords)]))
}

function compile<Rule extends Conditions>(rule: Rule, now: Date): Compiled<Rule> {
  const { from, to } = rule
  return {
    rule,
    regions: rule.regions.map(regionWords),
    words: rule.words.map((word) => word.toLowerCase()),
    notWords: rule.notWords.map((word) => word.toLowerCase()),
    inTime: (from === null || new Date(from) <= now) && (to === null || now < new Date(to)),
  }
}

export function reaches(reach: SourcingRules['reach'], courier: string, region: string): boolean {
  return goes(reach, courier, regionWords(region))
}

const goes = (reach: SourcingRules['reach'], courier: string, region: readonly string[]) =>
  !(reach.get(courier) ?? []).some((one) => lies(region, one))

/** Returns true if there are no rules and at most one warehouse, so that nothing is to be chosen. */
export function nothingToSource({ warehouses, warehouseRules, courierRules }: SourcingRules): boolean {
  return warehouses.length <= 1 && warehouseRules.length === 0 && courierRules.length === 0
}

/**
 * Sources the orders, the earliest payment first; pieces taken by an order are not available to later ones. Equal facts give equal
 * results.
 */
export function sourceOrders(
  orders: readonly SourcingOrder[],
  house: SourcingRules,
  shelf: FreeStock,
): Map<string, SourcingResult> {
  const running: RemainingStock = new Map([...shelf].map(([id, skus]) => [id, new Map(skus)]))
  const queue = orders.toSorted((a, b) => a.at.getTime() - b.at.getTime() || compareText(a.key, b.key))
  return new Map(queue.map((order) => [order.key, sourceOrder(order, house, running)]))
}

const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

function sourceOrder(order: SourcingOrder, house: SourcingRules, shelf: RemainingStock): SourcingResult {
  const asked = { order, region: regionWords(order.region), text: textOf(order) }
  for (const { warehouseId, skuId, quantity } of order.held) move(shelf, warehouseId, skuId, quantity)
  const placed = placeOf(asked, house, shelf)
  if (order.asks && placed.warehouseId !== null) take(shelf, placed.warehouseId, order.parts)
  return { ...placed, ...courierFor(asked, placed.warehouseId, house) }
}

type Asked = { order: SourcingOrder; region: readonly string[]; text: string }
const textOf = ({ buyerMessage, sellerMemo }: SourcingOrder) => `${buyerMessage}\n${sellerMemo}`.toLowerCase()

function placeOf(asked: Asked, house: SourcingRules, shelf: RemainingStock) {
  const { order } = asked
  if (order.stays) return placed(order.stays.warehouseId, 'stays', '', [])
  const inUse = (id: string) => house.warehouses.some((warehouse) => warehouse.id === id)
  if (order.hand.warehouseId !== null && inUse(order.hand.warehouseId))
    return placed(order.hand.warehouseId, 'hand', '', [])
  const passed: Passed[] = []
  for (const compiled of house.warehouseRules) {
    const { name, warehouses, policy } = compiled.rule
    const miss = missOf(compiled, asked)
    const candidates = miss ? [] : warehouses.filter(inUse)
    const found = miss ? undefined : firstOf(candidates, policy, order, shelf)
    if (found) return placed(found.id, found.how, name, passed)
    passed.push([name, miss ?? (candidates.length === 0 ? 'retired' : 'stock')])
  }
  const found = firstOf(
    house.warehouses.map(({ id }) => id),
    'whole_first',
    order,
    shelf,
  )
  return placed(found?.id ?? null, found?.how ?? 'none', '', passed)
}

const placed = (warehouseId: string | null, how: How, warehouseRule: string, warehousePassed: Passed[]) => ({
  warehouseId,
  how,
  warehouseRule,
  warehousePassed,
})

function firstOf(
  candidates: readonly string[],
  policy: Policy,
  order: SourcingOrder,
  shelf: RemainingStock,
): { id: string; how: How } | undefined {
  const [first] = candidates
  if (first === undefined) return undefined
  // An order without known SKUs fits any warehouse, so the first is taken.
  if (policy === 'first' || order.parts.length === 0) return { id: first, how: 'first' }
  const whole = candidates.find((id) =>
    order.parts.every(({ skuId, quantity }) => (shelf.get(id)?.get(skuId) ?? 0) >= quantity),
  )
  if (whole !== undefined) return { id: whole, how: 'whole' }
  return policy === 'whole_only' ? undefined : { id: first, how: 'short' }
}

/** Stock reserves a line's SKU completely or not at all, so a partial quantity takes nothing. */
function take(shelf: RemainingStock, warehouseId: string, parts: readonly StockDemand[]): void {
  for (const { skuId, quantity } of parts)
    if ((shelf.get(warehouseId)?.get(skuId) ?? 0) >= quantity) move(shelf, warehouseId, skuId, -quantity)
}

function move(shelf: RemainingStock, warehouseId: string, skuId: string, by: number): void {
  const skus = shelf.get(warehouseId) ?? new Map<string, number>()
  shelf.set(warehouseId, skus.set(skuId, (skus.get(skuId) ?? 0) + by))
}

function courierFor(asked: Asked, warehouseId: string | null, { courierRules, reach }: SourcingRules) {
  const { hand, designated } = asked.order
  if (hand.courier !== null) return { courier: hand.courier, courierRule: '', courierPassed: [] }
  const courierPassed: Passed[] = []
  for (const compiled of courierRules) {
    const { name, courier, warehouses } = compiled.rule
    const elsewhere = warehouses.length > 0 && !warehouses.includes(warehouseId ?? '')
    const otherwise = designated.length > 0 && !designated.includes(courier)
    const miss =
      missOf(compiled, asked) ??
      (elsewhere
        ? 'warehouse'
        : otherwise
          ? 'designated'
          : goes(reach, courier, asked.region)
            ? undefined
            : 'reach')
    if (miss === undefined) return { courier, courierRule: name, courierPassed }
    courierPassed.push([name, miss])
  }
  // Among several designated couriers, the account that gives the waybill number decides.
  return { courier: (designated.length === 1 && designated[0]) || '', courierRule: '', courierPassed }
}

function missOf({ rule, regions, words, notWords, inTime }: Compiled<Conditions>, asked: Asked) {
  const { order, region, text } = asked
  if (!rule.enabled) return 'off'
  if (!inTime) return 'dates'
  if (rule.shops.length > 0 && !rule.shops.includes(order.shopId)) return 'shop'
  if (regions.length > 0 && !regions.some((one) => lies(region, one))) return 'region'
  if (words.length > 0 && !words.some((word) => text.includes(word))) return 'words'
  if (notWords.some((word) => text.includes(word))) return 'not_words'
  const weighs = rule.minWeightG !== null || rule.maxWeightG !== null
  if (weighs && order.weightG === null) return 'weight_unknown'
  if (weighs && !within(order.weightG ?? 0, rule.minWeightG, rule.maxWeightG)) return 'weight'
  if (!within(order.paymentFen, rule.minFen, rule.maxFen)) return 'amount'
  if (rule.cod !== null && rule.cod !== order.cod) return 'cod'
  return hasGoods(rule, order) ? undefined : 'goods'
}

/** True if the value is at least `from` and less than `below`; null: no limit. */
export function within(value: number, from: number | null, below: number | null): boolean {
  return (from === null || value >= from) && (below === null || value < below)
}

function hasGoods({ skus, categories }: Conditions, order: SourcingOrder): boolean {
  if (skus.length === 0 && categories.length === 0) return true
  return (
    order.skus.some((code) => skus.includes(code)) ||
    order.categories.some((name) => categories.includes(name))
  )
}

const toldMax = 8

export function sourcingDetailOf(choice: SourcingResult, { warehouses }: Pick<SourcingRules, 'warehouses'>) {
  const told = (passed: readonly Passed[]) =>
    passed.filter(([, miss]) => !irrelevantMisses.has(miss)).slice(-toldMax)
  return {
    warehouse: warehouses.find(({ id }) => id === choice.warehouseId)?.name ?? '',
    how: choice.how,
    rule: choice.warehouseRule,
    passed: told(choice.warehousePassed),
    courier: choice.courier,
    courierRule: choice.courierRule,
    courierPassed: told(choice.courierPassed),
  }
}
export type SourcingDetail = ReturnType<typeof sourcingDetailOf>
