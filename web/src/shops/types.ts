import type { Static } from 'typebox'
import type { ConnectorOut, identityOut, ShopDetail, ShopOut } from '../../../server/shops/contract.ts'

export type { ConnectorOut, ShopDetail, ShopOut }
export type Identity = Static<typeof identityOut>
