import assert from 'node:assert/strict'
import { sql } from 'kysely'
import { pino } from 'pino'
import { type RunningSandbox, startSandbox } from '../../sandbox/server.ts'
import { aTrade, control, ownshop } from '../../sandbox/testing.ts'
import { connectors } from '../../server/connectors/index.ts'
import type { Running } from '../../server/core/jobs/engine.ts'
import { createQueues } from '../../server/core/jobs/job.ts'
import { startOutbox } from '../../server/core/outbox/loop.ts'
import { shippingAction } from '../../server/fulfilment/write-back/outbox.ts'
import { intakeActions } from '../../server/intake/outbox.ts'
import { startPush } from '../../server/intake/push/loop.ts'
import { createLimiter } from '../../server/lib/limiter.ts'
import { openCall } from '../../server/shops/calls.ts'
import { type Caller, callerAt, type TestApp, testApp } from '../../server/testing/app.ts'
import { aWaybill } from '../../server/testing/shipping.ts'
import { aSku, aWarehouse, putStock } from '../../server/testing/stock.ts'
import { until } from '../../server/testing/until.ts'
import { jobs } from '../../server/worker.ts'

/** A house whose one shop is a mall of the simulator, connected over the API as a merchant does it; the mall posts with a key of the house. */
export type MallHouse = {
  house: TestApp
  sandbox: RunningSandbox
  boss: Caller
  /** The mall's own hand: it has the key, and no session. */
  mall: Caller
  key: string
  shopId: string
  /** /api/malls/1 */
  path: string
  calls: { db: TestApp['db']; ring: TestApp['ring']; connectors: typeof connectors; simulator: true }
  /** Makes a trade in the mall, which posts it, and waits until it is staged. */
  staged(spec?: object): Promise<string>
  /** Converts and confirms the order of a new trade, whose goods are known and in stock. */
  order(spec?: object): Promise<{ id: string; tid: string }>
  /** Waits until a trade that was posted is staged, and takes it as far as its parcel. */
  ship(tid: string): Promise<{ tid: string; deliveryId: string; waybillNo: string }>
  /** Ships the order of a new trade of the mall. */
  shipped(spec?: object): Promise<{ tid: string; deliveryId: string; waybillNo: string }>
  control(path: string, body?: Record<string, unknown>): Promise<string>
  post(kind: 'trades' | 'refunds', documents: readonly unknown[]): Promise<Posted[]>
  outbox(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}
type Posted = { number: string; outcome: string; code: string; field: string }

const silent = pino({ level: 'silent' })

/** `form`: of another mall than the simulator's, which then posts by itself. */
export async function aMallHouse(form?: { webhookUrl: string; webhookSecret: string }): Promise<MallHouse> {
  await using stack = new AsyncDisposableStack()
  const house = stack.use(await testApp({ SIMULATOR: '1' }))
  const sandbox = await startSandbox({ port: 0, seed: 'mall', shops: [ownshop] })
  stack.defer(() => sandbox.close())
  await createQueues(house.db, jobs)
  const boss = await house.as(['*'])
  const ok = async (method: string, path: string, body?: unknown) => {
    const answer = await boss.call(method, path, body)
    assert.ok(answer.status < 300, `${path} ${answer.status} ${JSON.stringify(answer.body)}`)
    return Object(answer.body)
  }
  const made = await ok('POST', '/api/shops', {
    ...{ platform: 'ownshop', name: '山隅官方商城', goLiveAt: '2026-01-01T00:00:00Z' },
    credentials: form ?? { webhookUrl: sandbox.url, webhookSecret: ownshop.appSecret },
  })
  const shopId: string = made.shop.id
  await ok('POST', `/api/shops/${shopId}/verify`)
  const { key } = await ok('POST', '/api/api-keys', {
    ...{ name: '商城', permissions: ['trades.post'], shops: [shopId], expiresAt: null },
  })
  const { pushUrl } = await ok('GET', `/api/shops/${shopId}`)
  const path = new URL(pushUrl).pathname
  await control(sandbox, 'push-to', { shop: ownshop.key, url: house.url + path, key })
  const calls = { db: house.db, ring: house.ring, connectors, simulator: true } as const
  const push: Running = startPush({
    ...{ deps: { ...calls, limiter: createLimiter() }, log: silent, everyMs: 50 },
  })
  stack.defer(() => push.stop())
  await until(
    async () =>
      (await sql`select from push_shop where shop_id = ${shopId}`.execute(house.db)).rows.length === 1,
  )
  const warehouseId = await aWarehouse(house.db)
  const mall = callerAt(house.url, '', '')
  const withKey = { authorization: `Bearer ${key}` }
  const confirmed = async (tid: string) => {
    const tradeId = await stagedId(house, tid)
    await stockGoods(house, { shopId, warehouseId, tid })
    await must(ok('POST', '/api/staged-trades/convert', { ids: [tradeId] }))
    const orders = await sql<{ id: string }>`select id from sales_order where tid = ${tid}`.execute(house.db)
    const id = orders.rows[0]?.id ?? assert.fail('no order')
    await must(ok('POST', '/api/orders/confirm', { ids: [id] }))
    return { id, tid }
  }
  const owned = stack.move()
  const it: MallHouse = {
    ...{ house, sandbox, boss, key, shopId, path, calls },
    mall: { ...mall, call: (method, to, body) => mall.call(method, to, body, withKey) },
    control: (to, body = {}) => control(sandbox, to, body),
    async staged(spec = {}) {
      const tid = await aTrade(sandbox, ownshop.key, { lines: 2, ...spec })
      await stagedId(house, tid)
      return tid
    },
    order: async (spec) => confirmed(await it.staged(spec)),
    async ship(tid) {
      const { id } = await confirmed(tid)
      await must(ok('POST', '/api/orders/release', { ids: [id] }))
      const found = await sql<{ id: string }>`select id from delivery where order_id = ${id}`.execute(
        house.db,
      )
      const deliveryId = found.rows[0]?.id ?? assert.fail('no delivery')
      const waybillNo = aWaybill()
      await must(
        ok('POST', '/api/deliveries/waybills', { rows: [{ id: deliveryId, courier: 'SF', waybillNo }] }),
      )
      await must(ok('POST', '/api/deliveries/ship', { ids: [deliveryId] }))
      return { tid, deliveryId, waybillNo }
    },
    shipped: async (spec) => it.ship(await it.staged(spec)),
    async post(kind, documents) {
      const answer = await it.mall.call('POST', `${path}/${kind}`, { [kind]: documents })
      assert.equal(answer.status, 200, JSON.stringify(answer.body))
      return Object(answer.body).results.map(({ number, outcome, code, field }: Posted) => ({
        ...{ number, outcome, code, field },
      }))
    },
    outbox: () => sendAll(it),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
  return it
}

/** Waits until a trade is staged. */
export async function stagedId({ db }: TestApp, tid: string): Promise<string> {
  const found = () =>
    sql<{ id: string }>`select id from staged_trade where tid = ${tid} and state = 'staged'`.execute(db)
  await until(async () => (await found()).rows.length === 1)
  return (await found()).rows[0]?.id ?? assert.fail()
}

/** Each row of a verb's answer must be done. */
export async function must(answer: Promise<{ results: { done: boolean; code?: string }[] }>): Promise<void> {
  const { results } = await answer
  assert.deepEqual(
    results.map(({ done, code }) => (done ? 'done' : code)),
    results.map(() => 'done'),
  )
}

/** Matches the goods of a trade with SKUs, and puts plenty of them in stock. */
async function stockGoods(
  { db }: TestApp,
  { shopId, warehouseId, tid }: { shopId: string; warehouseId: string; tid: string },
): Promise<void> {
  const sold = await sql<{ item: string; sku: string }>`
    select distinct line ->> 'itemId' as item, line ->> 'skuId' as sku
    from staged_trade t join staged_trade_lines g on g.trade_id = t.id cross join lateral jsonb_array_elements(g.lines) line
    where t.tid = ${tid} and not exists (
      select from listing l where l.shop_id = t.shop_id and l.item_id = line ->> 'itemId' and l.platform_sku_id = line ->> 'skuId'
        and l.sku_id is not null)`.execute(db)
  for (const { item, sku } of sold.rows) {
    const skuId = await aSku(db)
    await sql`
      insert into listing (shop_id, item_id, platform_sku_id, status, modified_at, sku_id, matched_how)
      values (${shopId}, ${item}, ${sku}, 'on_sale', now(), ${skuId}, 'hand')
      on conflict (shop_id, item_id, platform_sku_id) do update set sku_id = excluded.sku_id, matched_how = 'hand'`.execute(
      db,
    )
    await putStock(db, warehouseId, skuId, 1000)
  }
}

/** Sends what waits for the mall, and settles when nothing is open. */
export async function sendAll({ house, calls }: Pick<MallHouse, 'house' | 'calls'>): Promise<void> {
  const outbox = startOutbox({
    ...{ db: house.db, log: silent, pollMs: 20 },
    handlers: [...intakeActions, shippingAction].map((handler) => ({ ...handler, lookAfterSeconds: 0 })),
    openShop: (id, hooks) => openCall(calls, id, hooks),
  })
  try {
    await until(async () => {
      const open = await sql`
        select from platform_action where state in ('pending', 'sending', 'unknown')`.execute(house.db)
      return open.rows.length === 0
    })
  } finally {
    await outbox.stop()
  }
}
