import assert from 'node:assert/strict'
import { beforeEach, test } from 'node:test'
import type { RowAction } from './actions.ts'

// The module reads the browser's language when it is loaded.
Object.assign(globalThis, { localStorage: { getItem: () => 'zh', setItem: () => undefined } })
const { carryOut, onlyRefusal, orderOf, whyForNone } = await import('./carry-out.ts')
const { say } = await import('../../words.ts')

type Row = { id: string; locked?: boolean }
const words = ['释放', 'Release'] as const
const action: RowAction<Row> = { path: '/orders/unlock', words, permission: 'orders.lock', done: words }
const rows = [{ id: '1' }, { id: '2' }]
const ids = (count: number) => Array.from({ length: count }, (_, at) => String(at + 1))

const sent: { path: string; body: Record<string, unknown> }[] = []
beforeEach(() => {
  sent.length = 0
  globalThis.fetch = async (url, init) => {
    const body: { ids?: string[] } = JSON.parse(String(init?.body))
    sent.push({ path: String(url), body })
    const results = (body.ids ?? []).map((id) => ({ id, done: true }))
    return Response.json({ results, id: 'B7', no: 'B7' })
  }
})

test('rows are acted on at once, unless a question or a form comes first', () => {
  const { order, no, asks } = orderOf(action, rows)
  assert.deepEqual([order.target, order.count, no, asks], [{ ids: ['1', '2'] }, 2, undefined, false])
  assert.equal(orderOf({ ...action, confirm: words }, rows).asks, true)
  assert.equal(orderOf({ ...action, input: () => null }, rows).asks, true)
})

test('all that a filter matches is always asked about, with its exact number', () => {
  const { order, asks } = orderOf(action, rows, { filter: { tab: 'held' }, count: 1234 })
  assert.deepEqual([order.target, order.count, asks], [{ filter: { tab: 'held' } }, 1234, true])
  const { no } = orderOf({ ...action, seen: true }, rows, { filter: {}, count: 5 })
  assert.equal(no?.tone, 'warn')
})

test('without a row nothing begins', () => {
  assert.equal(orderOf(action, []).no?.tone, 'idle')
  assert.equal(orderOf(action, [], { filter: {}, count: 0 }).no?.tone, 'idle')
})

test('an act that one row needs first is begun instead, and never for several', () => {
  const other: RowAction<Row> = { path: '/orders/lock', words, permission: 'orders.lock', done: words }
  const first = { ...action, first: ({ locked }: Row) => (locked ? undefined : { action: other, words }) }
  const begun = orderOf(first, [{ id: '1' }])
  assert.deepEqual([begun.order.action.path, begun.hint], ['/orders/lock', words])
  assert.equal(orderOf(first, [{ id: '1', locked: true }]).order.action.path, '/orders/unlock')
  assert.equal(orderOf(first, rows).order.action.path, '/orders/unlock')
  assert.equal(orderOf(first, [{ id: '1' }], { filter: {}, count: 9 }).hint, undefined)
})

test('rows of which none can be acted on are refused with what their menus say, before anything is asked', () => {
  const whys: Record<string, string> = { 1: '先退号', 2: '已发货', 3: '先退号' }
  const one = { ...action, why: ({ id }: Row) => whys[id] }
  const of = (...some: string[]) => whyForNone({ action: one, rows: some.map((id) => ({ id })) }, say)
  assert.equal(of('1'), '先退号')
  assert.equal(of('1', '3'), '先退号')
  assert.equal(of('1', '2', '3'), '先退号；已发货')
  assert.equal(of('1', '9'), undefined)
  assert.equal(whyForNone({ action, rows }, say), undefined)
})

test('few rows are answered at once, each by its id', async () => {
  const { outcomes, batchId } = await carryOut({ action, target: { ids: ['1', '2'] } }, { note: '查' })
  assert.deepEqual(sent, [{ path: '/api/orders/unlock', body: { ids: ['1', '2'], note: '查' } }])
  assert.deepEqual(
    [outcomes?.map(({ id, done }) => [id, done]), batchId],
    [
      [
        ['1', true],
        ['2', true],
      ],
      undefined,
    ],
  )
})

test('many rows go into the background where the act can, and else in requests of 200', async () => {
  const { batchId } = await carryOut({
    action: { ...action, batch: 'orders.unlock' },
    target: { ids: ids(201) },
  })
  assert.equal(batchId, 'B7')
  assert.deepEqual(sent.splice(0), [
    { path: '/api/batches', body: { action: 'orders.unlock', target: { ids: ids(201) } } },
  ])
  const { outcomes } = await carryOut({ action, target: { ids: ids(450) } })
  assert.equal(outcomes?.length, 450)
  assert.deepEqual(
    sent.map(({ body }) => (Array.isArray(body['ids']) ? body['ids'].length : 0)),
    [200, 200, 50],
  )
})

test('after a failed request of many, the rows before it are told as done, its own as failed, those behind it as not tried', async () => {
  const answer = globalThis.fetch
  const wrong = { code: 'internal', message: '服务器出错', messageEn: 'The server broke', requestId: 'r' }
  const failAt = (request: number) => {
    let requests = 0
    globalThis.fetch = async (url, init) => {
      requests += 1
      return requests === request ? Response.json(wrong, { status: 500 }) : answer(url, init)
    }
  }
  failAt(2)
  const { outcomes = [] } = await carryOut({ action, target: { ids: ids(450) } })
  const groups = Map.groupBy(outcomes, (one) => (one.done ? 'done' : `${one.code} ${one.message?.zh}`))
  assert.deepEqual(
    [...groups].map(([name, all]) => [name, all.length, all[0]?.id]),
    [
      ['done', 200, '1'],
      ['failed 服务器出错', 200, '201'],
      ['stopped 前面出错，这条没有做', 50, '401'],
    ],
  )
  assert.equal(sent.length, 1, 'nothing is sent after the failure')
  // Of the first request nothing is known as done, so its form stays open with what was typed.
  failAt(1)
  await assert.rejects(carryOut({ action, target: { ids: ids(450) } }), { code: 'internal' })
})

test('a form that names its rows itself is sent once, however many they are', async () => {
  const waybills: RowAction<Row> = {
    ...{ path: '/deliveries/waybills', words, permission: 'fulfilment.ship', done: words },
    ...{ namesRows: true, input: () => null },
  }
  await carryOut({ action: waybills, target: { ids: ids(450) } }, { waybills: [] })
  assert.deepEqual(sent, [{ path: '/api/deliveries/waybills', body: { waybills: [] } }])
})

test('all of a filter goes into the background, or nowhere', async () => {
  const target = { filter: { tab: 'held' } }
  assert.deepEqual(await carryOut({ action, target }), {})
  assert.deepEqual(await carryOut({ action: { ...action, batch: 'orders.unlock' }, target }), {
    batchId: 'B7',
  })
  assert.deepEqual(sent, [{ path: '/api/batches', body: { action: 'orders.unlock', target } }])
})

test('only of one row alone the refusal is said at once', async () => {
  const no = { id: '1', done: false, code: 'not_found', zh: '没有', en: 'none' } as const
  assert.equal(typeof (await onlyRefusal([no], say)), 'string')
  assert.equal(await onlyRefusal([{ id: '1', done: true }], say), undefined)
  assert.equal(await onlyRefusal([no, no], say), undefined)
})
