import { type Json, part, rows, textIn, texts } from '../json-parts.ts'
import { setTradeStatus, ship, touchTrade } from '../world/change.ts'
import { isShippable, type Line, type Trade } from '../world/model.ts'
import { hash32 } from '../world/random.ts'
import {
  addParcel,
  changeParcel,
  firstWaybillOf,
  type Parcel,
  parcelsOf,
  recordParcels,
  type SentParcel,
} from '../world/sent-parcels.ts'
import {
  type Args,
  askedTrade,
  connection,
  gid,
  numberIn,
  type Resolver,
  type ShopifyCall,
  userError,
  utc,
} from './call.ts'
import { linesAt, piecesToSend } from './pieces.ts'
import { isHeld } from './statuses.ts'

/** A work order has the number of its order with that of its place behind, and its rows have those of the lines. */
const workId = (trade: Trade, place: number) => gid('FulfillmentOrder', `${trade.tid}${place + 1}`)
const workRowId = ({ oid }: Line) => gid('FulfillmentOrderLineItem', `7${oid}`)
/** Goods from two places may leave with one waybill, and are still two parcels. The number of a parcel is a 64-bit one, as on the platform. */
const parcelNumber = ({ tid }: Trade, parcel: Parcel) => {
  const name = `${tid} ${firstWaybillOf(parcel)} ${parcel.goods[0]?.line.oid}`
  return BigInt(hash32(name)) * 100_000n + BigInt(hash32(`${name} again`) % 100_000)
}

export function fulfillmentObject(trade: Trade, parcel: Parcel, call: ShopifyCall) {
  const id = parcelNumber(trade, parcel)
  return {
    __typename: 'Fulfillment',
    id: gid('Fulfillment', id),
    legacyResourceId: String(id),
    name: `#${trade.tid.slice(-6)}.1`,
    status: 'SUCCESS',
    createdAt: utc(parcel.at || trade.modified),
    updatedAt: utc(parcel.at || trade.modified),
    totalQuantity: parcel.goods.reduce((sum, { pieces }) => sum + pieces, 0),
    trackingInfo: () => [
      {
        company: parcel.courier,
        number: parcel.waybill,
        url: `https://tracking.example.com/${parcel.waybill}`,
      },
    ],
    fulfillmentLineItems: connection(
      parcel.goods.map(({ line, pieces }) => ({
        id: gid('FulfillmentLineItem', `8${line.oid}`),
        quantity: pieces,
        lineItem: () => call.make.line(trade, line),
      })),
    ),
  }
}

export const fulfillment: Resolver = ({ id }, call) => {
  const number = numberIn('Fulfillment', id)
  const trade = tradeWith(number, call)
  const parcel = trade && parcelsOf(trade).find((one) => String(parcelNumber(trade, one)) === number)
  return trade && parcel ? fulfillmentObject(trade, parcel, call) : null
}

const tradeWith = (number: string, call: ShopifyCall): Trade | undefined =>
  [...call.shop.trades.values()].find((trade) =>
    parcelsOf(trade).some((one) => String(parcelNumber(trade, one)) === number),
  )

/** The goods of an order to be sent from each place. */
export const workOrders = (trade: Trade, call: ShopifyCall) =>
  linesAt(trade).map(({ location, lines }, place) => {
    const left = lines.reduce((sum, line) => sum + piecesToSend(trade, line), 0)
    const status = left === 0 ? 'CLOSED' : isHeld(trade) ? 'ON_HOLD' : 'OPEN'
    return {
      id: workId(trade, place),
      status,
      requestStatus: 'UNSUBMITTED',
      fulfillAt: utc(trade.created),
      fulfillBy: null,
      assignedLocation: {
        name: location.name,
        location: { id: gid('Location', location.id), name: location.name, isActive: true },
      },
      supportedActions: status === 'OPEN' ? [{ action: 'CREATE_FULFILLMENT', externalUrl: null }] : [],
      lineItems: connection(
        lines.map((line) => ({
          id: workRowId(line),
          totalQuantity: line.num,
          remainingQuantity: piecesToSend(trade, line),
          sku: line.sku?.outerId || null,
          lineItem: () => call.make.line(trade, line),
        })),
      ),
    }
  })

export const workOrder: Resolver = ({ id }, call) => {
  const trade = call.shop.trades.get(numberIn('FulfillmentOrder', id).slice(0, -1))
  return (trade && workOrders(trade, call).find((work) => work.id === id)) ?? null
}

const refusal = (field: readonly string[], message: string) => ({
  fulfillment: null,
  userErrors: [userError(field, message)],
})

type Asked = { trade: Trade; place: number; goods: { line: Line; pieces: number }[] }

/**
 * Mutation.fulfillmentCreate: one parcel of goods that lie at one place, paid or not; all of it or nothing. A repeated call is another parcel,
 * as long as goods are left.
 */
export const fulfillmentCreate: Resolver = (args, call) => {
  const input = part(args, 'fulfillment')
  const asked = rows(input, 'lineItemsByFulfillmentOrder').map((one) => readWork(one, call))
  const wrong = asked.find((one) => 'userErrors' in one)
  if (wrong) return wrong
  const works = asked.flatMap((one) => ('userErrors' in one ? [] : [one]))
  const [first] = works
  if (first === undefined || works.some(({ trade, place }) => trade !== first.trade || place !== first.place))
    return refusal(['fulfillment'], 'Fulfillment orders must belong to the same order and location.')
  const tracking = part(input, 'trackingInfo')
  const number = textIn(tracking, 'number') || (texts(tracking, 'numbers')[0] ?? '')
  const sent: SentParcel = {
    courier: textIn(tracking, 'company'),
    waybill: number,
    goods: works.flatMap(({ goods }) => goods),
  }
  const problem = problemOf(first.trade, sent)
  recordParcels(call.sandbox.world, first.trade, [sent], problem === undefined)
  if (problem !== undefined) return refusal(['fulfillment'], problem)
  const parcel = { ...sent, at: call.now }
  send(call, first.trade, parcel)
  return { fulfillment: fulfillmentObject(first.trade, parcel, call), userErrors: [] }
}

function readWork(of: Json, { shop }: ShopifyCall): Asked | ReturnType<typeof refusal> {
  const number = numberIn('FulfillmentOrder', of['fulfillmentOrderId'])
  const trade = shop.trades.get(number.slice(0, -1))
  const place = Number(number.slice(-1)) - 1
  const work = trade && linesAt(trade)[place]
  if (trade === undefined || work === undefined)
    return refusal(['fulfillment'], 'Fulfillment order does not exist.')
  const named = rows(of, 'fulfillmentOrderLineItems')
  if (named.length === 0) return { trade, place, goods: goodsLeft(trade, work.lines) }
  const goods = named.map((row) => ({
    line: work.lines.find((line) => workRowId(line) === textIn(row, 'id')),
    pieces: Number(row['quantity']),
  }))
  const known = goods.flatMap(({ line, pieces }) => (line === undefined ? [] : [{ line, pieces }]))
  return known.length < goods.length
    ? refusal(['fulfillment'], 'Fulfillment order line item does not exist.')
    : { trade, place, goods: known }
}

const goodsLeft = (trade: Trade, lines: readonly Line[]) =>
  lines.map((line) => ({ line, pieces: piecesToSend(trade, line) })).filter(({ pieces }) => pieces > 0)

function problemOf(trade: Trade, { goods }: SentParcel): string | undefined {
  if (isHeld(trade)) return 'Fulfillment order has an unfulfillable status= on_hold.'
  const isOver = goods.length === 0 || goods.every(({ line }) => piecesToSend(trade, line) === 0)
  if (isOver) return 'Fulfillment order has an unfulfillable status= closed.'
  return goods.some(({ line, pieces }) => pieces < 1 || pieces > piecesToSend(trade, line))
    ? 'Invalid fulfillment order line item quantity requested.'
    : undefined
}

function send({ sandbox: { world } }: ShopifyCall, trade: Trade, parcel: Parcel): void {
  const mayLeave = isShippable(trade)
  addParcel(trade, parcel)
  world.waybills.set(parcel.waybill, trade)
  for (const { line } of parcel.goods) line.shipments++
  const done = parcel.goods.map(({ line }) => line).filter((line) => piecesToSend(trade, line) === 0)
  ship(world, trade, done, { company: parcel.courier, waybill: parcel.waybill })
  // The platform sends unpaid goods too.
  if (!mayLeave) setTradeStatus(world, trade, 'WAIT_BUYER_CONFIRM_GOODS')
  else if (trade.status === 'WAIT_SELLER_SEND_GOODS') trade.status = 'SELLER_CONSIGNED_PART'
  trade.consigned ||= parcel.at
  touchTrade(world, trade)
}

/** Mutation.fulfillmentTrackingInfoUpdate: another number for a parcel that has left. */
export const trackingUpdate: Resolver = ({ fulfillmentId, trackingInfoInput }: Args, call) => {
  const number = numberIn('Fulfillment', fulfillmentId)
  const trade = askedTrade(call, gid('Order', tradeWith(number, call)?.tid ?? '0'))
  const parcel = trade && parcelsOf(trade).find((one) => String(parcelNumber(trade, one)) === number)
  if (trade === undefined || parcel === undefined)
    return { fulfillment: null, userErrors: [userError(['fulfillmentId'], 'Fulfillment does not exist.')] }
  const info = part({ trackingInfoInput }, 'trackingInfoInput')
  const [courier, waybill] = [textIn(info, 'company'), textIn(info, 'number')]
  changeParcel(call.sandbox.world, trade, parcel, { courier, waybill })
  return { fulfillment: fulfillmentObject(trade, parcel, call), userErrors: [] }
}
