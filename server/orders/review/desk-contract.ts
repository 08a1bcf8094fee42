import Type from 'typebox'
import { idSchema, nullable, timeAnswer, timeOrNull } from '../../core/http/http-contract.ts'
import { time } from '../../core/lists/list-contract.ts'

const closed = { additionalProperties: false }
const message = Type.Object({ zh: Type.String(), en: Type.String() })
const part = (maxLength: number) => Type.Optional(Type.String({ maxLength }))

/** A part of the receiver that is left out stays unchanged. */
export const receiverEdit = Type.Object(
  {
    name: part(60),
    mobile: part(30),
    phone: part(30),
    province: part(30),
    city: part(30),
    district: part(30),
    town: part(60),
    address: part(200),
    zip: part(12),
  },
  closed,
)
const courier = Type.String({ maxLength: 20 })

export const editInput = Type.Object(
  {
    edits: Type.Array(
      Type.Object(
        {
          id: idSchema,
          version: Type.Optional(Type.Integer({ minimum: 1 })),
          receiver: Type.Optional(receiverEdit),
          courier: Type.Optional(courier),
          urgent: Type.Optional(Type.Boolean()),
          ownNote: Type.Optional(Type.String({ maxLength: 500 })),
        },
        closed,
      ),
      { minItems: 1, maxItems: 1000 },
    ),
  },
  closed,
)

export const courierFields = { courier }
/** A field that is left out stays. */
export const servicesFields = {
  toDoor: Type.Optional(Type.Boolean()),
  /** 0: not insured, null: the rule of the account decides. */
  insuredFen: Type.Optional(nullable(Type.Integer({ minimum: 0, maximum: 1e9 }))),
}
export const urgentFields = { urgent: Type.Boolean({ default: true }) }
export const waiveFields = {
  reasons: Type.Optional(Type.Array(Type.String({ maxLength: 40 }), { minItems: 1, maxItems: 50 })),
}

/** Every check that a rule can apply, with the schema from which the form for its parameters is drawn. */
export const checkList = Type.Object({
  rows: Type.Array(
    Type.Object({
      name: Type.String(),
      zh: Type.String(),
      en: Type.String(),
      on: Type.Boolean(),
      always: Type.Boolean(),
      waits: Type.Boolean(),
      params: Type.Unknown(),
    }),
  ),
})

const checkSettings = Type.Record(
  Type.String({ maxLength: 40 }),
  Type.Intersect([Type.Object({ on: Type.Boolean() }), Type.Record(Type.String(), Type.Unknown())]),
)
export const confirmRule = Type.Object({
  name: Type.String({ minLength: 1, maxLength: 60, pattern: '\\S' }),
  enabled: Type.Boolean(),
  from: nullable(time),
  to: nullable(time),
  checks: checkSettings,
})
export const shopRules = Type.Object({
  shopId: Type.String(),
  rules: Type.Array(confirmRule),
  /** Names of checks that are newer than the stored rules; they apply with the settings of a new rule. */
  fresh: Type.Array(Type.String()),
  version: Type.Integer(),
  updatedBy: Type.String(),
  updatedAt: timeOrNull,
  usual: checkSettings,
})
export const rulesInput = Type.Object(
  { rules: Type.Array(confirmRule, { maxItems: 20 }), version: Type.Integer({ minimum: 0 }) },
  closed,
)

export const dryRunInput = Type.Object({ checks: checkSettings }, closed)
const reason = Type.Object({ reason: Type.String(), message, waits: Type.Boolean() })
export const dryRunAnswer = Type.Object({
  /** The number of orders that were checked; `capped`: the shop has more. */
  seen: Type.Integer(),
  capped: Type.Boolean(),
  passing: Type.Integer(),
  at: timeAnswer,
  byReason: Type.Array(
    Type.Object({ reason: Type.String(), zh: Type.String(), en: Type.String(), count: Type.Integer() }),
  ),
  rows: Type.Array(Type.Object({ id: Type.String(), no: Type.String(), reasons: Type.Array(reason) })),
})
