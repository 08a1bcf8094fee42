import { createListings } from './goods.ts'
import { createLabels, type Labels } from './labels.ts'
import type { Refund, Session, Shop, ShopOptions, Trade } from './model.ts'
import { createLog } from './modified-log.ts'
import type { ParcelFate } from './parcels.ts'
import { createPeople, type Person } from './people.ts'
import { createRandom, hash32, type Random } from './random.ts'

/** In milliseconds since the epoch. */
export interface Clock {
  now(): number
}

/** A clock that only moves when `advance` is called, for tests and load. */
export interface ManualClock extends Clock {
  advance(ms: number): void
}

export function manualClock(startMs: number): ManualClock {
  let time = startMs
  return {
    now: () => time,
    advance: (ms) => {
      time += ms
    },
  }
}

/** An action of the client on the platform, kept so that a test can count its effects. */
export interface Activity {
  shop: string
  action: string
  key: string
  /** In epoch seconds. */
  at: number
  /** False if the platform refused it. */
  accepted: boolean
  detail: Record<string, string>
}

export interface World {
  seed: string
  clock: Clock
  random: Random
  people: Person[]
  shops: Shop[]
  /** All access tokens, including expired ones. */
  sessions: Map<string, Session>
  refreshTokens: Map<string, Shop>
  /** Authorisation codes that are not exchanged yet, and when each was given. */
  codes: Map<string, Shop>
  codeTimes: Map<string, number>
  openRefunds: Set<Refund>
  deeds: Activity[]
  /** The trade for which a waybill was first used. */
  waybills: Map<string, Trade>
  /** The waybill numbers that the e-waybill services gave. */
  labels: Labels
  /** How parcels fare, by waybill; others arrive. */
  fates: Map<string, ParcelFate>
  /** The base URL of the pictures; set once the server listens. */
  url: string
  nextNumber: number
  nextRefund: number
  nextToken: number
  lastVersion: number
}

/** Creates a world with shops and buyers but without trades. */
export function createWorld(seed: string, shops: readonly ShopOptions[], clock: Clock): World {
  const random = createRandom(`world:${seed}`)
  const world: World = {
    seed,
    clock,
    random,
    people: createPeople(createRandom(`people:${seed}`), 4000),
    shops: [],
    sessions: new Map(),
    refreshTokens: new Map(),
    codes: new Map(),
    codeTimes: new Map(),
    openRefunds: new Set(),
    deeds: [],
    waybills: new Map(),
    labels: createLabels(),
    fates: new Map(),
    url: '',
    nextNumber: 10_573_361_882,
    nextRefund: 23_905_517_004_000,
    nextToken: 0,
    lastVersion: 0,
  }
  for (const options of shops) openShop(world, options)
  return world
}

/** Adds a shop with its listings and its first session. */
export function openShop(world: World, options: ShopOptions): Shop {
  const shop: Shop = {
    options,
    key: options.key,
    platform: options.platform,
    listings: createListings(options.key, options.platform, nowSeconds(world)),
    trades: new Map(),
    byCreated: [],
    byCreatedSorted: true,
    types: new Set(),
    refunds: new Map(),
    tradeLog: createLog<Trade>(),
    refundLog: createLog<Refund>(),
    random: createRandom(`shop:${world.seed}:${options.key}`),
  }
  world.shops.push(shop)
  world.sessions.set(options.sessionKey, { shop, expires: Number.POSITIVE_INFINITY })
  world.refreshTokens.set(options.refreshToken, shop)
  return shop
}

export function shopByKey(world: World, key: string): Shop | undefined {
  return world.shops.find((shop) => shop.key === key)
}

/** Returns the present time in whole epoch seconds, since the platforms' times are no finer. */
export function nowSeconds(world: World): number {
  return Math.floor(world.clock.now() / 1000)
}

/** Issues a new access token and refresh token for a shop; earlier access tokens stay valid until they expire. */
export function issueTokens(
  world: World,
  shop: Shop,
  lifeSeconds: number,
): { access: string; refresh: string } {
  world.nextToken++
  const stem = `${world.seed}:${shop.key}:${world.nextToken}`
  const hex = [0, 1, 2, 3, 4, 5].map((i) => hash32(`${stem}:${i}`).toString(16).padStart(8, '0')).join('')
  const isBare = shop.platform === 'pinduoduo' || shop.platform === 'weixin'
  const access = `${isBare ? '' : '6100'}${hex}`
  const refresh = `${isBare ? '' : '6101'}${hex.split('').reverse().join('')}`
  world.sessions.set(access, { shop, expires: nowSeconds(world) + lifeSeconds })
  world.refreshTokens.set(refresh, shop)
  return { access, refresh }
}

/** Expires every access token of a shop, so that the client must refresh or authorise again. */
export function expireSessions(world: World, shop: Shop): void {
  for (const session of world.sessions.values()) {
    if (session.shop === shop) session.expires = 0
  }
}

/** Adds an action of the client to the world's record. */
export function recordActivity(world: World, shop: Shop, activity: Omit<Activity, 'shop' | 'at'>): void {
  world.deeds.push({ ...activity, shop: shop.key, at: nowSeconds(world) })
}

/** What a shipping says of its parcels, and the platform's answer. */
export interface Shipping {
  company: string
  waybill: string
  lines: readonly string[]
  accepted: boolean
  /** The platform's word for its refusal, if the record keeps it. */
  error?: string | undefined
}

/** Adds a shipping of the client to the world's record. */
export function recordShipping(
  world: World,
  { shop, tid }: Trade,
  { company, waybill, lines, accepted, error }: Shipping,
): void {
  const detail = { company, waybill, lines: lines.join(), ...(error === undefined ? {} : { error }) }
  recordActivity(world, shop, { action: 'ship', key: tid, accepted, detail })
}
