import type { Static } from 'typebox'
import type { uploadRow, uploadShop } from '../../../server/stock-sync/contract.ts'
import type { Json } from '../ui/json.ts'

export type UploadRow = Json<Static<typeof uploadRow>>
export type UploadShop = Json<Static<typeof uploadShop>>
