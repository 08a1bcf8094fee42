import Type, { type Static } from 'typebox'
import { nullable, timeAnswer, timeOrNull } from '../../core/http/http-contract.ts'
import { oneOf, time } from '../../core/lists/list-contract.ts'
import { orderFilter } from '../list/contract.ts'
import { giftBases, giftMatches, giftMisses, giftOuts, giftTimes } from './lifecycle.ts'

const closed = { additionalProperties: false }
const id = Type.String({ pattern: '^[1-9]\\d{0,17}$' })
const code = Type.String({ minLength: 1, maxLength: 80, pattern: '\\S' })
const amount = nullable(Type.Integer({ minimum: 0, maximum: 2_000_000_000 }))
const atLeastOne = nullable(Type.Integer({ minimum: 1, maximum: 2_000_000_000 }))

/**
 * The conditions of a gift rule on the order's amount, pieces and goods, and the size of a share (每满 N). Null and an empty list mean no
 * condition; upper limits are exclusive.
 */
export const giftTerms = {
  minFen: amount,
  maxFen: amount,
  minQuantity: amount,
  maxQuantity: amount,
  /** The goods that the order must contain. `skus`: our SKU codes; `listings`: the platforms' item ids. */
  skus: Type.Array(code, { maxItems: 500 }),
  listings: Type.Array(code, { maxItems: 500 }),
  match: oneOf(giftMatches),
  base: oneOf(giftBases),
  /** 每满 N: the order gets one share for each full amount, or for each full number of pieces. */
  perFen: atLeastOne,
  perQuantity: atLeastOne,
  maxTimes: atLeastOne,
}

export const giftRule = Type.Object(
  {
    id: Type.Optional(id),
    name: Type.String({ minLength: 1, maxLength: 60, pattern: '\\S' }),
    enabled: Type.Boolean(),
    time: oneOf(giftTimes),
    from: nullable(time),
    to: nullable(time),
    shops: Type.Array(id, { maxItems: 200 }),
    ...giftTerms,
    /** The rule gives gifts to at most this number of orders, the first ones; null: no limit. */
    firstOrders: atLeastOne,
    /** At most this number of one buyer's orders get the rule's gifts within the year before or after the order; null: no limit. */
    perBuyer: atLeastOne,
    /** True: an order gets this rule's gifts only if no earlier rule gave it any, and no later rule gives it any then. */
    exclusive: Type.Boolean(),
    gifts: Type.Array(
      Type.Object(
        {
          code,
          quantity: Type.Integer({ minimum: 1, maximum: 1000 }),
          instead: Type.String({ maxLength: 80 }),
        },
        closed,
      ),
      { minItems: 1, maxItems: 10 },
    ),
    whenOut: oneOf(giftOuts),
  },
  closed,
)

const rules = Type.Array(giftRule, { maxItems: 100 })
const version = Type.Integer({ minimum: 0 })
export const giftRulesInput = Type.Object({ rules, version }, closed)
export const giftRules = Type.Object({
  rules: Type.Array(
    Type.Object({ ...giftRule.properties, id, taken: Type.Integer({ description: 'Places that are gone' }) }),
  ),
  version,
  updatedBy: Type.String(),
  updatedAt: timeOrNull,
})
export type GiftRules = Static<typeof giftRules>

export const giftDryRunInput = Type.Object(
  {
    rules: Type.Optional(rules),
    filter: Type.Optional(orderFilter),
  },
  closed,
)
const item = Type.Object({ code: Type.String(), quantity: Type.Integer() })
export const giftDryRun = Type.Object({
  seen: Type.Integer(),
  capped: Type.Boolean(),
  changing: Type.Integer(),
  at: timeAnswer,
  byRule: Type.Array(Type.Object({ name: Type.String(), count: Type.Integer() })),
  bySku: Type.Array(Type.Object({ name: Type.String(), count: Type.Integer() })),
  rows: Type.Array(
    Type.Object({
      id: Type.String(),
      no: Type.String(),
      now: Type.Array(item),
      given: Type.Array(Type.Object({ rule: Type.String(), times: Type.Integer(), items: Type.Array(item) })),
      missed: Type.Array(
        Type.Object({
          rule: Type.String(),
          miss: Type.String({ description: Object.keys(giftMisses).join(', ') }),
        }),
      ),
    }),
  ),
})

export const addGiftFields = { code, quantity: Type.Integer({ minimum: 1, maximum: 1000 }) }
export const removeGiftFields = { code }
