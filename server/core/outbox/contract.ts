import Type, { type Static } from 'typebox'
import { idSchema, nullable, pageOf, pageQuery, timeAnswer, timeOrNull } from '../http/http-contract.ts'

/** The kind of the stock sync's actions. Do not change the value: an index of the table excludes actions by it. */
export const stockKind = 'stock_upload'

export const actionStates = [
  'pending',
  'sending',
  'succeeded',
  'failed',
  'unknown',
  'forced',
  'manual',
  'withdrawn',
] as const

const bilingual = Type.Object({ zh: Type.String(), en: Type.String() })
const idList = Type.String({ pattern: '^[1-9][0-9]{0,17}(,[1-9][0-9]{0,17}){0,199}$' })
const wordList = Type.String({ pattern: '^[a-z_.]+(,[a-z_.]+){0,49}$' })

export const platformAction = Type.Object({
  id: idSchema,
  shopId: idSchema,
  kind: Type.String(),
  kindName: bilingual,
  subjectType: Type.String(),
  subjectId: Type.String(),
  /**
   * The number by which users know the subject: of an order, delivery or refund; for stock of the listing. Empty: the subject no longer
   * exists.
   */
  subjectNo: Type.String(),
  /** Further facts about the subject: the trade, the waybill; for stock the SKUs and the quantities that were sent. */
  subjectDetail: Type.String(),
  state: Type.Enum(actionStates),
  attempt: Type.Integer(),
  looks: Type.Integer(),
  /** The time of the next step; null: nothing more happens automatically. */
  nextAt: timeOrNull,
  errorCode: Type.String(),
  error: Type.String(),
  payload: Type.Unknown(),
  result: Type.Unknown(),
  createdBy: Type.String(),
  createdAt: timeAnswer,
  sentAt: timeOrNull,
  endedAt: timeOrNull,
  settledBy: nullable(Type.String()),
  settledReason: Type.String(),
  /** Why the shop's actions wait: paused, banned by the platform, or the platform does not answer (away). Empty: they do not wait. */
  waitsFor: Type.Enum(['', 'paused', 'banned', 'away']),
  /** True if a user must decide: the outcome is unclear and cannot be verified. */
  needsPerson: Type.Boolean(),
})
export type PlatformActionAnswer = Static<typeof platformAction>

const filters = {
  state: Type.Optional(wordList),
  kind: Type.Optional(wordList),
  shopId: Type.Optional(idList),
  /** Stock sync sends far more actions than any other kind, so a list can leave them out. */
  stock: Type.Optional(Type.Enum(['without', 'only'])),
  /** True: only actions for which nothing more happens automatically. */
  needsPerson: Type.Optional(Type.Boolean()),
  subjectType: Type.Optional(Type.String({ maxLength: 50 })),
  subjectId: Type.Optional(Type.String({ maxLength: 100 })),
}
export const actionFilter = Type.Object(filters, { additionalProperties: false })
export type ActionFilter = Static<typeof actionFilter>
export const exactCount = Type.Object({ count: Type.Integer() })

export const actionsQuery = Type.Object({ ...filters, ...pageQuery }, { additionalProperties: false })
export const actionsAnswer = pageOf(platformAction)
export const countsQuery = Type.Object(
  { kind: filters.kind, shopId: filters.shopId, stock: filters.stock, needsPerson: filters.needsPerson },
  { additionalProperties: false },
)
export const countsAnswer = Type.Object({
  tabs: Type.Record(Type.String(), Type.Object({ count: Type.Integer(), capped: Type.Boolean() })),
})

export const endByHandBody = Type.Object(
  {
    ids: Type.Array(idSchema, { minItems: 1, maxItems: 200 }),
    reason: Type.String({ minLength: 1, maxLength: 500 }),
  },
  { additionalProperties: false },
)
export const outcomesAnswer = Type.Object({
  results: Type.Array(
    Type.Object({
      id: idSchema,
      done: Type.Boolean(),
      code: Type.Optional(Type.String()),
      ref: Type.Optional(Type.String()),
      message: Type.Optional(bilingual),
    }),
  ),
})
