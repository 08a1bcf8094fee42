import { already, type Refusal, wrongStatus } from '../core/decide.ts'
import type { LocalizedText } from '../lib/localized-text.ts'
/** The lifecycle of 库存单据. Pure: server, API and buttons use it. */

export const documentKinds = ['adjustment', 'transfer', 'count', 'lock'] as const
export type DocumentKind = (typeof documentKinds)[number]

export const documentStatuses = ['draft', 'approved', 'sent', 'posted', 'voided'] as const
export type DocumentStatus = (typeof documentStatuses)[number]

export const freezeKinds = ['normal', 'promotion'] as const
export type FreezeKind = (typeof freezeKinds)[number]

/** Kinds that a person can create. A `defective` warehouse is created automatically, for the returns of another warehouse. */
export const chosenWarehouseKinds = ['own', 'outer'] as const
export const warehouseKinds = [...chosenWarehouseKinds, 'defective'] as const
export type WarehouseKind = (typeof warehouseKinds)[number]

export const kindWords: Record<DocumentKind, LocalizedText> = {
  adjustment: { zh: '调整单', en: 'Adjustment' },
  transfer: { zh: '调拨单', en: 'Transfer' },
  count: { zh: '盘点单', en: 'Count' },
  lock: { zh: '锁定单', en: 'Lock' },
}

export const documentStatusWords: Record<DocumentStatus, LocalizedText> = {
  draft: { zh: '待审核', en: 'Draft' },
  approved: { zh: '待过账', en: 'Approved' },
  sent: { zh: '在途', en: 'In transit' },
  posted: { zh: '已过账', en: 'Posted' },
  voided: { zh: '已作废', en: 'Voided' },
}

export const freezeKindLabels: Record<FreezeKind, LocalizedText> = {
  normal: { zh: '普通', en: 'Normal' },
  promotion: { zh: '大促', en: 'Promotion' },
}

export const warehouseKindWords: Record<WarehouseKind, LocalizedText> = {
  own: { zh: '自有', en: 'Own' },
  outer: { zh: '外部', en: 'Outer' },
  defective: { zh: '次品', en: 'Defective' },
}

/** The steps that a warehouse may require before a parcel is shipped (发货前必须), in the order of the work. */
export const shipSteps = ['print', 'wave', 'check', 'weigh'] as const
export type ShipStep = (typeof shipSteps)[number]

export const shipStepWords: Record<ShipStep, LocalizedText> = {
  print: { zh: '打印面单', en: 'Print its label' },
  wave: { zh: '波次拣货', en: 'Pick it in a wave' },
  check: { zh: '验货', en: 'Check its goods' },
  weigh: { zh: '称重', en: 'Weigh it' },
}

type Rule = LocalizedText & {
  from: readonly DocumentStatus[]
  to: DocumentStatus
  /** The status of a transfer after its first step, posting. It takes two steps: posting and receiving. */
  toOfTransfer?: DocumentStatus
  kinds?: readonly DocumentKind[]
}

export const documentEvents = {
  approve: { from: ['draft'], to: 'approved', zh: '审核', en: 'Approve' },
  post: { from: ['approved'], to: 'posted', toOfTransfer: 'sent', zh: '过账', en: 'Post' },
  receive: { from: ['sent'], to: 'posted', kinds: ['transfer'], zh: '收货', en: 'Receive' },
  void: { from: ['draft', 'approved'], to: 'voided', zh: '作废', en: 'Void' },
} as const satisfies Record<string, Rule>
export type DocumentEvent = keyof typeof documentEvents

type Placed = { kind: DocumentKind; status: DocumentStatus }

export function statusAfter({ kind }: Pick<Placed, 'kind'>, event: DocumentEvent): DocumentStatus {
  const rule: Rule = documentEvents[event]
  return kind === 'transfer' ? (rule.toOfTransfer ?? rule.to) : rule.to
}

export function whyNotDocument(
  { kind, status, endsAt }: Placed & { endsAt: Date | string | null },
  event: DocumentEvent,
  now: Date,
): Refusal | undefined {
  const rule: Rule = documentEvents[event]
  const words = documentStatusWords[status]
  if (rule.kinds && !rule.kinds.includes(kind)) {
    const { zh, en } = kindWords[kind]
    return refused('wrong_kind', `${zh}没有${rule.zh}这一步`, `${en}: there is no such step`)
  }
  if (status === statusAfter({ kind }, event)) return already(words)
  if (event === 'post' && status === 'approved' && endsAt !== null && new Date(endsAt) <= now)
    return refused('window_over', '锁定时间已过，作废它', 'Its time is over; void it')
  return rule.from.includes(status) ? undefined : wrongStatus(words, rule)
}

export function whyNotUnfrozen(document: Placed & { releasedAt: Date | string | null }): Refusal | undefined {
  if (document.kind !== 'lock') return refused('wrong_kind', '只有锁定单可以释放', 'Only locks are released')
  if (document.status !== 'posted') {
    const words = documentStatusWords[document.status]
    return refused('wrong_status', `${words.zh}，没有锁住的`, `${words.en}: nothing is locked`)
  }
  return document.releasedAt === null ? undefined : refused('already', '已全部释放', 'Released already')
}

const refused = (code: string, zh: string, en: string): Refusal => ({ code, message: { zh, en } })
