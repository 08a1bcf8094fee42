import type { Call } from '../connectors/connector.ts'
import { banShop } from '../core/access/shop-gate.ts'
import { PlatformError } from '../lib/platform-error.ts'
import { minuteMs, secondMs } from '../lib/time.ts'
import type { OpenedShop } from './calls.ts'

/** The limiter delays a request during a ban, at most this often. */
const maxBans = 5
/** Milliseconds. A ban that lasts longer than this ends the call. */
const longestBanMs = minuteMs

type Turns = {
  withinQuota: NonNullable<Call['withinQuota']>
  /** When the last request was sent (`performance.now()`); undefined: none was sent yet. */
  sentAt: number | undefined
}

/**
 * Sends each request of one call when the quota of its app allows it. A call may need many requests, such as a page of a list with a detail
 * for each row, so the whole call cannot count as one. A request that was refused as one too many did nothing and is sent again after the
 * pause, because repeating the whole call would spend the quota again.
 */
export function requestsWithinQuota(opened: OpenedShop, signal: AbortSignal | undefined): Turns {
  const turns: Turns = { sentAt: undefined, withinQuota }
  return turns
  async function withinQuota<Answer>(send: () => Promise<Answer>): Promise<Answer> {
    for (let bans = 1; ; bans += 1) {
      refuseLongBan(opened)
      try {
        return await opened.limiter.run(
          opened.limiterKey,
          opened.rate,
          () => {
            turns.sentAt = performance.now()
            return send()
          },
          signal,
        )
      } catch (error) {
        if (signal?.aborted && error === signal.reason)
          throw turns.sentAt === undefined ? noTurn(opened, error) : stoppedBetween(error)
        if (!(error instanceof PlatformError) || error.kind !== 'rate_limited' || error.unclear) throw error
        await afterRefusal(opened, error, bans)
      }
    }
  }
}

/** The requests that were sent before may have had their effect. */
const stoppedBetween = (cause: unknown) =>
  new PlatformError('retry', 'aborted', 'The call was stopped between two requests.', {
    unclear: true,
    cause,
  })

/** The call certainly had no effect. A ban that made it wait is stored by its caller, so that no process claims work for the shop meanwhile. */
const noTurn = ({ limiter, limiterKey }: OpenedShop, cause: unknown) =>
  new PlatformError('rate_limited', 'no_turn', 'The call was stopped before its turn; nothing was sent.', {
    waitMs: limiter.bannedForMs(limiterKey),
    cause,
  })

/** Returns if the request may be sent again after the ban; otherwise throws the refusal. */
async function afterRefusal(opened: OpenedShop, refusal: PlatformError, bans: number): Promise<void> {
  const waitMs = refusal.waitMs || secondMs
  opened.limiter.ban(opened.limiterKey, waitMs)
  if (bans <= maxBans && waitMs <= longestBanMs) return
  // The ban is stored, so that no process begins a run of this shop before its end.
  await banShop(opened.deps.db, opened.shop.id, waitMs)
  throw refusal
}

function refuseLongBan({ limiter, limiterKey }: OpenedShop): void {
  const leftMs = limiter.bannedForMs(limiterKey)
  if (leftMs <= longestBanMs) return
  const seconds = Math.ceil(leftMs / secondMs)
  throw new PlatformError('rate_limited', 'banned', `Banned for ${seconds} more seconds.`, { waitMs: leftMs })
}
