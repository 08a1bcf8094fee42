import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type OrderMoney,
  owedBy,
  receivableStateOf,
  type SettlementKind,
  type SettlementStatus,
  settlementEvents,
  settlementStatuses,
  whyNotSettlement,
} from './lifecycle.ts'

const order: OrderMoney = {
  no: 'SO1',
  status: 'unconfirmed',
  paid: true,
  cod: false,
  paymentFen: 10_000,
  back: [],
}
const refund = (fen: number, kind: SettlementKind = 'order_refund') => ({
  kind,
  source: 'R1',
  amountFen: fen,
})
const owed = (given: Partial<OrderMoney>) =>
  owedBy({ ...order, ...given })
    .filter(({ amountFen }) => amountFen !== 0)
    .map(({ kind, source, amountFen }) => `${kind} ${source} ${amountFen}`)

const receipt = 'order_receipt SO1 10000'
const cod = 'cod_receipt SO1 10000'

/** The last event of the order, the order's facts then, and what it owes. */
const rows: [act: string, given: Partial<OrderMoney>, owes: string[]][] = [
  ['converted', {}, []],
  ['converted, not paid', { paid: false }, []],
  ['confirmed', { status: 'confirmed' }, [receipt]],
  ['unconfirmed again', { status: 'unconfirmed' }, []],
  ['released', { status: 'released' }, [receipt]],
  ['shipped', { status: 'shipped' }, [receipt]],
  ['completed', { status: 'completed' }, [receipt]],
  ['confirmed, cash on delivery', { status: 'confirmed', cod: true, paid: false }, [cod]],
  ['confirmed, free of charge', { status: 'confirmed', paymentFen: 0 }, []],
  ['refunded in part before it was confirmed', { back: [refund(3000)] }, [receipt, 'order_refund R1 -3000']],
  ['refunded, but nothing', { back: [refund(0)] }, []],
  [
    'refunded in part after shipping',
    { status: 'shipped', back: [refund(3000, 'refund_only')] },
    [receipt, 'refund_only R1 -3000'],
  ],
  [
    'returned after completing',
    { status: 'completed', back: [refund(10_000, 'return_refund')] },
    [receipt, 'return_refund R1 -10000'],
  ],
  [
    'an extra refund approved',
    { status: 'shipped', back: [refund(500, 'extra_refund')] },
    [receipt, 'extra_refund R1 -500'],
  ],
  ['voided, paid', { status: 'voided' }, [receipt, 'void_refund SO1 -10000']],
  [
    'voided, paid, refunded in part before',
    { status: 'voided', back: [refund(3000)] },
    [receipt, 'void_refund SO1 -7000', 'order_refund R1 -3000'],
  ],
  [
    'voided, and the platform refunded it',
    { status: 'voided', back: [refund(10_000, 'void_refund')] },
    [receipt, 'void_refund R1 -10000'],
  ],
  [
    'voided since it was refunded',
    { status: 'voided', back: [refund(10_000)] },
    [receipt, 'order_refund R1 -10000'],
  ],
  [
    'voided, refunded beyond its payment',
    { status: 'voided', back: [refund(12_000)] },
    [receipt, 'order_refund R1 -12000'],
  ],
  ['voided, never paid', { status: 'voided', paid: false }, []],
  ['voided, cash on delivery', { status: 'voided', paid: false, cod: true }, []],
  [
    'voided, cash on delivery, refunded all the same',
    { status: 'voided', paid: false, cod: true, back: [refund(3000, 'void_refund')] },
    ['cod_receipt SO1 3000', 'void_refund R1 -3000'],
  ],
]

for (const [act, given, owes] of rows) {
  test(`an order that is ${act} owes ${owes.join(', ') || 'nothing'}`, () => {
    assert.deepEqual(owed(given), owes)
  })
}

test('what an order does not owe is named as well, so that its document is withdrawn', () => {
  assert.deepEqual(owedBy(order), [
    { kind: 'order_receipt', source: 'SO1', amountFen: 0 },
    { kind: 'void_refund', source: 'SO1', amountFen: 0 },
  ])
  assert.equal(receivableStateOf(order), 'waiting')
})

const at = (status: SettlementStatus) => ({ status, withdrawn: false, orderId: '1' })

test('the ladder: each step from its own place only', () => {
  const steps = Object.fromEntries(
    settlementStatuses.map((status) => [
      status,
      (['approve', 'unapprove', 'post', 'settle', 'void', 'revive'] as const).filter(
        (event) => !whyNotSettlement(at(status), event),
      ),
    ]),
  )
  assert.deepEqual(steps, {
    draft: ['approve', 'void'],
    approved: ['unapprove', 'post'],
    posted: ['settle'],
    settled: [],
    voided: ['revive'],
  })
  assert.deepEqual(Object.keys(settlementEvents).length, 6)
  const again = whyNotSettlement(at('approved'), 'approve')
  assert.equal(again?.code, 'already')
  const wrong = whyNotSettlement(at('settled'), 'void')
  assert.equal(wrong?.message.zh, '已结算，不能作废')
  const gone = whyNotSettlement({ ...at('voided'), withdrawn: true }, 'revive')
  assert.equal(gone?.code, 'not_owed')
  const loose = whyNotSettlement({ ...at('voided'), orderId: null }, 'revive')
  assert.equal(loose?.code, 'no_order')
})
