import type { Logger } from 'pino'
import type { ShopOpener } from '../tasks/kinds.ts'
import type { Room } from './claim.ts'
import type { ActionHandler } from './handlers.ts'
import type { Reachability } from './outage.ts'
import type { ClaimedAction } from './queries.ts'
import { ended, notOpened, performAction, putBack, type StepResult } from './runs.ts'
import { knownOutcome, type Taken } from './writer.ts'

/** What a shop's platform takes: requests a second, and at a time. */
export type Pace = { perSecond: number; concurrent: number }

export type ShopQueueDeps<Shop> = {
  log: Logger
  handlers: readonly ActionHandler<Shop>[]
  openShop: ShopOpener<Shop>
  /** Absent: a slow platform. */
  paceOf?: ((shop: Shop) => Pace) | undefined
  onTaken: (taken: Taken) => void
  /** A shop has room again, and there was more for it. */
  onRoom: () => void
}

type Claimed = { action: ClaimedAction; atMs: number }

/** What this process has in hand for one shop. */
type ShopQueue<Shop> = {
  shopId: string
  waiting: Claimed[]
  live: Set<Promise<void>>
  pace: Pace
  /** Kept while there is something in hand; it looks at its own row every few seconds. */
  shop: Promise<Shop> | undefined
  /** In a row, steps that the platform did not answer. */
  silences: number
  /** The platform is away, and the house is just being told: nothing more is to be begun. */
  closed: boolean
  filled: boolean
}

const slow: Pace = { perSecond: 4, concurrent: 4 }
/** A shop has so much in hand as it can send in this time: what is more urgent waits no longer, and rounds are few. */
const aheadSeconds = 1.5
const mostInHand = 300
/** A lease runs from the claim: what has waited so long might be taken for lost while it is on its way. */
const latestBeginMs = 15_000
/** One answer that did not come says little; so many in a row, that the platform is away. */
const silencesAway = 3

export type ShopQueues = {
  add(actions: readonly ClaimedAction[]): void
  /** What may be claimed: shops that are not named have nothing in hand. */
  rooms(): { usualRoom: number; rooms: Room[]; inHand: number }
  /** The house knows now whether the platforms of these shops answer. */
  noted(shopIds: Iterable<string>): void
  /** Gives back what has not begun, and settles when the rest has ended. */
  stop(): Promise<void>
}

/** One lane for each shop that has something in hand, so that nobody waits for another shop's pace or silence. */
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
      silences: 0,
      closed: false,
      filled: false,
    }
    lanes.set(shopId, made)
    return made
  }
  return {
    add(actions) {
      for (const [shopId, some] of Map.groupBy(actions, (action) => action.shopId)) {
        const lane = laneOf(shopId)
        lane.filled = some.length >= roomOf(lane)
        lane.waiting.push(...some.map((action) => ({ action, atMs: performance.now() })))
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

/** Never rejects. */
async function take<Shop>(
  parts: ShopQueueDeps<Shop>,
  lane: ShopQueue<Shop>,
  { action, atMs }: Claimed,
): Promise<void> {
  const isLate = performance.now() - atMs > latestBeginMs
  const verdict = isLate ? putBack(action, '', 0) : await stepResultOf(parts, lane, action)
  const word = wordOf(lane, action, verdict)
  parts.onTaken({ action, verdict, word })
  // The actions that wait are given back, so that none of them has to find out for itself.
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
  action: ClaimedAction,
): Promise<StepResult> {
  const known = knownOutcome(action.answer)
  if (known) return ended(known)
  const handler = parts.handlers.find(({ kind }) => kind === action.kind)
  if (!handler) return putBack(action, 'unknown_kind', 60_000)
  const log = parts.log.child({ action: action.id, kind: action.kind, shop: action.shopId })
  lane.shop ??= open(parts, lane)
  const opening = lane.shop
  try {
    const shop = await opening
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

/** What the step says about the platform. A probe always says something, so that the time of the next probe is set. */
function wordOf<Shop>(
  lane: ShopQueue<Shop>,
  { probe }: ClaimedAction,
  { platform, reauthorise }: StepResult,
): Reachability | undefined {
  if (reauthorise) lane.shop = undefined
  if (platform === 'here') lane.silences = 0
  if (platform === 'away') lane.silences += 1
  if (platform === 'here') return 'here'
  if (probe) return 'still_away'
  return lane.silences >= silencesAway ? 'away' : undefined
}
