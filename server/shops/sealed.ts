import { sql } from 'kysely'
import { type SealedPlace, sealedColumn } from '../core/access/reseal.ts'

export const shopSealed: readonly SealedPlace[] = [
  ...['credentials', 'token'].map((column) =>
    sealedColumn({ table: 'shop', column, key: [['id', 'int8']], boundTo: sql`t.id::text` }),
  ),
  ...['request', 'answer'].map((column) =>
    sealedColumn({ table: 'relay_call', column, key: [['number', 'text']], boundTo: sql`t.relay_id::text` }),
  ),
  sealedColumn({
    table: 'mall_document',
    column: 'sealed',
    key: [
      ['number', 'text'],
      ['shop_id', 'int8'],
      ['kind', 'text'],
    ],
    boundTo: sql`t.shop_id::text`,
  }),
]
