import type { CoverageStream } from '../../../server/intake/coverage/contract.ts'
import { splitWays } from '../../../server/orders/split/split-ways-contract.ts'
import { troubleText } from '../ui/base/code-words.ts'
import { span } from '../ui/base/time.ts'
import type { LocalizedPair, Say } from '../words.ts'
import type { RunRow, Schedule } from './types.ts'

/** Task kinds with a tab of their own. All others are under 全部. */
export const kindTabs: readonly { key: string; title: LocalizedPair; stream: CoverageStream }[] = [
  { key: 'trade_list', title: ['交易下载', 'Trades'], stream: 'trades' },
  { key: 'trade_detail', title: ['明细下载', 'Details'], stream: 'trades' },
  { key: 'refund_list', title: ['退单下载', 'Refunds'], stream: 'refunds' },
  { key: 'auto_convert_trades', title: ['自动转单', 'Auto-convert'], stream: 'trades' },
  { key: 'reconciliation', title: ['对账补漏', 'Reconciliation'], stream: 'trades' },
  { key: 'all', title: ['全部', 'All'], stream: 'trades' },
]

export const paramWords: Record<string, LocalizedPair> = {
  status: ['只下载这个状态的', 'Only of this status'],
  firstLoadDays: ['首次下载往前几天', 'Days back on first load'],
  windowsPerRun: ['一次最多几个窗口', 'Windows in one run'],
  tradesPerRun: ['一次最多几笔交易', 'Trades in one run'],
  allStatuses: ['申请中、已关闭的也自动转（不开只转退款成功的）', 'Also convert what is open or closed'],
  refundsPerRun: ['一次最多几笔退款', 'Refunds in one run'],
  ordersPerRun: ['一次最多几单', 'Orders in one run'],
  lookBackHours: ['往回看几小时', 'Hours to look back'],
  minutesAfterPayment: ['付款后几分钟', 'Minutes after payment'],
  skipWithMessage: ['有买家留言的不自动转', 'Skip those with a message'],
  skipWithMemo: ['有卖家备注的不自动转', 'Skip those with a memo'],
  skipWithFlag: ['有旗标的不自动转', 'Skip those with a flag'],
  pageSize: ['一页多少个', 'Goods on a page'],
  days: ['核对几天', 'Days to compare'],
  waitMinutes: ['付款后等几分钟', 'Minutes to wait after the payment'],
  acrossShops: ['跨店铺合单', 'Merge across shops'],
  sameNick: ['只合同一买家昵称', 'Only of one buyer'],
  withoutNotes: ['有留言或备注的不动', 'Leave those with a message or memo alone'],
  withoutShort: ['缺货的不合', 'Leave out orders that are short'],
  byDays: ['按平台给各行的预计发货日拆', "By the platform's days of the lines"],
  byWarehouse: ['缺的从有货的仓发', 'By warehouse: what is short leaves where it is'],
  byStock: ['有货先发，缺的拆出去等', 'By stock: what is short waits on its own'],
  byCategory: ['按类目拆', 'By category'],
  maxGrams: ['每单最重多少克，0 不限', 'Grams of an order at most, 0: any'],
  maxPieces: ['每单最多几件，0 不限', 'Pieces of an order at most, 0: any'],
  place: ['放在哪个文件夹（服务器上的完整路径）', 'Folder on the server (its whole path)'],
  keep: ['保留几份', 'Backups to keep'],
  pointInTimeDays: ['几天内可恢复到任意一秒（0 不开）', 'Days that can be restored to any second (0: off)'],
  restSeconds: ['同一天隔几秒再算', 'Seconds until a day is computed again'],
  restTimes: ['再算前至少停算一次所用时间的几倍', 'Rest, in times of what a computation takes'],
  daysPerRun: ['一次最多算几天', 'Days in one run'],
  months: ['几个月没有变动的', 'Months without a change'],
  settledOnly: ['结算完的才归档', 'Only those that are settled'],
  tryOnly: ['只试算，不拆', 'Dry run only, nothing is split'],
}

export const skipWords: Record<string, LocalizedPair> = {
  same: ['没有变化', 'unchanged'],
  unchanged: ['没有变化', 'unchanged'],
  older: ['比在库的旧', 'older than ours'],
  processed: ['已处理', 'marked processed'],
  removed: ['取的时候被移除', 'removed meanwhile'],
  converted: ['已转单', 'converted'],
}

export const pauseWords: Record<string, LocalizedPair> = {
  auth_expired: ['授权失效，已停', 'Authorisation ended'],
  shop_disabled: ['店铺已停用', 'Shop switched off'],
  no_credentials: ['还没接入', 'Not connected'],
}

/** Returns the schedule that all enabled ones of these tasks have, or words that say that they differ or that none is enabled. */
export function schedulesText(tasks: readonly { enabled: boolean; schedule: Schedule }[], say: Say): string {
  const texts = new Set(tasks.flatMap((one) => (one.enabled ? [scheduleText(one.schedule, say)] : [])))
  const [text] = texts
  if (text === undefined) return say(['没有开', 'Off'])
  return texts.size === 1 ? text : say(['各店不同，见设置', 'Differs by shop, see Settings'])
}

export function scheduleText(schedule: Schedule, say: Say): string {
  if ('everySeconds' in schedule)
    return say(['每 {span}', 'every {span}'], { span: span(schedule.everySeconds * 1000) })
  const daily = /^(\d+) (\d+) \* \* \*$/.exec(schedule.cron)
  if (daily)
    return say(['每天 {at}', 'daily at {at}'], {
      at: `${daily[2]?.padStart(2, '0')}:${daily[1]?.padStart(2, '0')}`,
    })
  return isByHand(schedule) ? say(['只手工运行', 'by hand only']) : schedule.cron
}

/** True if only users start the task. Its schedule occurs on 29 February alone, so enabling it would have no use. */
export function isByHand(schedule: Schedule): boolean {
  return 'cron' in schedule && schedule.cron === '0 0 29 2 *'
}

const downloadKinds: readonly string[] = ['trade_list', 'refund_list']
const pullKinds: readonly string[] = ['trade_pull', 'refund_pull']

/** Returns whether a failed run of this kind has lost anything: a download has a cursor, a backup changes nothing, and other work waits. */
function lostBy(kind: string): LocalizedPair {
  if (downloadKinds.includes(kind))
    return [
      '不会。游标停在上一个完整的窗口，之后从那里重取，重复的自动跳过。',
      'No. The cursor stays at the last complete window and goes on from there; what is here already is skipped.',
    ]
  if (kind === 'backup')
    return ['数据不会丢，但这次没有新的备份。', 'No data is lost, but there is no new backup.']
  if (pullKinds.includes(kind))
    return ['不会。没下载到的，再下载一次。', 'No. Download again what did not come.']
  return ['不会。没做完的，下一次运行接着做。', 'No. The next run does what was not done.']
}

/** Only downloads by time have windows to fill. A download that a person asked for is asked for again. */
function authoriseFor(kind: string): LocalizedPair {
  if (downloadKinds.includes(kind))
    return [
      '请店主重新授权，约 1 分钟。之后自动补上缺的窗口。',
      'Let the owner authorise again, about a minute. The gap is filled automatically.',
    ]
  if (pullKinds.includes(kind))
    return ['请店主重新授权，约 1 分钟。', 'Let the owner authorise again, about a minute.']
  return [
    '请店主重新授权，约 1 分钟。之后自动接着做。',
    'Let the owner authorise again, about a minute. It goes on automatically.',
  ]
}

/** A task of no shop asks no platform. */
const otherwise = (shopId: string | null): [happened: LocalizedPair, remedy: LocalizedPair] =>
  shopId === null
    ? [
        ['这次没有做成', 'It was not done'],
        ['按原因处理，再运行一次。', 'Do what the reason says, then run it again.'],
      ]
    : [
        ['平台没有正常回答', 'The platform did not answer as it should'],
        ['会自动再试；也可以现在运行。', 'It tries again automatically; or run it now.'],
      ]

/** Returns the reason of a failed run: our own refusal in the user's language, or the platform's answer. */
export function failureOf({ report, error }: Pick<RunRow, 'report' | 'error'>, say: Say): string {
  const { refusal } = Object(report)
  return refusal ? say(refusal) : troubleText(error, say)
}

/** Says what happened in a failed run, whether data was lost, and what the user must do, by the error code and the kind of the task. */
export function runAnswers(
  run: Pick<RunRow, 'kind' | 'shopId' | 'errorCode' | 'error' | 'report'>,
  say: Say,
): { happened: string; lost: string; remedy: string; act: 'authorise' | 'run' | undefined } {
  const { kind, shopId, errorCode } = run
  const said = (happened: LocalizedPair, remedy: LocalizedPair, act: 'authorise' | 'run' | undefined) => ({
    happened: [say(happened), failureOf(run, say)].filter(Boolean).join(say(['。', '. '])),
    lost: say(lostBy(kind)),
    remedy: say(remedy),
    act,
  })
  switch (errorCode) {
    case 'reauthorise':
      return said(
        [
          '店铺授权失效，这家的任务已停，其余照常',
          "The shop's authorisation ended; its tasks are paused, the others go on",
        ],
        authoriseFor(kind),
        'authorise',
      )
    case 'rate_limited':
      return said(
        ['平台限流', 'The platform limits our rate'],
        [
          '不用处理，到时间自动再试；常这样就在店铺里调低每秒请求数。',
          'Nothing: it tries again. If it happens often, lower the requests per second of the shop.',
        ],
        undefined,
      )
    case 'timeout':
      return said(
        ['运行超过时限被停下', 'It ran too long and was stopped'],
        [
          '下一次接着做；一直这样就减小一次的数量。',
          'The next run goes on; if it stays so, let one run do less.',
        ],
        'run',
      )
    case 'lost':
      return said(
        ['处理它的进程没了', 'Its process died'],
        ['不用处理，另一个进程会接手。', 'Nothing: another process takes over.'],
        undefined,
      )
    case 'disk_full':
      return said(
        ['服务器的磁盘满了，数据写不进去', "The server's disk is full: nothing can be written"],
        [
          '腾出空间（旧日志、备份），之后自动继续。',
          'Free space (old logs, backups); it goes on automatically then.',
        ],
        undefined,
      )
    case 'internal':
      return said(
        ['我们的程序出错', 'Our own program failed'],
        [
          '会再试；一直这样就把请求号交给开发。',
          'It tries again; if it stays so, hand the number to the developers.',
        ],
        'run',
      )
    default:
      return said(...otherwise(shopId), 'run')
  }
}

const dayWords: readonly [name: string, words: LocalizedPair][] = [
  ['missing', ['漏 {n} 笔交易', '{n} {n|trade|trades} missing']],
  ['stale', ['{n} 笔交易是旧的', '{n} {n|trade|trades} stale']],
  ['refundsMissing', ['漏 {n} 笔退款', '{n} {n|refund|refunds} missing']],
  ['refundsStale', ['{n} 笔退款是旧的', '{n} {n|refund|refunds} stale']],
]

/** Returns the findings of a run's report as one text; empty if there are none. */
export function reportText(report: unknown, say: Say): string {
  if (typeof report !== 'object' || report === null) return ''
  return [contentText(report, say), parkedText(report, say), missedText(report, say)]
    .filter(Boolean)
    .join(say(['；', '; ']))
}

const parkedText = (report: object, say: Say) =>
  'parked' in report ? say(['{n} 条异常数据', '{n} unreadable'], { n: String(report.parked) }) : ''

const missedText = (report: object, say: Say) =>
  'missed' in report
    ? say(['{n} 笔推送没带来', '{n} that push did not bring'], { n: String(report.missed) })
    : ''

function contentText(report: object, say: Say): string {
  if ('days' in report && Array.isArray(report.days))
    return report.days.map((day) => dayText(day, say)).join(say(['；', '; ']))
  if ('notFound' in report) return pulledText(report, say)
  if ('backup' in report)
    return say(['{mb} MB，在 {folder}', '{mb} MB in {folder}'], {
      mb: String(Object(report).storedMegabytes),
      folder: String(report.backup),
    })
  if ('ofMegabytes' in report)
    return say(['已读 {mb} / 约 {of} MB', '{mb} of about {of} MB read'], {
      mb: String(Object(report).megabytes),
      of: String(report.ofMegabytes),
    })
  return 'ways' in report ? splitText(new Map(Object.entries(report)), say) : ''
}

const pulledWords: readonly [name: string, words: LocalizedPair][] = [
  ['notFound', ['没找到 {n} 个：', '{n} not found:']],
  ['failed', ['取失败 {n} 个：', '{n} failed:']],
  ['processed', ['已标为处理 {n} 个，先撤销处理：', '{n} marked processed, undo that first:']],
]

/** Returns the numbers that were not downloaded, grouped by reason. */
export function pulledOf(report: unknown): { words: LocalizedPair; numbers: string[] }[] {
  const told = new Map<string, unknown>(Object.entries(Object(report)))
  return pulledWords.flatMap(([name, words]) => {
    const all = told.get(name)
    if (!Array.isArray(all) || all.length === 0) return []
    return [{ words, numbers: all.map((one: unknown) => String(Object(one).number ?? one)) }]
  })
}

/** Returns a text with the first five numbers of each reason. */
function pulledText(report: unknown, say: Say): string {
  return pulledOf(report)
    .map(({ words, numbers }) => {
      const first = numbers.slice(0, 5).join(' ') + (numbers.length > 5 ? ' …' : '')
      return `${say(words, { n: numbers.length })} ${first}`
    })
    .join(say(['；', '; ']))
}

/** Returns a text such as "试算，会拆：有货先发 3 单；SO1 拆出 1 单、SO2 拆出 2 单". */
function splitText(report: ReadonlyMap<string, unknown>, say: Say): string {
  const rows = (name: string) => {
    const all = report.get(name)
    return Array.isArray(all)
      ? all.map((row: unknown) => new Map<string, unknown>(Object.entries(Object(row))))
      : []
  }
  const ways = rows('ways').map((row) =>
    say(['{way} {n} 单', '{way}: {n} {n|order|orders}'], {
      way: wayText(String(row.get('by')), say),
      n: Number(row.get('orders')),
    }),
  )
  const orders = rows('orders').map((row) =>
    say(['{no} 拆出 {n} 单', '{no} into {n} more'], {
      no: String(row.get('no')),
      n: Number(row.get('parts')),
    }),
  )
  const head =
    report.get('tried') === true
      ? say(['试算，会拆：', 'Dry run, would split: '])
      : say(['拆了：', 'Split: '])
  return head + [...ways, orders.join(say(['、', ', ']))].join(say(['；', '; ']))
}

function wayText(by: string, say: Say): string {
  const words = Object.entries(splitWays).find(([name]) => name === by)?.[1]
  return say(words ?? ['其他', 'other'])
}

/** Returns the result of a download audit for one day: "11-23 漏 2 笔交易". */
function dayText(day: unknown, say: Say): string {
  if (typeof day !== 'object' || day === null) return ''
  const figures = new Map<string, unknown>(Object.entries(day))
  const found = dayWords.flatMap(([name, words]) => {
    const n = Number(figures.get(name) ?? 0)
    return n > 0 ? [say(words, { n })] : []
  })
  const date = String(figures.get('day') ?? '').slice(5)
  return `${date} ${found.length > 0 ? found.join(say(['、', ', '])) : say(['全对', 'all right'])}`
}
