import Type, { type Static } from 'typebox'
import { idSchema as id, timeAnswer, timeOrNull } from '../core/http/http-contract.ts'
import { oneOf, revealBody } from '../core/lists/list-contract.ts'

const closed = { additionalProperties: false }

export const openKinds = ['order', 'trade', 'queue', 'refund', 'extra_refund', 'return', 'action'] as const

const search = {
  q: Type.String({
    minLength: 2,
    maxLength: 100,
    description:
      "The buyer's nick on the platform, a phone number, a trade number, or the number of an order.",
  }),
  platform: Type.Optional(
    Type.String({ maxLength: 40, description: 'Documents of shops of this platform only.' }),
  ),
}
export const buyerSearch = Type.Object(search, closed)
export const exportInput = Type.Object({ ...search, ...revealBody.properties }, closed)

/** `trades`: the number that the person was shown and typed again; another number now is a conflict. */
export const erasureInput = Type.Object({ ...search, trades: Type.Integer({ minimum: 1 }) }, closed)
export type ErasureInput = Static<typeof erasureInput>

const openDocument = Type.Object({
  kind: oneOf(openKinds),
  id,
  no: Type.String(),
  state: Type.String(),
})
export type OpenDocument = Static<typeof openDocument>

const count = Type.Integer()
export const buyerFound = Type.Object({
  /** Trades and off-platform orders. */
  trades: count,
  /** How many of them are erased already. */
  erased: count,
  counts: Type.Object({ orders: count, refunds: count, returns: count, deliveries: count }),
  /** By platform and nick, masked: the same text may mean two buyers on two platforms. */
  buyers: Type.Array(
    Type.Object({
      platform: Type.String(),
      nick: Type.String(),
      receivers: Type.Array(Type.String()),
      trades: count,
    }),
  ),
  /** The documents that prevent the erasure; no more than 50 are named. */
  open: Type.Array(openDocument),
})
export type BuyerFound = Static<typeof buyerFound>

export const erasureMade = Type.Object({ id, trades: count })

const erasureOut = Type.Object({
  id,
  trades: count,
  done: count,
  /** Rows that were overwritten or deleted. */
  rows: count,
  by: Type.String(),
  createdAt: timeAnswer,
  endedAt: timeOrNull,
})
export type ErasureAnswer = Static<typeof erasureOut>
export const erasureList = Type.Object({ rows: Type.Array(erasureOut) })
