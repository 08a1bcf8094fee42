import { setTimeout as sleep } from 'node:timers/promises'

// `callShop` (server/shops/calls.ts) sends every call through the limiter of its process. A ban by the platform is also stored in
// `shop_gate`, where every process reads it.

export type Rate = { perSecond: number; concurrent: number }

export type Limiter = {
  /** Waits for a free slot and the next start time, then runs `work`. Rejects with the signal's reason if the signal aborts before that. */
  run<T>(key: string, rate: Rate, work: () => Promise<T>, signal?: AbortSignal): Promise<T>
  /**
   * The platform has refused a call as one too many: no work with this key starts for `forMs` (a ban that ends later is kept), and then it
   * starts more slowly, until none is refused. From time to time a little more is tried, so that the rate returns by itself.
   */
  ban(key: string, forMs: number): void
  /** Milliseconds until the ban ends; 0 without a ban. */
  bannedForMs(key: string): number
}

/** The state of one key. Times are `performance.now()`, which does not change when the machine's clock is set. */
type Bucket = {
  nextAt: number
  running: number
  bannedUntil: number
  /** Calls that wait for a free slot. */
  waiting: (() => void)[]
  /** The number of calls that wait for their start time, and the promise of the last one. */
  queued: number
  turn: Promise<void>
  learned: LearnedShare
}

/**
 * A twentieth of the rate stays unused: requests sent evenly may arrive together, and the platform's second begins at another moment than
 * ours.
 */
const usedShare = 0.95
/** At most this many milliseconds are caught up after a late timer. Catching up more would send a burst of calls. */
const catchUpMs = 20

/**
 * Limits the calls of each key: starts are evenly spaced, never more than `perSecond` within a second, at most `concurrent` at a time, none
 * during a ban. Each process limits only itself, so a shop's rate must be its quota divided by the number of workers. A ban of the platform
 * reaches every worker through `shop_gate`.
 */
export function createLimiter(): Limiter {
  const buckets = new Map<string, Bucket>()
  const bucketOf = (key: string): Bucket => {
    const known = buckets.get(key)
    if (known) return known
    const made = {
      ...{ nextAt: 0, running: 0, bannedUntil: 0, waiting: [], queued: 0, turn: Promise.resolve() },
      learned: newShare(),
    }
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
      const now = performance.now()
      bucket.bannedUntil = Math.max(bucket.bannedUntil, now + forMs)
      refuse(bucket.learned, now, forMs)
    },
    bannedForMs(key) {
      return Math.max(0, (buckets.get(key)?.bannedUntil ?? 0) - performance.now())
    },
  }
}

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

/** Waits for the start time, one call after the other. A ban may begin during the wait, so the time is computed again after it. */
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
    const now = performance.now()
    bucket.nextAt = Math.max(bucket.nextAt, now - catchUpMs) + gapAfterCall(bucket.learned, rate.perSecond)
  } finally {
    bucket.queued -= 1
    mine.resolve()
  }
}

/**
 * The part of a rate that a platform takes now, learned from what it refuses. Only calls prove that a share is taken, so times are those
 * that the calls themselves need at that share: an idle hour proves nothing.
 */
type LearnedShare = {
  share: number
  /** The share that the platform is believed to take. After a refusal by chance the share returns to it within minutes. */
  target: number
  /** The share before the last increase; 0: the last change was a refusal, or there was none. */
  before: number
  /** The next increase beyond the target, and the milliseconds of calls before it. */
  step: number
  pauseMs: number
  /** Milliseconds of calls since the share changed. */
  calledMs: number
  /** Until this time of `performance.now()` a refusal is that of a call which was under way at the last one; null: none was refused yet. */
  underWayUntil: number | null
}

/** What a refusal leaves: of a rate that was never refused; of a share that was taken for a minute; of one that was not. */
const kept = { first: 0.7, proven: 0.9, unproven: 0.7 }
/** Where a refusal costs half a minute or more, a second one costs more than calls at half the rate. */
const keptAfterLong = { first: 0.47, proven: 0.8, unproven: 0.6 }
const longMs = 30_000
const leastShare = 1 / 16
/** A share that was taken for a minute of calls is nearly right: calls of one second that arrive in another are refused too. */
const provenMs = 60_000
/** Refusals within this time concern calls that were under way already. */
const sameMs = 1000
/** What an increase that was refused leaves of the share before it. */
const keptOfTry = 0.97
/** The way back to the target, as a multiple of the share. */
const wayBack = 1.3
/** More than the target is tried after this time of calls without a refusal; after a try that failed later and later, up to `mostPauses` times this. */
const shortestPauseMs = 30_000
const mostPauses = 4
/** A try that fails costs the time for which the platform then takes no call, so tries are at least this many times as far apart. */
const triesApart = 20
const longestApartMs = 1_200_000
const firstStep = 0.02

export const newShare = (): LearnedShare => ({
  share: 1,
  target: 1,
  before: 0,
  step: firstStep,
  pauseMs: shortestPauseMs,
  calledMs: 0,
  underWayUntil: null,
})

/** A refusal that lasts `forMs`: the share before the last increase, if that was refused; otherwise a part of the share. */
export function refuse(learned: LearnedShare, now: number, forMs: number): void {
  const { share, before, calledMs, underWayUntil } = learned
  if (underWayUntil !== null && now < underWayUntil) return
  const isTry = before > 0 && calledMs < provenMs
  const parts = forMs >= longMs ? keptAfterLong : kept
  const part = parts[calledMs >= provenMs ? 'proven' : underWayUntil === null ? 'first' : 'unproven']
  learned.share = isTry ? before * keptOfTry : Math.max(leastShare, share * part)
  if (isTry || (underWayUntil === null && calledMs < provenMs)) learned.target = learned.share
  const pauseMs = Math.max(shortestPauseMs, Math.min(longestApartMs, triesApart * forMs))
  learned.pauseMs = isTry ? Math.min(mostPauses * pauseMs, Math.max(pauseMs, 2 * learned.pauseMs)) : pauseMs
  learned.before = 0
  learned.step = firstStep
  learned.calledMs = 0
  learned.underWayUntil = now + Math.max(sameMs, forMs)
}

/** Returns the milliseconds from one call to the next. Tries a little more if the platform has refused none for a while. */
export function gapAfterCall(learned: LearnedShare, perSecond: number): number {
  const isBack = learned.share >= learned.target
  const pauseMs = isBack ? learned.pauseMs : Math.min(learned.pauseMs, provenMs)
  if (learned.share < 1 && learned.calledMs >= pauseMs) tryMore(learned)
  const gapMs = 1000 / (perSecond * usedShare * learned.share)
  learned.calledMs += gapMs
  return gapMs
}

function tryMore(learned: LearnedShare): void {
  const { share, target, before, step } = learned
  learned.before = share
  learned.calledMs = 0
  if (share < target) {
    learned.share = Math.min(target, share * wayBack)
    return
  }
  learned.target = share
  // The last try beyond the target was taken, so the next one is bolder.
  if (before > 0) learned.step = 2 * step
  learned.share = Math.min(1, share + learned.step)
}
