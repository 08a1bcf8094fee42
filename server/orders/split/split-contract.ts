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
    /** Where it ships from; left out: where the order does. */
    warehouseId: Type.Optional(idSchema),
    /** It leaves on that day at the earliest. */
    shipAfter: Type.Optional(time),
  },
  closed,
)
/** By hand: which goods leave each order, as orders of their own. `version`: the one that the person saw. */
export const splitInput = Type.Object(
  {
    splits: Type.Array(
      Type.Object(
        {
          id: idSchema,
          version: Type.Optional(Type.Integer()),
          parts: Type.Array(part, { minItems: 1, maxItems: 50 }),
          /** When what stays may leave; left out: as before. */
          shipAfter: Type.Optional(nullable(time)),
        },
        closed,
      ),
      { minItems: 1, maxItems: 100 },
    ),
  },
  closed,
)
/** `parts`: the orders that were made. */
export const splitAnswer = outcomesWith({
  parts: Type.Optional(Type.Array(Type.Object({ id: Type.String(), no: Type.String() }))),
  warning: Type.Optional(message),
})

const day = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' })
/** How goods are told apart; split-plans.ts says what each means. */
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

/** Why nothing leaves it stands in `message`. */
export const splitPlanAnswer = Type.Object({
  parts: Type.Array(
    Type.Object({
      lines: Type.Array(Type.Object({ lineNo, quantity: pieces })),
      warehouseId: Type.Optional(Type.String()),
      shipAfter: Type.Optional(timeAnswer),
    }),
  ),
  /** When what stays may leave; left out: as before. */
  shipAfter: Type.Optional(timeOrNull),
  message: nullable(message),
})
