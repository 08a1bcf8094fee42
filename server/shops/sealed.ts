import { sql } from 'kysely'
import { type SealedPlace, sealedColumn } from '../core/access/reseal.ts'

export const shopSealed: readonly SealedPlace[] = ['credentials', 'token'].map((column) =>
  sealedColumn({ table: 'shop', column, key: [['id', 'int8']], boundTo: sql`t.id::text` }),
)
