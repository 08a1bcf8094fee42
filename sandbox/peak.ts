import type { FaultBoard } from './faults.ts'
import type { Platform, Shop } from './world/model.ts'
import type { Late } from './world/modified-log.ts'
import { nowSeconds, type World } from './world/world.ts'

/**
 * Peak hours (双11, 618, 99), as the platforms announce them: lists show a change minutes late, quotas are halved, and Taobao's answers
 * lack fields. Stripping of one platform alone is in its folder and asks `isPeak`.
 */
export interface Peak {
  /** How late lists show a change, in seconds. */
  staleSeconds: number
  /** True: from a tenth of `staleSeconds` to all of it. False: all of it. */
  uneven: boolean
  /** Calls per second of ordinary hours, of which peak hours leave half. 0: no limit. */
  quota: number
}

/** Calls per second of an application in ordinary hours. No platform publishes its own; third parties report numbers like these. */
const QUOTAS: Readonly<Record<Platform, number>> = {
  taobao: 20,
  tmall: 20,
  pinduoduo: 10,
  doudian: 20,
  weixin: 20,
  paipai: 10,
  kuaishou: 20,
  jd: 10,
  xiaohongshu: 10,
  woocommerce: 4,
  shopify: 2,
  // A mall is not asked: it posts.
  ownshop: 0,
}

export function startPeak(
  world: World,
  board: FaultBoard,
  shop: Shop,
  { staleSeconds = 600, uneven = false, quota = QUOTAS[shop.platform] }: Partial<Peak>,
): void {
  board.peaks.set(shop.key, { staleSeconds, uneven, quota })
  const late: Late = { now: () => nowSeconds(world), seconds: staleSeconds, uneven }
  shop.tradeLog.late = late
  shop.refundLog.late = late
}

export function endPeak(board: FaultBoard, shop: Shop): void {
  board.peaks.delete(shop.key)
  shop.tradeLog.late = null
  shop.refundLog.late = null
}

export const isPeak = (board: FaultBoard, shop: Shop): boolean => board.peaks.has(shop.key)

/** The seconds by which the shop's lists are late; 0 in ordinary hours. */
export const staleSeconds = (board: FaultBoard, shop: Shop): number =>
  board.peaks.get(shop.key)?.staleSeconds ?? 0

/** After a fault of the platform the same request has to wait this long in peak hours. */
const CALM_MS = 1000
/** The seconds of the ban for a request that did not wait. */
const PUNISHED_SECONDS = 10

/** Notes that this request was answered with a fault of the platform. */
export function noteIsp(board: FaultBoard, request: string, nowMs: number): void {
  board.ispAt.set(request, nowMs)
}

/** Returns the seconds for which a request is banned because it came again at once after a fault of the platform; 0: it is not. */
export function punishedSeconds(
  board: FaultBoard,
  shop: Shop,
  requestKey: () => string,
  nowMs: number,
): number {
  if (board.ispAt.size === 0) return 0
  const request = requestKey()
  const failedAt = board.ispAt.get(request)
  if (failedAt === undefined) return 0
  board.ispAt.delete(request)
  return isPeak(board, shop) && nowMs - failedAt < CALM_MS ? PUNISHED_SECONDS : 0
}
