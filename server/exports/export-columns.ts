import { type Language, wordOf } from '../core/lists/declare-contract.ts'
import type { RunAnswer } from '../core/tasks/contract.ts'
import { toChinaTime } from '../lib/time.ts'
import { runStateWords, triggerWords } from './export-words.ts'
import type { Cell } from './sheet.ts'

/** Data that every column needs. */
export type House = {
  language: Language
  shops: ReadonlyMap<string, { name: string; platform: string }>
}

/** `money`: the cells are `{ fen }`. */
export type ExportColumn<Row> = {
  zh: string
  en: string
  width: number
  money?: boolean
  value: (row: Row, house: House) => Cell
}

export const shop = <Row extends { shopId: string | null }>(): ExportColumn<Row>[] => [
  {
    zh: '平台',
    en: 'Platform',
    width: 10,
    value: (row, { shops }) => shops.get(row.shopId ?? '')?.platform ?? '',
  },
  { zh: '店铺', en: 'Shop', width: 20, value: (row, { shops }) => shops.get(row.shopId ?? '')?.name ?? '' },
]

export const runColumns: readonly ExportColumn<RunAnswer>[] = [
  { zh: '开始', en: 'Started', width: 20, value: (row) => clock(row.startedAt ?? row.requestedAt) },
  ...shop<RunAnswer>(),
  { zh: '任务', en: 'Task', width: 16, value: (row, { language }) => row.kindName[language] },
  {
    zh: '结果',
    en: 'Result',
    width: 10,
    value: (row, { language }) => wordOf(runStateWords, row.state, language),
  },
  {
    zh: '起因',
    en: 'Trigger',
    width: 10,
    value: (row, { language }) => wordOf(triggerWords, row.trigger, language),
  },
  { zh: '要求人', en: 'Asked by', width: 12, value: (row) => row.requestedBy ?? '' },
  { zh: '窗口自', en: 'Window from', width: 20, value: (row) => clock(row.windowFrom) },
  { zh: '窗口至', en: 'Window to', width: 20, value: (row) => clock(row.windowTo) },
  { zh: '页', en: 'Pages', width: 8, value: (row) => row.pages },
  { zh: '见到', en: 'Seen', width: 8, value: (row) => row.seen },
  { zh: '新增', en: 'New', width: 8, value: (row) => row.created },
  { zh: '更新', en: 'Updated', width: 8, value: (row) => row.updated },
  {
    zh: '跳过',
    en: 'Skipped',
    width: 20,
    value: (row) =>
      Object.entries(row.skipped)
        .map(([reason, count]) => `${reason} ${count}`)
        .join('; '),
  },
  { zh: '失败', en: 'Failed', width: 8, value: (row) => row.failed },
  { zh: '请求数', en: 'Requests', width: 8, value: (row) => row.requests },
  {
    zh: '用时（秒）',
    en: 'Seconds',
    width: 10,
    value: (row) => (row.durationMs === null ? null : Math.round(row.durationMs / 100) / 10),
  },
  { zh: '错误码', en: 'Error code', width: 20, value: (row) => row.errorCode },
  { zh: '错误', en: 'Error', width: 40, value: (row) => row.error },
]

/** Formats a time as text in China's time, so that no program converts it to another time zone. */
export function clock(at: Date | string | null): string {
  return at === null ? '' : toChinaTime(new Date(at))
}
