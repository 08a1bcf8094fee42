import type { runStates } from '../core/tasks/contract.ts'
import type { LocalizedText } from '../lib/localized-text.ts'

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
