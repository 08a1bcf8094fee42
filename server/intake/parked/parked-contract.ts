import Type, { type Static } from 'typebox'
import {
  idSchema,
  nullable,
  pageOf,
  pageQuery,
  timeAnswer,
  timeOrNull,
} from '../../core/http/http-contract.ts'

const oneOf = <const Values extends readonly string[]>(values: Values) =>
  Type.Unsafe<Values[number]>({ type: 'string', enum: [...values] })
const closed = { additionalProperties: false }

export const parkedKinds = ['trade', 'refund'] as const
export const parkedTabs = ['open', 'settled'] as const

export const parkedFilter = Type.Object(
  {
    tab: Type.Optional(oneOf(parkedTabs)),
    kind: Type.Optional(oneOf(parkedKinds)),
    shop: Type.Optional(Type.String({ pattern: '^[1-9][0-9]{0,6}(,[1-9][0-9]{0,6}){0,199}$' })),
  },
  closed,
)
export type ParkedFilter = Static<typeof parkedFilter>
export const parkedQuery = Type.Object({ ...parkedFilter.properties, ...pageQuery }, closed)

export const parkedRow = Type.Object({
  id: idSchema,
  shopId: idSchema,
  kind: oneOf(parkedKinds),
  platformId: Type.String({ description: 'Empty when not even the number could be read' }),
  /** Id of our trade or refund with this number; null if there is none. */
  documentId: nullable(idSchema),
  reason: Type.String(),
  times: Type.Integer({ description: 'How often this document was seen' }),
  firstSeen: timeAnswer,
  lastSeen: timeAnswer,
  settledAt: timeOrNull,
})
export type ParkedRow = Static<typeof parkedRow>
export const parkedList = pageOf(parkedRow)
export const parkedText = Type.Object({
  text: Type.String({ description: 'As it came, its first 200,000 characters' }),
})
export const parkedCounts = Type.Object({
  tabs: Type.Record(Type.String(), Type.Object({ count: Type.Integer(), capped: Type.Boolean() })),
})

export const parkedIds = Type.Object({ ids: Type.Array(idSchema, { minItems: 1, maxItems: 200 }) }, closed)

export const parkedCodes = [
  'not_found',
  'settled_before',
  /** The parked text still cannot be read, and the document's number is unknown, so the document cannot be downloaded. */
  'still_unreadable',
  /** The parked text still cannot be read, but the document is being downloaded by its number. `ref`: the run. */
  'asked_again',
  'failed',
] as const

/** `ref`: the result (created, updated, older, processed), or the run that downloads the document. */
export const parkedOutcomes = Type.Object({
  results: Type.Array(
    Type.Object({
      id: Type.String(),
      done: Type.Boolean(),
      code: Type.Optional(oneOf(parkedCodes)),
      detail: Type.Optional(nullable(Type.String({ description: 'Why it is still not understood' }))),
      ref: Type.Optional(Type.String()),
    }),
  ),
})
export type ParkedOutcome = Static<typeof parkedOutcomes>['results'][number]
