import type { LocalizedText } from '../../lib/localized-text.ts'
import { type TableGroupName, tableGroupNames } from './contract.ts'

// Which tables the page of sizes adds up, and how long the task that trims keeps their rows.

/** A group of tables on the page of sizes. `names`: beginnings of their names; the longest decides. */
type TableGroup = {
  words: LocalizedText
  names: readonly string[]
  /** The table, its time and its ascending key by which the oldest row of the group is known. */
  oldest?: { table: string; time: string; key: string }
  /** Ages in days at which its rows are deleted: parameters of the task that trims, or fixed ones. Without: they are kept for good. */
  kept?: readonly (
    | number
    | 'runDays'
    | 'emptyRunDays'
    | 'batchDays'
    | 'actionDays'
    | 'uploadDays'
    | 'pushDays'
    | 'webhookDays'
  )[]
}

const row = (table: string, time: string, key = 'id') => ({ table, time, key })

export const tableGroups = {
  payloads: {
    words: { zh: '平台原文', en: 'Raw texts of platforms' },
    names: ['raw_payload', 'parked_item'],
  },
  trades: {
    words: { zh: '待转入订单', en: 'Staged trades' },
    names: ['staged_trade', 'staged_need', 'trade_fetch', 'download_queue', 'removed_mark', 'refund_notice'],
    oldest: row('staged_trade', 'created_at'),
  },
  orders: {
    words: { zh: '销售订单', en: 'Sales orders' },
    names: [
      'sales_order',
      'order_line',
      'order_source',
      'order_difference',
      'order_hold',
      'order_problem',
      'order_gift',
      'parcel_order',
    ],
    oldest: row('sales_order', 'created_at'),
  },
  events: {
    words: { zh: '经过', en: 'Histories' },
    names: ['order_event', 'trade_event', 'refund_event', 'return_event'],
  },
  refunds: {
    words: { zh: '退款和退货', en: 'Refunds and returns' },
    names: [
      'staged_refund',
      'order_refund',
      'refund_',
      'return_',
      'unclaimed_',
      'intercept',
      'put_back',
      'receiver_answer',
    ],
    oldest: row('staged_refund', 'created_at'),
  },
  scans: {
    words: { zh: '扫描', en: 'Scans' },
    names: ['station_', 'phone_scan', 'wave_scan'],
    kept: [90],
  },
  deliveries: {
    words: { zh: '发货、面单、包裹', en: 'Deliveries, labels, parcels' },
    names: [
      'delivery',
      'waybill',
      'wave',
      'parcel_',
      'print_',
      'handout',
      'unasked_parcel',
      'label_area',
      'paper_template',
    ],
    oldest: row('delivery', 'created_at'),
  },
  stock: {
    words: { zh: '商品和库存', en: 'Goods and stock' },
    names: [
      'stock',
      'reservation',
      'sku',
      'product',
      'listing',
      'bundle_part',
      'bin',
      'count_',
      'put_away',
      'warehouse',
      'upload_shop',
    ],
  },
  money: {
    words: { zh: '结算和账单', en: 'Settlements and bills' },
    names: ['settlement', 'bill_', 'extra_refund'],
    oldest: row('settlement', 'created_at'),
  },
  reports: { words: { zh: '报表', en: 'Reports' }, names: ['report_'] },
  actions: {
    words: { zh: '平台回写', en: 'Write-backs' },
    names: ['platform_action'],
    oldest: row('platform_action', 'created_at'),
    kept: ['uploadDays', 'actionDays'],
  },
  runs: {
    words: { zh: '运行记录、批量操作', en: 'Runs and bulk actions' },
    names: ['task_run', 'batch'],
    oldest: row('task_run', 'requested_at'),
    kept: ['emptyRunDays', 'runDays', 'batchDays'],
  },
  messages: {
    words: { zh: '推送和告警', en: 'Messages and alarms' },
    names: ['push_', 'webhook_', 'alarm_'],
    kept: ['pushDays', 'webhookDays', 90],
  },
  audit: { words: { zh: '审计日志', en: 'Audit log' }, names: ['audit_'], oldest: row('audit_log', 'at') },
  /** Everything else: settings, users, tables of jobs, PostgreSQL's own. */
  other: { words: { zh: '其他', en: 'Others' }, names: [] },
} as const satisfies Record<TableGroupName, TableGroup>
export const groupOf = (name: TableGroupName): TableGroup => tableGroups[name]

/** Returns the group to which a table belongs: the one with the longest beginning of its name. */
export function groupOfTable(table: string): TableGroupName {
  const begins = tableGroupNames.flatMap((group) =>
    groupOf(group).names.flatMap((begin) =>
      table.startsWith(begin) ? [{ group, length: begin.length }] : [],
    ),
  )
  return begins.toSorted((one, other) => other.length - one.length)[0]?.group ?? 'other'
}
