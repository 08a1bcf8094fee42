import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { part, rows } from '../json-parts.ts'
import { aTrade, control, NOON, shopify, stillSandbox, type TestSandbox } from '../testing.ts'
import { setPlan } from './cost.ts'
import { leaveDetail } from './memo.ts'
import { splitLocations } from './pieces.ts'
import { stopCounting } from './products.ts'
import { type Answered, admin } from './testing.ts'

let sandbox: TestSandbox
before(async () => {
  sandbox = await stillSandbox()
})
after(() => sandbox.close())

const shop = () => sandbox.world.shops.find(({ key }) => key === shopify.key) ?? assert.fail()
const tradeOf = (tid: string) => shop().trades.get(tid) ?? assert.fail()
const paidTrade = (more: object = {}) => aTrade(sandbox, shopify.key, { type: 'fixed', ...more })
const gid = (type: string, id: string) => `gid://shopify/${type}/${id}`
const codeOf = ({ errors }: Answered) => errors?.[0]?.extensions.code
const at = (seconds: number) => `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`

const listed = `query L($first: Int!, $after: String, $query: String) {
  orders(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {
    nodes { id updatedAt } pageInfo { hasNextPage endCursor } } }`
const work = `query W($id: ID!) { order(id: $id) { displayFulfillmentStatus fulfillmentOrders(first: 5) { nodes {
  id status assignedLocation { location { id } } supportedActions { action } lineItems(first: 5) { nodes { id remainingQuantity lineItem { id } } } } } } }`
const create = `mutation C($fulfillment: FulfillmentInput!) {
  fulfillmentCreate(fulfillment: $fulfillment) { fulfillment { id status trackingInfo { number } } userErrors { field message } } }`

const worksOf = async (tid: string) =>
  rows(
    part(part((await admin(sandbox, work, { id: gid('Order', tid) })).data, 'order'), 'fulfillmentOrders'),
    'nodes',
  )
const sent = async (works: readonly { id: unknown; goods?: object[] }[], number = 'SF1') => {
  const lineItemsByFulfillmentOrder = works.map(({ id, goods }) => ({
    fulfillmentOrderId: id,
    ...(goods ? { fulfillmentOrderLineItems: goods } : {}),
  }))
  const trackingInfo = { company: '顺丰速运', number }
  const { data } = await admin(sandbox, create, {
    fulfillment: { lineItemsByFulfillmentOrder, trackingInfo },
  })
  return rows(part(data, 'fulfillmentCreate'), 'userErrors').map(({ message }) => message)
}

describe('the Admin API of Shopify', () => {
  it('issues a token for the credentials of the app, the same one while it lives, and refuses others', async () => {
    const token = async (change: object = {}) => {
      const asked = {
        client_id: shopify.appKey,
        client_secret: shopify.appSecret,
        grant_type: 'client_credentials',
      }
      const response = await fetch(`${sandbox.url}/admin/oauth/access_token`, {
        method: 'POST',
        body: new URLSearchParams({ ...asked, ...change }),
      })
      const body = JSON.parse(await response.text())
      return [response.status, body.error ?? body.access_token, body.expires_in]
    }
    const [status, first, life] = await token()
    assert.deepEqual([status, typeof first, life], [200, 'string', 86_399])
    assert.equal((await token())[1], first)
    assert.deepEqual((await token({ client_secret: 'x' })).slice(0, 2), [400, 'invalid_client'])
    assert.deepEqual((await token({ grant_type: 'password' })).slice(0, 2), [400, 'unsupported_grant_type'])
    assert.equal((await admin(sandbox, '{ shop { name } }', {}, { token: first })).status, 200)
    assert.equal((await admin(sandbox, '{ shop { name } }', {}, { token: 'other' })).status, 401)
  })

  it('serves a version that has ended as the oldest one, and says so; it knows no version to come', async () => {
    const served = async (version: string) => {
      const { status, headers } = await admin(sandbox, '{ shop { name } }', {}, { version })
      return [status, headers.get('x-shopify-api-version')]
    }
    assert.deepEqual(await served('2026-07'), [200, '2026-07'])
    assert.deepEqual(await served('2024-10'), [200, '2026-01'])
    assert.deepEqual(await served('2029-01'), [404, null])
  })

  it('validates the whole operation against its schema before anything is done', async () => {
    assert.equal(codeOf(await admin(sandbox, '{ shop { nickname } }')), 'undefinedField')
    assert.equal(codeOf(await admin(sandbox, '{ orders(limit: 5) { nodes { id } } }')), 'argumentNotAccepted')
    assert.equal(codeOf(await admin(sandbox, '{ shop { name }')), 'parseError')
    assert.equal(codeOf(await admin(sandbox, listed, { first: 'many' })), 'INVALID_VARIABLE')
    assert.equal(codeOf(await admin(sandbox, listed, { first: 251 })), 'BAD_REQUEST')
  })

  it('counts what a call could cost, takes what it did cost, and refuses one of more than a thousand points', async () => {
    setPlan(shop(), 'standard', sandbox.clock.now())
    await paidTrade()
    const { cost } = await admin(sandbox, listed, { first: 50, query: `updated_at:>='${at(NOON - 1)}'` })
    assert.deepEqual([cost.requestedQueryCost, cost.actualQueryCost], [52, 3])
    assert.equal(cost.throttleStatus.currentlyAvailable, 1997)
    const wide =
      'query { orders(first: 250, sortKey: UPDATED_AT) { nodes { lineItems(first: 5) { nodes { id } } } } }'
    assert.equal(codeOf(await admin(sandbox, wide)), 'MAX_COST_EXCEEDED')
    setPlan(shop(), 'plus', sandbox.clock.now())
  })

  it('throttles a client whose points are used up, until they have come back', async () => {
    setPlan(shop(), 'standard', sandbox.clock.now())
    const costly =
      'query { orders(first: 200, sortKey: UPDATED_AT) { nodes { totalPriceSet { shopMoney { amount } } } } }'
    await control(sandbox, 'faults', { kind: 'limited', shop: shopify.key, seconds: 1, count: 1 })
    const refused = await admin(sandbox, costly)
    assert.deepEqual([refused.status, codeOf(refused), refused.data], [200, 'THROTTLED', undefined])
    assert.deepEqual(
      [refused.cost.requestedQueryCost, refused.cost.throttleStatus.currentlyAvailable],
      [602, 0],
    )
    sandbox.clock.advance(5000)
    assert.equal(codeOf(await admin(sandbox, costly)), 'THROTTLED')
    sandbox.clock.advance(2000)
    assert.equal(codeOf(await admin(sandbox, costly)), undefined)
    setPlan(shop(), 'plus', sandbox.clock.now())
  })

  it('lists orders by the time of change with opaque cursors, both ends of a search as it says', async () => {
    const made = [NOON + 1000, NOON + 1001, NOON + 1002]
    const tids: string[] = []
    for (const modified of made) tids.push(await paidTrade({ modified }))
    const query = `updated_at:>='${at(NOON + 1000)}' updated_at:<'${at(NOON + 1002)}' status:any`
    const page = async (after: string | null) =>
      part((await admin(sandbox, listed, { first: 1, after, query })).data, 'orders')
    const first = await page(null)
    const info = part(first, 'pageInfo')
    assert.deepEqual(
      [rows(first, 'nodes').map(({ id }) => id), info['hasNextPage']],
      [[gid('Order', tids[0] ?? '')], true],
    )
    const second = await page(String(info['endCursor']))
    assert.deepEqual(
      [rows(second, 'nodes').map(({ id }) => id), part(second, 'pageInfo')['hasNextPage']],
      [[gid('Order', tids[1] ?? '')], false],
    )
    assert.equal(codeOf(await admin(sandbox, listed, { first: 1, after: 'x' })), 'BAD_REQUEST')
    assert.equal(
      codeOf(await admin(sandbox, listed, { first: 1, query: "updated_at:>='yesterday'" })),
      'BAD_REQUEST',
    )
  })

  it('sends pieces of a line in parcels, no more than are left, and nothing of an order on hold', async () => {
    const tid = await paidTrade({ lines: [{ num: 3 }, { num: 1 }] })
    const [order = assert.fail()] = await worksOf(tid)
    const [row = assert.fail()] = rows(part(order, 'lineItems'), 'nodes')
    const piece = (quantity: number) => [{ id: order['id'], goods: [{ id: row['id'], quantity }] }]
    assert.deepEqual(await sent(piece(4)), ['Invalid fulfillment order line item quantity requested.'])
    assert.deepEqual(await sent(piece(2)), [])
    assert.deepEqual(await sent(piece(2)), ['Invalid fulfillment order line item quantity requested.'])
    assert.equal(tradeOf(tid).status, 'SELLER_CONSIGNED_PART')
    assert.deepEqual(await sent([{ id: order['id'] }], 'SF2'), [])
    assert.equal(tradeOf(tid).status, 'WAIT_BUYER_CONFIRM_GOODS')
    assert.deepEqual(await sent([{ id: order['id'] }]), [
      'Fulfillment order has an unfulfillable status= closed.',
    ])
    assert.deepEqual(
      tradeOf(tid).lines.map(({ shipments }) => shipments),
      [2, 1],
    )
    const held = await paidTrade({ hold: 'top_hold' })
    const [stopped = assert.fail()] = await worksOf(held)
    assert.deepEqual([stopped['status'], stopped['supportedActions']], ['ON_HOLD', []])
    assert.deepEqual(await sent([{ id: stopped['id'] }]), [
      'Fulfillment order has an unfulfillable status= on_hold.',
    ])
  })

  it('sends an order that nobody has paid, which is for its client to know', async () => {
    const tid = await aTrade(sandbox, shopify.key, { type: 'fixed', status: 'WAIT_BUYER_PAY', lines: 1 })
    const [order = assert.fail()] = await worksOf(tid)
    assert.deepEqual(await sent([{ id: order['id'] }]), [])
  })

  it('changes the waybill of a parcel that has left', async () => {
    const tid = await paidTrade({ lines: 1 })
    const [order = assert.fail()] = await worksOf(tid)
    await sent([{ id: order['id'] }], 'SF7')
    const parcels = `query P($id: ID!) { order(id: $id) { fulfillments(first: 5) { id trackingInfo { number } } } }`
    const read = async () =>
      rows(part((await admin(sandbox, parcels, { id: gid('Order', tid) })).data, 'order'), 'fulfillments')
    const [before = assert.fail()] = await read()
    const update = `mutation U($id: ID!, $info: FulfillmentTrackingInput!) {
      fulfillmentTrackingInfoUpdate(fulfillmentId: $id, trackingInfoInput: $info) { userErrors { message } } }`
    await admin(sandbox, update, { id: before['id'], info: { company: '中通快递', number: '7788' } })
    assert.deepEqual(await read(), [{ id: before['id'], trackingInfo: [{ number: '7788' }] }])
    assert.equal(tradeOf(tid).lines[0]?.waybill, '7788')
  })

  it('replaces the whole list of additional details, and leaves the note as it is', async () => {
    const tid = await paidTrade({ memo: '', message: '周末送' })
    leaveDetail(tradeOf(tid), 'gift_wrap', 'yes')
    const update = `mutation U($input: OrderInput!) { orderUpdate(input: $input) { order { note customAttributes { key value } } userErrors { message } } }`
    const own = [{ key: '卖家备注', value: '加急' }]
    const { data } = await admin(sandbox, update, { input: { id: gid('Order', tid), customAttributes: own } })
    assert.deepEqual(part(part(data, 'orderUpdate'), 'order'), { note: '周末送', customAttributes: own })
    assert.equal(tradeOf(tid).memo, '加急')
  })

  it('sets a quantity only from the number that its client saw, once for each key', async () => {
    const {
      skus: [sku = assert.fail()],
    } = shop().listings[0] ?? assert.fail()
    const set = (key: string, quantity: number, more: object) => {
      const one = {
        inventoryItemId: gid('InventoryItem', `5${sku.skuId}`),
        locationId: gid('Location', '61000000001'),
        quantity,
        ...more,
      }
      const query = `mutation S($input: InventorySetQuantitiesInput!, $key: String!) {
        inventorySetQuantities(input: $input) @idempotent(key: $key) { userErrors { code } } }`
      return admin(
        sandbox,
        key === '' ? query.replace('@idempotent(key: $key)', '').replace(', $key: String!', '') : query,
        {
          input: { name: 'available', reason: 'correction', quantities: [one] },
          key,
        },
      )
    }
    const codes = async (answer: Promise<Answered>) =>
      rows(part((await answer).data, 'inventorySetQuantities'), 'userErrors').map(({ code }) => code)
    const from = sku.quantity
    assert.deepEqual(await codes(set('k1', 7, { changeFromQuantity: from })), [])
    sku.quantity = 5
    assert.deepEqual(await codes(set('k1', 7, { changeFromQuantity: from })), [])
    assert.equal(sku.quantity, 5)
    assert.deepEqual(await codes(set('k1', 8, { changeFromQuantity: 5 })), [
      'IDEMPOTENCY_KEY_PARAMETER_MISMATCH',
    ])
    assert.deepEqual(await codes(set('k2', 8, { changeFromQuantity: 7 })), ['CHANGE_FROM_QUANTITY_STALE'])
    assert.deepEqual(await codes(set('k3', 8, { changeFromQuantity: null })), [])
    assert.equal(codeOf(await set('k4', 9, {})), 'BAD_REQUEST')
    assert.equal(codeOf(await set('', 9, { changeFromQuantity: null })), 'BAD_REQUEST')
    assert.equal(sku.quantity, 8)
  })

  it('gives a refund with its line, and takes its pieces out of what is to be sent', async () => {
    const tid = await paidTrade({ lines: [{ num: 2, price: 10_000 }] })
    await control(sandbox, 'refunds', { tid, kind: 'REFUND', num: 1, fee: 10_000 })
    const query = `query R($id: ID!) { order(id: $id) { displayFinancialStatus lineItems(first: 1) { nodes { currentQuantity unfulfilledQuantity } }
      refunds(first: 5) { totalRefundedSet { shopMoney { amount } } refundLineItems(first: 5) { nodes { quantity restockType subtotalSet { shopMoney { amount } } } } } } }`
    const order = part((await admin(sandbox, query, { id: gid('Order', tid) })).data, 'order')
    assert.deepEqual(
      [order['displayFinancialStatus'], rows(part(order, 'lineItems'), 'nodes')],
      ['PARTIALLY_REFUNDED', [{ currentQuantity: 1, unfulfilledQuantity: 1 }]],
    )
    assert.deepEqual(rows(order, 'refunds'), [
      {
        totalRefundedSet: { shopMoney: { amount: '100.0' } },
        refundLineItems: {
          nodes: [{ quantity: 1, restockType: 'CANCEL', subtotalSet: { shopMoney: { amount: '100.0' } } }],
        },
      },
    ])
  })

  it('keeps goods at two places apart, and says of goods that it does not count them', async () => {
    splitLocations(shop())
    const tid = await paidTrade({ lines: 2 })
    const works = await worksOf(tid)
    assert.equal(works.length, 2)
    assert.deepEqual(await sent(works.map(({ id }) => ({ id }))), [
      'Fulfillment orders must belong to the same order and location.',
    ])
    const {
      skus: [sku = assert.fail()],
    } = shop().listings[1] ?? assert.fail()
    stopCounting(sku)
    const query = `query N($ids: [ID!]!) { nodes(ids: $ids) { ... on ProductVariant { inventoryItem { tracked inventoryLevels(first: 5) { nodes { location { id } } } } } } }`
    const { data } = await admin(sandbox, query, {
      ids: [gid('ProductVariant', sku.skuId), gid('ProductVariant', '1')],
    })
    assert.deepEqual(data['nodes'], [
      {
        inventoryItem: {
          tracked: false,
          inventoryLevels: {
            nodes: [
              { location: { id: gid('Location', '61000000001') } },
              { location: { id: gid('Location', '61000000002') } },
            ],
          },
        },
      },
      null,
    ])
  })
})
