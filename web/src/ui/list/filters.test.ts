import assert from 'node:assert/strict'
import { after, before, mock, test } from 'node:test'
import type { Field } from './filters.ts'

// The module reads the browser's language when it is loaded.
Object.assign(globalThis, { localStorage: { getItem: () => 'zh', setItem: () => undefined } })
const { notNumbers, readNumbers, toQuery, valueText } = await import('./filters.ts')
const { say } = await import('../../words.ts')

const label = ['名', 'Name'] as const
const field = (rest: object): Field => ({ key: 'it', label, kind: 'text', ...rest }) as Field
const fields = [
  field({ key: 'paid', kind: 'period' }),
  field({ key: 'amount', kind: 'money' }),
  field({ key: 'numbers', kind: 'numbers' }),
  field({ key: 'shipByTo', kind: 'until' }),
]

before(() => mock.timers.enable({ apis: ['Date'], now: Date.parse('2026-11-27T12:41:30+08:00') }))
after(() => mock.timers.reset())

test('a period is asked from the beginning of its first day in Shanghai', () => {
  assert.deepEqual(toQuery(fields, { paid: 'today' }), { paidFrom: '2026-11-26T16:00:00.000Z' })
  assert.deepEqual(toQuery(fields, { paid: '7d' }), { paidFrom: '2026-11-20T16:00:00.000Z' })
  assert.deepEqual(toQuery(fields, { paid: '2026-11-01 09:30~2026-11-03 24:00' }), {
    paidFrom: '2026-11-01T01:30:00.000Z',
    paidTo: '2026-11-03T16:00:00.000Z',
  })
  assert.deepEqual(toQuery(fields, { paid: '~2026-11-03 18:00' }), {
    paidFrom: undefined,
    paidTo: '2026-11-03T10:00:00.000Z',
  })
})

test('an amount is asked in 分 by both its ends, and an empty or unknown filter is not asked', () => {
  assert.deepEqual(toQuery(fields, { amount: '1000~50000', numbers: '', tab: 'held' }), {
    amountFromFen: '1000',
    amountToFen: '50000',
  })
  assert.deepEqual(toQuery(fields, { numbers: '1,2', shipByTo: '2026-11-27T10:00:00.000Z' }), {
    numbers: '1,2',
    shipByTo: '2026-11-27T10:00:00.000Z',
  })
})

test('a chip says its filter as people do', () => {
  const text = (rest: object, value: string) =>
    valueText(field(rest), value, say, (id) => ({ 7: '山隅' })[id])
  const options = [
    { value: 'a', label: ['甲', 'A'] },
    { value: 'b', label: { zh: '乙', en: 'B' } },
  ]
  assert.equal(text({ kind: 'options', options }, 'a,b,c'), '甲、乙、c')
  assert.equal(text({ kind: 'shops' }, '7'), '山隅')
  assert.equal(text({ kind: 'shops' }, '7,8'), '2 家')
  assert.equal(text({ kind: 'numbers' }, '1'), '1')
  assert.equal(text({ kind: 'numbers' }, '1,2,3'), '3 个')
  assert.equal(text({ kind: 'money' }, '1000~50000'), '≥ 10.00 ≤ 500.00')
  assert.equal(text({ kind: 'money' }, '~50000'), '≤ 500.00')
  assert.equal(text({ kind: 'period' }, 'today'), '今天')
  assert.equal(text({ kind: 'period' }, '7d'), '近 7 天')
  assert.equal(text({ kind: 'period' }, '2026-11-01 00:00~2026-11-03 24:00'), '11-01 00:00 至 11-03 24:00')
  assert.equal(text({ kind: 'until' }, '2026-11-27T10:00:00.000Z'), '11-27 18:00')
})

test('numbers are read out of pasted text, each once, and the words among them are named', () => {
  const pasted = "订单编号\n'4001', 4002；4001\tTB-7、4003"
  assert.deepEqual(readNumbers(pasted), ['4001', '4002', 'TB-7', '4003'])
  assert.deepEqual(notNumbers(pasted), ['订单编号'])
  assert.equal(readNumbers(Array.from({ length: 600 }, (_, at) => at).join(' ')).length, 500)
})
