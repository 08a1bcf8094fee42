import type { Logger } from 'pino'
import { wholeScope } from '../../core/access/actor.ts'
import type { Database } from '../../core/db/db.ts'
import { backoffMs } from '../../lib/backoff.ts'
import { sharedNow } from '../../lib/clock.ts'
import type { LocalizedText } from '../../lib/localized-text.ts'
import type { KeyRing } from '../../lib/seal.ts'
import { minuteMs, secondMs } from '../../lib/time.ts'
import { alarmsNow } from '../alarms.ts'
import { readQueueCounts } from '../queue-counts.ts'
import { type ChannelRow, channelsById, hasChannels, writeResults } from './channel-queries.ts'
import { openCredentials } from './channels.ts'
import { messageOf } from './message.ts'
import { isSentNow } from './quiet.ts'
import {
  addNotices,
  type DueNotice,
  dueNotices,
  endAbsent,
  endTurn,
  keepTurn,
  markSent,
  takeTurn,
  writeAlarms,
} from './record-queries.ts'
import { longestText, sendMessage } from './send.ts'
import { failureWords } from './send-failure.ts'

export type NoticeParts = {
  db: Database
  ring: KeyRing
  log: Logger
  publicUrl: string
  simulator: boolean
  /** The name of this process. */
  worker: string
  taskName?: (kind: string) => LocalizedText | undefined
  /** No turn begins sooner after the last one, of any process. */
  restMs: number
  /** An alarm that is not seen for this time has ended. One that is absent for a moment is not sent again. */
  absentMs?: number
  /** Called at each turn if there are channels. */
  onChannels?: () => void
}

const retryMs = 15 * secondMs
const longestRetryMs = 10 * minuteMs
/** A process that was stopped for a while after it read the notices may have lost its turn, and sends nothing then. */
const freshMs = 15 * secondMs

type Outgoing = { channel: ChannelRow; notices: DueNotice[] }

/**
 * Looks at the alarms once and sends what the channels have not got yet, one message for each channel. A message is sent outside of any
 * transaction and marked afterwards, so after a kill between the two it is sent once more.
 */
export async function noticeTurn(parts: NoticeParts): Promise<void> {
  const { db, worker } = parts
  if (!(await hasChannels(db))) return
  parts.onChannels?.()
  if (!(await takeTurn(db, worker, parts.restMs))) return
  try {
    const outgoing = await lookAndChoose(parts)
    const readAt = performance.now()
    const results = await Promise.all(
      outgoing.map(async (one) => {
        if (performance.now() - readAt > freshMs) return []
        return [{ ...one, failure: await failureOf(parts, one) }]
      }),
    )
    await record(db, results.flat())
  } finally {
    await endTurn(db, worker)
  }
}

/** Writes the present alarms and returns the notices to send now, by channel. */
async function lookAndChoose(parts: NoticeParts): Promise<Outgoing[]> {
  const { db, worker, taskName, absentMs = minuteMs } = parts
  const now = sharedNow()
  const asked = { db, scope: wholeScope, now, ...(taskName ? { taskName } : {}) }
  const alarms = await alarmsNow(asked, await readQueueCounts(asked))
  return db.transaction().execute(async (tx) => {
    if (!(await keepTurn(tx, worker))) return []
    await writeAlarms(tx, alarms)
    await addNotices(tx, await endAbsent(tx, alarms, absentMs))
    const due = await dueNotices(tx)
    const channels = await channelsById(tx, [...new Set(due.map(({ channelId }) => channelId))])
    return channels.flatMap((channel): Outgoing[] => {
      const notices = due.filter(
        (notice) => notice.channelId === channel.id && isSentNow(channel, notice, now),
      )
      return notices.length > 0 ? [{ channel, notices }] : []
    })
  })
}

/** Sends one message. Returns why the receiver did not take it; null: it did. */
async function failureOf(parts: NoticeParts, { channel, notices }: Outgoing): Promise<LocalizedText | null> {
  const { ring, log, publicUrl, simulator } = parts
  const { id, kind, language } = channel
  try {
    const message = messageOf(notices, { language, publicUrl, longest: longestText[kind] })
    const credentials = openCredentials(ring, channel)
    await sendMessage({ kind, credentials, message, notices, now: sharedNow(), publicUrl, simulator })
    return null
  } catch (error) {
    const failure = failureWords(error)
    log.warn({ channel: id, kind, why: failure.en }, 'alarms were not sent')
    return failure
  }
}

type Attempt = Outgoing & { failure: LocalizedText | null }

async function record(db: Database, attempts: readonly Attempt[]): Promise<void> {
  if (attempts.length === 0) return
  const results = attempts.map(({ channel: { id, attempts: before }, failure }) => ({
    ...{ channelId: id, failure, waitMs: failure === null ? 0 : backoffMs(before, retryMs, longestRetryMs) },
  }))
  await db.transaction().execute(async (tx) => {
    await markSent(
      tx,
      attempts.flatMap(({ failure, notices }) => (failure === null ? notices : [])),
    )
    await writeResults(tx, results)
  })
}
