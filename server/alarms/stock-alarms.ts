import { sql } from 'kysely'
import { warehouseSql } from '../core/access/scope.ts'
import { countCap } from '../core/lists/list-table.ts'
import { lateRows } from './alarm-queries.ts'
import { type Asked, alarmOf, figure, type Told } from './alarm-words.ts'

/** Stock locks whose period has begun and that are not in force, because too few pieces are available. They are tried again until their end. */
export async function stockAlarms({ db, scope }: Asked): Promise<Told[]> {
  const late = await lateRows(
    db,
    sql`
      select id, no, starts_at as at from stock_document d
      where status = 'approved' and kind = 'lock' and starts_at < now() - interval '1 minute' and ends_at > now()
        and ${warehouseSql(scope, sql.ref('d.warehouse_id'))}
      order by starts_at, id limit ${countCap + 1}`,
  )
  return alarmOf(late, {
    kind: 'lock_not_in_force',
    tone: 'bad',
    title: {
      zh: `${figure(late.count)} 张锁定单到时间没锁上`,
      en: `${figure(late.count)} stock ${late.count === 1 ? 'lock is' : 'locks are'} not in force`,
    },
    detail: {
      zh: '可用库存不够，货还在卖；补货或改单，每五分钟自动再试',
      en: 'too few pieces are available, and the goods are still sold; bring more, or lock fewer. Tried again every five minutes',
    },
    remedy: 'see_stock_documents',
    act: { zh: '去看', en: 'View' },
    to: '/stock-documents?tab=approved',
  })
}
