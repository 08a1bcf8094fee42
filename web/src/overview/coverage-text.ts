import type { CoverageRow } from '../tasks/types.ts'
import { nearTime } from '../ui/base/time.ts'
import type { LocalizedPair, Say } from '../words.ts'

/** Returns the coverage text of a shop. Unreadable data is mentioned only if nothing else is missing. */
export function coverageText(row: Pick<CoverageRow, 'state' | 'reason' | 'parked'>, say: Say): string {
  if (row.reason) return say(row.reason)
  if (row.parked > 0 && row.state === 'complete')
    return say(['{n} 条异常数据，其余完整', '{n} unreadable, the rest complete'], {
      n: row.parked.toLocaleString('en-US'),
    })
  return say(stateWords[row.state])
}

/** Returns the state of push of a shop; if push does not work, also the time since when. */
export function pushText(push: NonNullable<CoverageRow['push']>, say: Say): string {
  const words = say(push.words)
  if (push.live || push.since === null) return words
  return say(['{words}，{at} 起', '{words}, since {at}'], { words, at: nearTime(push.since) })
}

const stateWords: Record<CoverageRow['state'], LocalizedPair> = {
  complete: ['完整', 'Complete'],
  chasing: ['追赶中', 'Catching up'],
  paused: ['已暂停', 'Paused'],
  failing: ['失败，在重试', 'Failing, retrying'],
}

/** How it is known that everything before the time was downloaded. */
export const knownByWords: Record<CoverageRow['knownBy'], LocalizedPair> = {
  count: [
    '每段时间都与平台报的笔数核对过',
    'Each span was checked against the number that the platform gives',
  ],
  two_readings: [
    '平台不报笔数：每段时间读到两遍一致为止',
    'The platform gives no number: each span was read until two readings agreed',
  ],
}
