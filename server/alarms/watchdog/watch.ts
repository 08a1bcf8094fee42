import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { sharedMs } from '../../lib/clock.ts'
import { secondMs } from '../../lib/time.ts'
import { isSentNow } from '../notices/quiet.ts'
import { sendMessage } from '../notices/send.ts'
import { failureWords } from '../notices/send-failure.ts'
import type { Look } from './ask-installation.ts'
import type { WatchedChannel } from './contract.ts'
import type { Kept } from './kept.ts'
import { afterLook, afterSent, type Due, dueNow, isDown, type Pace } from './outage.ts'
import { outageMessage, outageNotice } from './outage-message.ts'

export type WatchParts = {
  log: Logger
  pace: Pace
  /** True if receivers on this machine are allowed. */
  simulator: boolean
  /** `holdMs`: for how long the answer may be held back while nothing happens. */
  look: (holdMs: number) => Promise<Look>
  write: (kept: Kept) => Promise<void>
}

/** While the installation is down it is asked more often, so that our request comes before it could say that its watchdog is silent. */
const downLookMs = 2 * secondMs
/** A channel that did not take a message is tried again after this time. */
const retryMs = 15 * secondMs

/** Looks at the installation again and again until aborted. Sends to the channels when it does not answer, and when it does again. */
export async function watch(
  parts: WatchParts,
  begun: Kept,
  signal: AbortSignal,
  isDone: (kept: Kept) => boolean = () => false,
): Promise<void> {
  const tries = new Map<string, number>()
  let kept = begun
  let written = JSON.stringify(begun)
  const keep = async (next: Kept) => {
    kept = next
    const text = JSON.stringify(next)
    if (text === written) return
    // A disk that takes nothing keeps it from no look and no message.
    await parts.write(next).then(
      () => {
        written = text
      },
      (error: unknown) => parts.log.warn({ err: error }, 'the watchdog cannot write its file'),
    )
  }
  while (!signal.aborted) {
    const began = performance.now()
    await keep(await looked(parts, kept))
    await keep(await sent(parts, kept, tries))
    if (isDone(kept)) return
    const pauseMs = kept.outage ? Math.min(parts.pace.lookMs, downLookMs) : parts.pace.lookMs
    // A question that was held back is followed at once by the next one, so that a wanted stop always finds one to answer.
    const restMs = Math.max(0, pauseMs - (performance.now() - began))
    await sleep(restMs, undefined, { signal }).catch(() => {})
  }
}

async function looked({ look, log, pace }: WatchParts, kept: Kept): Promise<Kept> {
  const seen = await look(kept.outage ? 0 : pace.lookMs)
  const now = sharedMs()
  const wanted = kept.answer?.stopping === true
  const outage = afterLook(kept.outage, { why: seen.well ? undefined : seen.why, wanted }, now)
  if (seen.well && seen.answer?.stopping) log.info('the installation says that it stops')
  if (!seen.well && !kept.outage) log.warn({ why: seen.why.en }, 'the installation does not answer')
  if (seen.well && kept.outage?.endedAt === null) log.info('the installation answers')
  if (outage && isDown(outage, pace, now) && !(kept.outage && isDown(kept.outage, pace, now)))
    log.warn({ since: new Date(outage.since).toISOString() }, 'the installation is down')
  if (seen.well && seen.refused !== undefined)
    log.warn({ status: seen.refused }, 'the installation answers, and refuses the key of this watchdog')
  return { ...kept, answer: (seen.well && seen.answer) || kept.answer, outage }
}

/** Sends the messages that are due, all at once. */
async function sent(parts: WatchParts, kept: Kept, tries: Map<string, number>): Promise<Kept> {
  const { outage, answer } = kept
  if (!outage || !answer) return kept
  const now = sharedMs()
  const due = dueNow(outage, answer.channels, parts.pace, now)
  const taken = await Promise.all(
    due.map(async (one): Promise<Due[]> => {
      const channel = answer.channels.find(({ id }) => id === one.channelId)
      const at = new Date(now)
      if (!channel || !isSentNow(channel, { tone: 'bad', what: one.what }, at)) return []
      if (now - (tries.get(channel.id) ?? Number.NEGATIVE_INFINITY) < retryMs) return []
      tries.set(channel.id, now)
      if (!(await isTaken(parts, kept, channel, one))) return []
      tries.delete(channel.id)
      return [one]
    }),
  )
  return { ...kept, outage: afterSent(outage, taken.flat(), answer.channels, now) }
}

async function isTaken(
  { log, simulator }: WatchParts,
  { outage, answer }: Kept,
  { id, kind, language, credentials }: WatchedChannel,
  due: Due,
): Promise<boolean> {
  if (!outage || !answer) return false
  const { name, publicUrl } = answer
  const now = sharedMs()
  const words = { outage, due, language, name, publicUrl, now }
  const message = outageMessage(words)
  const notices = [outageNotice(words)]
  const sending = { kind, credentials, message, notices, now: new Date(now), publicUrl, simulator }
  return sendMessage(sending).then(
    () => {
      log.info({ channel: id, kind, what: due.what }, 'sent')
      return true
    },
    (error: unknown) => {
      log.warn({ channel: id, kind, why: failureWords(error).en }, 'not sent')
      return false
    },
  )
}
