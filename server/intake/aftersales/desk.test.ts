import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { refundKinds, refundStatuses } from '../../connectors/connector.ts'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import { createQueues } from '../../core/jobs/job.ts'
import { lockActions } from '../../core/outbox/queries.ts'
import { convertTrades } from '../../flows/convert-trade.ts'
import { tradeOrders } from '../../orders/order/relations.ts'
import { originals } from '../../orders/refunds/refund-rules.ts'
import { type Caller, type TestApp, testApp } from '../../testing/app.ts'
import { anOrder } from '../../testing/orders.ts'
import { jobs } from '../../worker.ts'
import { intakeActions } from '../outbox.ts'
import { convertRefunds } from '../refunds/convert-refunds.ts'
import { refundStateFacet } from '../staged/refund-columns.ts'
import {
  aLine,
  aRefund,
  aTrade,
  type IntakeFixture,
  matchGoods,
  stage,
  stageRefunds,
  tradeOf,
} from '../testing.ts'
import { type GoodsBack, suggestionOf, suggestions } from './desk-rules.ts'
import { refundStatistics } from './refund-statistics.ts'

let house: TestApp
let pool: IntakeFixture
let admin: Caller
let otherShop: string

before(async () => {
  house = await testApp()
  await createQueues(house.db, jobs)
  const shop = async (name: string) =>
    (
      await sql<{ id: string }>`
        insert into shop (platform, variant, name, go_live_at, auth_state) values ('taobao', 'tmall', ${name}, '2026-01-01', 'live')
        returning id`.execute(house.db)
    ).rows[0]?.id ?? ''
  pool = { db: house.db, ring: house.ring, shopId: await shop('甲'), [Symbol.asyncDispose]: async () => {} }
  otherShop = await shop('乙')
  await matchGoods(house.db, pool.shopId)
  admin = await house.as(['*'])
})
after(() => house[Symbol.asyncDispose]())

const hour = 3_600_000
const soon = (hours: number) => new Date(Date.now() + hours * hour)

async function converted() {
  const trade = aTrade({ lines: [aLine()] })
  await stage(pool, trade)
  const id = (await tradeOf(pool, trade.tid))?.id ?? ''
  await house.db
    .transaction()
    .execute((tx) => convertTrades(tx, [id], { actor: systemActor, scope: wholeScope }))
  return trade
}
const idOf = async (refundNo: string) =>
  (await sql<{ id: string }>`select id from staged_refund where refund_no = ${refundNo}`.execute(house.db))
    .rows[0]?.id ?? ''
const desk = async (query = '', who = admin) => {
  const answer = await who.call('GET', `/api/aftersale?${query}`)
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return Object(answer.body).rows as Record<string, unknown>[]
}

test('what waits stands by its deadline, with where its original stands and what the table suggests', async () => {
  const [late, first, alone] = [await converted(), await converted(), aTrade()]
  await stageRefunds(
    pool,
    aRefund(late, { refundId: '901', deadline: soon(30) }),
    aRefund(first, { refundId: '902', deadline: soon(2) }),
    aRefund(alone, { refundId: '903', deadline: soon(9) }),
    aRefund(first, { refundId: '904', status: 'closed', deadline: null }),
  )
  await house.db.transaction().execute(async (tx) => {
    await convertRefunds(tx, [await idOf('901')], { actor: systemActor, scope: wholeScope })
  })
  const facts = (rows: Record<string, unknown>[]) =>
    rows.map(({ refundNo, original, suggestion }) => [refundNo, original, suggestion])
  assert.deepEqual(facts(await desk()), [
    ['902', 'unconfirmed', 'convert'],
    ['903', null, 'wait_original'],
    ['901', 'unconfirmed', 'agree'],
  ])
  assert.deepEqual(facts(await desk('tab=due')), [['902', 'unconfirmed', 'convert']])
  assert.deepEqual(facts(await desk('tab=unconverted')), [
    ['902', 'unconfirmed', 'convert'],
    ['903', null, 'wait_original'],
  ])
  assert.deepEqual(facts(await desk('original=no_original')), [['903', null, 'wait_original']])
  assert.deepEqual((await desk('original=unconfirmed')).length, 2)
  assert.deepEqual(await desk('original=shipped_unwritten'), [])
  assert.deepEqual((await desk('original=no_original,unconfirmed')).length, 3)
  const before = encodeURIComponent(soon(10).toISOString())
  assert.deepEqual(facts(await desk(`deadlineTo=${before}`)), [
    ['902', 'unconfirmed', 'convert'],
    ['903', null, 'wait_original'],
  ])
  assert.deepEqual(await desk('status=closed'), [])
  for (const key of ['original', 'duty', 'status'])
    assert.equal((await admin.call('GET', `/api/aftersale?${key}=nonsense`)).status, 400)
  const { body } = await admin.call('GET', '/api/aftersale/counts')
  assert.deepEqual(
    Object.entries(Object(body).tabs).map(([tab, one]) => [tab, Object(one).count]),
    [
      ['open', 3],
      ['due', 1],
      ['unconverted', 2],
    ],
  )
  const keeper = await house.as(['*'], [otherShop])
  assert.deepEqual(await desk('', keeper), [])
})

test('the search box finds a refund by each number that its hint names, with letters too, and else by nick', async () => {
  const [first, other] = [await converted(), await converted()]
  await stageRefunds(
    pool,
    aRefund(first, { refundId: 'AS_98-x1', buyerNick: '7788990' }),
    aRefund(other, { refundId: '98000002' }),
  )
  const made = await sql<{ no: string }>`select no from sales_order where tid = ${first.tid}`.execute(
    house.db,
  )
  const { no } = made.rows[0] ?? assert.fail()
  assert.equal(no.slice(0, 2), 'SO')
  const found = async (q: string) => {
    const { status, body } = await admin.call('GET', `/api/staged-refunds?q=${encodeURIComponent(q)}`)
    assert.equal(status, 200, JSON.stringify(body))
    const rows = Object(body).rows as Record<string, unknown>[]
    return rows.map(({ refundNo }) => refundNo)
  }
  for (const text of ['AS_98-x1', first.tid, no, no.toLowerCase(), '7788990'])
    assert.deepEqual(await found(text), ['AS_98-x1'], text)
  assert.deepEqual(await found('98000002'), ['98000002'])
  for (const text of ['AS_98-x2', '98000003', 'SO0000000000']) assert.deepEqual(await found(text), [], text)
})

test('a refund bears the picture of the line that it is of, and none where nothing is known of it', async () => {
  const [first, second] = [
    aLine({ pictureUrl: 'https://img.example/a.jpg' }),
    aLine({ pictureUrl: 'https://img.example/b.jpg' }),
  ]
  const trade = aTrade({ lines: [first, second] })
  await stage(pool, trade)
  await stageRefunds(
    pool,
    aRefund(trade, { refundId: '961' }),
    aRefund(trade, { refundId: '962', oid: second.oid }),
    aRefund(trade, { refundId: '963', oid: 'unheard of' }),
    aRefund(aTrade(), { refundId: '964' }),
  )
  const rows = await desk('refundNos=961,962,963,964')
  const pictures = rows.map(({ refundNo, pictureUrl }) => [refundNo, pictureUrl])
  assert.deepEqual(pictures.sort(), [
    ['961', 'https://img.example/a.jpg'],
    ['962', 'https://img.example/b.jpg'],
    ['963', ''],
    ['964', ''],
  ])
})

test('a refund that the platform sends without its goods bears the name of the line that it is of', async () => {
  const [first, second] = [aLine({ title: '落地灯', spec: '黑' }), aLine({ title: '羊毛毯', spec: '灰' })]
  const trade = aTrade({ lines: [first, second] })
  await stage(pool, trade)
  const unnamed = { title: '', spec: '' }
  await stageRefunds(
    pool,
    aRefund(trade, { refundId: '971', oid: second.oid, ...unnamed }),
    aRefund(trade, { refundId: '972', oid: second.oid, title: '毯子', spec: '' }),
    aRefund(trade, { refundId: '973', oid: '', ...unnamed }),
  )
  const rows = await desk('refundNos=971,972,973')
  assert.deepEqual(rows.map(({ refundNo, title, spec }) => [refundNo, title, spec]).sort(), [
    ['971', '羊毛毯', '灰'],
    ['972', '毯子', ''],
    ['973', '', ''],
  ])
  const opened = await admin.call('GET', `/api/staged-refunds/${await idOf('971')}`)
  const { title, spec } = Object(opened.body)
  assert.deepEqual([title, spec], ['羊毛毯', '灰'])
})

test('the SQL that names where an original stands agrees with the table’s own word', async () => {
  for (const original of originals) {
    const status = original === 'record' || original === 'shipped_unwritten' ? 'shipped' : original
    const origin = original === 'record' ? 'record' : 'trade'
    const { id } = await anOrder(house.db, { shopId: pool.shopId, status, origin })
    if (original === 'shipped')
      await sql`update sales_order set written_back_at = now() where id = ${id}`.execute(house.db)
    const found = await sql<{ standing: string }>`
      select standing from ${tradeOrders} as original where id = ${id}`.execute(house.db)
    assert.equal(found.rows[0]?.standing, original)
  }
})

test('there is a suggestion for everything that can wait', () => {
  for (const original of [...originals, null])
    for (const kind of refundKinds)
      for (const status of refundStatuses.filter((one) => one === 'applied' || one === 'agreed'))
        for (const phase of ['onsale', 'aftersale'] as const)
          assert.ok(
            suggestions.includes(
              suggestionOf({
                state: 'converted',
                reason: '',
                status,
                kind,
                phase,
                original,
                answering: false,
                goodsFirst: false,
                goodsBack: null,
                intercept: null,
              }),
            ),
          )
  const facts = {
    state: 'converted',
    reason: '',
    status: 'applied',
    kind: 'refund_only',
    phase: 'onsale',
    answering: false,
    goodsFirst: false,
    goodsBack: null,
  } as const
  const suggested = (
    original: 'shipped_unwritten' | 'shipped',
    way: 'pull' | 'recall',
    state: 'open' | 'asked' | 'missed',
  ) => suggestionOf({ ...facts, original, intercept: { way, state, ofThis: true } })
  assert.equal(suggested('shipped_unwritten', 'pull', 'open'), 'pull')
  assert.equal(suggested('shipped_unwritten', 'pull', 'missed'), 'answer')
  assert.equal(suggested('shipped_unwritten', 'recall', 'open'), 'recall')
  assert.equal(suggested('shipped', 'recall', 'asked'), 'wait_courier')
  const staged = (way: 'pull' | 'recall', state: 'open' | 'missed', ofThis: boolean) =>
    suggestionOf({
      ...facts,
      state: 'staged',
      original: 'shipped_unwritten',
      intercept: { way, state, ofThis },
    })
  assert.equal(staged('pull', 'open', true), 'pull')
  assert.equal(staged('pull', 'open', false), 'convert')
  assert.equal(staged('pull', 'missed', true), 'convert')
  assert.equal(staged('recall', 'open', true), 'convert')
  const none = { original: null, intercept: null }
  assert.equal(suggestionOf({ ...facts, ...none }), 'agree_no_order')
  assert.equal(suggestionOf({ ...facts, ...none, kind: 'return', status: 'agreed' }), 'wait_buyer')
  const back = { ...facts, kind: 'return', original: 'shipped', intercept: null } as const
  assert.deepEqual(
    [
      suggestionOf(back),
      suggestionOf({ ...back, goodsFirst: true }),
      suggestionOf({ ...back, answering: true }),
    ],
    ['return', 'return_there', 'wait_platform'],
  )
  assert.equal(suggestionOf({ ...facts, original: 'completed', intercept: null }), 'answer')
  const received = (goodsBack: GoodsBack | null) => suggestionOf({ ...back, status: 'agreed', goodsBack })
  const goods = { openProblems: 0, writtenBack: false, agreesHere: true }
  assert.deepEqual(
    [
      received(null),
      received(goods),
      received({ ...goods, agreesHere: false }),
      received({ ...goods, writtenBack: true }),
      received({ ...goods, openProblems: 1 }),
    ],
    ['wait_buyer', 'goods_back', 'goods_back_there', 'wait_payment', 'settle_return'],
  )
  for (const kind of ['exchange', 'repair'] as const) {
    const owed = (goodsBack: GoodsBack | null) => suggestionOf({ ...back, kind, status: 'agreed', goodsBack })
    assert.deepEqual(
      [owed(null), owed(goods), owed({ ...goods, agreesHere: false }), owed({ ...goods, openProblems: 1 })],
      ['wait_buyer', 'wait_goods', 'wait_goods', 'settle_return'],
    )
  }
  assert.equal(suggestionOf({ ...back, kind: 'reship', status: 'agreed' }), 'wait_goods')
  assert.equal(suggestionOf({ ...back, kind: 'other', status: 'agreed' }), 'answer')
})

test('parcels are decided from the desk by their refunds; one without a parcel says so', async () => {
  const trade = await converted()
  await stageRefunds(pool, aRefund(trade, { refundId: '911', deadline: soon(5) }))
  const id = await idOf('911')
  await house.db
    .transaction()
    .execute((tx) => convertRefunds(tx, [id], { actor: systemActor, scope: wholeScope }))
  const miss = async () =>
    Object((await admin.call('POST', '/api/aftersale/miss', { ids: [id] })).body).results[0]
  assert.deepEqual([(await miss()).code], ['no_intercept'])
  await sql`
    insert into delivery (no, order_id, order_no, tid, shop_id, status, courier, waybill_no, write_back, shipped_at, created_by)
    select 'DN911', id, no, tid, shop_id, 'shipped', 'SF', 'SF911911', 'done', now(), '' from sales_order where tid = ${trade.tid}`.execute(
    house.db,
  )
  await sql`
    insert into intercept (delivery_id, delivery_no, order_id, order_no, tid, shop_id, courier, waybill_no, refund_no, amount_fen,
      way, state, created_by)
    select id, no, order_id, order_no, tid, shop_id, courier, waybill_no, '911', 9000, 'recall', 'open', '' from delivery
    where no = 'DN911'`.execute(house.db)
  const [row] = await desk('refundNos=911')
  assert.deepEqual(Object(row?.['intercept']).state, 'open')
  assert.deepEqual([(await miss()).done], [true])
  assert.deepEqual([(await miss()).code], ['no_intercept'])
})

test('many are agreed to and refused at once, each as it was seen; what the platform refused says so and may be asked anew', async () => {
  const trades = [await converted(), await converted(), await converted(), await converted()]
  await stageRefunds(
    pool,
    ...trades.map((trade, at) =>
      aRefund(trade, { refundId: `95${at}`, version: `10${at}`, deadline: soon(5) }),
    ),
  )
  const ids: string[] = []
  for (const at of [0, 1, 2, 3]) ids.push(await idOf(`95${at}`))
  const [a = '', b = '', c = '', d = ''] = ids
  const rows = await desk('refundNos=950,951,952,953')
  const seen = rows.map(({ id, version, amountFen }) => ({ id, version, amountFen }))
  const answer = async (verb: string, wanted: string[], wish: object = {}) => {
    const { status, body } = await admin.call('POST', `/api/aftersale/${verb}`, {
      ids: wanted,
      seen,
      ...wish,
    })
    assert.equal(status, 200, JSON.stringify(body))
    const results: { id: string; done: boolean; code?: string }[] = Object(body).results
    return wanted
      .map((id) => results.find((one) => one.id === id))
      .map((one) => (one?.done ? 'done' : one?.code))
  }
  const actions = async (kind: string) =>
    (
      await sql<{ id: string; refundId: string; state: string; amountFen: number | null }>`
        select id, payload ->> 'refundId' as "refundId", state, (payload -> 'amountFen')::int as "amountFen" from platform_action
        where kind = ${kind} and subject_id = any(${ids}::text[]) order by id`.execute(house.db)
    ).rows
  // One refund changed after it was seen; for another the seen state is missing.
  await stageRefunds(
    pool,
    aRefund(trades[1] ?? aTrade(), {
      refundId: '951',
      version: '999',
      modifiedAt: new Date(),
      deadline: soon(5),
    }),
  )
  seen.splice(
    seen.findIndex(({ id }) => id === c),
    1,
  )
  assert.deepEqual(await answer('agree', [a, b, c]), ['done', 'conflict', 'not_seen'])
  assert.deepEqual(await answer('agree', [a]), ['being_answered'])
  assert.deepEqual(
    (await actions('refund.agree')).map(({ refundId, amountFen }) => [refundId, amountFen]),
    [['950', Number(rows.find(({ id }) => id === a)?.['amountFen'])]],
  )
  assert.equal((await desk('refundNos=950'))[0]?.['suggestion'], 'wait_platform')
  // The platform requires a code, and the row shows this; with the code the agreement is enqueued again.
  const [first] = await actions('refund.agree')
  const ends = async (kind: string, id: string, message: string) =>
    house.db.transaction().execute(async (tx) => {
      await sql`update platform_action set state = 'failed', next_at = null where id = ${id}`.execute(tx)
      const handler = intakeActions.find((one) => one.kind === kind) ?? assert.fail()
      const found = await lockActions(tx, [id], wholeScope)
      const outcome = { state: 'failed' as const, code: 'x', message }
      await handler.onResults(
        tx,
        found.map((action) => ({ action, outcome })),
      )
    })
  await ends('refund.agree', first?.id ?? '', 'The platform sent a code to the shop owner.')
  const [failed] = await desk('refundNos=950')
  assert.deepEqual(
    [failed?.['error'], failed?.['suggestion']],
    ['The platform sent a code to the shop owner.', 'convert'],
  )
  assert.deepEqual(
    [await answer('agree', [a]), await answer('agree', [a], { code: '123456' })],
    [['done'], ['done']],
  )
  assert.equal((await desk('refundNos=950'))[0]?.['error'], '')
  assert.equal((await actions('refund.agree')).length, 3)

  const refusal = { platform: 'taobao', reasonId: '1', message: '商品已发出' }
  const png =
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
  const proof = { type: 'image/png', base64: png }
  // A file that is no picture, has another type than stated, or is only partly base64 is refused as a proof.
  for (const base64 of ['AAAA', '@@@', '', `${png}@@`, Buffer.from('<svg/>').toString('base64')])
    assert.deepEqual(
      await answer('refuse', [d], { ...refusal, proof: { ...proof, base64 } }),
      ['proof_invalid'],
      base64,
    )
  assert.deepEqual(await answer('refuse', [d], { ...refusal, proof: { ...proof, type: 'image/gif' } }), [
    'proof_invalid',
  ])
  assert.deepEqual(await answer('refuse', [d], refusal), ['proof_needed'])
  assert.deepEqual(await answer('refuse', [d], { ...refusal, platform: 'pinduoduo', proof }), [
    'other_platform',
  ])
  assert.deepEqual(await answer('refuse', [d, c], { ...refusal, proof }), ['done', 'not_seen'])
  assert.deepEqual(await answer('refuse', [d], { ...refusal, proof }), ['being_answered'])
  const [sent] = await actions('refund.refuse')
  await ends('refund.refuse', sent?.id ?? '', '凭证不清楚')
  const [back] = await desk('refundNos=953')
  assert.deepEqual([back?.['state'], back?.['error']], ['staged', '凭证不清楚'])
  assert.equal(
    (
      await sql`select from staged_refund where id = ${d} and facets[1] = ${refundStateFacet('staged')} and decided_on is null`.execute(
        house.db,
      )
    ).rows.length,
    1,
  )
  const clerk = await house.as(['refunds.read', 'refunds.convert'])
  assert.equal((await clerk.call('POST', '/api/aftersale/agree', { ids: [a], seen })).status, 403)
})

test('of what is to come back nobody agrees to the money before the platform was told that the goods may', async () => {
  const trade = await converted()
  const asked = aRefund(trade, { refundId: '960', refundKind: 'return', version: '1', deadline: soon(5) })
  await stageRefunds(pool, asked)
  const id = await idOf('960')
  const agree = async () => {
    const [row] = await desk('refundNos=960')
    const seen = [{ id, version: row?.['version'], amountFen: row?.['amountFen'] }]
    const { body } = await admin.call('POST', '/api/aftersale/agree', { ids: [id], seen })
    const [one] = Object(body).results
    return one.done ? 'done' : one.code
  }
  const button = async () => {
    const { actions } = Object((await admin.call('GET', `/api/staged-refunds/${id}`)).body)
    return actions.find(({ action }: { action: string }) => action === 'agree')
  }
  const told = () =>
    sql`select from platform_action where kind = 'refund.agree' and subject_id = ${id}`.execute(house.db)
  assert.deepEqual(await button(), { action: 'agree', allowed: false, code: 'goods_first' })
  assert.equal(await agree(), 'goods_first')
  assert.equal((await told()).rows.length, 0)
  const modifiedAt = new Date(asked.modifiedAt.getTime() + 1000)
  await stageRefunds(pool, { ...asked, version: '2', modifiedAt, status: 'agreed' })
  assert.deepEqual(await button(), { action: 'agree', allowed: true, code: '' })
  assert.equal(await agree(), 'done')
  assert.equal((await told()).rows.length, 1)
})

test('who bears it is said by people, kept with a note, and counted', async () => {
  const trade = await converted()
  await stageRefunds(pool, aRefund(trade, { refundId: '921', deadline: soon(6) }))
  const id = await idOf('921')
  const say = (body: object) => admin.call('POST', '/api/aftersale/duty', { ids: [id], ...body })
  assert.equal((await say({ duty: 'nobody' })).status, 400)
  assert.equal(Object((await say({ duty: 'courier', note: '派送太慢' })).body).results[0].done, true)
  const [row] = await desk('duty=courier')
  assert.deepEqual([row?.['refundNo'], row?.['duty'], row?.['dutyNote']], ['921', 'courier', '派送太慢'])
  assert.deepEqual(
    (await desk('duty=none')).some(({ refundNo }) => refundNo === '921'),
    false,
  )
  const events = await sql<{ detail: unknown }>`
    select detail from refund_event where refund_no = '921' and event = 'duty'`.execute(house.db)
  assert.deepEqual(events.rows, [{ detail: { duty: 'courier', note: '派送太慢' } }])
  // A newer version of the refund keeps the responsibility.
  const newer = { version: '1411375309999', modifiedAt: new Date(Date.now()) }
  await stageRefunds(pool, aRefund(trade, { refundId: '921', ...newer }))
  assert.equal((await desk('duty=courier'))[0]?.['duty'], 'courier')
})

test('statistics of a period: counts and sums by reason, shop, goods, duty, kind and day', async () => {
  await sql`delete from staged_refund`.execute(house.db)
  const at = (day: number) => new Date(`2026-10-${day}T10:00:00+08:00`)
  const refund = (n: number, own: object) =>
    aRefund(aTrade(), { refundId: `93${n}`, amountFen: 100 * n, quantity: n, ...own })
  await stageRefunds(
    pool,
    refund(1, { reason: '质量问题', outerId: 'A', createdAt: at(10), status: 'succeeded' }),
    refund(2, { reason: '质量问题', outerId: 'B', createdAt: at(11) }),
    refund(3, { reason: '不想要了', outerId: 'A', createdAt: at(11), refundKind: 'return' }),
    refund(4, { reason: '不想要了', outerId: 'A', createdAt: at(20) }),
  )
  await stageRefunds(
    { ...pool, shopId: otherShop },
    refund(5, { reason: '质量问题', outerId: 'A', createdAt: at(11) }),
  )
  await sql`update staged_refund set duty = 'seller' where refund_no = '931'`.execute(house.db)
  const period = { createdFrom: at(10).toISOString(), createdTo: at(19).toISOString() }
  const rows = async (own: object) => {
    const found = await refundStatistics(house.db, { by: 'reason', ...period, ...own }, wholeScope)
    return found.rows.map(({ key, count, amountFen, paidFen }) => [key, count, amountFen, paidFen])
  }
  assert.deepEqual(await rows({}), [
    ['质量问题', 3, 800, 100],
    ['不想要了', 1, 300, 0],
  ])
  assert.deepEqual(await rows({ by: 'goods' }), [
    ['A', 3, 900, 100],
    ['B', 1, 200, 0],
  ])
  assert.deepEqual(await rows({ by: 'day' }), [
    ['2026-10-10', 1, 100, 100],
    ['2026-10-11', 3, 1000, 0],
  ])
  assert.deepEqual(await rows({ by: 'duty' }), [
    ['', 3, 1000, 0],
    ['seller', 1, 100, 100],
  ])
  assert.deepEqual(await rows({ by: 'kind', reason: '不想要了' }), [['return', 1, 300, 0]])
  assert.deepEqual(await rows({ by: 'shop', shop: otherShop }), [[otherShop, 1, 500, 0]])
  const whole = await refundStatistics(
    house.db,
    { by: 'shop', ...period },
    { shops: [otherShop], warehouses: 'all' },
  )
  assert.deepEqual([whole.total.count, whole.rows.length], [1, 1])
  const none = await refundStatistics(house.db, { by: 'shop', ...period, reason: '没有' }, wholeScope)
  assert.deepEqual([none.total.count, none.rows], [0, []])
  const long = '/api/aftersale/statistics?by=day&createdFrom=2020-01-01T00:00:00Z'
  assert.equal((await admin.call('GET', long)).status, 400)
})
