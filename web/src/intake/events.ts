import { refundStatusWords, tradeStatusWords } from '../../../server/connectors/words-contract.ts'
import { doubtWords } from '../../../server/intake/doubt-rules.ts'
import { money } from '../../../server/lib/money-text.ts'
import { platformErrorText } from '../ui/base/platform-error.ts'
import type { Tone } from '../ui/base/status.tsx'
import type { TimelineEntry } from '../ui/base/timeline.tsx'
import type { LocalizedPair, Say } from '../words.ts'
import type { EventRow, TradeDetail } from './types.ts'
import { noteText } from './words.ts'

export const knownEvents: Record<string, { words: LocalizedPair; tone: Tone }> = {
  downloaded: { words: ['下载', 'Downloaded'], tone: 'idle' },
  staged: { words: ['明细到齐', 'Detail complete'], tone: 'idle' },
  changed: { words: ['平台有改动', 'Changed on the platform'], tone: 'idle' },
  converted: { words: ['转销售单', 'Converted'], tone: 'ok' },
  processed: { words: ['标为已处理', 'Marked processed'], tone: 'idle' },
  unprocessed: { words: ['撤销已处理', 'Processed undone'], tone: 'move' },
  removed: { words: ['移除', 'Removed'], tone: 'idle' },
  reopened: { words: ['平台有新版本，回到待处理', 'A new version came: open again'], tone: 'warn' },
  refusing: { words: ['拒绝退款，正在写回平台', 'Refusing, being written back'], tone: 'move' },
  refused: { words: ['已拒绝退款', 'Refused'], tone: 'ok' },
  refuse_failed: { words: ['平台没有接受拒绝', 'The platform did not take the refusal'], tone: 'bad' },
  agreeing: { words: ['同意退款，正在写回平台', 'Agreeing, being written back'], tone: 'move' },
  agree_failed: { words: ['平台没有接受同意', 'The platform did not take the agreement'], tone: 'bad' },
  removed_from_queue: { words: ['移出待下载', 'Taken out of the queue'], tone: 'idle' },
  memo_succeeded: { words: ['备注已写回平台', 'Memo written back'], tone: 'ok' },
  memo_failed: { words: ['备注没写成', 'The memo was not written'], tone: 'bad' },
  memo_forced: { words: ['备注强制成功', 'Memo forced'], tone: 'idle' },
  memo_manual: { words: ['备注已手工写', 'Memo written by hand'], tone: 'idle' },
  agreed: { words: ['已同意退款', 'Agreed'], tone: 'ok' },
  applied: { words: ['按规则处理', 'Applied by the table'], tone: 'move' },
  cancel_succeeded: {
    words: ['取消发货已上报平台', 'The platform heard whether it was stopped'],
    tone: 'ok',
  },
  cancel_failed: { words: ['取消发货没报上', 'The platform did not take the report'], tone: 'bad' },
  cancel_forced: { words: ['取消发货上报强制成功', 'Report forced'], tone: 'idle' },
  cancel_withdrawn: {
    words: [
      '退款变了，没报出的取消发货不报了',
      'The refund changed: the report that was not sent is taken back',
    ],
    tone: 'idle',
  },
  cancel_manual: { words: ['取消发货已手工上报', 'Reported by hand'], tone: 'idle' },
  doubts_taken: { words: ['采用了存疑内容', 'Values in doubt were taken'], tone: 'idle' },
  duty: { words: ['判了责任', 'Responsibility set'], tone: 'idle' },
  reveal: { words: ['查看了买家隐私', 'Personal data was seen'], tone: 'idle' },
}

const fieldWords: Record<string, LocalizedPair> = {
  status: ['状态', 'status'],
  address: ['收件信息', 'receiver'],
  memo: ['备注', 'memo'],
  flag: ['旗标', 'flag'],
  message: ['留言', 'message'],
  payment: ['金额', 'amount'],
  refund: ['退款', 'refund'],
  goods: ['商品', 'goods'],
  lines: ['商品', 'goods'],
}

export function timelineOf(events: readonly EventRow[], say: Say): TimelineEntry[] {
  return events
    .map((event) => ({
      id: event.id,
      at: event.at,
      tone: knownEvents[event.event]?.tone ?? 'idle',
      text: textOf(event, say),
      by: event.actorName,
    }))
    .toSorted((a, b) => b.at.localeCompare(a.at) || Number(b.id) - Number(a.id))
}

/** Returns the trade's events, with entries for order and payment on the platform, and for its state if no event is about that. */
export function tradeTimeline(trade: TradeDetail, say: Say): TimelineEntry[] {
  const told = new Set(trade.events.map((event) => event.event))
  const facts: [id: string, at: string | null, words: LocalizedPair, by: string][] = [
    ['state', told.has(trade.state) ? null : stateTold(trade, told), stateEvents[trade.state], trade.stateBy],
    ['paid', trade.paidAt, ['付款', 'Paid'], say(['买家', 'Buyer'])],
    ['ordered', trade.orderedAt, ['下单', 'Ordered'], say(['买家', 'Buyer'])],
  ]
  const before = facts.flatMap(([id, at, words, by]) =>
    at === null ? [] : [{ id, at, tone: 'idle' as const, text: say(words), by }],
  )
  // If two entries have the same time, the later step of a trade comes first.
  return [...timelineOf(trade.events, say), ...before].toSorted((a, b) => b.at.localeCompare(a.at))
}

const stateEvents: Record<TradeDetail['state'], LocalizedPair> = {
  fetching: ['列表里见到', 'Seen in the list'],
  staged: ['明细到齐', 'Detail complete'],
  converted: ['转销售单', 'Converted'],
  processed: ['标为已处理', 'Marked processed'],
}

/** Returns the time at which the trade reached its state; null after an undo, because the undo has its own event. */
function stateTold(trade: TradeDetail, told: ReadonlySet<string>): string | null {
  return trade.state === 'staged' && told.has('unprocessed') ? null : trade.stateAt
}

function textOf(event: EventRow, say: Say): string {
  const words = knownEvents[event.event]?.words
  const head = say(words ?? ['有改动', 'Something changed'])
  const extra = detailText(event.detail, say)
  return extra === '' ? head : `${head}${say(['：', ': '])}${extra}`
}

function detailText(detail: unknown, say: Say): string {
  if (typeof detail !== 'object' || detail === null) return ''
  const parts: string[] = []
  for (const [key, value] of Object.entries(detail)) {
    if (key === 'fields' && Array.isArray(value))
      parts.push(value.map((field) => nameOf(String(field), say)).join(say(['、', ', '])))
    else if (key === 'status') parts.push(refundStatusText(String(value), say))
    else if (key === 'amountFen') parts.push(money(Number(value)))
    else if (key === 'error' && value) parts.push(platformErrorText(String(value), say))
    else if (key === 'note' && value) parts.push(noteText(String(value), say))
    else if ((key === 'orderNo' || key === 'reason' || key === 'message') && value) parts.push(String(value))
  }
  return parts.join(say(['，', ', ']))
}

function nameOf(field: string, say: Say): string {
  const words = fieldWords[field] ?? doubtWords[field]
  return say(words ?? ['其他内容', 'something else'])
}

export function refundStatusText(status: string, say: Say): string {
  const words = Object.entries({ ...tradeStatusWords, ...refundStatusWords }).find(
    ([name]) => name === status,
  )?.[1]
  return say(words ?? ['未识别', 'Unknown'])
}
