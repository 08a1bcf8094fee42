import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testApp } from '../testing/app.ts'

// Values that fit their schema and that no column could hold: refused with a code, never an error of the database, whose text would be
// the visitor's words in somebody's log.

test('a place in a list that was changed by hand is refused', async () => {
  await using house = await testApp()
  const boss = await house.as(['*'])
  const file = Buffer.from('code,name\nA1,一\nA2,二\nA3,三\n').toString('base64')
  const made = await boss.call('POST', '/api/skus/import', { file })
  assert.equal(Object(made.body).created, 3, JSON.stringify(made.body))
  const first = await boss.call('GET', '/api/skus?limit=1')
  const next = String(Object(first.body).next)
  const [mark, id, ...time] = Buffer.from(next, 'base64url').toString().split(' ')
  const at = (...words: unknown[]) => Buffer.from(words.join(' ')).toString('base64url')
  const ask = async (after: string) => {
    const { status, body } = await boss.call('GET', `/api/skus?limit=1&after=${after}`)
    return status === 200 ? 'read' : Object(body).code
  }
  assert.equal(await ask(next), 'read')
  assert.equal(await ask(at(mark, id, ...time)), 'read')
  for (const value of [
    '13900007785金丝雀',
    '2026-02-31 00:00:00+08',
    '2026-11-24 08:30:00',
    '',
    '294277-01-01 00:00:00+00',
  ])
    assert.equal(await ask(at(mark, id, value)), 'invalid_cursor', value)
  assert.equal(await ask(at(mark, '9'.repeat(19), ...time)), 'invalid_cursor')
  const queue = await boss.call('GET', `/api/download-queue?after=${'9'.repeat(19)}`)
  assert.deepEqual([queue.status, Object(queue.body).code], [400, 'invalid_cursor'])
})

test('a whole number beyond what a column holds is bad input', async () => {
  await using house = await testApp()
  const boss = await house.as(['*'])
  const version = 2 ** 31
  const writes = [
    ['PUT', '/api/confirm-rules/1', { rules: [], version }],
    ['PUT', '/api/choice-rules/warehouse', { rules: [], version }],
    ['PUT', '/api/gift-rules', { rules: [], version }],
  ] as const
  for (const [method, path, body] of writes) {
    const answer = await boss.call(method, path, body)
    assert.deepEqual([answer.status, Object(answer.body).code], [400, 'invalid_input'], path)
  }
})

test('a body nested a thousand times is bad input, with a key and without', async () => {
  await using house = await testApp()
  const boss = await house.as(['*'])
  for (const [open, close] of [
    ['[', ']'],
    ['{"a":', '}'],
  ] as const) {
    for (const depth of [41, 1000, 20_000, 200_000]) {
      const input = `${open.repeat(depth)}1${close.repeat(depth)}`
      for (const headers of [{}, { 'idempotency-key': `deep ${depth}` }]) {
        const response = await fetch(`${house.url}/api/batches`, {
          method: 'POST',
          headers: { ...headers, cookie: boss.cookie, origin: house.url, 'content-type': 'application/json' },
          body: `{"action":"orders.hold","target":{"ids":["1"]},"input":${input}}`,
        })
        const answer = Object(await response.json())
        assert.ok([400, 413].includes(response.status), `${depth}: ${response.status} ${answer.code}`)
      }
    }
  }
})

test('what is looked for comes beside the address, and is a filter like any other', async () => {
  await using house = await testApp()
  const boss = await house.as(['*'])
  const file = Buffer.from('code,name\nA1,雾蓝\nA2,米白\n').toString('base64')
  assert.equal((await boss.call('POST', '/api/skus/import', { file })).status, 200)
  const found = async (path: string, search?: string) => {
    const headers = search === undefined ? {} : { 'x-search': search }
    const { status, body } = await boss.call('GET', path, undefined, headers)
    return status === 200 ? Object(body).rows.map(({ code }: { code: string }) => code) : Object(body).code
  }
  assert.deepEqual(await found('/api/skus', encodeURIComponent('雾蓝')), ['A1'])
  assert.deepEqual(await found(`/api/skus?q=${encodeURIComponent('米白')}`), ['A2'])
  assert.equal(await found('/api/skus', '%zz'), 'invalid_input')
  assert.equal(await found('/api/skus', '%E9%9B%BE%00'), 'invalid_input')
  assert.equal(await found('/api/audit', 'x'), 'unknown_filter')
  assert.equal(await found('/api/skus', encodeURIComponent('x'.repeat(3000))), 'invalid_input')
})
