import type { Static } from 'typebox'
import type {
  SkuDetail as Detail,
  ListingRow as Listing,
  SkuPart as Part,
  SkuRowOut,
  Suggestion as Suggested,
  skuChoices,
} from '../../../server/catalog/contract.ts'
import type { Json } from '../ui/base/json.ts'

export type SkuRow = Json<SkuRowOut>
export type SkuChoice = Static<typeof skuChoices>['rows'][number]
export type SkuDetail = Json<Detail>
export type SkuPart = Part
export type ListingRow = Json<Listing>
export type Suggestion = Json<Suggested>
