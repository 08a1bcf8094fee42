import type { LocalizedText } from '../../lib/localized-text.ts'
import { minuteMs, secondMs } from '../../lib/time.ts'

/** One span in which the installation did not answer. `sent`: by channel, the last message that it took, and when. Times are in milliseconds. */
export type Outage = {
  since: number
  why: LocalizedText
  misses: number
  endedAt: number | null
  sent: Record<string, { what: 'bad' | 'ended'; at: number }>
  /** True: the installation had said that it would stop. */
  wanted?: boolean
  /** The outage before this one, which is over, while a channel waits for the message of its end. */
  before?: Outage
}

export type Pace = {
  /** Between two looks. */
  lookMs: number
  /** An installation that has not answered for this time is down. */
  silentMs: number
  /** This time instead after a wanted stop, such as an upgrade. */
  wantedMs: number
  /** The message is sent again after this time if the installation stays down. */
  againMs: number
}

export const usualPace: Pace = {
  ...{ lookMs: 10 * secondMs, silentMs: 45 * secondMs },
  ...{ wantedMs: 15 * minuteMs, againMs: 3600 * secondMs },
}

/** At least this number of looks must have failed: a machine that slept for an hour finds a silence of an hour at its first look. */
const leastMisses = 3

/**
 * Returns the outage after a look. `why`: why the installation did not answer; undefined: it did. `wanted`: it had said that it would stop. A
 * silence after the end of an outage is another one, also while a channel waits for that end. If messages are sent of it, its end is that of
 * both.
 */
export function afterLook(
  outage: Outage | null,
  { why, wanted }: { why: LocalizedText | undefined; wanted: boolean },
  now: number,
): Outage | null {
  if (why === undefined) {
    if (!outage || outage.endedAt !== null) return outage
    const { before = null, ...own } = outage
    // An outage of which no message was sent ends without one.
    if (Object.keys(own.sent).length === 0) return before
    return { ...own, sent: { ...before?.sent, ...own.sent }, endedAt: now }
  }
  if (outage?.endedAt === null) return { ...outage, why, misses: outage.misses + 1 }
  return { since: now, why, misses: 1, endedAt: null, sent: {}, wanted, ...(outage && { before: outage }) }
}

export const isDown = ({ since, misses, endedAt, wanted }: Outage, pace: Pace, now: number): boolean =>
  endedAt === null && misses >= leastMisses && now - since >= (wanted ? pace.wantedMs : pace.silentMs)

type Listener = { id: string; sendsEnd: boolean }
export type Due = { channelId: string; what: 'bad' | 'ended'; isAgain: boolean }

/** Returns the messages that are due now. */
export function dueNow(outage: Outage, channels: readonly Listener[], pace: Pace, now: number): Due[] {
  return channels.flatMap(({ id, sendsEnd }): Due[] => {
    const last = outage.sent[id]
    if (outage.endedAt !== null)
      return last?.what === 'bad' && sendsEnd ? [{ channelId: id, what: 'ended', isAgain: false }] : []
    if (!isDown(outage, pace, now)) return []
    const isAgain = last !== undefined
    return isAgain && now - last.at < pace.againMs ? [] : [{ channelId: id, what: 'bad', isAgain }]
  })
}

/**
 * Returns the outage after these messages were sent; null if it is over and no channel waits for its end. Only channels that wait are kept once
 * it is over, so that the others are notified of the next outage at once.
 */
export function afterSent(
  outage: Outage,
  sent: readonly Due[],
  channels: readonly Listener[],
  now: number,
): Outage | null {
  const more = sent.map(({ channelId, what }) => [channelId, { what, at: now }] as const)
  const after = { ...outage.sent, ...Object.fromEntries(more) }
  if (outage.endedAt === null) return { ...outage, sent: after }
  const waiting = channels.flatMap(({ id, sendsEnd }) => {
    const last = after[id]
    return sendsEnd && last?.what === 'bad' ? [[id, last] as const] : []
  })
  return waiting.length === 0 ? null : { ...outage, sent: Object.fromEntries(waiting) }
}
