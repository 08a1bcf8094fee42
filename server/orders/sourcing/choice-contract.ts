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

/** choose.ts says what each means. */
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
/** By courier: regions to which it does not go. */
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
  /** Retired ones too, which rules may still name. */
  warehouses: Type.Array(Type.Object({ id: Type.String(), name: Type.String(), active: Type.Boolean() })),
})
export type ChoiceRules = Static<typeof choiceRules>

/** What is left out is taken as it is saved. */
export const choiceDryRunInput = Type.Object(
  {
    warehouseRules: Type.Optional(warehouseRules),
    courierRules: Type.Optional(courierRules),
    reach: Type.Optional(reach),
    /** Which orders; those that are not confirmed, the newest first, when left out. */
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
  /** Orders that would get another warehouse or courier than they have. */
  changing: Type.Integer(),
  at: timeAnswer,
  /** Names of warehouses and codes of couriers; empty: none. */
  byWarehouse: Type.Array(counted),
  byCourier: Type.Array(counted),
  /** The first of them. */
  rows: Type.Array(
    Type.Object({
      id: Type.String(),
      no: Type.String(),
      region: Type.String(),
      /** Null: the weight of a line is not known. */
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
  /** Also where a person chose. */
  overHand: Type.Optional(Type.Boolean()),
}
export const warehouseFields = { warehouseId: id }
