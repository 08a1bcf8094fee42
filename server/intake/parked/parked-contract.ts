import Type, { type Static } from 'typebox'
import { idSchema, nullable, timeAnswer, timeOrNull } from '../../core/http/http-contract.ts'
import { oneOf } from '../../core/lists/list-contract.ts'

const closed = { additionalProperties: false }

const parkedKinds = ['trade', 'refund'] as const

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
export const parkedText = Type.Object({
  text: Type.String({ description: 'As it came, its first 200,000 characters' }),
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
