import { sql } from 'kysely'
import { type SealedPlace, sealedColumn } from '../access/reseal.ts'

/** The values of ended actions are sealed too, because a failed action can be sent again. */
export const outboxSealed: readonly SealedPlace[] = [
  sealedColumn({
    table: 'platform_action',
    column: 'secret',
    key: [['id', 'int8']],
    boundTo: sql`t.shop_id::text`,
  }),
]
