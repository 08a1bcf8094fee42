import type { Logger } from 'pino'
import type { ShopOpener } from '../tasks/kinds.ts'
import type { Room } from './claim.ts'
import type { ActionHandler } from './handlers.ts'
import type { Reachability } from './outage.ts'
import type { ClaimedAction } from './queries.ts'
import { ended, notOpened, performAction, putBack, type StepResult } from './runs.ts'
import { knownOutcome, type Taken } from './writer.ts'

export type Pace = { perSecond: number; concurrent: number }

export type ShopQueueDeps<Shop> = {
  log: Logger
  handlers: readonly ActionHandler<Shop>[]
  openShop: ShopOpener<Shop>
  /** Returns the rate of a shop's calls. Undefined: every shop has the slow default rate. */
  paceOf?: ((shop: Shop) => Pace) | undefined
  onTaken: (taken: Taken) => void
  /** Called when the last claim filled a shop's queue and half of it is sent, so that more of the shop's actions are claimed. */
  onRoom: () => void
}

type Claimed = { action: ClaimedAction; atMs: number }

type ShopQueue<Shop> = {
  shopId: string
  waiting: Claimed[]
  live: Set<Promise<void>>
  pace: Pace
  /**
   * The opened shop, with its credentials. It is opened once and kept while the queue has actions; the shop's row is read again every few
   * seconds.
   */
  shop: Promise<Shop> | undefined
  /** When the last consecutive steps went that the platform did not answer, by `performance.now()`. */
  silences: number[]
  /** True from the moment at which the platform counts as away until the database has stored that; no further action begins meanwhile. */
  closed: boolean
  filled: boolean
}

const slow: Pace = { perSecond: 4, concurrent: 4 }
/** Seconds. A queue gets only as many actions as the shop can send in this time, so that an urgent action waits no longer than that. */
const aheadSeconds = 1.5
const mostInHand = 300
/**
 * Milliseconds. A lease begins with the claim. An action that has waited longer than this is not sent, because its lease might end during
 * the send.
 */
const latestBeginMs = 15_000
/** The number of consecutive unanswered calls after which the platform counts as away. A single one proves little. */
const silencesAway = 3
/**
 * Milliseconds after which an unanswered call counts no more. The platform may have answered another worker since, of which this one does not
 * learn.
 */
const silenceCountsMs = 60_000

export type ShopQueues = {
  /** `claimedAtMs`: a time before the claim of these actions, by `performance.now()`. */
  add(actions: readonly ClaimedAction[], claimedAtMs: number): void
  /** Returns how many actions may be claimed: `rooms` for each shop with a queue, `usualRoom` for any other shop. */
  rooms(): { usualRoom: number; rooms: Room[]; inHand: number }
  /** Called when the reachability of these shops' platforms was stored. */
  noted(shopIds: Iterable<string>): void
  /** Unclaims the actions that have not begun, and settles when the others have ended. */
  stop(): Promise<void>
}

/** Keeps one queue for each shop with claimed actions, so that no shop waits for another. */
export function createShopQueues<Shop>(parts: ShopQueueDeps<Shop>): ShopQueues {
  const lanes = new Map<string, ShopQueue<Shop>>()
  const laneOf = (shopId: string): ShopQueue<Shop> => {
    const known = lanes.get(shopId)
    if (known) return known
    const made: ShopQueue<Shop> = {
      shopId,
      waiting: [],
      live: new Set(),
      pace: slow,
      shop: undefined,
      silences: [],
      closed: false,
      filled: false,
    }
    lanes.set(shopId, made)
    return made
  }
  return {
    add(actions, atMs) {
      for (const [shopId, some] of Map.groupBy(actions, (action) => action.shopId)) {
        const lane = laneOf(shopId)
        lane.filled = some.length >= roomOf(lane)
        lane.waiting.push(...some.map((action) => ({ action, atMs })))
        if (lane.closed) giveBack(parts, lane, awayCode)
        start(parts, lane)
      }
    },
    noted(shopIds) {
      for (const shopId of shopIds) laneOf(shopId).closed = false
    },
    rooms() {
      const all = [...lanes.values()]
      const rooms = all.map((lane) => ({
        shopId: lane.shopId,
        room: isHalfEmpty(lane) && !lane.closed ? roomOf(lane) : 0,
      }))
      return { usualRoom: shareOf(slow), rooms, inHand: all.reduce((sum, lane) => sum + inHand(lane), 0) }
    },
    async stop() {
      for (const lane of lanes.values()) giveBack(parts, lane, '')
      await Promise.all([...lanes.values()].flatMap(({ live }) => [...live]))
    },
  }
}

const inHand = <Shop>({ waiting, live }: ShopQueue<Shop>) => waiting.length + live.size
const shareOf = ({ perSecond }: Pace) =>
  Math.min(mostInHand, Math.max(2, Math.ceil(perSecond * aheadSeconds)))
const roomOf = <Shop>(lane: ShopQueue<Shop>) => Math.max(0, shareOf(lane.pace) - inHand(lane))
const isHalfEmpty = <Shop>(lane: ShopQueue<Shop>) => inHand(lane) <= shareOf(lane.pace) / 2

function start<Shop>(parts: ShopQueueDeps<Shop>, lane: ShopQueue<Shop>): void {
  while (lane.live.size < lane.pace.concurrent) {
    const next = lane.waiting.shift()
    if (!next) return
    const done = take(parts, lane, next).finally(() => {
      lane.live.delete(done)
      start(parts, lane)
      if (inHand(lane) === 0) lane.shop = undefined
      if (lane.filled && isHalfEmpty(lane)) parts.onRoom()
    })
    lane.live.add(done)
  }
}

/** Performs one action. Never rejects. */
async function take<Shop>(
  parts: ShopQueueDeps<Shop>,
  lane: ShopQueue<Shop>,
  { action, atMs }: Claimed,
): Promise<void> {
  const verdict = await stepResultOf(parts, lane, { action, atMs })
  const word = wordOf(lane, action, verdict)
  parts.onTaken({ action, verdict, word })
  // The waiting actions are unclaimed. Otherwise each would wait for its own timeout.
  if (word === 'away') {
    lane.closed = true
    giveBack(parts, lane, awayCode)
  }
}

const awayCode = 'platform_away'

function giveBack<Shop>(parts: ShopQueueDeps<Shop>, lane: ShopQueue<Shop>, errorCode: string): void {
  for (const { action } of lane.waiting.splice(0))
    parts.onTaken({ action, verdict: putBack(action, errorCode, 0) })
}

async function stepResultOf<Shop>(
  parts: ShopQueueDeps<Shop>,
  lane: ShopQueue<Shop>,
  { action, atMs }: Claimed,
): Promise<StepResult> {
  const isLate = () => performance.now() - atMs > latestBeginMs
  if (isLate()) return putBack(action, '', 0)
  const known = knownOutcome(action.answer)
  if (known) return ended(known)
  const handler = parts.handlers.find(({ kind }) => kind === action.kind)
  if (!handler) return putBack(action, 'unknown_kind', 60_000)
  const log = parts.log.child({ action: action.id, kind: action.kind, shop: action.shopId })
  lane.shop ??= open(parts, lane)
  const opening = lane.shop
  try {
    const shop = await opening
    // Opening may have waited for a token, and the claim would end before the call.
    if (isLate()) return putBack(action, '', 0)
    return await performAction({ handler, action, shop, log })
  } catch (error) {
    if (lane.shop === opening) lane.shop = undefined
    return notOpened(action, error)
  }
}

async function open<Shop>({ openShop, paceOf }: ShopQueueDeps<Shop>, lane: ShopQueue<Shop>): Promise<Shop> {
  const shop = await openShop(lane.shopId, { signal: new AbortController().signal, onRequest: () => {} })
  if (paceOf) lane.pace = paceOf(shop)
  return shop
}

/**
 * Returns whether the platform answered the step; undefined if the step shows nothing. A probe always shows it, because the next probe
 * depends on it.
 */
function wordOf<Shop>(
  lane: ShopQueue<Shop>,
  { probe }: ClaimedAction,
  { platform, reauthorise }: StepResult,
): Reachability | undefined {
  if (reauthorise) lane.shop = undefined
  const { silences } = lane
  if (platform === 'here') silences.length = 0
  if (platform === 'away') silences.push(performance.now())
  if (silences.length > silencesAway) silences.shift()
  if (platform === 'here') return 'here'
  if (probe) return platform === 'elsewhere' ? 'not_asked' : 'still_away'
  const since = performance.now() - silenceCountsMs
  if (silences.filter((at) => at > since).length < silencesAway) return undefined
  // Counted anew from here: another worker's probe may open the shop again, and then a single silence proves little once more.
  silences.length = 0
  return 'away'
}
