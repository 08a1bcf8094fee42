import type { Static } from 'typebox'
import type { BuyerFound, buyerSearch } from '../../../server/privacy/contract.ts'

export type Search = Static<typeof buyerSearch>
export type Found = BuyerFound
export type Open = BuyerFound['open'][number]
