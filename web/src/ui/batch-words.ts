import { reasonWords } from '../../../server/intake/lifecycle.ts'
import type { Say, Words } from '../words.ts'

const refusalWords: Record<string, Words> = {
  already: ['已转过', 'Converted before'],
  already_converted: ['已转过', 'Converted before'],
  not_found: ['已不在', 'No longer there'],
  outside_scope: ['没有这家店铺的权限', 'No access to this shop'],
  wrong_state: ['状态已变', 'Its state has changed'],
  failed: ['出错', 'Failed'],
  forbidden: ['没有权限', 'Permission missing'],
  stopped: ['已停止', 'Stopped'],
}

/** What a refusal's code means; the remedy comes with it where there is one. */
export function refusalText(code: string, say: Say): string {
  const reason = Object.entries(reasonWords).find(([name]) => name === code)?.[1]
  if (reason) return say(reason)
  const words = refusalWords[code]
  return words ? say(words) : code
}

export function remedyText(code: string, say: Say): string {
  const reason = Object.entries(reasonWords).find(([name]) => name === code)?.[1]
  return reason ? say([reason.zhRemedy, reason.enRemedy]) : ''
}
