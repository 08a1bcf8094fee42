import Type, { type Static } from 'typebox'
import { idSchema, nullable, timeAnswer, timeOrNull } from '../../core/http/http-contract.ts'
import { outcomesWith, time } from '../../core/lists/list-contract.ts'
import type { SplitHow } from './split-plans.ts'

const closed = { additionalProperties: false }
const message = Type.Object({ zh: Type.String(), en: Type.String() })
const lineNo = Type.Integer({ minimum: 1, maximum: 32_000 })
const pieces = Type.Integer({ minimum: 1, maximum: 100_000 })

const part = Type.Object(
  {
    lines: Type.Array(Type.Object({ lineNo, quantity: pieces }, closed), { minItems: 1, maxItems: 500 }),
    warehouseId: Type.Optional(idSchema),
    shipAfter: Type.Optional(time),
  },
  closed,
)
/** Splits by hand: the goods of each child order. `version`: the version of the order that the person saw. */
export const splitInput = Type.Object(
  {
    splits: Type.Array(
      Type.Object(
        {
          id: idSchema,
          version: Type.Optional(Type.Integer()),
          parts: Type.Array(part, { minItems: 1, maxItems: 50 }),
          /** New planned ship date of the order that is split; left out: unchanged, null: none. */
          shipAfter: Type.Optional(nullable(time)),
        },
        closed,
      ),
      { minItems: 1, maxItems: 100 },
    ),
  },
  closed,
)
export const splitAnswer = outcomesWith({
  parts: Type.Optional(Type.Array(Type.Object({ id: Type.String(), no: Type.String() }))),
  warning: Type.Optional(message),
})

const day = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' })
/** The ways to split; split-plans.ts describes each. */
export const splitHow = Type.Union([
  Type.Object({ by: Type.Literal('stock') }, closed),
  Type.Object({ by: Type.Literal('warehouse') }, closed),
  Type.Object({ by: Type.Literal('quantity'), max: pieces }, closed),
  Type.Object(
    { by: Type.Literal('weight'), maxG: Type.Integer({ minimum: 1, maximum: 10_000_000 }) },
    closed,
  ),
  Type.Object({ by: Type.Literal('category') }, closed),
  Type.Object({ by: Type.Literal('days') }, closed),
  Type.Object(
    {
      by: Type.Literal('presale'),
      codes: Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { minItems: 1, maxItems: 200 }),
      day,
    },
    closed,
  ),
])
export const splitByFields = { how: splitHow }
export const splitPlanInput = Type.Object(splitByFields, closed)

export function howOf(how: Static<typeof splitHow>): SplitHow {
  return how.by === 'presale'
    ? { by: how.by, codes: how.codes, at: new Date(`${how.day}T00:00:00+08:00`) }
    : how
}

/** `message`: why the order would not be split; null: it would be. */
export const splitPlanAnswer = Type.Object({
  parts: Type.Array(
    Type.Object({
      lines: Type.Array(Type.Object({ lineNo, quantity: pieces })),
      warehouseId: Type.Optional(Type.String()),
      shipAfter: Type.Optional(timeAnswer),
    }),
  ),
  /** New planned ship date of the order itself; left out: unchanged. */
  shipAfter: Type.Optional(timeOrNull),
  message: nullable(message),
})
