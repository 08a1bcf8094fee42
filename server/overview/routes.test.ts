import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { type TestApp, testApp } from '../testing/app.ts'

let house: TestApp
let shopId = ''

before(async () => {
  house = await testApp()
  const shop = await sql<{ id: string }>`
    insert into shop (platform, variant, name, auth_state, auth_changed_at) values ('taobao', 'tmall', '山隅', 'expired', '2026-11-24T06:02:00Z')
    returning id`.execute(house.db)
  shopId = shop.rows[0]?.id ?? ''
})
after(() => house[Symbol.asyncDispose]())

test('the overview answers everything that its page shows', async () => {
  const viewer = await house.as(['overview.read'])
  const { status, body } = await viewer.call('GET', '/api/overview')
  const { queues, stuck, alarms, sales, week } = Object(body)
  assert.equal(status, 200)
  assert.deepEqual(queues[0], {
    key: 'download',
    count: 0,
    capped: false,
    to: '/download-queue',
    oldestMs: null,
    note: { code: 'none', count: 0, capped: false, to: '' },
  })
  assert.deepEqual(
    [queues.length, stuck, sales.today.length, sales.yesterday.length, week.days.length],
    [8, [], 24, 24, 7],
  )
  assert.deepEqual(alarms, [
    {
      id: `auth_expired:${shopId}`,
      kind: 'auth_expired',
      tone: 'bad',
      since: '2026-11-24T06:02:00.000Z',
      title: { zh: '山隅授权 11-24 14:02 失效', en: '山隅: authorisation ended at 11-24 14:02' },
      detail: {
        zh: '订单不会丢，授权后从 11-24 14:02 补下',
        en: 'Nothing is lost: downloads go on from 11-24 14:02 once authorised',
      },
      shopId,
      count: 1,
      capped: false,
      amountFen: null,
      ids: [],
      remedy: 'authorise',
      act: { zh: '去授权', en: 'Go and authorise' },
      to: `/shops?open=${shopId}`,
    },
  ])
  assert.deepEqual(Object((await viewer.call('GET', '/api/alarms')).body).rows, alarms)
  assert.deepEqual((await viewer.call('GET', '/api/overview/alarms')).body, { count: 1, worst: 'bad' })
})

test('coverage can be asked by stream and shop, and of granted shops only', async () => {
  const viewer = await house.as(['overview.read'])
  const rows = async (query: string, caller = viewer) =>
    Object(await caller.call('GET', `/api/coverage${query}`)).body.rows.map(
      ({ stream }: { stream: string }) => stream,
    )
  assert.deepEqual(await rows(''), ['shop', 'trades', 'trades_first', 'refunds'])
  assert.deepEqual(await rows('?stream=shop'), ['shop'])
  assert.deepEqual(await rows(`?stream=trades&shop=${shopId}&hours=24`), ['trades'])
  assert.deepEqual(await rows('?shop=999'), [])
  assert.deepEqual(await rows('', await house.as(['overview.read'], ['999'])), [])
  assert.equal((await viewer.call('GET', '/api/coverage?hours=0')).status, 400)
  assert.equal((await viewer.call('GET', '/api/coverage?stream=x')).status, 400)
})

test('nobody without the permission sees any of it, and other scopes see their own', async () => {
  const other = await house.as(['orders.read'])
  for (const path of ['/api/overview', '/api/overview/alarms', '/api/alarms', '/api/coverage']) {
    assert.equal((await other.call('GET', path)).status, 403, path)
  }
  const elsewhere = await house.as(['overview.read'], ['999'])
  assert.deepEqual(Object((await elsewhere.call('GET', '/api/overview')).body).alarms, [])
  assert.deepEqual((await elsewhere.call('GET', '/api/overview/alarms')).body, { count: 0, worst: null })
})
