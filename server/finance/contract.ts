import Type, { type Static } from 'typebox'
import { idSchema, nullable, pageOf, pageQuery, timeAnswer, timeOrNull } from '../core/http/http-contract.ts'
import { oneOf, pastedNumbers, searchText, several, shopIds, time } from '../core/lists/list-contract.ts'
import { settlementKindNames, settlementStatuses } from './lifecycle.ts'

const closed = { additionalProperties: false }

export const settlementTabs = [...settlementStatuses, 'all'] as const
export type SettlementTab = (typeof settlementTabs)[number]
export const settlementSorts = ['createdAt'] as const

export const settlementFilter = Type.Object(
  {
    tab: Type.Optional(oneOf(settlementTabs)),
    shop: Type.Optional(shopIds),
    /** settlementKinds */
    kind: Type.Optional(several),
    createdFrom: Type.Optional(time),
    createdTo: Type.Optional(time),
    orderId: Type.Optional(idSchema),
    /** Settlement, order, trade, refund or extra refund number, whole. */
    q: Type.Optional(searchText),
    /** Pasted numbers of any of those kinds, up to 1000. */
    numbers: Type.Optional(pastedNumbers),
    ids: Type.Optional(Type.String({ minLength: 1, maxLength: 20_000 })),
  },
  closed,
)
export type SettlementFilter = Static<typeof settlementFilter>
export const settlementListQuery = Type.Object(
  {
    ...settlementFilter.properties,
    ...pageQuery,
    sort: Type.Optional(
      Type.String({
        maxLength: 20,
        description: `${settlementSorts.join(', ')}; - before it for descending`,
      }),
    ),
  },
  closed,
)

const by = nullable(Type.String())
export const settlementRow = Type.Object({
  id: Type.String(),
  no: Type.String(),
  shopId: Type.String(),
  orderId: nullable(Type.String()),
  orderNo: Type.String(),
  tid: Type.String(),
  kind: oneOf(settlementKindNames),
  source: Type.String(),
  version: Type.Integer(),
  /** What comes in is positive, what goes back negative. */
  amountFen: Type.Integer(),
  status: oneOf(settlementStatuses),
  /** Voided because it was owed no more, not by a person. */
  withdrawn: Type.Boolean(),
  voidReason: Type.String(),
  createdAt: timeAnswer,
  createdBy: Type.String(),
  approvedAt: timeOrNull,
  approvedBy: by,
  postedAt: timeOrNull,
  postedBy: by,
  settledAt: timeOrNull,
  settledBy: by,
  voidedAt: timeOrNull,
  voidedBy: by,
})
export type SettlementView = Static<typeof settlementRow>
export const settlementList = pageOf(settlementRow)

/** By kind, without voided ones. `capped`: too many match to be summed, and there are no rows. */
export const settlementTotals = Type.Object({
  rows: Type.Array(
    Type.Object({ kind: oneOf(settlementKindNames), count: Type.Integer(), amountFen: Type.Integer() }),
  ),
  capped: Type.Boolean(),
})

export const settlementVoidFields = {
  reason: Type.String({ minLength: 1, maxLength: 200, pattern: '\\S' }),
}
