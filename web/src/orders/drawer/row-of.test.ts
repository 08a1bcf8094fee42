import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OrderDetail } from '../types.ts'
import { rowOf } from './row-of.ts'

test('the reasons of an open order are those of its open holds, each once, and not of holds that were lifted', () => {
  const hold = (reason: string, releasedAt: string | null) => ({ reason, releasedAt })
  const order = {
    lines: [{}, {}],
    holds: [hold('refund_open', null), hold('refund_open', null), hold('ask_buyer', '2026-11-20T08:00:00Z')],
    problems: [{ waivedBy: null }, { waivedBy: '林晓' }],
  } as unknown as OrderDetail
  const row = rowOf(order)
  assert.deepEqual(row.holdReasons, ['refund_open'])
  assert.deepEqual([row.lineCount, row.problems.length], [2, 1])
})
