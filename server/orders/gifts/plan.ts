import type { GiftLine, Given } from './decide.ts'
import type { GiftFacts, NewGift, OpenLine } from './queries.ts'
import type { WeighedFacts } from './weigh.ts'

// Computes which gift lines must shrink and which must be added so that the orders have the gifts that the rules give them. Pure.

export type Wanted = { skuId: string; ruleId: string | null; quantity: number }
export type Added = Wanted & { order: GiftFacts; lineNo: number }

/**
 * The gift changes of several orders. `left`: existing gift lines that shrink. `ended`: rules that give an order nothing any more.
 * `places`: by rule, the number of orders that newly count toward its limit `firstOrders`.
 */
export type Plan = {
  changed: WeighedFacts[]
  left: OpenLine[]
  added: Added[]
  gifts: NewGift[]
  ended: { orderId: string; ruleId: string; times: number }[]
  places: { ruleId: string; count: number }[]
}

export function planGifts(weighed: readonly WeighedFacts[]): Plan {
  const plans = weighed.map((one) => ({ one, ...linesOf(one.order, wantedOf(one.given)) }))
  const changed = plans.filter(({ left, added }) => left.length + added.length > 0)
  return {
    changed: changed.map(({ one }) => one),
    left: changed.flatMap(({ left }) => left),
    added: changed.flatMap(({ added }) => added),
    gifts: changed.flatMap(({ one: { order, given } }) =>
      given.map(({ rule, times }) => ({ orderId: order.id, ruleId: rule.id, times, version: rule.version })),
    ),
    ended: changed.flatMap(({ one: { order, given } }) =>
      [...order.had.keys()]
        .filter((ruleId) => !given.some(({ rule }) => rule.id === ruleId))
        .map((ruleId) => ({ orderId: order.id, ruleId, times: 0 })),
    ),
    places: placesOf(changed.map(({ one }) => one)),
  }
}

const wantedOf = (given: readonly Given[]): Wanted[] =>
  given.flatMap(({ rule, items }) => items.map((item) => ({ ...item, ruleId: rule.id })))

function placesOf(weighed: readonly WeighedFacts[]): Plan['places'] {
  const taking = weighed.flatMap(({ order, given }) =>
    given.filter(({ rule }) => rule.firstOrders !== null && !order.had.has(rule.id)),
  )
  return [...Map.groupBy(taking, ({ rule }) => rule.id)]
    .map(([ruleId, all]) => ({ ruleId, count: all.length }))
    .toSorted((a, b) => Number(a.ruleId) - Number(b.ruleId))
}

const keyOf = ({ ruleId, skuId }: Pick<Wanted, 'ruleId' | 'skuId'>) => `${ruleId}/${skuId}`

/** A gift line is reduced in place. A larger quantity becomes a new line, because a reservation cannot grow. */
function linesOf(order: GiftFacts, wanted: readonly Wanted[]): { left: OpenLine[]; added: Added[] } {
  const has = Map.groupBy(
    order.gifts.filter(({ ruleId, left }) => ruleId !== null && left > 0),
    keyOf,
  )
  const wants = new Map(wanted.map((one) => [keyOf(one), one]))
  const less = [...has].flatMap(([key, lines]) => shrunk(order.id, lines, wants.get(key)?.quantity ?? 0))
  const more = wanted.filter((one) => sumOf(has.get(keyOf(one)) ?? []) < one.quantity)
  return {
    left: less,
    added: more.map((one, at) => ({ ...one, order, lineNo: order.lastLine + 1 + at })),
  }
}

const sumOf = (lines: readonly GiftLine[]) => lines.reduce((sum, { left }) => sum + left, 0)

export function shrunk(orderId: string, lines: readonly GiftLine[], wanted: number): OpenLine[] {
  // If these gift lines together have fewer pieces than wanted, all are removed; the caller then inserts one new line with all pieces.
  let rest = sumOf(lines) < wanted ? 0 : wanted
  return lines.flatMap(({ lineNo, left }) => {
    const kept = Math.min(left, rest)
    rest -= kept
    return kept < left ? [{ orderId, lineNo, left: kept }] : []
  })
}
