import Type, { type Static } from 'typebox'
import { nullable } from '../../core/http/http-contract.ts'
import { orderRow } from '../list/contract.ts'

const why = nullable(
  Type.Object({ code: Type.String(), message: Type.Object({ zh: Type.String(), en: Type.String() }) }),
)
export const mergeSuggestion = Type.Object({
  id: Type.String(),
  orders: Type.Array(Type.Object({ order: orderRow, why })),
})
export type MergeSuggestion = Static<typeof mergeSuggestion>
