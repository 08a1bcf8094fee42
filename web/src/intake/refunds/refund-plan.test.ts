import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RefundDetail } from '../types.ts'

// The pages read the browser's language when they are loaded.
Object.assign(globalThis, { localStorage: { getItem: () => 'zh', setItem: () => undefined } })
const { answerOf, doneOf, planOf, refusalOf } = await import('./refund-plan.ts')
const { say } = await import('../../words.ts')

type Standing = NonNullable<RefundDetail['original']>['standing']

const refused = {
  state: 'refused',
  kind: 'refund_only',
  phase: 'onsale',
  events: [],
} as const

const here = (refund: object, standing: Standing) =>
  // The refund's other fields do not matter here.
  doneOf({ ...refused, ...refund, original: { standing } } as unknown as RefundDetail, say).find(
    ({ what }) => what === '这里',
  )?.does

const lifted = '商品、库存、资金都没有动；订单因它的挂起已解除'
const waiting = '商品、库存、资金都没有动；平台更新状态后，订单因它的挂起解除'
const untouched = '订单、库存、资金都没有动'

test('that a hold was lifted is said only of a refund that held its order, and once the platform says that it is over', () => {
  for (const standing of ['unconfirmed', 'confirmed', 'released'] as const)
    for (const status of ['refused', 'closed']) assert.equal(here({ status }, standing), lifted, standing)
  assert.equal(here({ status: 'applied' }, 'confirmed'), waiting, 'we said no; the platform has yet to')
  assert.equal(here({ status: 'applied', state: 'refusing' }, 'confirmed'), untouched, 'nor have we, yet')
  assert.equal(here({ status: 'succeeded' }, 'confirmed'), untouched, 'it was paid all the same')
  assert.equal(here({ status: 'refused', kind: 'money_only' }, 'confirmed'), untouched, 'it held nothing')
  assert.equal(here({ status: 'refused', phase: 'aftersale' }, 'released'), untouched, 'it held nothing')
  for (const standing of ['shipped', 'completed', 'voided', 'record'] as const)
    assert.equal(here({ status: 'refused' }, standing), untouched, standing)
})

test('our refusal of a converted refund is shown until the buyer asks again, and a failed one is none', () => {
  const event = (id: number, name: string, detail: object = {}) => ({ id: String(id), event: name, detail })
  const answer = (...events: object[]) =>
    // The refund's other fields do not matter here.
    answerOf({ ...refused, state: 'converted', events } as unknown as RefundDetail)
  const sent = event(1, 'refusing', { version: '1' })
  const taken = event(2, 'refused')
  assert.equal(answer(sent), 'refusing')
  assert.equal(answer(taken, sent), 'refused')
  assert.equal(answer(sent, taken, event(3, 'changed', { from: 'applied', status: 'refused' })), 'refused')
  assert.equal(answer(sent, taken, event(3, 'changed', { from: 'refused', status: 'applied' })), undefined)
  assert.equal(answer(sent, event(2, 'refuse_failed')), undefined)
})

test('an unanswered refund is said to have a deadline only if the platform gave one', () => {
  const platform = (deadline: string | null) =>
    // The refund's other fields do not matter here.
    planOf(
      {
        ...{ ...refused, state: 'staged', status: 'applied', deadline },
        original: { standing: 'confirmed' },
      } as unknown as RefundDetail,
      say,
    ).find(({ what }) => what === '平台')?.does
  assert.equal(platform('2026-11-30T00:00:00Z'), '不同意也不拒绝，仍须在到期前答复买家')
  assert.equal(platform(null), '不同意也不拒绝，买家仍在等答复')
})

test('a refund that no rule converts names the rule, and any other names none', () => {
  const refusal = (kind: string, standing: Standing | null) =>
    // The refund's other fields do not matter here.
    refusalOf({ ...refused, kind, status: 'succeeded', original: { standing } } as unknown as RefundDetail)
      ?.id
  assert.equal(refusal('other', 'unconfirmed'), 'other_succeeded')
  assert.equal(refusal('refund_only', 'unconfirmed'), undefined)
  assert.equal(refusal('other', null), undefined, 'its trade is staged')
})
