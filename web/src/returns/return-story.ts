import { money } from '../../../server/lib/money-text.ts'
import {
  discrepancies,
  ownVoidReasons,
  returnEventLabels,
  returnKindWords,
} from '../../../server/returns/lifecycle.ts'
import { refundStatusText } from '../intake/events.ts'
import { troubleText } from '../ui/base/code-words.ts'
import type { Tone } from '../ui/base/status.tsx'
import type { TimelineEntry } from '../ui/base/timeline.tsx'
import type { Say } from '../words.ts'
import type { ReturnDetail } from './types.ts'

const tones: Record<string, Tone> = {
  confirm: 'move',
  receive: 'ok',
  receipt: 'ok',
  settle: 'ok',
  void: 'void',
  problem: 'bad',
  problem_settled: 'ok',
  told_done: 'ok',
  told_failed: 'bad',
  exchanged: 'move',
  claimed: 'move',
}

export function returnTimeline(events: ReturnDetail['events'], say: Say): TimelineEntry[] {
  return events.map(({ id, at, event, actorName, detail }) => {
    const words = returnEventLabels[event]
    const head = say(words ?? ['有变动', 'Something changed'])
    const extra = detailText(detail, say)
    return {
      id,
      at,
      tone: tones[event] ?? 'idle',
      text: extra === '' ? head : `${head}${say(['：', ': '])}${extra}`,
      by: actorName,
    }
  })
}

function detailText(detail: Record<string, unknown>, say: Say): string {
  const parts = Object.entries(detail).flatMap(([key, value]) => {
    if (value === '' || value === null) return []
    if (key === 'kind') return [kindText(String(value), say)]
    if (key === 'status') return [refundStatusText(String(value), say)]
    if (key === 'amountFen') return [money(Number(value))]
    if (key === 'good') return [say(['良品 {n}', '{n} good'], { n: Number(value) })]
    if (key === 'defective') return [say(['次品 {n}', '{n} defective'], { n: Number(value) })]
    if (key === 'short' && Number(value) > 0) return [say(['少 {n}', '{n} short'], { n: Number(value) })]
    if (key === 'wrong' && Number(value) > 0) return [say(['错 {n}', '{n} wrong'], { n: Number(value) })]
    if (key === 'reason') return [voidText(String(value), say)]
    if (['no', 'note', 'waybillNo', 'refundNo'].includes(key)) return [String(value)]
    if (key === 'failure') return [troubleText(String(value), say)]
    return []
  })
  return parts.filter(Boolean).join(say(['，', ', ']))
}

/** Returns the label of a void reason of the system, otherwise the text that a user typed. */
export function voidText(reason: string, say: Say): string {
  const own = Object.entries(ownVoidReasons).find(([name]) => name === reason)?.[1]
  return own ? say(own) : reason
}

function kindText(kind: string, say: Say): string {
  const words = Object.entries({ ...returnKindWords, ...discrepancies }).find(([name]) => name === kind)?.[1]
  return words ? say(words) : ''
}
