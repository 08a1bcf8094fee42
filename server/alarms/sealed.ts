import { sql } from 'kysely'
import { type SealedPlace, sealedColumn } from '../core/access/reseal.ts'

export const alarmSealed: readonly SealedPlace[] = [
  sealedColumn({
    ...{ table: 'alarm_channel', column: 'credentials', key: [['id', 'int8']] },
    boundTo: sql`'alarm_channel'::text`,
  }),
]
