import type { Static } from 'typebox'
import type { identityOut, ShopDetail, ShopOut } from '../../../server/shops/contract.ts'

export type { ShopDetail, ShopOut }
export type Identity = Static<typeof identityOut>
