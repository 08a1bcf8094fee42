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
    /** One or several of settlementKinds. */
    kind: Type.Optional(several),
    createdFrom: Type.Optional(time),
    createdTo: Type.Optional(time),
    orderId: Type.Optional(idSchema),
    /** A complete settlement, order, trade, refund or extra refund number. */
    q: Type.Optional(searchText),
    /** Pasted numbers of any of these kinds, at most 1000. */
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
  /** Positive: money that we receive; negative: money that we pay back. */
  amountFen: Type.Integer(),
  status: oneOf(settlementStatuses),
  /** True if the system voided it because nothing is owed any more; false: a person did. */
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

/** Totals by kind, without voided settlements. `capped`: too many settlements match; then `rows` is empty. */
export const settlementTotals = Type.Object({
  rows: Type.Array(
    Type.Object({ kind: oneOf(settlementKindNames), count: Type.Integer(), amountFen: Type.Integer() }),
  ),
  capped: Type.Boolean(),
})

export const settlementVoidFields = {
  reason: Type.String({ minLength: 1, maxLength: 200, pattern: '\\S' }),
}
