import Type, { type Static } from 'typebox'
import { idSchema, nullable, pageOf, pageQuery, timeAnswer, timeOrNull } from '../http/http-contract.ts'

export const batchStates = ['running', 'stopping', 'done', 'stopped'] as const

const bilingual = Type.Object({ zh: Type.String(), en: Type.String() })
const fields = Type.Record(Type.String(), Type.Unknown())

/** `filter` takes the named filters of the action's list. */
export const newBatchBody = Type.Object(
  {
    action: Type.String({ maxLength: 100 }),
    target: Type.Union([
      Type.Object(
        { ids: Type.Array(idSchema, { minItems: 1, maxItems: 100_000 }) },
        { additionalProperties: false },
      ),
      Type.Object({ filter: fields }, { additionalProperties: false }),
    ]),
    input: Type.Optional(fields),
  },
  { additionalProperties: false },
)
export const newBatchAnswer = Type.Object({ id: idSchema, no: Type.String() })

export const batch = Type.Object({
  id: idSchema,
  no: Type.String(),
  action: Type.String(),
  actionName: bilingual,
  state: Type.Enum(batchStates),
  total: Type.Integer(),
  done: Type.Integer(),
  succeeded: Type.Integer(),
  refused: Type.Integer(),
  /** Of a whole filter: matched at the start, and no longer when their turn came. total = succeeded + refused + taken at the end. */
  taken: Type.Integer(),
  /** Most frequent first. */
  reasons: Type.Array(Type.Object({ code: Type.String(), count: Type.Integer() })),
  /** Why it was ended, when it did not end by itself: `forbidden` … */
  errorCode: Type.String(),
  retryOf: nullable(idSchema),
  createdAt: timeAnswer,
  startedAt: timeOrNull,
  endedAt: timeOrNull,
  createdBy: Type.String(),
})
export type BatchAnswer = Static<typeof batch>

export const batchesQuery = Type.Object(
  { running: Type.Optional(Type.Boolean()), mine: Type.Optional(Type.Boolean()), ...pageQuery },
  { additionalProperties: false },
)
export const batchesAnswer = pageOf(batch)

export const itemsQuery = Type.Object(
  {
    result: Type.Optional(Type.Union([Type.Literal('refused'), Type.Literal('done')])),
    code: Type.Optional(Type.String({ maxLength: 100 })),
    ...pageQuery,
  },
  { additionalProperties: false },
)
export const item = Type.Object({
  id: idSchema,
  /** The number by which people know the row; empty when the row is gone. */
  no: Type.String(),
  done: Type.Boolean(),
  code: Type.String(),
  /** What stands behind the code where a table names it: of a hold, its reason. */
  reason: Type.String(),
  message: nullable(bilingual),
  /** What it became, or what stands in its way: an order's number. */
  ref: Type.String(),
})
export const itemsAnswer = pageOf(item)

const refusalGroup = Type.Object({
  code: Type.String(),
  reason: Type.String(),
  message: nullable(bilingual),
  count: Type.Integer(),
  /** The first 200. */
  ids: Type.Array(idSchema),
  nos: Type.Array(Type.String()),
})
export type RefusalGroup = Static<typeof refusalGroup>
export const refusalGroupsAnswer = Type.Object({ rows: Type.Array(refusalGroup) })
