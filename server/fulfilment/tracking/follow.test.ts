import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import { pino } from 'pino'
import { kuaidi100Demo } from '../../../sandbox/kuaidi100/labels.ts'
import { pushParam, pushTracking } from '../../../sandbox/kuaidi100/tracking.ts'
import { type RunningSandbox, startSandbox } from '../../../sandbox/server.ts'
import { control, tmall } from '../../../sandbox/testing.ts'
import { stepsOf } from '../../../sandbox/world/parcels.ts'
import { type ManualClock, manualClock } from '../../../sandbox/world/world.ts'
import { kuaidi100Tracking } from '../../carriers/kuaidi100/tracking.ts'
import { connectors } from '../../connectors/index.ts'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import { createQueues } from '../../core/jobs/job.ts'
import { startOutbox } from '../../core/outbox/loop.ts'
import { createLimiter } from '../../lib/limiter.ts'
import { seal } from '../../lib/seal.ts'
import { openCall } from '../../shops/calls.ts'
import { connectDemoShops } from '../../shops/demo.ts'
import { type TestApp, testApp } from '../../testing/app.ts'
import { shipOne } from '../../testing/returns.ts'
import { aRun } from '../../testing/run.ts'
import { aSku, aWarehouse, putStock } from '../../testing/stock.ts'
import { until } from '../../testing/until.ts'
import { jobs } from '../../worker.ts'
import { insertIntercepts } from '../intercepts/intercept-queries.ts'
import { decideIntercepts } from '../shipping/intercept-verbs.ts'
import { saveAccount } from '../waybills/accounts.ts'
import { followParcels } from './follow.ts'
import { giveToAccounts } from './follow-queries.ts'
import { askingCouriers } from './intercept-action.ts'
import { subscribing } from './subscriptions.ts'

const hour = 3600
const by = { actor: systemActor, scope: wholeScope }
const receiver = {
  ...{ name: '王一', mobile: '13800001234', phone: '', province: '浙江省', city: '杭州市', district: '' },
  ...{ town: '', address: '一路 1 号', zip: '', token: '' },
}

describe('parcels that an account at 快递100 follows', () => {
  let house: TestApp
  let sandbox: RunningSandbox
  let clock: ManualClock
  let shopId = ''
  let account = ''
  before(async () => {
    house = await testApp({ SIMULATOR: '1' })
    await createQueues(house.db, jobs)
    clock = manualClock(Date.now())
    sandbox = await startSandbox({ port: 0, seed: 'follow', shops: [tmall], clock })
    const deps = { db: house.db, ring: house.ring, connectors }
    shopId = (await connectDemoShops(deps, sandbox.url, [tmall]))[0] ?? assert.fail()
    const warehouseId = await aWarehouse(house.db)
    const skuId = await aSku(house.db)
    await putStock(house.db, warehouseId, skuId, 10_000)
    await sql`
      insert into listing (shop_id, item_id, platform_sku_id, status, modified_at, sku_id, matched_how)
      values (${shopId}, 'i1', 's1', 'on_sale', now(), ${skuId}, 'hand')`.execute(house.db)
    account = await run((tx) =>
      saveAccount(
        tx,
        { ring: house.ring, simulator: true },
        {
          ...{
            shopId,
            source: 'kuaidi100',
            courier: 'SF',
            branchCode: kuaidi100Demo.partnerId,
            branchName: '',
            templateName: '',
          },
          ...{ templateUrl: '', warehouseId: null, enabled: true },
          sender: {
            ...{ name: '发货员', mobile: '13900001111', phone: '' },
            address: { province: '浙江省', city: '杭州市', district: '', town: '', detail: '一号仓' },
          },
          credentials: {
            ...{ key: kuaidi100Demo.key, secret: kuaidi100Demo.secret, customer: kuaidi100Demo.customer },
            ...{
              partnerId: kuaidi100Demo.partnerId,
              partnerKey: kuaidi100Demo.partnerKey,
              pollUrl: sandbox.url,
            },
            labelUrl: `${sandbox.url}/label/order`,
          },
        },
        by,
      ),
    )
  })
  after(async () => {
    await sandbox.close()
    await house[Symbol.asyncDispose]()
  })

  type Tx = Parameters<typeof saveAccount>[0]
  const run = <T>(work: (tx: Tx) => Promise<T>) => house.db.transaction().execute(work)
  const set = async (track: string) => {
    const clerk = await house.as(['*'])
    assert.equal(
      (await clerk.call('POST', `/api/waybill-accounts/${account}/tracking`, { track })).status,
      204,
    )
  }
  /** Ships an order that the platform does not know. */
  const shipped = async (fate?: string) => {
    const personal = seal(house.ring, shopId, JSON.stringify({ nick: '', receiver }))
    const order = await shipOne(house.db, { shopId, personal })
    await sql`update delivery set write_back = 'none' where id = ${order.deliveryId}`.execute(house.db)
    if (fate) await control(sandbox, 'parcels', { waybill: order.waybillNo, fate })
    return order
  }
  /** Ships an order with a number of the account, and wants its parcel back. */
  const wanted = async (fate?: string) => {
    const order = await shipped(fate)
    await sql`update delivery set courier = 'YTO' where id = ${order.deliveryId}`.execute(house.db)
    await sql`update parcel_track set courier = 'YTO' where delivery_id = ${order.deliveryId}`.execute(
      house.db,
    )
    await sql`
      insert into waybill (delivery_id, round, account_id, shop_id, courier, state, waybill_no, print_data, asked_by)
      values (${order.deliveryId}, 1, ${account}, ${shopId}, 'YTO', 'taken', ${order.waybillNo}, '', '')`.execute(
      house.db,
    )
    await run((tx) =>
      insertIntercepts(
        tx,
        [{ deliveryId: order.deliveryId, way: 'recall', refundNo: '1', amountFen: 1, deadline: null }],
        '',
      ),
    )
    const found = await sql<{ id: string }>`
      select id from intercept where delivery_id = ${order.deliveryId}`.execute(house.db)
    return { ...order, id: found.rows[0]?.id ?? assert.fail() }
  }
  const follow = () =>
    followParcels({
      ...aRun(house.db, { parcelsPerRun: 100 }),
      ...{ ring: house.ring, simulator: true, limiter: createLimiter() },
    })
  const trackOf = async (deliveryId: string) => {
    const found = await sql<{ state: string; asked: boolean; followed: boolean; over: boolean }>`
      select state, asked_at is not null as asked, account_id is not null as followed, next_at is null as over
      from parcel_track where delivery_id = ${deliveryId}`.execute(house.db)
    return found.rows[0]
  }
  const subscriptionOf = async (waybillNo: string) => {
    const found = await sql<{ state: string; times: number; reason: string; again: boolean }>`
      select state, times, reason, again_at is not null as again from parcel_subscription where waybill_no = ${waybillNo}`.execute(
      house.db,
    )
    return found.rows
  }
  /** Sends the subscriptions that are ordered. */
  const send = async () => {
    const deps = { db: house.db, ring: house.ring, connectors, simulator: true, publicUrl: house.url }
    const outbox = startOutbox({
      ...{ db: house.db, log: pino({ level: 'silent' }), pollMs: 20 },
      handlers: [
        { ...subscribing, lookAfterSeconds: 0 },
        { ...askingCouriers, lookAfterSeconds: 0 },
      ],
      openShop: (id, hooks) => openCall(deps, id, hooks),
    })
    await until(async () => {
      const open =
        await sql`select from platform_action where kind in ('parcel.subscribe', 'parcel.intercept') and state in ('pending', 'sending', 'unknown')`.execute(
          house.db,
        )
      return open.rows.length === 0
    })
    await outbox.stop()
  }
  const eventsOf = async (orderId: string) => {
    const found = await sql<{ event: string }>`
      select event from order_event where order_id = ${orderId} and event like 'parcel%' order by id`.execute(
      house.db,
    )
    return found.rows.map(({ event }) => event)
  }
  const address = async () => {
    const found = await sql<{ hook: string }>`
      select track_hook as hook from waybill_account where id = ${account}`.execute(house.db)
    return `${house.url}/api/parcel-news/${found.rows[0]?.hook}`
  }
  const post = async (url: string, form: Record<string, string>) => {
    const response = await fetch(url, { method: 'POST', body: new URLSearchParams(form) })
    const body: { returnCode?: string; code?: string } = await response.json()
    return { status: response.status, code: body.returnCode ?? body.code }
  }
  const signed = (param: string, salt: string) => ({
    param,
    sign: createHash('md5').update(`${param}${salt}`, 'utf8').digest('hex').toUpperCase(),
  })
  const saltOf = (waybillNo: string) =>
    sandbox.sandbox.tracking.subscriptions.get(`shunfeng ${waybillNo}`)?.salt ?? assert.fail(waybillNo)

  test('an order that its platform does not know is subscribed to once, and each push is written once', async () => {
    await set('subscribe')
    const order = await shipped()
    assert.deepEqual(await trackOf(order.deliveryId), {
      ...{ state: 'unknown', asked: false, followed: false, over: false },
    })
    assert.equal((await follow()).created, 1)
    assert.equal((await follow()).created, 0)
    await send()
    assert.deepEqual(await subscriptionOf(order.waybillNo), [
      { state: 'live', times: 1, reason: '', again: false },
    ])
    assert.deepEqual(await trackOf(order.deliveryId), {
      ...{ state: 'unknown', asked: true, followed: true, over: false },
    })
    clock.advance(3 * hour * 1000)
    assert.equal(await pushTracking(sandbox.sandbox), 1)
    assert.equal((await trackOf(order.deliveryId))?.state, 'collected')
    clock.advance(42 * hour * 1000)
    const early = pushParam('shunfeng', order.waybillNo, {
      status: 'polling',
      steps: stepsOf(
        sandbox.sandbox.tracking.left.get(order.waybillNo) ?? 0,
        'arrives',
        Date.now() / 1000 + 9 * hour,
      ),
    })
    await pushTracking(sandbox.sandbox)
    assert.deepEqual(await trackOf(order.deliveryId), {
      ...{ state: 'signed', asked: true, followed: true, over: true },
    })
    // The same push again, and an older one that comes late.
    const salt = saltOf(order.waybillNo)
    const last = pushParam('shunfeng', order.waybillNo, {
      status: 'shutdown',
      steps: stepsOf(sandbox.sandbox.tracking.left.get(order.waybillNo) ?? 0, 'arrives', clock.now() / 1000),
    })
    for (const param of [last, early])
      assert.deepEqual(await post(await address(), signed(param, salt)), { status: 200, code: '200' })
    assert.equal((await trackOf(order.deliveryId))?.state, 'signed')
    assert.deepEqual(await eventsOf(order.id), ['parcel_collected', 'parcel_signed'])
    assert.deepEqual(await subscriptionOf(order.waybillNo), [
      { state: 'ended', times: 1, reason: '', again: false },
    ])
  })

  test('couriers write names and phones into scans, and none of it is stored', async () => {
    const found = await sql<{ n: number }>`
      select count(*)::int as n from (
        select to_jsonb(t)::text as row from parcel_track t union all select to_jsonb(e)::text from order_event e
        union all select to_jsonb(s)::text from parcel_subscription s union all select to_jsonb(a)::text from platform_action a
      ) all_rows where row ~ '13800000000|13900000000|签收人|13800001234'`.execute(house.db)
    assert.equal(found.rows[0]?.n, 0)
    assert.equal(
      house.logged.some((line) => /13800000000|签收人|parcel-news\/[\w-]{22}/.test(line)),
      false,
    )
  })

  test('deliveries of one waybill are one subscription', async () => {
    const [one, two] = [await shipped(), await shipped()]
    await sql`
      update delivery set waybill_no = ${one.waybillNo}, parcel = 1, beside = true where id = ${two.deliveryId}`.execute(
      house.db,
    )
    await sql`update parcel_track set waybill_no = ${one.waybillNo} where delivery_id = ${two.deliveryId}`.execute(
      house.db,
    )
    assert.equal((await follow()).created, 1)
    await send()
    clock.advance(3 * hour * 1000)
    await pushTracking(sandbox.sandbox)
    assert.deepEqual(
      [(await trackOf(one.deliveryId))?.state, (await trackOf(two.deliveryId))?.state],
      ['collected', 'collected'],
    )
  })

  test('a parcel that the source gives up is asked for again after half an hour, four times in all', async () => {
    const order = await shipped('uncollected')
    for (let times = 1; times <= 4; times += 1) {
      assert.equal((await follow()).created, 1)
      await send()
      clock.advance(73 * hour * 1000)
      await pushTracking(sandbox.sandbox)
      const given = { state: times < 4 ? 'live' : 'ended', times, reason: 'no_record', again: times < 4 }
      assert.deepEqual(await subscriptionOf(order.waybillNo), [given])
      assert.equal((await follow()).created, 0)
      clock.advance(hour * 1000)
      await sql`update parcel_subscription set again_at = now() where again_at is not null`.execute(house.db)
    }
    assert.equal((await follow()).created, 0)
    assert.equal((await trackOf(order.deliveryId))?.state, 'unknown')
  })

  test('the source asks the courier for a parcel that is wanted back, and its scans end the intercept', async () => {
    const [taken, late] = [await wanted(), await wanted('uncollected')]
    await follow()
    await send()
    clock.advance(3 * hour * 1000)
    await run((tx) => decideIntercepts(tx, [taken.id, late.id], { event: 'ask' }, by))
    await send()
    const states = async () => {
      const found = await sql<{ state: string; note: string }>`
        select state, note from intercept where id = any(${[taken.id, late.id]}::bigint[]) order by id`.execute(
        house.db,
      )
      return found.rows
    }
    const refused = { state: 'open', note: '快递没接受：30012 · 仅支持运输中且未签收的快件' }
    assert.deepEqual(await states(), [{ state: 'asked', note: '' }, refused])
    clock.advance(80 * hour * 1000)
    await pushTracking(sandbox.sandbox)
    assert.deepEqual(await states(), [{ state: 'returned', note: '快递显示已退回' }, refused])
    await run((tx) => decideIntercepts(tx, [late.id], { event: 'ask' }, by))
    const asked = await sql<{ n: number }>`
      select count(*)::int as n from platform_action where kind = 'parcel.intercept'`.execute(house.db)
    assert.equal(asked.rows[0]?.n, 3)
    await send()
  })

  test('an account that asks for parcels asks at the usual times, with the phone that the courier wants', async () => {
    await set('query')
    const order = await shipped()
    await sql`update parcel_track set next_at = null where delivery_id <> ${order.deliveryId}`.execute(
      house.db,
    )
    assert.deepEqual(await follow(), { seen: 1, updated: 0, failed: 0, requests: 1, created: 0 })
    assert.deepEqual(await trackOf(order.deliveryId), {
      ...{ state: 'unknown', asked: true, followed: true, over: false },
    })
    clock.advance(9 * hour * 1000)
    await sql`update parcel_track set next_at = now() where next_at is not null`.execute(house.db)
    assert.equal((await follow()).updated, 1)
    assert.equal((await trackOf(order.deliveryId))?.state, 'in_transit')
    await set('none')
    await follow()
    assert.equal((await trackOf(order.deliveryId))?.followed, false)
  })

  test('an account that asks instead of subscribing asks at once for the parcels whose news it awaited', async () => {
    await sql`update parcel_track set next_at = null`.execute(house.db)
    await set('subscribe')
    const order = await shipped()
    await follow()
    await send()
    clock.advance(9 * hour * 1000)
    assert.deepEqual(await follow(), { seen: 0, updated: 0, failed: 0, requests: 0, created: 0 })
    await set('query')
    assert.deepEqual(await follow(), { seen: 1, updated: 1, failed: 0, requests: 1, created: 0 })
    assert.equal((await trackOf(order.deliveryId))?.state, 'in_transit')
    const next = await sql<{ hours: number }>`
      select round(extract(epoch from next_at - now()) / 3600)::int as hours from parcel_track
      where delivery_id = ${order.deliveryId}`.execute(house.db)
    assert.deepEqual(next.rows, [{ hours: 8 }])
    await sql`update parcel_track set next_at = null`.execute(house.db)
  })

  test('parcels that no account follows are open for thirty days', async () => {
    await set('query')
    const [old, young] = [await shipped(), await shipped()]
    await sql`
      update parcel_track set courier = 'OTHER', left_at = now() - case when delivery_id = ${old.deliveryId} then interval '31 days' else interval '29 days' end
      where delivery_id in (${old.deliveryId}, ${young.deliveryId})`.execute(house.db)
    await follow()
    const [first, second] = [await trackOf(old.deliveryId), await trackOf(young.deliveryId)]
    assert.deepEqual([first?.followed, first?.over], [false, true])
    assert.deepEqual([second?.followed, second?.over], [false, false])
    await sql`update parcel_track set next_at = null`.execute(house.db)
  })

  test('parcels for which there is no account keep none of the others from theirs', async () => {
    await set('query')
    const [elsewhere, here] = [await shipped(), await shipped()]
    const warehouse = async (deliveryId: string) =>
      sql`update parcel_track set warehouse_id = ${await aWarehouse(house.db)} where delivery_id = ${deliveryId}`.execute(
        house.db,
      )
    await warehouse(elsewhere.deliveryId)
    await warehouse(here.deliveryId)
    await sql`
      update waybill_account set warehouse_id = (select warehouse_id from parcel_track where delivery_id = ${here.deliveryId})
      where id = ${account}`.execute(house.db)
    assert.equal(await giveToAccounts(house.db, kuaidi100Tracking, [], 1), 1)
    assert.deepEqual(
      [(await trackOf(elsewhere.deliveryId))?.followed, (await trackOf(here.deliveryId))?.followed],
      [false, true],
    )
    await sql`update waybill_account set warehouse_id = null where id = ${account}`.execute(house.db)
  })

  test('what fails loses no answer beside it, stops no other account, and a locked parcel waits alone', async () => {
    await set('query')
    const [one, two, three, others] = [await shipped(), await shipped(), await shipped(), await shipped()]
    const own = { key: 'other-key', customer: 'other-customer' }
    sandbox.sandbox.kuaidi100.enterprises.set(own.key, { ...kuaidi100Demo, ...own })
    const sealed = seal(house.ring, shopId, JSON.stringify({ ...own, pollUrl: sandbox.url }))
    const made = await sql<{ id: string }>`
      insert into waybill_account (shop_id, source, courier, branch_code, branch_name, sender, template_name, template_url, credentials,
        track, created_by)
      select shop_id, source, courier, 'other', branch_name, sender, template_name, template_url, ${sealed}, 'query', '' from waybill_account
      where id = ${account} returning id`.execute(house.db)
    const mine = [one, two, three].map(({ deliveryId }) => deliveryId)
    await sql`
      update parcel_track set account_id = case when delivery_id = any(${mine}::bigint[]) then ${account}::bigint else ${made.rows[0]?.id}::bigint end,
        next_at = case when delivery_id = any(${[...mine, others.deliveryId]}::bigint[]) then now() end`.execute(
      house.db,
    )
    await control(sandbox, 'faults', {
      ...{ kind: 'http', status: 502, shop: 'kuaidi100', method: 'poll.query', skip: 1, count: 1 },
    })
    await assert.rejects(follow(), { code: 'http_502' })
    const asked = async () => {
      const tracks = await Promise.all(mine.map(trackOf))
      return tracks.filter((track) => track?.asked).length
    }
    assert.deepEqual([await asked(), (await trackOf(others.deliveryId))?.asked], [2, true])
    assert.deepEqual(await follow(), { seen: 1, updated: 0, failed: 0, requests: 1, created: 0 })
    assert.equal(await asked(), 3)
    await sql`update parcel_track set next_at = now() where delivery_id = ${one.deliveryId}`.execute(house.db)
    const locked = { seen: 1, updated: 0, failed: 1, requests: 1, created: 0 }
    assert.deepEqual([await follow(), (await follow()).seen], [locked, 0])
    await sql`delete from parcel_track where account_id = ${made.rows[0]?.id}`.execute(house.db)
    await sql`delete from waybill_account where id = ${made.rows[0]?.id}`.execute(house.db)
  })

  test('only who may change the shops sets how its accounts follow parcels', async () => {
    const path = `/api/waybill-accounts/${account}/tracking`
    const [elsewhere, reader] = [await house.as(['*'], []), await house.as(['fulfilment.read'])]
    assert.equal((await elsewhere.call('POST', path, { track: 'query' })).status, 404)
    assert.equal((await reader.call('POST', path, { track: 'query' })).status, 403)
    const shown = await (await house.as(['*'])).call('GET', '/api/waybill-accounts')
    assert.doesNotMatch(JSON.stringify(shown.body), /hook|salt/i)
  })

  test('a stranger is not believed, and refused after thirty tries', async () => {
    const url = await address()
    await set('subscribe')
    const order = await shipped()
    await follow()
    await send()
    const param = pushParam('shunfeng', order.waybillNo, {
      status: 'polling',
      steps: [{ action: 'SIGN', text: '已签收', at: Math.floor(Date.now() / 1000) }],
    })
    const salt = saltOf(order.waybillNo)
    const unknown = pushParam('shunfeng', 'SF0000000000000', { status: 'polling', steps: [] })
    assert.deepEqual(await post(url, signed(unknown, salt)), { status: 200, code: '200' })
    assert.deepEqual(await post(url, signed('not json', salt)), { status: 200, code: '200' })
    const large = await post(url, signed('x'.repeat(600_000), salt))
    assert.equal(large.status, 413)
    assert.deepEqual(await post(url, signed(param, 'another salt')), { status: 403, code: 'forbidden' })
    assert.deepEqual(await post(url.replace(/[\w-]{22}$/, 'a'.repeat(22)), signed(param, salt)), {
      status: 403,
      code: 'forbidden',
    })
    assert.equal((await trackOf(order.deliveryId))?.state, 'unknown')
    for (let tries = 2; tries < 30; tries += 1) await post(url, { param })
    assert.deepEqual(await post(url, signed(param, salt)), { status: 429, code: 'too_many_at_once' })
  })
})
