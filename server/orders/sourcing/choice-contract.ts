import Type, { type Static } from 'typebox'
import { nullable, timeAnswer, timeOrNull } from '../../core/http/http-contract.ts'
import { oneOf, time } from '../../core/lists/list-contract.ts'
import { orderFilter } from '../list/contract.ts'
import { howWords, missWords, policies } from './choice-lifecycle.ts'

const closed = { additionalProperties: false }
const id = Type.String({ pattern: '^[1-9]\\d{0,17}$' })
const texts = (maxItems: number, maxLength: number) =>
  Type.Array(Type.String({ minLength: 1, maxLength, pattern: '\\S' }), { maxItems })
const amount = nullable(Type.Integer({ minimum: 0, maximum: 2_000_000_000 }))

/** choose.ts describes each condition. */
const conditions = {
  name: Type.String({ minLength: 1, maxLength: 60, pattern: '\\S' }),
  enabled: Type.Boolean(),
  from: nullable(time),
  to: nullable(time),
  shops: Type.Array(id, { maxItems: 200 }),
  regions: texts(400, 40),
  words: texts(50, 40),
  notWords: texts(50, 40),
  minWeightG: amount,
  maxWeightG: amount,
  minFen: amount,
  maxFen: amount,
  cod: nullable(Type.Boolean()),
  skus: texts(500, 80),
  categories: texts(100, 80),
}
export const warehouseRule = Type.Object(
  {
    ...conditions,
    warehouses: Type.Array(id, { minItems: 1, maxItems: 50, uniqueItems: true }),
    policy: oneOf(policies),
  },
  closed,
)
export const courierRule = Type.Object(
  {
    ...conditions,
    warehouses: Type.Array(id, { maxItems: 50, uniqueItems: true }),
    courier: Type.String({ minLength: 1, maxLength: 20 }),
  },
  closed,
)
export const reach = Type.Record(Type.String({ maxLength: 20 }), texts(400, 40))

const warehouseRules = Type.Array(warehouseRule, { maxItems: 100 })
const courierRules = Type.Array(courierRule, { maxItems: 100 })
const version = Type.Integer({ minimum: 0 })
export const warehouseRulesInput = Type.Object({ rules: warehouseRules, version }, closed)
export const courierRulesInput = Type.Object({ rules: courierRules, reach, version }, closed)

const saved = { version, updatedBy: Type.String(), updatedAt: timeOrNull }
export const choiceRules = Type.Object({
  warehouse: Type.Object({ rules: warehouseRules, ...saved }),
  courier: Type.Object({ rules: courierRules, reach, ...saved }),
  /** All warehouses, inactive ones too, since rules may name them. */
  warehouses: Type.Array(Type.Object({ id: Type.String(), name: Type.String(), active: Type.Boolean() })),
})
export type ChoiceRules = Static<typeof choiceRules>

/** The sourcing rules that a dry run tries. A part that is left out is taken from the stored rules. */
export const choiceDryRunInput = Type.Object(
  {
    warehouseRules: Type.Optional(warehouseRules),
    courierRules: Type.Optional(courierRules),
    reach: Type.Optional(reach),
    filter: Type.Optional(orderFilter),
  },
  closed,
)
const names = (table: Record<string, unknown>) => Type.String({ description: Object.keys(table).join(', ') })
const passed = Type.Array(Type.Object({ rule: Type.String(), miss: names(missWords) }))
const counted = Type.Object({ name: Type.String(), count: Type.Integer() })
export const choiceDryRun = Type.Object({
  seen: Type.Integer(),
  capped: Type.Boolean(),
  changing: Type.Integer(),
  at: timeAnswer,
  /** The number of orders for each warehouse name and for each courier code; empty name: none is chosen. */
  byWarehouse: Type.Array(counted),
  byCourier: Type.Array(counted),
  rows: Type.Array(
    Type.Object({
      id: Type.String(),
      no: Type.String(),
      region: Type.String(),
      /** Total weight in grams; null: the weight of a line is not known. */
      weightG: nullable(Type.Integer()),
      nowWarehouse: Type.String(),
      nowCourier: Type.String(),
      warehouseByHand: Type.Boolean(),
      courierByHand: Type.Boolean(),
      warehouse: Type.String(),
      how: names(howWords),
      warehouseRule: Type.String(),
      warehousePassed: passed,
      courier: Type.String(),
      courierRule: Type.String(),
      courierPassed: passed,
    }),
  ),
})

export const chooseFields = {
  what: oneOf(['warehouse', 'courier', 'both']),
  overHand: Type.Optional(Type.Boolean()),
}
export const warehouseFields = { warehouseId: id }
