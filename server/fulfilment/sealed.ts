import { sql } from 'kysely'
import { type SealedPlace, sealedColumn } from '../core/access/reseal.ts'

export const fulfilmentSealed: readonly SealedPlace[] = [
  ...['sender', 'credentials', 'track_salt'].map((column) =>
    sealedColumn({
      table: 'waybill_account',
      column,
      key: [['id', 'int8']],
      boundTo: sql`t.shop_id::text`,
    }),
  ),
  sealedColumn({
    table: 'waybill',
    column: 'print_data',
    key: [['id', 'int8']],
    boundTo: sql`(select shop_id::text from waybill_account a where a.id = t.account_id)`,
  }),
  sealedColumn({
    table: 'waybill_package',
    column: 'print_data',
    key: [
      ['waybill_no', 'text'],
      ['courier', 'text'],
    ],
    boundTo: sql`(
      select a.shop_id::text from waybill w join waybill_account a on a.id = w.account_id where w.id = t.waybill_id)`,
  }),
]
