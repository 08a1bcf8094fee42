import { sql } from 'kysely'
import { backupKind } from '../core/backup/backup-task.ts'
import type { Database } from '../core/db/db.ts'
import type { NotNull, Row, Rows } from '../core/db/rows.ts'
import type { LocalizedText } from '../lib/localized-text.ts'
import { chinaMinute, hourMs, minuteMs } from '../lib/time.ts'
import type { Asked, Told } from './alarm-words.ts'

/** Milliseconds. A nightly backup that is older than this was not followed by another. */
const oldMs = 36 * hourMs

/** The backup of an installation whose backup task is on failed, or the last good one is too old. */
export async function backupAlarms({ db, now, scope }: Asked): Promise<Told[]> {
  if (scope.shops !== 'all') return []
  const last = await lastBackups(db)
  if (!last) return []
  const { good, state, at } = last
  const failed = state === 'failed' || state === 'lost'
  const old = good !== null && now.getTime() - good.getTime() > oldMs
  if (!failed && !old) return []
  return [
    {
      id: 'backup_late',
      kind: 'backup_late',
      tone: 'bad',
      since: failed ? at : good,
      title: failed
        ? { zh: '备份失败', en: 'The backup failed' }
        : {
            zh: `上一次备份是 ${good && chinaMinute(good)}`,
            en: `The last backup is of ${good && chinaMinute(good)}`,
          },
      detail: good
        ? {
            zh: `最近一次完好的备份是 ${chinaMinute(good)}；这台机器坏了，之后的就没了`,
            en: `The last good one is of ${chinaMinute(good)}: if this machine is lost, so is everything since`,
          }
        : { zh: '还没有一次完好的备份', en: 'There is no good backup yet' },
      remedy: 'see_runs',
      act: { zh: '看运行', en: 'See runs' },
      to: `/tasks?kind=${backupKind}`,
    },
  ]
}

/** After this time without a sign or a segment, the log counts as not kept. The server hands over one a minute. */
const lateMs = 10 * minuteMs

/** The log of the embedded database does not reach the place of the backup: its seconds since could not be restored if the machine were lost. */
export async function keptLogAlarms({ db, now, scope }: Asked): Promise<Told[]> {
  if (scope.shops !== 'all') return []
  const found = await sql<KeptLog>`
    select sent_at as "sentAt", begun_at as "begunAt", failed_since as "failedSince", failure,
      (select last_failed_time from pg_stat_archiver where last_failed_time > coalesce(last_archived_time, '-infinity')) as "refusedAt"
    from kept_log`.execute(db)
  const [row] = found.rows
  if (!row) return []
  const last = row.sentAt ?? row.begunAt
  const isOld = (at: Date | null) => at !== null && now.getTime() - at.getTime() > lateMs
  // A copy into the waiting folder that fails is repeated by the server, and is late only if it does not succeed meanwhile.
  if (!isOld(last) && !isOld(row.failedSince)) return []
  const lost = {
    zh: '这台机器坏了，之后的就没了；它的磁盘还在的话都在',
    en: 'If this machine is lost, so is everything since; nothing is, if its disk is not',
  }
  const refused = {
    zh: '数据库交不出日志，看它的磁盘',
    en: 'The database cannot hand over its log: see its disk',
  }
  const why = row.failure ?? (row.refusedAt ? refused : lost)
  return [
    {
      id: 'backup_late:log',
      kind: 'backup_late',
      tone: 'bad',
      since: last,
      title: {
        zh: `数据库日志 ${chinaMinute(last)} 起没有送到备份处`,
        en: `The log of the database has not reached its backup since ${chinaMinute(last)}`,
      },
      detail: why,
      remedy: 'see_runs',
      act: { zh: '看备份', en: 'See the backup' },
      to: `/tasks?kind=${backupKind}`,
    },
  ]
}

type KeptLog = Row<'kept_log', 'sentAt' | 'begunAt' | 'failedSince'> & {
  failure: LocalizedText | null
  refusedAt: Date | null
}

type Last = { good: Rows['task_run']['endedAt'] } & Row<'task_run', 'state'> & {
    at: Rows['task_run']['endedAt']
  }

async function lastBackups(db: Database): Promise<Last | undefined> {
  const found = await sql<Last>`
    select (select max(ended_at) from task_run r where r.task_id = t.id and r.state = 'done') as good, last.state, last.ended_at as at
    from task t cross join lateral (
      select state, ended_at from task_run r where r.task_id = t.id and r.ended_at is not null order by id desc limit 1
    ) last
    where t.kind = ${backupKind} and t.enabled and t.shop_id is null`.execute(db)
  return found.rows[0]
}

/** Shops of a restored database that were not read again: nothing is confirmed, shipped or sent for them. */
export async function restoredAlarms({ db, scope }: Asked): Promise<Told[]> {
  const shops = await shopsNotRead(db)
  const granted = shops.filter(({ shopId }) => scope.shops === 'all' || scope.shops.includes(shopId))
  return granted.map(({ shopId, name, restoredAt, takenAt }) => ({
    id: `being_read:${shopId}`,
    kind: 'being_read',
    tone: 'warn',
    since: restoredAt,
    shopId,
    title: {
      zh: `已从 ${chinaMinute(takenAt)} 的备份恢复，${name}还在重新读取`,
      en: `Restored from a backup of ${chinaMinute(takenAt)}; ${name} is being read again`,
    },
    detail: {
      zh: '读完前不确认、不发货、不回写；读完自动恢复',
      en: 'Until then nothing of it is confirmed, shipped or written back; it goes on automatically',
    },
    remedy: 'see_runs',
    act: { zh: '看运行', en: 'See runs' },
    to: `/tasks?shop=${shopId}`,
  }))
}

type NotRead = NotNull<Row<'shop_gate', 'shopId' | 'restoredAt'>> &
  Row<'shop', 'name'> &
  Row<'restore_record', 'takenAt'>

async function shopsNotRead(db: Database): Promise<NotRead[]> {
  const found = await sql<NotRead>`
    select g.shop_id as "shopId", g.restored_at as "restoredAt", s.name, r.taken_at as "takenAt"
    from shop_gate g join shop s on s.id = g.shop_id
    cross join (select taken_at from restore_record order by id desc limit 1) r
    where g.restored_at is not null order by s.name, g.shop_id`.execute(db)
  return found.rows
}
