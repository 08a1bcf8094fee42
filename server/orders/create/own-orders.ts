import { createHash } from 'node:crypto'
import type { Actor } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { facet, has, hashFacet, idFacet } from '../../lib/facets.ts'
import { maskReceiver, regionOf } from '../../lib/mask.ts'
import { buyerKeyMonth, makeBuyerKeys, receiverHashes } from '../../lib/people.ts'
import { type KeyRing, seal } from '../../lib/seal.ts'
import { shortRegion, textHash } from '../../lib/text-hash.ts'
import { enqueueUnmatched } from '../allocation/goods-jobs.ts'
import { reserveWithGifts } from '../gifts/give.ts'
import { lockOwnerKey } from '../order/access.ts'
import { flagFacets, lineFacets, originFacet } from '../order/facets.ts'
import type { OffPlatformOrigin } from '../order/lifecycle.ts'
import { ordersOfNumbers } from '../order/numbers.ts'
import type { Personal } from '../order/personal.ts'
import { acceptOrders } from './accept.ts'
import { type OffPlatformRow, offPlatformRelation, writeOrderOnlyFields } from './own-order-queries.ts'

/** A line in the form of a trade's line (TradeLine), with its SKU if that is known without a listing. */
export type OffPlatformLine = {
  ownSkuId: string | null
  oid: string
  itemId: string
  skuId: string
  outerItemId: string
  outerSkuId: string
  title: string
  spec: string
  pictureUrl: string
  quantity: number
  priceFen: number
  discountFen: number
  paymentFen: number
}

/** An order without a trade. The unique key (`outerNo`, shop) keeps it from being created twice. */
export type OffPlatformOrder = {
  shopId: string
  outerNo: string
  origin: OffPlatformOrigin
  personal: Personal
  lines: readonly OffPlatformLine[]
  postFeeFen: number
  paidAt: Date | null
  cod: boolean
  orderedAt: Date
  sellerMemo: string
  ownNote: string
  courier: string
  urgent: boolean
}

export type Made = { id: string; no: string; known: boolean }

/**
 * Makes a trade number for an order without one: a hash of user and idempotency key, so that a repeated request gets the same number.
 */
export function numberFor(actor: Actor, key: string): string {
  const digest = createHash('sha256')
    .update(`${lockOwnerKey(actor)}\0${key}`)
    .digest('hex')
  return `M${BigInt(`0x${digest.slice(0, 12)}`)
    .toString()
    .padStart(15, '0')}`
}

export const offPlatformKey = ({ shopId, outerNo }: Pick<OffPlatformOrder, 'shopId' | 'outerNo'>) =>
  `${shopId}/${outerNo}`

/**
 * Creates off-platform orders like the conversion of trades does: lines with their SKUs, a warehouse, holds for unmatched lines, gifts (not
 * for a reship), and last the reservations. Returns the orders by `offPlatformKey`. If the shop already has an order with this trade
 * number, also one of a trade, the existing order is returned.
 */
export async function createOffPlatformOrders(
  tx: Tx,
  ring: KeyRing,
  orders: readonly OffPlatformOrder[],
  actor: Actor,
): Promise<Map<string, Made>> {
  if (orders.length === 0) return new Map()
  const byKey = new Map(orders.toReversed().map((order) => [offPlatformKey(order), order]))
  const answers = new Map<string, Made>()
  for (const { shopId, tid, id, no } of await ordersOfNumbers(tx, [...byKey.values()]))
    answers.set(`${shopId}/${tid}`, { id, no, known: true })
  const fresh = [...byKey].filter(([key]) => !answers.has(key)).map(([, order]) => order)
  if (fresh.length === 0) return answers
  const made = await acceptOrders(tx, offPlatformRelation(fresh.map((order) => rowOf(ring, order))), actor)
  for (const { shopId, tid, id, no } of made) answers.set(`${shopId}/${tid}`, { id, no, known: false })
  // Trade numbers without a new order: a concurrent transaction has created these orders since the first query, so they are read.
  const missed = fresh.filter((order) => !answers.has(offPlatformKey(order)))
  for (const { shopId, tid, id, no } of await ordersOfNumbers(tx, missed))
    answers.set(`${shopId}/${tid}`, { id, no, known: true })
  await writeOrderOnlyFields(
    tx,
    made.flatMap(({ id, shopId, tid }) => {
      const order = byKey.get(`${shopId}/${tid}`)
      return order ? [{ id, courier: order.courier, ownNote: order.ownNote, urgent: order.urgent }] : []
    }),
  )
  await enqueueUnmatched(
    tx,
    made.filter(({ unmatched }) => unmatched).map(({ id }) => id),
  )
  await reserveWithGifts(
    tx,
    made.map(({ id }) => id),
    actor,
  )
  return answers
}

function rowOf(ring: KeyRing, order: OffPlatformOrder): OffPlatformRow {
  const { personal, lines } = order
  return {
    ...order,
    facets: facetsOf(order),
    people: makeBuyerKeys(ring, buyerKeyMonth(order.orderedAt), personal),
    receiverMasked: maskReceiver(personal.receiver),
    receiverHash:
      receiverHashes(ring, personal.receiver, { shopId: order.shopId, nick: personal.nick })[0] ?? 0,
    region: regionOf(personal.receiver),
    sealed: seal(ring, order.shopId, JSON.stringify(personal)),
    linesJson: JSON.stringify(lines),
  }
}

/** Makes the facets that an order has in common with a trade (intake/staged/trade-columns.ts), and those of urgency and origin. */
function facetsOf(order: OffPlatformOrder): number[] {
  const { receiver } = order.personal
  return [
    ...new Set([
      idFacet('shop', order.shopId),
      facet('flag', 0),
      facet('has', has.noMessage),
      facet('has', order.sellerMemo ? has.memo : has.noMemo),
      facet('has', order.cod ? has.cod : has.noCod),
      ...(receiver.province ? [hashFacet('province', textHash(shortRegion(receiver.province)))] : []),
      ...lineFacets(order.lines),
      ...(order.urgent ? [flagFacets.urgent] : []),
      originFacet(order.origin),
    ]),
  ]
}
