import Type, { type Static } from 'typebox'
import { idSchema as id, nullable, timeAnswer, timeOrNull } from '../../core/http/http-contract.ts'
import { oneOf } from '../../core/lists/list-contract.ts'
import { ownOrders, ruleMisses } from './account-rules.ts'

const closed = { additionalProperties: false }
const text = Type.String()
const count = Type.Integer()

const rule = Type.Object(
  {
    platform: Type.String({
      maxLength: 32,
      description: `A platform, or "${ownOrders}": orders that a person made. Empty: all.`,
    }),
    courier: Type.String({
      maxLength: 20,
      description: 'The courier that the order must ask for. Empty: the courier of the account, or none.',
    }),
    warehouseId: nullable(id),
    accountId: id,
    enabled: Type.Boolean(),
  },
  closed,
)
const rules = Type.Array(rule, { maxItems: 100 })
const version = Type.Integer({ minimum: 0 })

export const waybillRulesInput = Type.Object({ rules, version }, closed)
export const waybillRules = Type.Object({
  rules,
  version,
  updatedBy: text,
  updatedAt: timeOrNull,
  /** The platforms that have a source of waybill numbers. */
  platforms: Type.Array(text),
  /** All warehouses, inactive ones too, since rules may name them. */
  warehouses: Type.Array(Type.Object({ id: text, name: text, active: Type.Boolean() })),
  /** The accounts of one's own shops, retired ones too, since rules may name them. */
  accounts: Type.Array(
    Type.Object({
      id: text,
      shopId: text,
      source: text,
      sourceName: Type.Object({ zh: text, en: text }),
      courier: text,
      branchName: text,
      warehouseId: nullable(text),
      enabled: Type.Boolean(),
      platforms: Type.Array(text, {
        description:
          'The platforms whose masked receivers its source can print, and “own” if it prints own orders too.',
      }),
      /** The only shop for whose orders it gives numbers; null: for those of every shop of these platforms. */
      onlyShopId: nullable(text),
    }),
  ),
})
export type WaybillRules = Static<typeof waybillRules>

/** `rules`: those that are tried; left out: the stored ones. `number`: of one order, trade or delivery; left out: all that wait for a number. */
export const waybillDryRunInput = Type.Object(
  { rules: Type.Optional(rules), number: Type.Optional(Type.String({ minLength: 1, maxLength: 60 })) },
  closed,
)

const position = Type.Integer({ description: 'Position of a rule from 1; 0: no rule.' })
const words = Type.Object({ zh: text, en: text })
const chosen = {
  accountId: nullable(text),
  /** Courier and source of the account, also of one that belongs to another shop; empty: there is none. */
  courier: text,
  source: text,
}
export const waybillDryRun = Type.Object({
  seen: count,
  capped: Type.Boolean(),
  /** Deliveries that would get another account than by the stored rules. */
  changing: count,
  at: timeAnswer,
  byRule: Type.Array(Type.Object({ rule: position, count })),
  byAccount: Type.Array(Type.Object({ ...chosen, count })),
  refused: Type.Array(Type.Object({ code: text, message: words, count })),
  rows: Type.Array(
    Type.Object({
      orderId: text,
      orderNo: text,
      platform: Type.String({ description: 'Empty: the order was made by a person.' }),
      /** The courier that the order asks for; empty: none. */
      wanted: text,
      warehouse: text,
      rule: position,
      ...chosen,
      /** Why it would get no number; null: it would. */
      why: nullable(words),
      passed: Type.Array(Type.Object({ rule: position, miss: oneOf(ruleMisses) })),
    }),
  ),
})
export type WaybillDryRun = Static<typeof waybillDryRun>
