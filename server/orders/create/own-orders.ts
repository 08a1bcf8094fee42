import { createHash } from 'node:crypto'
import type { Receiver } from '../../connectors/connector.ts'
import type { Actor } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { facet, has, hashFacet, idFacet } from '../../lib/facets.ts'
import { maskReceiver, regionOf } from '../../lib/mask.ts'
import { personKeys, personMonth, receiverHashes } from '../../lib/people.ts'
import { type KeyRing, seal } from '../../lib/seal.ts'
import { shortRegion, textHash } from '../../lib/text-hash.ts'
import { lookAgain } from '../allocation/goods-jobs.ts'
import { reserveWithGifts } from '../gifts/give.ts'
import { deskFacets, lineFacets, originFacet } from '../order/facets.ts'
import type { OwnOrigin } from '../order/lifecycle.ts'
import { holderKey } from '../order/transition.ts'
import { acceptOrders } from './accept.ts'
import { type OwnRow, ordersOfNumbers, ownRelation, writeDeskFields } from './own-order-queries.ts'

/** What the seal holds. */
export type Personal = { nick: string; receiver: Receiver }

/** A line as converting knows it (TradeLine), with its SKU where that is known without a listing. */
export type OwnLine = {
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

/** An order that no trade stands behind. `outerNo` and the shop decide that it is made once. */
export type OwnOrder = {
  shopId: string
  outerNo: string
  origin: OwnOrigin
  personal: Personal
  lines: readonly OwnLine[]
  postFeeFen: number
  paidAt: Date | null
  cod: boolean
  orderedAt: Date
  sellerMemo: string
  ownNote: string
  /** A code of connectors/couriers.ts; empty: none chosen. */
  courier: string
  urgent: boolean
}

/** `known`: it was there already. */
export type Made = { id: string; no: string; known: boolean }

/** The number of an order that has none: the same for the same act of the same person, however often it is sent. */
export function numberFor(actor: Actor, key: string): string {
  const digest = createHash('sha256')
    .update(`${holderKey(actor)}\0${key}`)
    .digest('hex')
  return `M${BigInt(`0x${digest.slice(0, 12)}`)
    .toString()
    .padStart(15, '0')}`
}

export const ownKey = ({ shopId, outerNo }: Pick<OwnOrder, 'shopId' | 'outerNo'>) => `${shopId}/${outerNo}`

/**
 * Makes them the way that converting does: lines with their SKUs, a warehouse, holds of what is unmatched, gifts (but for what is sent
 * once more), and stock, which is asked last. Answers by `ownKey`. A number that the shop has already, be it a trade's, makes nothing and answers that
 * order.
 */
export async function makeOwnOrders(
  tx: Tx,
  ring: KeyRing,
  orders: readonly OwnOrder[],
  actor: Actor,
): Promise<Map<string, Made>> {
  if (orders.length === 0) return new Map()
  const byKey = new Map(orders.toReversed().map((order) => [ownKey(order), order]))
  const answers = new Map<string, Made>()
  for (const { shopId, tid, id, no } of await ordersOfNumbers(tx, [...byKey.values()]))
    answers.set(`${shopId}/${tid}`, { id, no, known: true })
  const fresh = [...byKey].filter(([key]) => !answers.has(key)).map(([, order]) => order)
  if (fresh.length === 0) return answers
  const made = await acceptOrders(tx, ownRelation(fresh.map((order) => rowOf(ring, order))), actor)
  for (const { shopId, tid, id, no } of made) answers.set(`${shopId}/${tid}`, { id, no, known: false })
  // Made by somebody else in this very moment.
  const missed = fresh.filter((order) => !answers.has(ownKey(order)))
  for (const { shopId, tid, id, no } of await ordersOfNumbers(tx, missed))
    answers.set(`${shopId}/${tid}`, { id, no, known: true })
  await writeDeskFields(
    tx,
    made.flatMap(({ id, shopId, tid }) => {
      const order = byKey.get(`${shopId}/${tid}`)
      return order ? [{ id, courier: order.courier, ownNote: order.ownNote, urgent: order.urgent }] : []
    }),
  )
  await lookAgain(
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

function rowOf(ring: KeyRing, order: OwnOrder): OwnRow {
  const { personal, lines } = order
  return {
    ...order,
    facets: facetsOf(order),
    people: personKeys(ring, personMonth(order.orderedAt), personal),
    receiverMasked: maskReceiver(personal.receiver),
    receiverHash:
      receiverHashes(ring, personal.receiver, { shopId: order.shopId, nick: personal.nick })[0] ?? 0,
    region: regionOf(personal.receiver),
    sealed: seal(ring, order.shopId, JSON.stringify(personal)),
    linesJson: JSON.stringify(lines),
  }
}

/** Those that a trade brings along (intake/trade-columns.ts), and what the desk says of it. */
function facetsOf(order: OwnOrder): number[] {
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
      ...(order.urgent ? [deskFacets.urgent] : []),
      originFacet(order.origin),
    ]),
  ]
}
