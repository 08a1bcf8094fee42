import assert from 'node:assert/strict'
import { test } from 'node:test'

Object.assign(globalThis, { localStorage: { getItem: () => 'zh', setItem: () => undefined } })
const { say } = await import('../words.ts')
const { leftOutText } = await import('./print-words.ts')

test('labels that were left out are named with the reason: stopped orders, and those of a later print job', () => {
  const row = (no: string, state: 'printed' | 'dropped', message = '') => ({ no, state, message })
  assert.equal(leftOutText([row('DN1', 'printed'), row('DN2', 'dropped')], say), '')
  assert.equal(
    leftOutText(
      [
        row('DN1', 'dropped', 'stopped'),
        row('DN2', 'dropped', 'elsewhere'),
        row('DN3', 'printed'),
        row('DN4', 'dropped', 'stopped'),
      ],
      say,
    ),
    '2 张没打，单被拦下了：DN1、DN4；1 张在后来的打印里：DN2',
  )
})
