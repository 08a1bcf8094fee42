import type { RefundKind, RefundStatus } from '../connectors/connector.ts'
import { type Language, wordOf } from '../core/lists/declare-contract.ts'
import type { runStates } from '../core/tasks/contract.ts'
import { reasonWords } from '../intake/lifecycle.ts'
import type { LocalizedText } from '../lib/localized-text.ts'

export const refundKindWords: Record<RefundKind, LocalizedText> = {
  refund_only: { zh: '仅退款', en: 'Refund only' },
  return: { zh: '退货退款', en: 'Return and refund' },
  exchange: { zh: '换货', en: 'Exchange' },
  reship: { zh: '补发', en: 'Reship' },
  repair: { zh: '维修', en: 'Repair' },
  other: { zh: '其他', en: 'Other' },
  money_only: { zh: '价保、补差', en: 'Money only' },
}

export const refundStatusWords: Record<RefundStatus, LocalizedText> = {
  applied: { zh: '申请中', en: 'Applied for' },
  agreed: { zh: '等买家寄回', en: 'Awaiting return' },
  refused: { zh: '已拒绝', en: 'Refused' },
  closed: { zh: '已关闭', en: 'Closed' },
  succeeded: { zh: '退款成功', en: 'Succeeded' },
  unknown: { zh: '未识别', en: 'Unknown' },
}

export const phaseWords: Record<string, LocalizedText> = {
  onsale: { zh: '售中', en: 'Before receipt' },
  aftersale: { zh: '售后', en: 'After receipt' },
}

export const runStateWords: Record<(typeof runStates)[number], LocalizedText> = {
  queued: { zh: '排队中', en: 'Queued' },
  running: { zh: '进行中', en: 'Running' },
  done: { zh: '完成', en: 'Done' },
  failed: { zh: '失败', en: 'Failed' },
  stopped: { zh: '已停止', en: 'Stopped' },
  lost: { zh: '中断', en: 'Lost' },
}

export const triggerWords: Record<string, LocalizedText> = {
  schedule: { zh: '定时', en: 'Schedule' },
  person: { zh: '人工', en: 'Person' },
  again: { zh: '重来', en: 'Again' },
}

export const yes: LocalizedText = { zh: '是', en: 'Yes' }

/** Returns the label of a reason why a trade or a refund is not convertible. */
export const reasonOf = (code: string, language: Language): string => wordOf(reasonWords, code, language)
