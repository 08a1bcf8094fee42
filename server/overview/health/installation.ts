import { sql } from 'kysely'
import { alarmsNow } from '../../alarms/alarms.ts'
import type { Alarm } from '../../alarms/contract.ts'
import { channelsOn } from '../../alarms/notices/channels.ts'
import { readQueueCounts } from '../../alarms/queue-counts.ts'
import { listWatchdogs } from '../../alarms/watchdog/watchdogs.ts'
import { connectors } from '../../connectors/index.ts'
import { wholeScope } from '../../core/access/actor.ts'
import { backupKind } from '../../core/backup/backup-task.ts'
import type { Database } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { compareClocks, processHeartbeats } from '../../core/embedded/house-process.ts'
import { streamStates } from '../../intake/coverage/coverage.ts'
import type { LocalizedText } from '../../lib/localized-text.ts'
import { chinaMinute, dayMs, minuteMs } from '../../lib/time.ts'
import type { Finding, HealthArea } from './contract.ts'
import { findingsOf, type Look, ok } from './look.ts'

export type InstallationAsked = {
  db: Database
  now: Date
  taskName?: (kind: string) => LocalizedText | undefined
  /** True: this is one of many merchants, whose operator makes the backups. */
  isOneOfMany: boolean
}

/** `raised`: the alarms of the area, which are rows of their own. A finding that says the same again is left out. */
type AreaLook = (asked: InstallationAsked, raised: readonly Alarm[]) => Promise<Finding[]>

/** Each area, the kinds of alarms that concern it, and its own findings. */
const areas: readonly [HealthArea, readonly Alarm['kind'][], AreaLook][] = [
  ['clock', ['clock_skew'], clockFindings],
  ['processes', ['worker_silent'], processFindings],
  ['backup', ['backup_late', 'being_read'], backupFindings],
  ['channels', [], channelFindings],
  ['watchdogs', ['watchdog_silent'], watchdogFindings],
  ['tokens', ['auth_expired'], tokenFindings],
  ['downloads', ['stream_behind', 'push_silent', 'relay_silent', 'task_failing'], downloadFindings],
  ['actions', ['actions_failed', 'actions_unclear', 'write_back_late'], actionFindings],
]

/** The disk of this machine is looked at by itself. */
const elsewhere: readonly Alarm['kind'][] = ['disk_low', ...areas.flatMap(([, kinds]) => kinds)]

/** Returns what the database says of the installation: its alarms, and the figures of what raises none. */
export async function installationFindings(asked: InstallationAsked): Promise<Finding[]> {
  let alarms: readonly Alarm[] = []
  const readAlarms: Look = async () => {
    const whole = { ...asked, scope: wholeScope }
    alarms = await alarmsNow(whole, await readQueueCounts(whole))
    return []
  }
  const found = await findingsOf('alarms', readAlarms)
  for (const [area, kinds, look] of areas) {
    const raised = alarms.filter(({ kind }) => kinds.includes(kind))
    const rows = raised.map((alarm) => findingOf(area, alarm))
    found.push(...(await findingsOf(area, async () => [...(await look(asked, raised)), ...rows])))
  }
  const others = alarms.filter(({ kind }) => !elsewhere.includes(kind))
  found.push(...others.map((alarm) => findingOf('alarms', alarm)))
  return others.length === 0 && !found.some(({ area }) => area === 'alarms')
    ? [
        ...found,
        ok(
          'alarms',
          alarms.length === 0 ? '没有告警' : '没有别的告警',
          alarms.length === 0 ? 'No alarms' : 'No other alarms',
        ),
      ]
    : found
}

const findingOf = (area: HealthArea, { tone, title, detail, to, act }: Alarm): Finding => ({
  ...{ area, tone, title, remedy: detail, to, act },
})

async function clockFindings({ db }: InstallationAsked): Promise<Finding[]> {
  await compareClocks(db)
  const processes = await processHeartbeats(db)
  const most = Math.max(0, ...processes.map(({ aheadMs }) => Math.abs(aheadMs)))
  return [ok('clock', `与数据库的时钟最多差 ${most} ms`, `At most ${most} ms from the clock of the database`)]
}

const start = { zh: '用 npm start 启动', en: 'Start it with npm start' }

async function processFindings({ db }: InstallationAsked, raised: readonly Alarm[]): Promise<Finding[]> {
  const processes = await processHeartbeats(db)
  const webs = processes.filter(({ kind }) => kind === 'web').length
  const workers = processes.filter(({ kind }) => kind === 'worker').length
  const found = [
    ok('processes', `网页进程 ${webs}，后台进程 ${workers}`, `${webs} web and ${workers} worker processes`),
  ]
  const absent = (zh: string, en: string): Finding => ({
    ...{ area: 'processes', tone: 'bad', title: { zh, en }, remedy: start },
  })
  if (webs === 0) found.push(absent('两分钟没有网页进程', 'No web process for two minutes'))
  if (workers === 0 && raised.length === 0)
    found.push(
      absent(
        '两分钟没有后台进程，下载、转单、回写都停着',
        'No worker for two minutes: downloads, conversions and write-backs stand still',
      ),
    )
  return found
}

async function backupFindings({ db, isOneOfMany }: InstallationAsked): Promise<Finding[]> {
  if (isOneOfMany) return []
  type Found = Row<'task', 'enabled'> & Record<'good', Date | null>
  const found = await sql<Found>`
    select t.enabled, (select max(r.ended_at) from task_run r where r.task_id = t.id and r.state = 'done') as good
    from task t where t.kind = ${backupKind} and t.shop_id is null`.execute(db)
  const [task] = found.rows
  if (task?.enabled && task.good)
    return [
      ok('backup', `上一次备份 ${chinaMinute(task.good)}`, `The last backup is of ${chinaMinute(task.good)}`),
      ...(await keptLogFindings(db)),
    ]
  if (task?.enabled)
    return [{ area: 'backup', tone: 'off', title: { zh: '还没有备份过', en: 'No backup was made yet' } }]
  return [
    {
      ...{ area: 'backup', tone: 'off', to: `/tasks?kind=${backupKind}` },
      title: { zh: '没有开每晚备份', en: 'There is no nightly backup' },
      remedy: {
        zh: '这台机器坏了，数据就没了；给备份任务一个别处的文件夹，再启用',
        en: 'If this machine is lost, so is everything: give the backup task a folder elsewhere, and switch it on',
      },
      act: { zh: '去设置', en: 'Set it up' },
    },
  ]
}

/** Nothing for a database of one's own, whose log is kept by other programs. */
async function keptLogFindings(db: Database): Promise<Finding[]> {
  type Found = Row<'kept_log', 'restorableFrom' | 'sentAt'>
  const found = await sql<Found>`
    select restorable_from as "restorableFrom", sent_at as "sentAt" from kept_log`.execute(db)
  const [row] = found.rows
  if (!row?.restorableFrom || !row.sentAt) return []
  const [from, to] = [chinaMinute(row.restorableFrom), chinaMinute(row.sentAt)]
  return [
    ok('backup', `${from} 到 ${to} 可恢复到任意一秒`, `Any second from ${from} to ${to} can be restored`),
  ]
}

const seeChannels = { to: '/alarm-channels', act: { zh: '去设置', en: 'Set it up' } }

async function channelFindings({ db }: InstallationAsked): Promise<Finding[]> {
  const channels = await channelsOn(db)
  if (channels.length === 0)
    return [
      {
        ...{ area: 'channels', tone: 'off', ...seeChannels },
        title: { zh: '没有告警通知', en: 'No channel for alarms' },
        remedy: {
          zh: '告警只在总览上看得到；加一个群机器人、邮箱或程序',
          en: 'Alarms are shown on the overview only: add a robot, a mailbox or a program',
        },
      },
    ]
  const failing = channels.filter(({ failedSince }) => failedSince !== null)
  return [
    ok(
      'channels',
      `告警通知 ${channels.length} 处，${channels.length - failing.length} 处正常`,
      `Channels: ${channels.length - failing.length} of ${channels.length} well`,
    ),
    ...failing.map(({ name, failedSince, failure }): Finding => {
      const since = failedSince ? chinaMinute(failedSince) : ''
      const title = { zh: `「${name}」${since} 起发不出`, en: `“${name}” fails since ${since}` }
      return { area: 'channels', tone: 'warn', title, remedy: failure, ...seeChannels }
    }),
  ]
}

async function watchdogFindings({ db }: InstallationAsked, raised: readonly Alarm[]): Promise<Finding[]> {
  const watchdogs = await listWatchdogs(db)
  const live = watchdogs.filter((each) => each.live).length
  const counted = ok(
    'watchdogs',
    `看门狗 ${watchdogs.length}，在看 ${live}`,
    `Watchdogs: ${live} of ${watchdogs.length} ask`,
  )
  if (live > 0) return [counted]
  if (watchdogs.length > 0) {
    const remedy = {
      zh: '现在停了没有人知道；到它那台机器上看它是否在运行、能否连到这里',
      en: 'No person would know of a stop now. See on its machine whether it runs and reaches us',
    }
    return raised.length > 0 ? [] : [{ ...counted, tone: 'warn', remedy, ...seeChannels }]
  }
  return [
    {
      ...{ area: 'watchdogs', tone: 'off', ...seeChannels },
      title: { zh: '别的机器上没有看门狗', en: 'No watchdog on another machine' },
      remedy: {
        zh: '这台机器断电断网时没有人知道',
        en: 'No person hears of it when this machine loses its power or network',
      },
    },
  ]
}

/** A token or key that ends within this time is named. */
const soonMs = 14 * dayMs

/** Platforms that issue tokens for the credentials alone. Their tokens last for hours, and the next one needs no person. */
const issuing = connectors.filter(({ issue }) => issue !== undefined).map(({ id }) => id)

/** Tokens of shops that renew themselves are named only if what renews them ends. */
async function tokenFindings({ db, now }: InstallationAsked): Promise<Finding[]> {
  const soon = new Date(now.getTime() + soonMs)
  type Ending = Row<'shop', 'id' | 'name'> & Record<'isShop', boolean> & Record<'ends', Date>
  const found = await sql<Ending>`
    select * from (
      select id, name, true as "isShop", coalesce(refresh_expires_at, token_expires_at) as ends from shop
      where enabled and auth_state = 'live' and platform <> all(${issuing}::text[])
      union all
      select id, name, false, expires_at from api_key where revoked_at is null
    ) t where ends > ${now} and ends < ${soon} order by ends limit 20`.execute(db)
  if (found.rows.length === 0)
    return [ok('tokens', '14 天内没有授权或密钥到期', 'No authorisation and no key ends within 14 days')]
  return found.rows.map(({ id, name, isShop, ends }): Finding => {
    const at = chinaMinute(ends)
    return isShop
      ? {
          ...{
            area: 'tokens',
            tone: 'warn',
            to: `/shops?open=${id}`,
            act: { zh: '去授权', en: 'Authorise' },
          },
          title: { zh: `${name}的授权 ${at} 到期`, en: `${name}: authorisation ends ${at}` },
          remedy: {
            zh: '到期前重新授权，下载和回写不停',
            en: 'Authorise it again before, and nothing stops',
          },
        }
      : {
          ...{ area: 'tokens', tone: 'warn', to: '/keys', act: { zh: '看密钥', en: 'See the keys' } },
          title: { zh: `接口密钥「${name}」${at} 到期`, en: `The API key “${name}” ends ${at}` },
          remedy: { zh: '到期前给那个程序一个新的', en: 'Give its program a new one before' },
        }
  })
}

async function downloadFindings({ db, now }: InstallationAsked): Promise<Finding[]> {
  const shops = (await streamStates(db, wholeScope, { now, sums: [] })).filter(
    ({ stream, facts }) => stream === 'shop' && facts.enabled,
  )
  if (shops.length === 0)
    return [{ area: 'downloads', tone: 'off', title: { zh: '没有启用的店铺', en: 'No shop is enabled' } }]
  const [first, read] = [
    shops.filter(({ code }) => code === 'first_load'),
    shops.filter(({ code }) => code !== 'first_load'),
  ]
  const [slowest] = read.toSorted((one, other) => (other.behindMs ?? 0) - (one.behindMs ?? 0))
  const found: Finding[] = []
  if (slowest) {
    const minutes = Math.round((slowest.behindMs ?? 0) / minuteMs)
    const name = slowest.facts.shopName
    const en = `Shops: ${read.length}; ${name} is behind most, ${minutes} min`
    found.push(ok('downloads', `${read.length} 家店铺，落后最多的是${name}，${minutes} 分钟`, en))
  }
  // How far these are behind says how long their history is, and nothing of how they do.
  if (first.length > 0)
    found.push({
      ...{ area: 'downloads', tone: 'off' },
      title: {
        zh: `${first.length} 家店铺在首次下载`,
        en: `First load under way: ${first.length} of ${shops.length} shops`,
      },
    })
  return found
}

async function actionFindings({ db, now }: InstallationAsked): Promise<Finding[]> {
  type Open = { waiting: number; oldest: Date | null }
  const found = await sql<Open>`
    select count(*)::int as waiting, min(created_at) as oldest
    from (select created_at from platform_action where state in ('pending', 'sending') order by id limit 10001) a`.execute(
    db,
  )
  const { waiting = 0, oldest = null } = found.rows[0] ?? {}
  if (waiting === 0 || !oldest) return [ok('actions', '没有在等的回写', 'No write-back waits')]
  const minutes = Math.round((now.getTime() - oldest.getTime()) / minuteMs)
  const n = waiting > 10_000 ? '10,000+' : String(waiting)
  return [
    ok(
      'actions',
      `${n} 条回写在等，最早的 ${minutes} 分钟`,
      `Write-backs waiting: ${n}, the oldest for ${minutes} min`,
    ),
  ]
}
