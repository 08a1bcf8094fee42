import Type, { type Static } from 'typebox'
import { idSchema, nullable, pageOf, pageQuery, timeAnswer, timeOrNull } from '../http/http-contract.ts'

/** The kind that tells listings what they may sell, by its name: an index of its own leaves it out. */
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
  /** What people call it: an order's, a delivery's, a refund's number; of stock, the listing. Empty: it is gone. */
  subjectNo: Type.String(),
  /** What goes with it: the trade, the waybill; of stock, SKUs and the quantities that were told. */
  subjectDetail: Type.String(),
  state: Type.Enum(actionStates),
  attempt: Type.Integer(),
  looks: Type.Integer(),
  /** Null: nothing more happens by itself. */
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
  /** What holds its shop: paused, banned by the platform, or the platform is away. Empty: nothing, or it is over. */
  waitsFor: Type.Enum(['', 'paused', 'banned', 'away']),
  /** It waits for a person: its outcome is unclear and nobody can look. */
  needsPerson: Type.Boolean(),
})
export type PlatformActionAnswer = Static<typeof platformAction>

const filters = {
  state: Type.Optional(wordList),
  kind: Type.Optional(wordList),
  shopId: Type.Optional(idList),
  /** Stock is told far more often than anything else. */
  stock: Type.Optional(Type.Enum(['without', 'only'])),
  /** Only what nothing more happens to by itself. */
  needsPerson: Type.Optional(Type.Boolean()),
  subjectType: Type.Optional(Type.String({ maxLength: 50 })),
  subjectId: Type.Optional(Type.String({ maxLength: 100 })),
}
/** What a list, its exact count and bulk work over it take. */
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
