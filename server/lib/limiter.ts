import { setTimeout as sleep } from 'node:timers/promises'

export type Rate = { perSecond: number; concurrent: number }

export type Limiter = {
  /** Waits for its turn and a free place, then works. Rejects with the signal's reason when aborted while waiting. */
  run<T>(key: string, rate: Rate, work: () => Promise<T>, signal?: AbortSignal): Promise<T>
  /** Nobody with this key starts for so long. A later end stands. */
  ban(key: string, forMs: number): void
  /** How long a ban still lasts; 0 without one. */
  bannedForMs(key: string): number
}

/** Moments are `performance.now()`: a clock that is set, forward or back, holds nobody up. */
type Bucket = {
  nextAt: number
  running: number
  bannedUntil: number
  /** For a free place. */
  waiting: (() => void)[]
  /** Those who wait for their turn, and when the last of them has begun. */
  queued: number
  turn: Promise<void>
}

/** Requests that leave evenly may arrive bunched, and the platform's second does not begin with ours: a twentieth of the rate stays unused. */
const usedShare = 0.95
/** A timer that fires late is caught up with by so much at most; more would be a burst. */
const catchUpMs = 20

/**
 * One caller's share of a platform: starts evenly spaced, never more than `perSecond` within a second, at most `concurrent` at a time, none during
 * a ban. In this process only: several workers each keep to the rate by themselves, so set a shop's rate to its quota
 * divided by the workers; what the platform says all the same (a ban) reaches every worker through `shop_gate`.
 */
export function createLimiter(): Limiter {
  const buckets = new Map<string, Bucket>()
  const bucketOf = (key: string): Bucket => {
    const known = buckets.get(key)
    if (known) return known
    const made = { nextAt: 0, running: 0, bannedUntil: 0, waiting: [], queued: 0, turn: Promise.resolve() }
    buckets.set(key, made)
    return made
  }
  return {
    async run(key, rate, work, signal) {
      const bucket = bucketOf(key)
      await place(bucket, rate, signal)
      try {
        await turn(bucket, rate, signal)
        return await work()
      } finally {
        bucket.running -= 1
        bucket.waiting.shift()?.()
      }
    },
    ban(key, forMs) {
      const bucket = bucketOf(key)
      bucket.bannedUntil = Math.max(bucket.bannedUntil, performance.now() + forMs)
    },
    bannedForMs(key) {
      return Math.max(0, (buckets.get(key)?.bannedUntil ?? 0) - performance.now())
    },
  }
}

/** First come, first served. */
async function place(bucket: Bucket, rate: Rate, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted()
  while (bucket.running >= rate.concurrent) {
    await new Promise<void>((settle, fail) => {
      const go = () => {
        signal?.removeEventListener('abort', giveUp)
        settle()
      }
      const giveUp = () => {
        bucket.waiting = bucket.waiting.filter((one) => one !== go)
        fail(signal?.reason)
      }
      signal?.addEventListener('abort', giveUp, { once: true })
      bucket.waiting.push(go)
    })
  }
  bucket.running += 1
}

/** One after the other. A ban may come or grow while we wait for the turn; so it is asked again. */
async function turn(bucket: Bucket, rate: Rate, signal: AbortSignal | undefined): Promise<void> {
  if (bucket.queued === 0) bucket.nextAt = Math.max(bucket.nextAt, performance.now())
  bucket.queued += 1
  const before = bucket.turn
  const mine = Promise.withResolvers<void>()
  bucket.turn = mine.promise
  try {
    await before
    const waitMs = () => Math.max(bucket.nextAt, bucket.bannedUntil) - performance.now()
    for (let ms = waitMs(); ms > 0; ms = waitMs())
      await sleep(ms, undefined, signal ? { signal } : {}).catch(() => signal?.throwIfAborted())
    signal?.throwIfAborted()
    bucket.nextAt =
      Math.max(bucket.nextAt, performance.now() - catchUpMs) + 1000 / (rate.perSecond * usedShare)
  } finally {
    bucket.queued -= 1
    mine.resolve()
  }
}
