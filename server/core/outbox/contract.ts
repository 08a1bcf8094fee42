import Type, { type Static } from 'typebox'
import { idSchema, nullable, timeAnswer, timeOrNull } from '../http/http-contract.ts'

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
