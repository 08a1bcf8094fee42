import { num } from '../core/db/db.ts'
import type { Disk } from '../core/db/disk.ts'
import { capped, countCap } from '../core/lists/list-table.ts'
import { type StreamState, streamStates } from '../intake/coverage/coverage.ts'
import type { LocalizedText } from '../lib/localized-text.ts'
import { money } from '../lib/money-text.ts'
import { chinaMinute, minuteMs } from '../lib/time.ts'
import { troubleWords } from '../lib/trouble-words.ts'
import { type FailingTask, failingTasks, shipByPassed, waitingSince } from './alarm-queries.ts'
import { type Asked, alarmOf, figure, type Told } from './alarm-words.ts'
import { backupAlarms, keptLogAlarms, restoredAlarms } from './backup-alarms.ts'
import { clockAlarms } from './clock-alarms.ts'
import type { Alarm } from './contract.ts'
import { diskAlarms } from './disk-alarms.ts'
import { pushAlarms } from './push-alarms.ts'
import type { QueueCounts } from './queue-counts.ts'
import { refundAlarms } from './refund-alarms.ts'
import { relayAlarms } from './relay-alarms.ts'
import { returnAlarms } from './return-alarms.ts'
import { revealAlarm } from './reveal-alarm.ts'
import { shippingAlarms } from './shipping-alarms.ts'
import { stockAlarms } from './stock-alarms.ts'
import { trackingAlarms } from './tracking-alarms.ts'
import { watchdogAlarms } from './watchdog-alarms.ts'
import { waybillAlarms } from './waybill-alarms.ts'
import { webhookAlarms } from './webhook-alarms.ts'

/** Milliseconds. An alarm is raised if the cursor of a stream is further behind the present time than this. */
const behindMs = 15 * minuteMs
/** Milliseconds. A first load whose cursor moved within this time is working normally and raises no alarm. */
const movedMs = 10 * minuteMs
/** A task that has failed this many times in a row raises an alarm. */
const repeatedly = 3
/** Milliseconds. An alarm is raised if a task has been due for this time and no worker runs. */
const silentMs = 5 * minuteMs

/** Returns the alarms: those over a refund first, then the most severe, then the oldest. They are computed from present facts, so an alarm ends with its cause. */
export async function alarmsNow(asked: Asked, counts: QueueCounts, disk?: Disk): Promise<Alarm[]> {
  const streams = await streamStates(asked.db, asked.scope, { now: asked.now, sums: [], waits: [] })
  const tasks = await failingTasks(asked.db, asked.scope, repeatedly)
  const told = [
    ...authAlarms(streams),
    ...(await refundAlarms(asked)),
    ...(await silentAlarm(asked)),
    ...(await clockAlarms(asked)),
    ...(await diskAlarms(asked, disk)),
    ...(await backupAlarms(asked)),
    ...(await keptLogAlarms(asked)),
    ...(await restoredAlarms(asked)),
    ...actionAlarms(counts),
    ...behindAlarms(streams, asked.now),
    ...(await pushAlarms(asked)),
    ...(await relayAlarms(asked)),
    ...(await watchdogAlarms(asked)),
    ...tasks.map((task) => taskAlarm(task, asked.taskName?.(task.kind) ?? anyTask)),
    ...dueAlarm(counts, asked.now),
    ...(await lateAlarm(asked)),
    ...(await shippingAlarms(asked)),
    ...(await waybillAlarms(asked)),
    ...(await trackingAlarms(asked)),
    ...(await returnAlarms(asked)),
    ...(await stockAlarms(asked)),
    ...detailAlarm(counts),
    ...parkedAlarm(counts),
    ...(await webhookAlarms(asked)),
    ...(await revealAlarm(asked)),
  ]
  return told.map(whole).sort(byGravity)
}

function whole({ since, count = 1, ...told }: Told): Alarm {
  return {
    shopId: null,
    amountFen: null,
    ids: [],
    ...told,
    since: since?.toISOString() ?? null,
    ...capped(count),
  }
}

/** Alarms about goods that leave, have left or were let through over a refund. They come before all others: each minute makes these dearer. */
const overRefund: readonly Alarm['kind'][] = ['refunded_unheld', 'parcels_to_stop', 'refund_let_through']
const placeOf = ({ kind }: Alarm) =>
  overRefund.includes(kind) ? overRefund.indexOf(kind) : overRefund.length

function byGravity(one: Alarm, other: Alarm): number {
  const place = placeOf(one) - placeOf(other)
  if (place !== 0) return place
  if (one.tone !== other.tone) return one.tone === 'bad' ? -1 : 1
  return (one.since ?? '~').localeCompare(other.since ?? '~') || one.id.localeCompare(other.id)
}

function authAlarms(streams: readonly StreamState[]): Told[] {
  return streams
    .filter(({ stream, facts }) => stream === 'shop' && facts.enabled && facts.authState === 'expired')
    .map(({ shopId, facts, listedTo }) => {
      const from = chinaMinute(listedTo ?? facts.authChangedAt)
      return {
        id: `auth_expired:${shopId}`,
        kind: 'auth_expired',
        tone: 'bad',
        since: facts.authChangedAt,
        shopId,
        title: {
          zh: `${facts.shopName}授权 ${chinaMinute(facts.authChangedAt)} 失效`,
          en: `${facts.shopName}: authorisation ended at ${chinaMinute(facts.authChangedAt)}`,
        },
        detail: {
          zh: `订单不会丢，授权后从 ${from} 补下`,
          en: `Nothing is lost: downloads go on from ${from} once authorised`,
        },
        remedy: 'authorise',
        act: { zh: '去授权', en: 'Go and authorise' },
        to: `/shops?open=${shopId}`,
      }
    })
}

async function silentAlarm({ db, now }: Asked): Promise<Told[]> {
  const since = await waitingSince(db, silentMs)
  if (!since) return []
  const minutes = Math.floor((now.getTime() - since.getTime()) / minuteMs)
  return [
    {
      id: 'worker_silent',
      kind: 'worker_silent',
      tone: 'bad',
      since,
      title: { zh: `后台 ${minutes} 分钟没有动静`, en: `No worker for ${minutes} min` },
      detail: {
        zh: '到点的任务没有进程来做，下载和转单都停着',
        en: 'Tasks are due and no process takes them: downloads and conversions stand still',
      },
      remedy: 'start_worker',
      act: { zh: '看任务', en: 'See tasks' },
      to: '/tasks',
    },
  ]
}

function actionAlarms({ actions }: QueueCounts): Told[] {
  const told: Told[] = []
  if (actions.failed > 0) {
    told.push({
      id: 'actions_failed',
      kind: 'actions_failed',
      tone: 'bad',
      since: actions.failedSince,
      count: actions.failed,
      title: {
        zh: `${figure(actions.failed)} 条回写失败`,
        en: `${figure(actions.failed)} ${actions.failed === 1 ? 'write-back' : 'write-backs'} failed`,
      },
      detail: {
        zh: '平台拒绝了，更正后重试，或确认已在平台处理',
        en: 'The platform refused: correct and retry, or confirm that it was done there',
      },
      remedy: 'settle_actions',
      act: { zh: '去更正', en: 'Go and correct' },
      to: '/platform-actions?tab=failed',
    })
  }
  if (actions.unclear > 0) {
    told.push({
      id: 'actions_unclear',
      kind: 'actions_unclear',
      tone: 'bad',
      since: actions.unclearSince,
      count: actions.unclear,
      title: {
        zh: `${figure(actions.unclear)} 条回写结果不明`,
        en: `${figure(actions.unclear)} ${actions.unclear === 1 ? 'write-back' : 'write-backs'} with unclear outcome`,
      },
      detail: {
        zh: '平台没有答复也查不到，要人到平台核对',
        en: 'The platform gave no answer and cannot be asked: look there',
      },
      remedy: 'settle_actions',
      act: { zh: '去核对', en: 'Go and check' },
      to: '/platform-actions?tab=unknown&needsPerson=true',
    })
  }
  if (actions.stockFailed > 0) {
    told.push({
      id: 'stock_failed',
      kind: 'stock_failed',
      tone: 'warn',
      since: actions.stockSince,
      count: actions.stockFailed,
      title: {
        zh: `${figure(actions.stockFailed)} 条库存没推上平台`,
        en: `${figure(actions.stockFailed)} stock ${actions.stockFailed === 1 ? 'upload' : 'uploads'} failed`,
      },
      detail: {
        zh: '平台上的可售数可能不对，会多卖或少卖',
        en: 'What the platform offers may be wrong: too much or too little is sold',
      },
      remedy: 'settle_actions',
      act: { zh: '去更正', en: 'Go and correct' },
      to: '/platform-actions?tab=failed&stock=only',
    })
  }
  return told
}

const streamNames: Record<'trades' | 'refunds', LocalizedText> = {
  trades: { zh: '交易', en: 'trades' },
  refunds: { zh: '退单', en: 'refunds' },
}

function behindAlarms(streams: readonly StreamState[], now: Date): Told[] {
  return streams.flatMap((state): Told[] => {
    const { stream, facts, listedTo, movedAt, shopId, reason } = state
    if (stream !== 'trades' && stream !== 'refunds') return []
    // A paused stream raises no alarm here: a user has paused it, or the reason of the pause has an alarm of its own.
    if (state.state === 'paused') return []
    const since = listedTo ?? facts.authChangedAt
    // A list that the platform itself shows late is no reason to act.
    if (now.getTime() - since.getTime() - state.lateMs <= behindMs) return []
    const moves = movedAt !== null && now.getTime() - movedAt.getTime() < movedMs
    if (state.code === 'first_load' && moves) return []
    const minutes = Math.floor((now.getTime() - since.getTime()) / minuteMs)
    const name = streamNames[stream]
    return [
      {
        id: `stream_behind:${shopId}:${stream}`,
        kind: 'stream_behind',
        tone: state.code === 'failing' ? 'bad' : 'warn',
        since,
        shopId,
        title: {
          zh: `${facts.shopName}${name.zh}落后 ${minutes} 分钟`,
          en: `${facts.shopName}: ${name.en} ${minutes} min behind`,
        },
        detail: {
          zh: `${reason?.zh ?? '追赶中'}，不会丢，从 ${chinaMinute(since)} 补`,
          en: `${reason?.en ?? 'Catching up'}; nothing is lost, it goes on from ${chinaMinute(since)}`,
        },
        remedy: 'see_runs',
        act: { zh: '看运行', en: 'See runs' },
        to: `/tasks?shop=${shopId}`,
      },
    ]
  })
}

const anyTask: LocalizedText = { zh: '后台任务', en: 'Background task' }

function taskAlarm(task: FailingTask, name: LocalizedText): Told {
  const { id, kind, shopId, shopName, failures, errorCode, since } = task
  return {
    id: `task_failing:${id}`,
    kind: 'task_failing',
    tone: 'warn',
    since,
    shopId,
    count: failures,
    title: {
      zh: `${shopName}${name.zh}连续失败 ${failures} 次`,
      en: `${shopName} ${name.en} failed ${failures} times in a row`,
    },
    detail: {
      zh: `最近一次：${errorCode === '' ? '原因不明' : troubleWords(errorCode).zh}`,
      en: `Last: ${errorCode === '' ? 'unknown' : troubleWords(errorCode).en}`,
    },
    remedy: 'see_runs',
    act: { zh: '看运行', en: 'See runs' },
    to: `/tasks?${shopId === null ? '' : `shop=${shopId}&`}kind=${kind}`,
  }
}

function dueAlarm({ due }: QueueCounts, now: Date): Told[] {
  if (due.count.count === 0) return []
  const overdue = due.first !== null && due.first < now
  const n = `${due.count.count}${due.count.capped ? '+' : ''}`
  const amountFen = num(due.amountFen)
  return [
    {
      id: 'refunds_due',
      kind: 'refunds_due',
      tone: overdue ? 'bad' : 'warn',
      since: overdue ? due.first : null,
      count: due.count.capped ? countCap + 1 : due.count.count,
      amountFen,
      ids: due.ids,
      title: {
        zh: `${n} 笔退款 4 小时内到期`,
        en: `${n} ${n === '1' ? 'refund' : 'refunds'} due within 4 h`,
      },
      detail: {
        zh: `到期不处理视为同意，共 ${money(amountFen)}`,
        en: `Silence means consent: ${money(amountFen)} in all`,
      },
      remedy: 'answer_refunds',
      act: { zh: '去处理', en: 'Go and handle' },
      to: '/staged-refunds?tab=due',
    },
  ]
}

async function lateAlarm({ db, scope, now }: Asked): Promise<Told[]> {
  const late = await shipByPassed(db, scope)
  return alarmOf(late, {
    kind: 'ship_by_passed',
    tone: 'warn',
    title: {
      zh: `${figure(late.count)} 单过了发货时限还未确认`,
      en: `${figure(late.count)} unconfirmed past their ship-by time`,
    },
    detail:
      late.held === 0
        ? { zh: '平台会判迟发', en: 'the platform will fine them' }
        : {
            zh: `其中 ${figure(late.held)} 单挂起，解除后才能确认；平台会判迟发`,
            en: `${figure(late.held)} of them on hold, to be released from hold first; the platform will fine them`,
          },
    remedy: 'see_orders',
    act:
      late.held < late.count
        ? { zh: '去确认', en: 'Go and confirm' }
        : { zh: '去看挂起', en: 'See the holds' },
    to: `/orders?tab=unconfirmed&shipByTo=${encodeURIComponent(now.toISOString().replace(/:\d\d\.\d+Z$/, ':00Z'))}&sort=shipBy`,
  })
}

function detailAlarm({ failing }: QueueCounts): Told[] {
  if (failing.count === 0) return []
  const n = figure(failing.count)
  return [
    {
      id: 'details_failing',
      kind: 'details_failing',
      tone: 'warn',
      since: failing.since,
      count: failing.count,
      title: {
        zh: `${n} 笔交易一直取不到明细`,
        en: `${n} ${n === '1' ? 'trade' : 'trades'} whose detail keeps failing`,
      },
      detail: {
        zh: `${said(failing.errors, 'zh', '、')}。还会再取`,
        en: `${said(failing.errors, 'en', ', ')}. Tries go on`,
      },
      remedy: 'see_fetching',
      act: { zh: '看失败', en: 'See why' },
      to: '/staged-trades?tab=fetching&failing=true',
    },
  ]
}

function parkedAlarm({ parked }: QueueCounts): Told[] {
  if (parked.count === 0) return []
  const n = figure(parked.count)
  return [
    {
      id: 'parked_items',
      kind: 'parked_items',
      tone: 'warn',
      since: parked.since,
      count: parked.count,
      ids: parked.ids,
      title: { zh: `${n} 条异常数据`, en: `${n} unreadable ${n === '1' ? 'document' : 'documents'}` },
      detail: {
        zh: '原文已封存，没有丢；重读或等版本更新',
        en: 'Kept sealed, nothing is lost: read again, or wait for a newer version',
      },
      remedy: 'retry_parked',
      act: { zh: '去看', en: 'View' },
      to: '/parked-items',
    },
  ]
}

/** Returns the reasons of failed details without repetitions. */
const said = (errors: readonly string[], language: 'zh' | 'en', between: string) =>
  [...new Set(errors.map((error) => troubleWords(error)[language]))].join(between) ||
  { zh: '原因不明', en: 'Nobody knows why' }[language]
