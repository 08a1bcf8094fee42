import Type from 'typebox'
import { nullable, pageOf, pageQuery } from '../../core/http/http-contract.ts'
import { oneOf } from '../../core/lists/list-contract.ts'
import { orderRow } from '../list/contract.ts'

const why = nullable(
  Type.Object({ code: Type.String(), message: Type.Object({ zh: Type.String(), en: Type.String() }) }),
)
export const mergeSuggestion = Type.Object({
  id: Type.String(),
  orders: Type.Array(Type.Object({ order: orderRow, why })),
})
export const mergePage = pageOf(mergeSuggestion)
export const mergeTabs = ['ready', 'all'] as const
export type MergeTab = (typeof mergeTabs)[number]
export const mergeQuery = Type.Object(
  /** `ready`: only suggestions with at least two orders that can be merged. */
  { ...pageQuery, tab: Type.Optional(oneOf(mergeTabs)) },
  { additionalProperties: false },
)
