import type { Static } from 'typebox'
import type { stockSyncRow, stockSyncShop } from '../../../server/stock-sync/contract.ts'
import type { Json } from '../ui/base/json.ts'

export type UploadRow = Json<Static<typeof stockSyncRow>>
export type UploadShop = Json<Static<typeof stockSyncShop>>
