import Type, { type Static } from 'typebox'
import {
  idSchema,
  nullable,
  pageOf,
  pageQuery,
  timeAnswer,
  timeOrNull,
} from '../../core/http/http-contract.ts'
import { oneOf, pastedNumbers, searchText, shopIds, time } from '../../core/lists/list-contract.ts'
import { writeBacks } from '../lifecycle.ts'
import { interceptStates, interceptWays, putBackStates } from './intercept-lifecycle.ts'

const closed = { additionalProperties: false }

/** `pull`: the warehouse stops the parcel before the write-back. `recall`: the courier is asked. */
export const interceptTabs = ['pull', 'recall', 'ended', 'all'] as const
export type InterceptTab = (typeof interceptTabs)[number]
export const interceptSorts = ['deadline', 'createdAt'] as const
export type InterceptSort = (typeof interceptSorts)[number]

const found = {
  shop: Type.Optional(shopIds),
  orderId: Type.Optional(idSchema),
  q: Type.Optional(searchText),
  numbers: Type.Optional(pastedNumbers),
  ids: Type.Optional(Type.String({ minLength: 1, maxLength: 20_000 })),
}
const sortedBy = (names: readonly string[]) => ({
  sort: Type.Optional(
    Type.String({ maxLength: 20, description: `${names.join(', ')}; - before it for descending` }),
  ),
})

export const interceptFilter = Type.Object(
  {
    tab: Type.Optional(oneOf(interceptTabs)),
    ...found,
    deadlineTo: Type.Optional(time),
  },
  closed,
)
export type InterceptFilter = Static<typeof interceptFilter>
export const interceptListQuery = Type.Object(
  { ...interceptFilter.properties, ...pageQuery, ...sortedBy(interceptSorts) },
  closed,
)

const parcel = {
  id: Type.String(),
  deliveryId: Type.String(),
  deliveryNo: Type.String(),
  orderId: Type.String(),
  orderNo: Type.String(),
  tid: Type.String(),
  shopId: Type.String(),
  courier: Type.String(),
  waybillNo: Type.String(),
}

export const interceptRow = Type.Object({
  ...parcel,
  refundNo: Type.String(),
  amountFen: Type.Integer(),
  deadline: timeOrNull,
  way: oneOf(interceptWays),
  state: oneOf(interceptStates),
  note: Type.String(),
  createdAt: timeAnswer,
  createdBy: Type.String(),
  askedAt: timeOrNull,
  askedBy: nullable(Type.String()),
  endedAt: timeOrNull,
  endedBy: nullable(Type.String()),
  /** The return of the goods, after the intercept has ended; null and empty: none. */
  returnId: nullable(Type.String()),
  returnNo: Type.String(),
  writeBack: oneOf(['', ...writeBacks] as const),
  receiverMasked: Type.String(),
  region: Type.String(),
  quantity: Type.Integer(),
  lineCount: Type.Integer(),
  lines: Type.Array(
    Type.Object({
      title: Type.String(),
      spec: Type.String(),
      pictureUrl: Type.String(),
      quantity: Type.Integer(),
      refundedQuantity: Type.Integer(),
    }),
  ),
})
export type InterceptView = Static<typeof interceptRow>
export const interceptList = pageOf(interceptRow)

export const decisionFields = { note: Type.Optional(Type.String({ maxLength: 200 })) }

export const putBackTabs = ['open', 'done', 'all'] as const
export type PutBackTab = (typeof putBackTabs)[number]
export const putBackSorts = ['createdAt'] as const
export type PutBackSort = (typeof putBackSorts)[number]

export const putBackFilter = Type.Object({ tab: Type.Optional(oneOf(putBackTabs)), ...found }, closed)
export type PutBackFilter = Static<typeof putBackFilter>
export const putBackListQuery = Type.Object(
  { ...putBackFilter.properties, ...pageQuery, ...sortedBy(putBackSorts) },
  closed,
)

export const putBackRow = Type.Object({
  ...parcel,
  warehouseId: nullable(Type.String()),
  skuId: nullable(Type.String()),
  skuCode: Type.String(),
  title: Type.String(),
  spec: Type.String(),
  quantity: Type.Integer(),
  state: oneOf(putBackStates),
  createdAt: timeAnswer,
  doneAt: timeOrNull,
  doneBy: nullable(Type.String()),
})
export type PutBackView = Static<typeof putBackRow>
export const putBackList = pageOf(putBackRow)

export const scanInput = Type.Object({ number: Type.String({ minLength: 1, maxLength: 64 }) }, closed)
