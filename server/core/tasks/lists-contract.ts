import type { LocalizedPair } from '../../lib/localized-text.ts'
import { declareList } from '../lists/declare-contract.ts'
import type { RunAnswer, runStates } from './contract.ts'

const runStateWords: Record<(typeof runStates)[number], LocalizedPair> = {
  running: ['进行中', 'Running'],
  queued: ['排队中', 'Queued'],
  done: ['完成', 'Done'],
  failed: ['失败', 'Failed'],
  stopped: ['已停止', 'Stopped'],
  lost: ['中断', 'Lost'],
}

const triggerWords: Record<RunAnswer['trigger'], LocalizedPair> = {
  schedule: ['定时', 'Schedule'],
  person: ['人工', 'Person'],
  again: ['重来', 'Again'],
}

const figure = (width: string) => ({ width, align: 'right' }) as const

/** 计划任务: the runs of all tasks. */
export const runList = declareList<RunAnswer>()({
  name: 'task-runs',
  path: '/task-runs',
  title: ['任务运行', 'Task runs'],
  permission: 'tasks.read',
  summary: 'Runs, newest first',
  tab: 'all',
  tabs: { all: { words: ['全部', 'All'] } },
  sorts: [],
  sort: '',
  filters: {
    taskId: { words: ['指定的任务', 'Given tasks'], kind: 'ids', linked: true },
    /** Only the server knows the kinds of this installation. */
    kind: { words: ['任务', 'Task'], kind: 'choices', choices: {}, linked: true },
    shopId: { words: ['店铺', 'Shop'], kind: 'shops' },
    state: { words: ['结果', 'Outcome'], kind: 'choices', choices: runStateWords },
    /** Only runs of this day in Asia/Shanghai, such as 2026-11-24. */
    day: { words: ['日期', 'Day'], kind: 'day', linked: true },
  },
  columns: [
    {
      key: 'started',
      words: ['开始', 'Started'],
      kind: 'time',
      of: (row) => row.startedAt ?? row.requestedAt,
      page: { width: '118px', fixed: true },
      sheet: 20,
    },
    { key: 'platform', words: ['平台', 'Platform'], kind: 'platform', sheet: 10 },
    { key: 'kind', words: ['任务', 'Task'], page: { width: 'minmax(96px,110fr)' } },
    {
      key: 'shop',
      words: ['店铺', 'Shop'],
      kind: 'shop',
      page: { width: 'minmax(170px,260fr)' },
      sheet: 20,
    },
    { key: 'kindName', words: ['任务', 'Task'], of: (row, language) => row.kindName[language], sheet: 16 },
    { key: 'state', words: ['结果', 'Result'], codes: runStateWords, sheet: 10 },
    { key: 'trigger', words: ['起因', 'Trigger'], codes: triggerWords, sheet: 10 },
    { key: 'requestedBy', words: ['要求人', 'Asked by'], sheet: 12 },
    { key: 'windowFrom', words: ['窗口自', 'Window from'], kind: 'time', sheet: 20 },
    { key: 'windowTo', words: ['窗口至', 'Window to'], kind: 'time', sheet: 20 },
    { key: 'window', words: ['窗口', 'Window'], page: { width: 'minmax(200px,200fr)' } },
    { key: 'pages', words: ['页', 'Pages'], page: figure('64px'), sheet: 8 },
    { key: 'seen', words: ['见到', 'Seen'], sheet: 8 },
    { key: 'seen', words: ['取到', 'Seen'], page: figure('78px') },
    { key: 'created', words: ['新增', 'New'], page: figure('74px'), sheet: 8 },
    { key: 'updated', words: ['更新', 'Updated'], page: figure('74px'), sheet: 8 },
    {
      key: 'skipped',
      words: ['跳过', 'Skipped'],
      of: (row) => Object.values(row.skipped).reduce((total, each) => total + each, 0),
      inSheet: (row) =>
        Object.entries(row.skipped)
          .map(([reason, count]) => `${reason} ${count}`)
          .join('; '),
      page: figure('70px'),
      sheet: 20,
    },
    { key: 'failed', words: ['失败', 'Failed'], page: figure('64px'), sheet: 8 },
    { key: 'requests', words: ['请求数', 'Requests'], sheet: 8 },
    { key: 'took', words: ['用时', 'Took'], page: figure('80px') },
    {
      key: 'seconds',
      words: ['用时（秒）', 'Seconds'],
      of: (row) => (row.durationMs === null ? null : Math.round(row.durationMs / 100) / 10),
      sheet: 10,
    },
    { key: 'errorCode', words: ['错误码', 'Error code'], sheet: 20 },
    { key: 'error', words: ['错误', 'Error'], sheet: 40 },
    { key: 'outcome', words: ['结果', 'Outcome'], page: { width: 'minmax(150px,176fr)', fixed: true } },
  ],
})
