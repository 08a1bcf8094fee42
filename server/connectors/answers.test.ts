import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PlatformError } from '../lib/platform-error.ts'
import { agreeEach } from './answers.ts'

const refunds = ['1', '2', '3'].map((refundId) => ({
  ...{ refundId, tid: 't', oid: '', phase: 'onsale' as const, version: '' },
  amountFen: 100,
}))
const silent = new PlatformError('retry', 'http_502', 'Bad gateway')
const refused = new PlatformError('rejected', '1', 'No.')
const failing = (errors: Record<string, PlatformError>) => async (refund: { refundId: string }) => {
  const error = errors[refund.refundId]
  if (error) throw error
}

test('a failure after refunds that were paid keeps their results, and asks for no further one', async () => {
  assert.deepEqual(await agreeEach({ refunds }, failing({ 1: refused, 3: silent })), {
    outcome: 'done',
    results: [
      { refundId: '1', ok: false, message: 'No.' },
      { refundId: '2', ok: true, message: '' },
    ],
  })
  const asked: string[] = []
  await agreeEach({ refunds }, async (refund) => {
    asked.push(refund.refundId)
    await failing({ 2: silent })(refund)
  })
  assert.deepEqual(asked, ['1', '2'])
})

test('a failure before any answer is thrown, and so is the rejection of a single refund', async () => {
  await assert.rejects(agreeEach({ refunds }, failing({ 1: silent })), silent)
  await assert.rejects(agreeEach({ refunds: refunds.slice(0, 1) }, failing({ 1: refused })), refused)
})
