import type { ShopDetail, ShopOut } from '../../../server/shops/contract.ts'

export type { ShopDetail, ShopOut }
