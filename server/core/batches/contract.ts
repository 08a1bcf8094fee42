import Type, { type Static } from 'typebox'
import { idSchema, nullable, pageOf, pageQuery, timeAnswer, timeOrNull } from '../http/http-contract.ts'

export const batchStates = ['running', 'stopping', 'done', 'stopped'] as const

const bilingual = Type.Object({ zh: Type.String(), en: Type.String() })
const fields = Type.Record(Type.String(), Type.Unknown())

/** `filter` has the fields of the filter of the action's list. */
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
  /**
   * For a batch over a filter: the number of rows that matched at the start and did not match any more when their chunk was made. At the
   * end total = succeeded + refused + taken.
   */
  taken: Type.Integer(),
  /**
   * The codes of refusals with their counts, most frequent first. `message`: what all refusals of the code say; null if they differ.
   * `messages`: the texts of the code's refusals with their counts; empty if there are more than three, or if the batch has more than a
   * thousand refusals.
   */
  reasons: Type.Array(
    Type.Object({
      code: Type.String(),
      count: Type.Integer(),
      message: nullable(bilingual),
      messages: Type.Array(Type.Object({ message: bilingual, count: Type.Integer() })),
    }),
  ),
  /** The code of the error that ended the batch early, such as `forbidden`; empty if it ran to its end. */
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
  /** The display number of the row; empty if the row no longer exists. */
  no: Type.String(),
  done: Type.Boolean(),
  code: Type.String(),
  /** A further value of the refusal, such as the reason of a hold; empty if there is none. */
  reason: Type.String(),
  message: nullable(bilingual),
  /** The number of the document that the row became, or of the one that prevents the action, such as an order number. */
  ref: Type.String(),
})
export const itemsAnswer = pageOf(item)

const refusalGroup = Type.Object({
  code: Type.String(),
  reason: Type.String(),
  message: nullable(bilingual),
  count: Type.Integer(),
  /** The first 200 rows of the group. */
  ids: Type.Array(idSchema),
  nos: Type.Array(Type.String()),
})
export type RefusalGroup = Static<typeof refusalGroup>
export const refusalGroupsAnswer = Type.Object({ rows: Type.Array(refusalGroup) })
