import { sql } from 'kysely'
import { type SealedPlace, sealedColumn } from '../access/reseal.ts'

/** Ended actions are resealed too, because a user can send a failed action again. */
export const outboxSealed: readonly SealedPlace[] = [
  sealedColumn({
    table: 'platform_action',
    column: 'secret',
    key: [['id', 'int8']],
    boundTo: sql`t.shop_id::text`,
  }),
]
