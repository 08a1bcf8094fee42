import { sql } from 'kysely'
import type { Database } from '../core/db/db.ts'
import type { Row, Rows } from '../core/db/rows.ts'
import { type Asked, figure, listed, type Told } from './alarm-words.ts'

/** The alarm concerns colleagues, so only users with a scope of everything see it. */
export async function revealAlarm({ db, scope }: Asked): Promise<Told[]> {
  if (scope.shops !== 'all' || scope.warehouses !== 'all') return []
  const users = await manyReveals(db)
  const [first] = users
  if (!first) return []
  const names = listed(users.map(({ name }) => name))
  const most = Math.max(...users.map(({ inDay }) => inDay))
  return [
    {
      id: 'reveals_many',
      kind: 'reveals_many',
      tone: 'warn',
      since: first.since,
      count: users.length,
      title: {
        zh: `${users.length} 人查看买家隐私过多`,
        en: `${users.length} looked at very many buyers`,
      },
      detail: {
        zh: `${names.zh}，一天最多 ${figure(most)} 条`,
        en: `${names.en}; up to ${figure(most)} in a day`,
      },
      remedy: 'see_audit',
      act: { zh: '看审计日志', en: 'See the audit log' },
      to: '/audit?action=order.reveal,trade.reveal,parked.reveal,delivery.reveal,privacy.export',
    },
  ]
}

/** Returns users who reached a limit for revealing buyers' data within the last day, the earliest first. */
async function manyReveals(db: Database): Promise<{ name: string; inDay: number; since: Date }[]> {
  const { rows } = await sql<
    Row<'reveal_count', 'inDay'> & {
      name: Rows['reveal_count']['actorName']
      since: NonNullable<Rows['reveal_count']['overAt']>
    }
  >`
    select actor_name as name, in_day as "inDay", over_at as since from reveal_count
    where over_at > now() - interval '1 day' order by over_at, actor limit 100`.execute(db)
  return rows
}
