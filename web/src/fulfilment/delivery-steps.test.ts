import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Say } from '../words.ts'

// The module reads the browser's language when it is loaded.
Object.assign(globalThis, { localStorage: { getItem: () => 'zh', setItem: () => undefined } })
const { deliverySteps, writeBackStep } = await import('./delivery-steps.ts')

const say: Say = (words) => (Array.isArray(words) ? String(words[0]) : Object(words).zh)
const event = (name: string, at: string, actorName: string) => ({
  id: at,
  event: name,
  at,
  actorKind: 'user',
  actorName,
  detail: {},
})
const events = [
  event('number_asked', '2026-11-27T06:30:00Z', '周倩'),
  event('number_asked', '2026-11-27T06:36:00Z', '陈立'),
]
const fresh = {
  ...{ workState: 'number' as const, waybillNo: '', shipSteps: ['print', 'check'], printCount: 0 },
  ...{ printedAt: null, printedBy: null, checkedAt: null, checkedBy: null, weighedAt: null, weighedBy: null },
}
const shown = (row: Parameters<typeof deliverySteps>[0]) =>
  deliverySteps(row, events, say).map(({ words, state, by }) => [words, state, by].filter(Boolean).join(' '))

test('a parcel shows the steps that its warehouse asks for, the next one as now', () => {
  assert.deepEqual(shown(fresh), ['取号 now', '打印 ahead', '验货 ahead'])
})

test('a step that was done has its person; the number is that of the last request', () => {
  const printed = { printedAt: '2026-11-27T06:40:00Z', printedBy: '周倩', printCount: 1 }
  assert.deepEqual(shown({ ...fresh, workState: 'check', waybillNo: 'YT1', ...printed }), [
    '取号 done 陈立',
    '打印 done 周倩',
    '验货 now',
  ])
})

test('a step that was not asked for is left out, unless it was done', () => {
  const typed = { ...fresh, workState: 'ready' as const, waybillNo: 'YT1', shipSteps: [] }
  assert.deepEqual(shown(typed), ['取号 done 陈立'])
  assert.deepEqual(shown({ ...typed, weighedAt: '2026-11-27T07:00:00Z', weighedBy: '孙悦' }), [
    '取号 done 陈立',
    '称重 done 孙悦',
  ])
})

test('the write-back follows the shipping, and is left out where nothing is written back', () => {
  const step = (writeBack: 'none' | 'waiting' | 'done' | '', status: 'pending' | 'shipped') =>
    writeBackStep({ writeBack, status }, [event('write_back_done', '2026-11-27T08:00:00Z', '系统')], say).map(
      ({ state, by }) => `${state} ${by ?? ''}`,
    )
  assert.deepEqual(step('', 'pending'), ['ahead 自动'])
  assert.deepEqual(step('waiting', 'shipped'), ['now '])
  assert.deepEqual(step('done', 'shipped'), ['done 系统'])
  assert.deepEqual(step('none', 'shipped'), [])
})
