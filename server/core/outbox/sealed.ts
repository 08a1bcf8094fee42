import { sql } from 'kysely'
import { type SealedPlace, sealedColumn } from '../access/reseal.ts'

/** Also of actions that ended: one that failed can be tried again. */
export const outboxSealed: readonly SealedPlace[] = [
  sealedColumn({
    table: 'platform_action',
    column: 'secret',
    key: [['id', 'int8']],
    boundTo: sql`t.shop_id::text`,
  }),
]
