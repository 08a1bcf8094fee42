import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { systemActor, wholeScope } from '../core/access/actor.ts'
import { bulkActions } from '../core/verbs.ts'
import { type TestApp, testApp } from '../testing/app.ts'
import { type SettlementKind, settlementKindNames, settlementKinds } from './lifecycle.ts'
import { type Owed, oweSettlements } from './settlements.ts'
import { financeVerbs, settlementVerbRows } from './verbs.ts'

let house: TestApp
const shops: string[] = []

before(async () => {
  house = await testApp()
  for (const name of ['甲', '乙']) {
    const made = await sql<{ id: string }>`
      insert into shop (platform, variant, name) values ('taobao', 'tmall', ${name}) returning id`.execute(
      house.db,
    )
    shops.push(made.rows[0]?.id ?? '')
  }
  await owe(
    row(1, 'order_receipt', 10_000),
    row(1, 'order_refund', -3000, 'R1'),
    row(2, 'cod_receipt', 5000),
    { ...row(3, 'refund_only', -700, 'R3'), orderId: null, orderNo: '' },
    { ...row(4, 'order_receipt', 100), shopId: shops[1] ?? '' },
  )
})
after(() => house[Symbol.asyncDispose]())

const row = (order: number, kind: SettlementKind, amountFen: number, source = `SO${order}`): Owed => ({
  shopId: shops[0] ?? '',
  orderId: String(order),
  orderNo: `SO${order}`,
  tid: `29480000000000000${order}`,
  kind,
  source,
  amountFen,
})
const owe = (...rows: Owed[]) =>
  house.db.transaction().execute((tx) => oweSettlements(tx, rows, systemActor.name))

type Rows = { rows: { id: string; kind: string; amountFen: number; status: string }[]; next: string | null }
const kinds = (body: unknown) => (body as Rows).rows.map(({ kind, amountFen }) => `${kind} ${amountFen}`)

test('lists by tab, type, shop, period and any number, within the scope', async () => {
  const clerk = await house.as(['finance.read'], shops.slice(0, 1))
  const list = async (query: string) => kinds((await clerk.call('GET', `/api/settlements?${query}`)).body)
  const all = ['order_receipt 10000', 'order_refund -3000', 'cod_receipt 5000', 'refund_only -700']
  assert.deepEqual(await list('sort=createdAt'), all)
  assert.deepEqual(await list(''), all.toReversed())
  assert.deepEqual(await list('tab=approved'), [])
  assert.deepEqual(await list('kind=cod_receipt,refund_only'), ['refund_only -700', 'cod_receipt 5000'])
  assert.deepEqual(await list(`tab=all&shop=${shops[1]}`), [])
  assert.deepEqual(await list('q=so1'), ['order_refund -3000', 'order_receipt 10000'])
  assert.deepEqual(await list('q=R1'), ['order_refund -3000'])
  assert.deepEqual(await list('numbers=294800000000000003%20SO2'), ['refund_only -700', 'cod_receipt 5000'])
  assert.deepEqual(await list('orderId=2'), ['cod_receipt 5000'])
  assert.deepEqual(await list('createdTo=2020-01-01T00:00:00Z'), [])
  assert.deepEqual((await list('createdFrom=2020-01-01T00:00:00Z')).length, 4)
  const first = (await clerk.call('GET', '/api/settlements?limit=3')).body as Rows
  assert.deepEqual(await list(`limit=3&after=${first.next}`), ['order_receipt 10000'])
  const counts = (await clerk.call('GET', '/api/settlements/counts?kind=order_refund')).body
  assert.deepEqual((counts as { tabs: Record<string, unknown> }).tabs['draft'], { count: 1, capped: false })
  assert.deepEqual((await clerk.call('GET', '/api/settlements/count?tab=all')).body, { count: 4 })
  const wrong = await clerk.call('GET', '/api/settlements?kind=nothing')
  assert.deepEqual([wrong.status, Object(wrong.body).field], [400, 'kind'])
})

test('sums by type what the filter matches, without what is voided', async () => {
  const clerk = await house.as(['finance.read', 'finance.approve'], shops.slice(0, 1))
  const totals = async (query: string) => (await clerk.call('GET', `/api/settlements/totals?${query}`)).body
  assert.deepEqual(await totals('tab=all'), {
    rows: [
      { kind: 'order_receipt', count: 1, amountFen: 10_000 },
      { kind: 'cod_receipt', count: 1, amountFen: 5000 },
      { kind: 'order_refund', count: 1, amountFen: -3000 },
      { kind: 'refund_only', count: 1, amountFen: -700 },
    ],
    capped: false,
  })
  assert.deepEqual(await totals('tab=voided'), { rows: [], capped: false })
  assert.deepEqual(await totals('kind=order_refund&q=SO1'), {
    rows: [{ kind: 'order_refund', count: 1, amountFen: -3000 }],
    capped: false,
  })
  const [loose] = ((await clerk.call('GET', '/api/settlements?kind=refund_only')).body as Rows).rows
  const voided = await clerk.call('POST', '/api/settlements/void', { ids: [loose?.id], reason: '平台已结' })
  assert.equal((voided.body as { results: { done: boolean }[] }).results[0]?.done, true)
  assert.deepEqual(await totals('tab=all&kind=refund_only'), { rows: [], capped: false })
  assert.deepEqual(kinds((await clerk.call('GET', '/api/settlements?tab=voided')).body), ['refund_only -700'])
})

test('the ladder over HTTP: each step needs its permission and says why not', async () => {
  const reader = await house.as(['finance.read'])
  const approver = await house.as(['finance.read', 'finance.approve'], shops.slice(0, 1))
  const book = await house.as(['finance.read', 'finance.post'])
  const [own] = ((await reader.call('GET', '/api/settlements?kind=cod_receipt')).body as Rows).rows
  const [foreign] = ((await reader.call('GET', `/api/settlements?shop=${shops[1]}`)).body as Rows).rows
  const ids = [own?.id, foreign?.id]
  const verb = async (who: typeof reader, event: string) => {
    const { status, body } = await who.call('POST', `/api/settlements/${event}`, { ids })
    const { results } = body as { results?: { done: boolean; code?: string }[] }
    return results?.map((one) => (one.done ? 'done' : one.code)) ?? status
  }
  assert.equal(await verb(reader, 'approve'), 403)
  assert.equal(await verb(approver, 'post'), 403)
  assert.deepEqual(await verb(approver, 'approve'), ['done', 'not_found'])
  assert.deepEqual(await verb(approver, 'approve'), ['already', 'not_found'])
  assert.deepEqual(await verb(book, 'settle'), ['wrong_status', 'wrong_status'])
  assert.deepEqual(await verb(approver, 'unapprove'), ['done', 'not_found'])
  assert.deepEqual(await verb(approver, 'approve'), ['done', 'not_found'])
  assert.deepEqual(await verb(book, 'post'), ['done', 'wrong_status'])
  assert.deepEqual(await verb(book, 'settle'), ['done', 'wrong_status'])
  assert.deepEqual(await verb(approver, 'revive'), ['wrong_status', 'not_found'])
  const [settled] = ((await reader.call('GET', '/api/settlements?tab=settled')).body as Rows).rows
  const { approvedBy, postedBy, settledBy, voidedBy } = Object(settled)
  assert.deepEqual([approvedBy, postedBy, settledBy, voidedBy], ['林晓', '林晓', '林晓', null])
})

test('a bulk action walks what the filter matches, and nothing else', async () => {
  const filter = { tab: 'draft', shop: shops[0] ?? '' } as const
  const resolved = await house.db.transaction().execute(async (tx) => ({
    extent: await settlementVerbRows.walk.count(tx, filter, wholeScope),
    page: await settlementVerbRows.walk.resolve(tx, filter, wholeScope, { cap: 10, after: null }),
  }))
  assert.deepEqual([resolved.extent.total, resolved.page.ids.length, resolved.page.after], [2, 2, null])
  assert.deepEqual(
    bulkActions(financeVerbs).map(({ action, permission }) => `${action} ${permission}`),
    [
      'settlements.approve finance.approve',
      'settlements.unapprove finance.approve',
      'settlements.post finance.post',
      'settlements.settle finance.post',
      'settlements.void finance.approve',
      'bill_trades.explain finance.reconcile',
      'bill_trades.reopen finance.reconcile',
    ],
  )
})

test('goes out as a sheet for those who may export', async () => {
  const reader = await house.as(['finance.read'])
  const path = '/api/exports/settlements.xlsx?tab=all&kind=order_refund'
  assert.equal((await reader.call('GET', path)).status, 403)
  const clerk = await house.as(['finance.read', 'export'], shops.slice(0, 1))
  const answer = await clerk.call('GET', path)
  assert.deepEqual([answer.status, String(answer.headers.get('content-type')).includes('sheet')], [200, true])
})

test('types are numbered alike in the table, the facets and here', async () => {
  const numbers = await sql<{ kind: SettlementKind; no: number; facet: number }>`
    select distinct kind, kind_no as no, facets[2] & 67108863 as facet from settlement`.execute(house.db)
  assert.ok(numbers.rows.length >= 4)
  for (const { kind, no, facet } of numbers.rows)
    assert.deepEqual([no, facet], [settlementKinds[kind].no, settlementKinds[kind].no], kind)
  assert.deepEqual(Object.keys(settlementKinds), [...settlementKindNames])
})
