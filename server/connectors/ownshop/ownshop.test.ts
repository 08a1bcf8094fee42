import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { PlatformError } from '../../lib/platform-error.ts'
import { mutated } from '../../testing/hostile.ts'
import { eventSignature } from '../../wire/sign.ts'
import { checkRefund, checkTrade } from '../conformance/checks.ts'
import { fieldsOf } from '../fields.ts'
import { read } from '../posted/door.ts'
import { parseRefund } from '../posted/refunds.ts'
import { parseTrade, tradeDetail } from '../posted/trades.ts'
import { deliveryOf, readAnswer } from './client.ts'
import { placeOf } from './credentials.ts'

const trade = {
  ...{ tid: 'M1', status: 'partly_shipped', createdAt: '2026-11-24T12:00:00+08:00' },
  ...{ paidAt: '2026-11-24T04:01:00Z', modifiedAt: '2026-11-24T12:05:00.250+08:00' },
  ...{ paymentFen: 2600, postFeeFen: 600, buyer: { nick: 'lin' }, flag: 2 },
  receiver: { name: '林', mobile: '13800001234', province: '浙江省', city: '杭州市', address: '一号' },
  lines: [
    {
      ...{
        oid: 'M1-1',
        itemId: '1',
        skuId: '1-B',
        title: '枕头',
        quantity: 2,
        priceFen: 500,
        paymentFen: 900,
      },
      ...{ status: 'shipped', waybillNos: ['SF1', 'SF2'] },
    },
    {
      oid: 'M1-2',
      itemId: '2',
      title: '被子',
      quantity: 1,
      priceFen: 1100,
      paymentFen: 1100,
      status: 'paid',
    },
  ],
}
const refund = {
  ...{ refundId: 'R1', tid: 'M1', oid: 'M1-2', kind: 'refund_only', status: 'applied', amountFen: 1100 },
  ...{ createdAt: '2026-11-24T12:10:00+08:00', modifiedAt: '2026-11-24T12:10:00+08:00' },
}

test('a trade is read as it was posted, each line with its waybills and the refund of its own', () => {
  const found = parseTrade(JSON.stringify(trade), [
    { ...{ refundId: 'R1', oid: 'M1-2', status: 'applied' }, fen: 1100, pieces: 1 },
  ])
  assert.ok('trade' in found)
  const { tid, status, paidAt, modifiedAt, paymentFen, postFeeFen, flag, doubts } = found.trade
  assert.deepEqual(
    [tid, status, paymentFen, postFeeFen, flag, doubts],
    ['M1', 'partly_shipped', 2600, 600, 2, undefined],
  )
  const flagless = parseTrade(JSON.stringify({ ...trade, flag: undefined }))
  assert.deepEqual(
    [found, flagless].map((one) => 'trade' in one && [one.trade.flag, one.trade.flagUnsaid]),
    [
      [2, undefined],
      [0, true],
    ],
  )
  assert.deepEqual(
    [paidAt?.toISOString(), modifiedAt.toISOString()],
    ['2026-11-24T04:01:00.000Z', '2026-11-24T04:05:00.250Z'],
  )
  assert.deepEqual(
    found.trade.lines.map((line) => [
      line.oid,
      line.status,
      line.paymentFen,
      line.waybills,
      line.refund,
      line.refundId,
    ]),
    [
      ['M1-1', 'shipped', 900, ['SF1', 'SF2'], 'none', ''],
      ['M1-2', 'paid', 1100, undefined, 'applied', 'R1'],
    ],
  )
})

/** The refunds of the lines of a trade of two lines, 900 for two pieces and 1100 for one, after these were posted. */
async function linesAfter(...refunds: object[]): Promise<string[]> {
  const books = {
    received: async () => ({ total: 0, numbers: [] }),
    document: async () => JSON.stringify(trade),
    refundsOf: async () => refunds.map((one) => JSON.stringify(one)),
    revise: async () => false,
  }
  const found = await tradeDetail({ credentials: {}, session: '', variant: 'ownshop', books }, 'M1')
  assert.ok(found && 'trade' in found)
  return found.trade.lines.map(({ refund, refundId }) => `${refund} ${refundId}`.trim())
}
const done = { ...refund, status: 'succeeded' }
const ofFirst = { ...done, oid: 'M1-1' }

test('money alone that went back, and an exchange that ended, leave their lines to be shipped', async () => {
  const lineOf = async (...refunds: object[]) => (await linesAfter(...refunds))[1]
  assert.equal(await lineOf(done), 'succeeded R1')
  assert.equal(await lineOf({ ...done, kind: 'money_only', amountFen: 100 }), 'none')
  assert.equal(await lineOf({ ...done, kind: 'exchange' }), 'closed R1')
  assert.equal(await lineOf({ ...refund, kind: 'exchange' }), 'applied R1')
  assert.equal(await lineOf(refund, { ...done, refundId: 'R2', kind: 'money_only' }), 'applied R1')
})

test('a refund of some pieces leaves the others of its line to be shipped, until all pieces or all money went back', async () => {
  const piece = { ...ofFirst, quantity: 1, amountFen: 450 }
  assert.deepEqual(await linesAfter(piece), ['none', 'none'])
  assert.deepEqual(await linesAfter(piece, { ...piece, refundId: 'R2', amountFen: 300 }), [
    'succeeded R2',
    'none',
  ])
  assert.deepEqual(await linesAfter({ ...ofFirst, amountFen: 899 }), ['none', 'none'])
  assert.deepEqual(await linesAfter({ ...ofFirst, amountFen: 900 }), ['succeeded R1', 'none'])
  const { oid: _, ...ofAll } = done
  assert.deepEqual(await linesAfter({ ...ofAll, amountFen: 100 }), ['none', 'none'])
  assert.deepEqual(await linesAfter({ ...ofAll, amountFen: 2000 }), ['succeeded R1', 'succeeded R1'])
  // The rest of the trade, after one of its lines.
  assert.deepEqual(
    await linesAfter({ ...ofFirst, amountFen: 900 }, { ...ofAll, refundId: 'R2', amountFen: 1100 }),
    ['succeeded R2', 'succeeded R2'],
  )
})

test('a refund that succeeded is not hidden by one that was closed after it, nor an open one by either', async () => {
  const closed = { ...done, refundId: 'R2', status: 'closed' }
  assert.deepEqual(await linesAfter(done, closed), ['none', 'succeeded R1'])
  assert.deepEqual(await linesAfter({ ...done, amountFen: 100 }, closed), ['none', 'closed R2'])
  assert.deepEqual(await linesAfter({ ...refund, refundId: 'R0' }, done, closed), ['none', 'applied R0'])
})

test('the door takes a right trade and a right refund, with their versions', () => {
  assert.deepEqual(read('trade', trade), {
    number: 'M1',
    tid: 'M1',
    versionAt: new Date('2026-11-24T04:05:00.250Z'),
  })
  assert.deepEqual(read('refund', refund), {
    number: 'R1',
    tid: 'M1',
    versionAt: new Date('2026-11-24T04:10:00Z'),
  })
})

test('the door wants a status of each line while a trade is partly shipped', () => {
  const lines = trade.lines.map(({ status: _, ...line }) => line)
  const fault = read('trade', { ...trade, lines })
  assert.deepEqual('code' in fault && [fault.code, fault.field], ['missing', 'lines.0.status'])
})

test('what the door takes is read without a doubt, and what it refuses is sound or parked', () => {
  const check = (kind: 'trade' | 'refund') => (document: object) => {
    const raw = JSON.stringify(document)
    const isTaken = !('code' in read(kind, fieldsOf(raw)))
    if (kind === 'trade') {
      const found = parseTrade(raw)
      checkTrade(found)
      if (isTaken) assert.deepEqual('trade' in found && found.trade.doubts, undefined)
    } else {
      const found = parseRefund(raw)
      checkRefund(found)
      if (isTaken) assert.ok(found.kind === 'refund' && !found.doubts)
    }
  }
  fc.assert(fc.property(mutated([trade]), check('trade')), { numRuns: 120 })
  fc.assert(fc.property(mutated([refund]), check('refund')), { numRuns: 80 })
})

test('an event is signed over its time and its body', () => {
  // printf '1764000000.{}' | openssl dgst -sha256 -hmac 'a-secret-of-the-merchant'
  assert.equal(
    eventSignature('a-secret-of-the-merchant', '1764000000', '{}'),
    'de7f173615d43621fdd8e1cae6fd58ea2a5e63186c53ec98b37b6463d7422ecf',
  )
  assert.equal(deliveryOf('ping', { b: 1, a: 2 }), deliveryOf('ping', { a: 2, b: 1 }))
  assert.notEqual(deliveryOf('ping', { a: 1 }), deliveryOf('ping', { a: 2 }))
})

test('an answer of the mall says whether the event is done, refused, or to be sent again', () => {
  const codeOf = (status: number, text: string) => {
    try {
      readAnswer({ status, text, retryAfterMs: 0 }, ['a-secret'])
      return 'done'
    } catch (error) {
      assert.ok(error instanceof PlatformError)
      assert.ok(!error.message.includes('a-secret'))
      return [error.kind, error.code, error.unclear ? 'unclear' : ''].join(' ').trim()
    }
  }
  assert.equal(codeOf(204, ''), 'done')
  assert.equal(codeOf(200, '{}'), 'done')
  assert.equal(codeOf(200, '<html>'), 'retry bad_answer unclear')
  assert.equal(codeOf(422, '{"code":"refund_open","message":"a-secret"}'), 'rejected refund_open')
  assert.equal(codeOf(422, '{"message":"不行"}'), 'rejected http_422')
  assert.equal(codeOf(404, '<html>'), 'rejected http_404')
  assert.equal(codeOf(401, ''), 'reauthorise signature_refused')
  assert.equal(codeOf(429, ''), 'rate_limited http_429')
  for (const status of [408, 425, 500, 502, 503])
    assert.equal(codeOf(status, ''), `retry http_${status} unclear`)
})

test('two spellings of one address are one mall', () => {
  assert.equal(placeOf('https://Mall.Example.com/hooks/'), 'mall.example.com/hooks')
  assert.equal(placeOf('https://mall.example.com/hooks'), 'mall.example.com/hooks')
})
