import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { failureOf } from '../conformance/checks.ts'
import { answerIn } from '../conformance/fixtures.ts'
import type { Call } from '../connector.ts'
import { backsNamed, backsOf, returnRow, rowsNamed } from './back-rows.ts'
import { shopify } from './index.ts'
import { parcelRowsOf } from './parcels.ts'

type Asked = { method: string; id: string; after: string | null; fulfillment?: unknown }

/** A shop that answers each operation as the test says, and the operations that it was asked. */
async function shopOf(answers: (asked: Asked) => object) {
  const asked: Asked[] = []
  const server = createServer(async (request, response) => {
    const { query, variables } = JSON.parse(await text(request))
    const one = { method: /(?:query|mutation) (\w+)/.exec(query)?.[1] ?? '', after: null, ...variables }
    asked.push({ method: one.method, id: String(one.id).split('/').at(-1) ?? '', after: one.after })
    response.end(JSON.stringify({ data: answers({ ...one, ...asked.at(-1) }) }))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  const credentials = {
    shopUrl: `http://127.0.0.1:${port}`,
    clientId: 'a',
    clientSecret: 'b',
    locationId: '0',
  }
  const call: Call = { credentials, session: 's', variant: 'shopify', now: () => new Date() }
  return {
    ...{
      call,
      asked: () => asked.map(({ method, id, after }) => [method, id, after ?? ''].join(' ').trim()),
    },
    [Symbol.asyncDispose]: async () => void server.close(),
  }
}

const order = answerIn(import.meta.url, 'order')
const ids = (type: string, count: number, from = 1) =>
  Array.from({ length: count }, (_, at) => ({ id: `gid://shopify/${type}/${from + at}` }))
const page = (nodes: object[], next = '') => ({
  nodes,
  pageInfo: { hasNextPage: next !== '', endCursor: next || (nodes.length > 0 ? 'e' : null) },
})
const refund = (id: string) => ({
  id: `gid://shopify/Refund/${id}`,
  refundLineItems: page([{ quantity: 1 }]),
})
const returned = (id: string) => ({
  id: `gid://shopify/Return/${id}`,
  ...{ returnLineItems: page([{ quantity: 1 }]), refunds: { nodes: [], pageInfo: {} } },
})

test('an order with more refunds and returns than it shows is asked once for all of them', async () => {
  await using shop = await shopOf(({ method, id, after }) => {
    if (method === 'OrderRefunds')
      return {
        order: {
          refunds: ids('Refund', 9),
          returns: after ? page(ids('Return', 1, 3)) : page(ids('Return', 2), 'c'),
        },
      }
    return method === 'Refund' ? { refund: refund(id) } : { return: returned(id) }
  })
  const order = {
    id: 'gid://shopify/Order/7',
    refunds: ids('Refund', 8),
    returns: page(ids('Return', 2), 'c'),
  }
  const { refunds, returns } = await backsOf(shop.call, order)
  assert.deepEqual([refunds.length, returns.length], [9, 3])
  assert.deepEqual(
    shop.asked().filter((one) => one.startsWith('OrderRefunds')),
    ['OrderRefunds 7', 'OrderRefunds 7 c'],
  )
})

test('a window that is read twice asks for the refunds of an order once, and again when the order changed', async () => {
  let reading = 0
  await using shop = await shopOf(({ method, id }) => {
    if (method === 'Refund') return { refund: refund(id) }
    reading += 1
    const order = (number: number, updatedAt: number) => ({
      ...{ id: `gid://shopify/Order/${number}`, updatedAt: `2026-07-01T02:03:0${updatedAt}Z` },
      ...{ refunds: ids('Refund', 1, number), returns: page([]) },
    })
    return { orders: page([order(7, 1), order(8, reading === 3 ? 2 : 1)]) }
  })
  const { changed } = shopify.refunds
  const at = { after: null, size: 50, made: new Map() }
  const window = { from: new Date(0), to: new Date(1) }
  if (changed.paging !== 'chained') assert.fail()
  for (let time = 1; time <= 3; time += 1) await changed.page(shop.call, window, at)
  const list = 'RefundList undefined'
  assert.deepEqual(shop.asked(), [list, 'Refund 7', 'Refund 8', list, list, 'Refund 8'])
})

test('the refunds of an order are asked for once before a parcel leaves, also if there are many', async () => {
  await using shop = await shopOf(({ method, id }) =>
    method === 'OrderRefunds'
      ? { order: { refunds: ids('Refund', 9), returns: page([]) } }
      : {
          refund: {
            ...refund(id),
            createdAt: '2026-07-03T04:00:00Z',
            order: { id: 'gid://shopify/Order/7' },
          },
        },
  )
  const briefs = await shopify.refunds.asking?.trade?.(shop.call, '7')
  assert.equal(briefs?.length, 9)
  assert.deepEqual(shop.asked(), ['OrderRefunds 7', ...ids('Refund', 9).map((_, at) => `Refund ${at + 1}`)])
})

test('a return shows all its lines, and all lines of the refunds for it', async () => {
  await using shop = await shopOf(({ method, id, after }) => {
    if (method === 'Refund')
      return { refund: after ? refund(id) : { ...refund(id), refundLineItems: page([{}, {}], 'd') } }
    if (method === 'ReturnRefunds') return { return: { refunds: page(ids('Refund', 1, 2)) } }
    const lines = after ? page([{ quantity: 3 }]) : page([{ quantity: 1 }, { quantity: 2 }], 'l')
    return { return: { ...returned(id), returnLineItems: lines, refunds: page([{ ...refund('1') }], 'r') } }
  })
  const row = await returnRow(shop.call, 'gid://shopify/Return/5')
  assert.deepEqual(row?.returnLineItems, { nodes: [{ quantity: 1 }, { quantity: 2 }, { quantity: 3 }] })
  assert.deepEqual(row?.refunds, {
    nodes: [refund('1'), { ...refund('2'), refundLineItems: { nodes: [{}, {}, { quantity: 1 }] } }],
  })
  assert.deepEqual(shop.asked(), ['Return 5', 'Return 5 l', 'ReturnRefunds 5 r', 'Refund 2', 'Refund 2 d'])
})

test('an order with more refunds than it can name is refused, and none of them is left out', async () => {
  await using shop = await shopOf(() => ({ order: { refunds: ids('Refund', 250), returns: page([]) } }))
  const { kind, message } = await failureOf(backsNamed(shop.call, '7'))
  assert.deepEqual([kind, message], ['retry', 'The order may have more refunds than it can name.'])
  assert.deepEqual(shop.asked(), ['OrderRefunds 7'])
})

test('a return that an order names and that is not shown is no empty one', async () => {
  await using shop = await shopOf(() => ({ return: null }))
  const named = { refunds: [], returns: ids('Return', 1) }
  const { kind, message } = await failureOf(rowsNamed(shop.call, named))
  assert.deepEqual([kind, message], ['retry', 'The order names a return, and none is shown.'])
})

const ended = Array.from({ length: 10 }, () => ({ status: 'CLOSED', supportedActions: [] }))
const parcel = { tid: '7', oids: [], carrier: 'SF', waybillNo: 'SF3000000001' }

test('goods that wait behind ten ended work orders are sent', async () => {
  const open = {
    ...{ id: 'gid://shopify/FulfillmentOrder/11', status: 'OPEN' },
    assignedLocation: { location: { id: 'gid://shopify/Location/61' } },
    supportedActions: [{ action: 'CREATE_FULFILLMENT' }],
    lineItems: page([
      {
        id: 'gid://shopify/FulfillmentOrderLineItem/5',
        remainingQuantity: 2,
        lineItem: { id: 'gid://shopify/LineItem/9' },
      },
    ]),
  }
  const sent: unknown[] = []
  await using shop = await shopOf(({ method, after, fulfillment }) => {
    if (method === 'OrderWork')
      return { order: { fulfillmentOrders: after ? page([open]) : page(ended, 'w') } }
    sent.push(Object(fulfillment).lineItemsByFulfillmentOrder)
    return { fulfillmentCreate: { fulfillment: { id: 'gid://shopify/Fulfillment/1' }, userErrors: [] } }
  })
  await shopify.actions.ship?.(shop.call, parcel)
  assert.deepEqual(shop.asked().slice(0, 2), ['OrderWork 7', 'OrderWork 7 w'])
  assert.deepEqual(sent, [
    [
      {
        fulfillmentOrderId: open.id,
        fulfillmentOrderLineItems: [{ id: 'gid://shopify/FulfillmentOrderLineItem/5', quantity: 2 }],
      },
    ],
  ])
})

test('a hold behind ten ended work orders holds the order, and nothing of it is sent', async () => {
  const held = { status: 'ON_HOLD', supportedActions: [] }
  await using shop = await shopOf(({ method, after }) => {
    if (method === 'OrderWork' || method === 'OrderWorks')
      return { order: { fulfillmentOrders: after ? page([held]) : page(ended, 'w') } }
    return { order: { ...order, fulfillmentOrders: page(ended, 'w') } }
  })
  const { kind } = await failureOf(shopify.actions.ship?.(shop.call, parcel) ?? Promise.resolve())
  assert.equal(kind, 'rejected')
  assert.equal(shop.asked().filter((one) => one.startsWith('FulfillmentCreate')).length, 0)
  const detail = await shopify.trades.detail(shop.call, '7')
  assert.deepEqual(detail && 'trade' in detail && detail.trade.holds, ['ship_hold'])
})

const parcels = (count: number) =>
  ids('Fulfillment', count).map((one) => ({ ...one, fulfillmentLineItems: page([]) }))

test('an order that counts more parcels than it shows is asked for all, and refused if some are missing still', async () => {
  let shown = 12
  await using shop = await shopOf(() => ({
    order: { fulfillmentsCount: { count: 12 }, fulfillments: parcels(shown) },
  }))
  const order = { fulfillmentsCount: { count: 12 }, fulfillments: parcels(10) }
  assert.equal((await parcelRowsOf(shop.call, '7', order)).length, 12)
  shown = 11
  const { kind, message } = await failureOf(parcelRowsOf(shop.call, '7', order))
  assert.deepEqual([kind, message], ['retry', 'The order has more parcels than it shows.'])
  assert.deepEqual(shop.asked(), ['OrderParcels 7', 'OrderParcels 7'])
})

test('without a count, a full list of parcels is not taken for all of them, and a shorter one is', async () => {
  await using shop = await shopOf(() => ({ order: { fulfillments: parcels(100) } }))
  assert.equal((await parcelRowsOf(shop.call, '7', { fulfillments: parcels(9) })).length, 9)
  assert.deepEqual(shop.asked(), [])
  const { message } = await failureOf(parcelRowsOf(shop.call, '7', { fulfillments: parcels(10) }))
  assert.equal(message, 'The order has more parcels than it shows.')
  assert.deepEqual(shop.asked(), ['OrderParcels 7'])
})
