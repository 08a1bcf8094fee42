import { toChinaTime } from '../../lib/time.ts'
import type { ChannelRow } from './channel-queries.ts'
import type { Notice } from './message.ts'
import { isQuietAt } from './quiet-rules.ts'

type Quiet = Pick<ChannelRow, 'quietFrom' | 'quietTo' | 'quietPassesBad'>

/** False: the notice waits until the channel's quiet hours are over. The end of a severe alarm passes like its beginning. */
export function isSentNow(channel: Quiet, { tone, what }: Pick<Notice, 'tone' | 'what'>, now: Date): boolean {
  const { quietFrom: from, quietTo: to, quietPassesBad: passesBad } = channel
  if (from === null || to === null) return true
  if (passesBad && (what === 'bad' || tone === 'bad')) return true
  const [hour = 0, minute = 0] = toChinaTime(now).slice(11, 16).split(':').map(Number)
  return !isQuietAt({ from, to, passesBad }, hour * 60 + minute)
}
