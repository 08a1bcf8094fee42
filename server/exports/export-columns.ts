import { type Language, wordOf } from '../core/lists/declare-contract.ts'
import type { RunAnswer } from '../core/tasks/contract.ts'
import { stateWords } from '../intake/lifecycle.ts'
import { withoutPhones } from '../lib/mask.ts'
import { toChinaTime } from '../lib/time.ts'
import type { RefundOut } from './export-queries.ts'
import {
  phaseWords,
  reasonOf,
  refundKindWords,
  refundStatusWords,
  runStateWords,
  triggerWords,
} from './export-words.ts'
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

export const refundColumns: readonly ExportColumn<RefundOut>[] = [
  { zh: '退款编号', en: 'Refund no.', width: 22, value: (row) => row.refundNo },
  { zh: '交易号', en: 'Trade no.', width: 22, value: (row) => row.tid },
  { zh: '子订单号', en: 'Line no.', width: 22, value: (row) => row.oid },
  ...shop<RefundOut>(),
  {
    zh: '状态',
    en: 'State',
    width: 10,
    value: (row, { language }) => wordOf(stateWords, row.state, language),
  },
  {
    zh: '平台状态',
    en: 'Platform status',
    width: 14,
    value: (row, { language }) => wordOf(refundStatusWords, row.status, language),
  },
  {
    zh: '类型',
    en: 'Kind',
    width: 12,
    value: (row, { language }) => wordOf(refundKindWords, row.kind, language),
  },
  {
    zh: '阶段',
    en: 'Phase',
    width: 10,
    value: (row, { language }) => wordOf(phaseWords, row.phase, language),
  },
  { zh: '退款金额', en: 'Amount', width: 12, money: true, value: (row) => ({ fen: row.amountFen }) },
  { zh: '件数', en: 'Pieces', width: 8, value: (row) => row.quantity },
  { zh: '商品', en: 'Goods', width: 40, value: (row) => [row.title, row.spec].filter(Boolean).join(' ') },
  { zh: '商家编码', en: 'Outer code', width: 18, value: (row) => row.outerId },
  { zh: '退款原因', en: "Buyer's reason", width: 20, value: (row) => row.buyerReason },
  { zh: '说明', en: 'Description', width: 30, value: (row) => withoutPhones(row.description) },
  { zh: '退货物流', en: 'Carrier', width: 14, value: (row) => row.carrier },
  { zh: '退货单号', en: 'Waybill', width: 20, value: (row) => row.waybillNo },
  { zh: '买家', en: 'Buyer', width: 12, value: (row) => row.buyerMasked },
  { zh: '申请时间', en: 'Applied at', width: 20, value: (row) => clock(row.createdAt) },
  { zh: '平台更新时间', en: 'Changed at', width: 20, value: (row) => clock(row.modifiedAt) },
  { zh: '答复期限', en: 'Deadline', width: 20, value: (row) => clock(row.deadline) },
  {
    zh: '不可转原因',
    en: 'Why not convertible',
    width: 16,
    value: (row, { language }) => reasonOf(row.reason, language),
  },
  { zh: '出错', en: 'Error', width: 20, value: (row) => row.error },
  { zh: '处理结果', en: 'Outcome', width: 14, value: (row) => row.outcome },
  { zh: '到此状态', en: 'In this state since', width: 20, value: (row) => clock(row.stateAt) },
  { zh: '操作人', en: 'By', width: 12, value: (row) => row.stateBy },
  { zh: '销售单号', en: 'Sales order', width: 20, value: (row) => row.orderNo },
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
