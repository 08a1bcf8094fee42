import { sql } from 'kysely'
import type { NotNull, Row } from '../core/db/rows.ts'
import type { Asked, Told } from './alarm-words.ts'
import { isWholeScope } from './notices/channels.ts'
import { isWatchdog } from './watchdog/watchdogs.ts'

/** Seconds without a question after which a watchdog raises an alarm. It asks every ten, and each minute is written. */
const silentSeconds = 300

type Silent = NotNull<Row<'api_key', 'id' | 'name'> & Record<'since', Date>> & Record<'never', boolean>

/** Returns an alarm for each watchdog that does not ask, so that one that is gone is noticed while the installation is well. */
export async function watchdogAlarms({ db, scope }: Asked): Promise<Told[]> {
  if (!isWholeScope(scope)) return []
  const found = await sql<Silent>`
    select k.id, k.name, coalesce(k.last_used_at, k.created_at) as since, k.last_used_at is null as never
    from api_key k
    where ${isWatchdog} and coalesce(k.last_used_at, k.created_at) < now() - make_interval(secs => ${silentSeconds})
    order by k.id limit 20`.execute(db)
  return found.rows.map(({ id, name, since, never }) => ({
    ...{ id: `watchdog_silent:${id}`, kind: 'watchdog_silent', tone: 'warn', since },
    title: never
      ? { zh: `看门狗「${name}」还没启动过`, en: `The watchdog “${name}” was never started` }
      : { zh: `看门狗「${name}」没有动静`, en: `The watchdog “${name}” is silent` },
    detail: {
      zh: '三易这时停了，它不会通知；到它那台机器上看它是否在运行、能否连到这里。不再要的，删除它',
      en: 'If Sanyi stopped now, no person would know. See on its machine whether it runs and reaches us, or remove it',
    },
    ...{ remedy: 'start_watchdog', act: { zh: '看看门狗', en: 'See the watchdogs' }, to: '/alarm-channels' },
  }))
}
