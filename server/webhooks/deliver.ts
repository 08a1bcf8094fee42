import type { Logger } from 'pino'
import type { Database } from '../core/db/db.ts'
import { sharedNow } from '../lib/clock.ts'
import type { KeyRing } from '../lib/seal.ts'
import { secondMs } from '../lib/time.ts'
import {
  type Active,
  activeSubscriptions,
  type Claimed,
  claimFirst,
  giveBack,
  noteFailure,
  noteSuccess,
  recordDelivered,
  recordFailed,
} from './claim-queries.ts'
import { stopUngranted } from './keepers.ts'
import { failuresToProbe } from './lifecycle.ts'
import { openReceiver } from './sealed.ts'
import { longestAnswerMs, type Receiver, sendWebhook } from './send.ts'

export type DeliveryParts = {
  db: Database
  ring: KeyRing
  log: Logger
  simulator: boolean
  /** Aborted when the process ends: a begun send is finished, and no other begins. */
  signal: AbortSignal
  /** Documents of one subscription that are sent at once by this process. */
  parallel?: number
  leaseMs?: number
  /** How long a program that is down is left alone between two messages. */
  probeMs?: number
  /** How long a program may take to answer. */
  answerMs?: number
}

/** The time of a send and its record, and a while in which the process may be slow. */
const defaultLeaseMs = 2 * longestAnswerMs
const defaultParallel = 8
const defaultProbeMs = 5000
/** The rights of the keepers are looked at again after this time. */
const rightsMs = 5 * secondMs
/** A document with more messages lets others go first after these. */
const longestChain = 50

/** Sends webhooks. `turn` begins with due messages and returns the number of documents; `settled` waits for the begun sends. */
export function startDeliveries(parts: DeliveryParts) {
  const { db, ring, parallel = defaultParallel, leaseMs = defaultLeaseMs, probeMs = defaultProbeMs } = parts
  const begun = new Map<string, Set<Promise<void>>>()
  const probedAt = new Map<string, number>()
  const running = (id: string) => begun.get(id)?.size ?? 0

  /** A program that is down is asked by one message, and not again at once, so that its messages keep their attempts. */
  function freeOf(id: string, failures: number): number {
    if (failures < failuresToProbe) return parallel
    const now = performance.now()
    if (now - (probedAt.get(id) ?? Number.NEGATIVE_INFINITY) < probeMs) return 0
    probedAt.set(id, now)
    return 1
  }

  let lookedAt = Number.NEGATIVE_INFINITY
  async function stopLost(): Promise<void> {
    if (performance.now() - lookedAt < rightsMs) return
    lookedAt = performance.now()
    for (const id of await stopUngranted(db))
      parts.log.warn({ subscription: id }, 'a webhook stopped: its keeper may no longer read the documents')
  }

  async function turn(): Promise<number> {
    await stopLost()
    const active = await activeSubscriptions(db)
    const slots = active
      .map(({ id, failures }) => ({ id, free: freeOf(id, failures) - running(id) }))
      .filter(({ free }) => free > 0)
    if (slots.length === 0) return 0
    const claimedAt = performance.now()
    const first = await claimFirst(db, slots, leaseMs)
    for (const message of first) begin(message, active, claimedAt)
    return first.length
  }

  function begin(message: Claimed, active: readonly Active[], claimedAt: number): void {
    const { subscriptionId } = message
    const subscription = active.find(({ id }) => id === subscriptionId)
    if (!subscription) return
    const sendings = begun.get(subscriptionId) ?? new Set()
    begun.set(subscriptionId, sendings)
    // In the promise, so that credentials which cannot be opened stop no other subscription.
    const send = async () =>
      sendInTurn(parts, {
        message,
        receiver: openReceiver(ring, subscription.credentials),
        claimedAt,
        leaseMs,
      })
    const sending = send()
      .catch((error: unknown) =>
        parts.log.error({ err: error, message: message.id }, 'a webhook was not recorded'),
      )
      .finally(() => sendings.delete(sending))
    sendings.add(sending)
  }

  return {
    turn,
    /** Waits for one of the documents that are being sent; for ever if there is none. */
    async oneSettled() {
      await Promise.race([...begun.values()].flatMap((sendings) => [...sendings]))
    },
    async settled() {
      await Promise.all([...begun.values()].flatMap((sendings) => [...sendings]))
    },
  }
}

type Sending = { message: Claimed; receiver: Receiver; claimedAt: number; leaseMs: number }

/**
 * Sends the messages of one document one after the other, until one fails. A message is sent outside of any transaction and recorded
 * afterwards, so after a kill between the two it is sent once more. A process that was frozen after its claim sends nothing, because
 * another one may have taken over.
 */
async function sendInTurn(parts: DeliveryParts, { receiver, leaseMs, ...sending }: Sending): Promise<void> {
  const { db, log, simulator, signal, answerMs = longestAnswerMs } = parts
  let message: Claimed | undefined = sending.message
  let { claimedAt } = sending
  for (let sent = 0; message; sent += 1) {
    if (signal.aborted || sent >= longestChain) return giveBack(db, message)
    if (performance.now() - claimedAt > leaseMs - answerMs) return
    const attempt = await sendWebhook(receiver, message, { now: sharedNow(), simulator, answerMs })
    const { subscriptionId, id, kind } = message
    if (attempt.failure) {
      log.warn(
        { subscription: subscriptionId, message: id, kind, why: attempt.failure.en },
        'a webhook was not taken',
      )
      await recordFailed(db, message, attempt)
      return noteFailure(db, subscriptionId, attempt)
    }
    await noteSuccess(db, subscriptionId)
    claimedAt = performance.now()
    message = await recordDelivered(db, message, attempt, leaseMs)
  }
}
