import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type OrderEvent,
  type OrderFacts,
  type OrderStatus,
  orderEventNames,
  orderEvents,
  orderStatuses,
  whyNotOrder,
} from './lifecycle.ts'

const free: OrderFacts = {
  status: 'unconfirmed',
  openHolds: 0,
  paid: true,
  cod: false,
  refundedWhole: false,
  writtenBack: false,
  short: false,
  lockedByOther: '',
  openProblems: 0,
}

/** Every allowed transition; all others are refused. */
const moves: Record<OrderStatus, Partial<Record<OrderEvent, OrderStatus>>> = {
  unconfirmed: { confirm: 'confirmed', void: 'voided' },
  confirmed: { unconfirm: 'unconfirmed', release: 'released', void: 'voided' },
  released: { unrelease: 'confirmed', ship: 'shipped', void: 'voided' },
  shipped: { unship: 'released', complete: 'completed' },
  completed: {},
  voided: { restore: 'unconfirmed' },
}

test('every status × event goes where the table says, and nowhere else', () => {
  assert.deepEqual([...orderEventNames].sort(), Object.keys(orderEvents).sort())
  for (const status of orderStatuses) {
    for (const event of orderEventNames) {
      const verdict = whyNotOrder({ ...free, status }, event)
      const to = moves[status][event]
      const place = `${status} × ${event}`
      if (to !== undefined) assert.deepEqual([verdict, orderEvents[event].to], [undefined, to], place)
      else
        assert.equal(
          verdict?.code ?? 'allowed',
          orderEvents[event].to === status ? 'already' : 'wrong_status',
          place,
        )
    }
  }
})

test('guards stop exactly the moves that they are for', () => {
  const stopped = (facts: Partial<OrderFacts>) =>
    orderStatuses.flatMap((status) =>
      orderEventNames.filter(
        (event) => moves[status][event] && whyNotOrder({ ...free, ...facts, status }, event),
      ),
    )
  assert.deepEqual(stopped({ openHolds: 1 }), ['confirm', 'release', 'ship'])
  assert.deepEqual(stopped({ paid: false }), ['confirm', 'release'])
  assert.deepEqual(stopped({ paid: false, cod: true }), [])
  assert.deepEqual(stopped({ refundedWhole: true }), ['restore'])
  assert.deepEqual(stopped({ writtenBack: true }), ['unship'])
  assert.deepEqual(stopped({ putBack: true }), ['restore'])
  assert.deepEqual(stopped({ lockedByOther: '陈晨' }), ['confirm', 'unconfirm', 'release', 'restore'])
  assert.deepEqual(stopped({ openProblems: 1 }), ['confirm'])
})

test('a refusal says the fact and what to do, in both languages', () => {
  assert.deepEqual(whyNotOrder({ ...free, openHolds: 2 }, 'confirm'), {
    code: 'on_hold',
    message: { zh: '挂起中。解除挂起后可用', en: 'On hold. Available once it is released from hold' },
  })
  assert.deepEqual(whyNotOrder({ ...free, lockedByOther: '陈晨', openHolds: 1 }, 'confirm'), {
    code: 'locked',
    message: { zh: '陈晨 锁定中。解锁后可用', en: 'Locked by 陈晨. Available once unlocked' },
  })
  assert.deepEqual(whyNotOrder({ ...free, status: 'shipped' }, 'void'), {
    code: 'wrong_status',
    message: { zh: '已发货，不能作废', en: 'Shipped: cannot void' },
  })
})
