import { differenceRules, holdReasons } from '../../../server/orders/lifecycle.ts'
import { yuan } from '../ui/figures.tsx'
import type { Tone } from '../ui/status.tsx'
import type { TimelineEntry } from '../ui/timeline.tsx'
import type { Say, Words } from '../words.ts'
import type { OrderEvent } from './types.ts'

const known: Record<string, { words: Words; tone: Tone }> = {
  converted: { words: ['由交易转入', 'Converted from the trade'], tone: 'idle' },
  created: { words: ['由交易转入', 'Converted from the trade'], tone: 'idle' },
  accepted: { words: ['由交易转入', 'Converted from the trade'], tone: 'idle' },
  confirm: { words: ['确认', 'Confirmed'], tone: 'move' },
  unconfirm: { words: ['反确认', 'Unconfirmed'], tone: 'move' },
  release: { words: ['通知配货', 'Released'], tone: 'move' },
  ship: { words: ['发货', 'Shipped'], tone: 'ok' },
  void: { words: ['作废', 'Voided'], tone: 'idle' },
  restore: { words: ['恢复', 'Restored'], tone: 'move' },
  hold: { words: ['挂起', 'Put on hold'], tone: 'warn' },
  release_hold: { words: ['解除挂起', 'Released from hold'], tone: 'ok' },
  difference: { words: ['平台有改动', 'Changed on the platform'], tone: 'idle' },
  settle_difference: { words: ['处理了差异', 'Change settled'], tone: 'idle' },
  refund: { words: ['退款', 'Refund'], tone: 'warn' },
  extra_refund: { words: ['登记部分退款', 'Extra refund booked'], tone: 'move' },
  memo: { words: ['写了备注', 'Memo written'], tone: 'idle' },
  reveal: { words: ['查看了买家隐私', 'Personal data was seen'], tone: 'idle' },
}

/** An order's events in words, newest first. */
export function orderTimeline(events: readonly OrderEvent[], say: Say): TimelineEntry[] {
  return events
    .map((event) => {
      const words = known[event.event]
      const extra = detailText(event.detail, say)
      const head = words ? say(words.words) : event.event
      return { id: event.id, at: event.at, tone: words?.tone ?? 'idle', text: extra === '' ? head : `${head}${say(['：', ': '])}${extra}`, by: event.actorName }
    })
    .toSorted((a, b) => b.at.localeCompare(a.at) || Number(b.id) - Number(a.id))
}

function detailText(detail: unknown, say: Say): string {
  if (typeof detail !== 'object' || detail === null) return ''
  const parts = Object.entries(detail).flatMap(([key, value]) => {
    if (key === 'reason') return [wordsOf(holdReasons, String(value), say)]
    if (key === 'kind') return [wordsOf(differenceRules, String(value), say)]
    if (key === 'amountFen') return [`¥${yuan(Number(value))}`]
    if (['note', 'refundNo', 'tid', 'no', 'newValue', 'memo'].includes(key) && value) return [String(value)]
    return []
  })
  return parts.join(say(['，', ', ']))
}

function wordsOf(table: Record<string, { zh: string; en: string }>, key: string, say: Say): string {
  const words = table[key]
  return words ? say(words) : key
}
