import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, test } from 'node:test'
import { sql } from 'kysely'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import { createQueues } from '../../core/jobs/job.ts'
import { type Caller, type TestApp, testApp } from '../../testing/app.ts'
import { anOrder, aRefund, aShop, matchGoods, orderState } from '../../testing/orders.ts'
import { aSku, aWarehouse, balanceOf, putStock, wrongInTheBooks } from '../../testing/stock.ts'
import { jobs } from '../../worker.ts'
import { applyRefunds } from '../refunds/refunds.ts'
import { splitOrders } from '../split/split.ts'
import { unsplitOrders } from '../split/unsplit.ts'
import type { GiftRules } from './contract.ts'
import { asksNothing } from './gift-rules.ts'
import { reserveWithGifts } from './give.ts'

let house: TestApp
let shopId: string
let warehouse: string
let gift: string
let lead: Caller

before(async () => {
  house = await testApp()
  await createQueues(house.db, jobs)
  shopId = await aShop(house.db)
  const sold = await matchGoods(house.db, shopId)
  warehouse = await aWarehouse(house.db, 1)
  await putStock(house.db, warehouse, sold, 10_000)
  gift = await aSku(house.db, 'MUG')
  const other = await aSku(house.db, 'PEN')
  await putStock(house.db, warehouse, gift, 1000)
  await putStock(house.db, warehouse, other, 1000)
  await aSku(house.db, 'RARE')
  lead = await house.as(['*'])
})
beforeEach(async () => {
  await sql`update gift_rule set removed_at = now()`.execute(house.db)
})
after(async () => {
  assert.deepEqual(await wrongInTheBooks(house.db), [])
  await house[Symbol.asyncDispose]()
})

const giving = (code: string, more: object = {}) => ({
  ...asksNothing,
  name: '满赠',
  whenOut: 'wait',
  gifts: [{ code, quantity: 1, instead: '' }],
  ...more,
})

const stored = async () => (await lead.call('GET', '/api/gift-rules')).body as GiftRules
async function setRules(...rules: object[]): Promise<GiftRules['rules']> {
  const { version } = await stored()
  const saved = await lead.call('PUT', '/api/gift-rules', { rules, version })
  assert.equal(saved.status, 204, JSON.stringify(saved.body))
  return (await stored()).rules
}

/** Inserts an order, and gives its gifts and reserves its stock in one step, as the conversion does. */
async function converted(input: Partial<Parameters<typeof anOrder>[1]> = {}, people: number[] = []) {
  const order = await anOrder(house.db, { shopId, ...input })
  if (people.length > 0)
    await sql`update sales_order set people = ${people}::bigint[] where id = ${order.id}`.execute(house.db)
  await house.db.transaction().execute((tx) => reserveWithGifts(tx, [order.id], systemActor))
  return order
}

/** Returns "MUG 2" for each gift line of an order, or "MUG 0/2" if both pieces were removed. */
async function giftsOf(id: string): Promise<string[]> {
  const found = await sql<{ gift: string }>`
    select outer_sku_id || ' ' || case refunded_quantity when 0 then '' else (quantity - refunded_quantity) || '/' end || quantity as gift
    from order_line where order_id = ${id} and gift order by line_no`.execute(house.db)
  return found.rows.map((row) => row.gift)
}
const promisedOf = async (id: string) =>
  (
    await sql<{ of: string }>`
      select line_no || ': ' || reserved || '/' || wanted as of from reservation where order_id = ${id} order by line_no`.execute(
      house.db,
    )
  ).rows.map(({ of }) => of)
const stories = async (id: string) =>
  (
    await sql<{ event: string; detail: unknown }>`
      select event, detail from order_event where order_id = ${id} and event like 'gift%' order by id`.execute(
      house.db,
    )
  ).rows
async function post(path: string, body: object, who = lead): Promise<(string | undefined)[]> {
  const answer = await who.call('POST', `/api/orders/gifts${path}`, body)
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  const { results } = answer.body as { results: { done: boolean; code?: string }[] }
  return results.map((one) => (one.done ? 'done' : one.code))
}
const moneyOf = async (id: string) =>
  (
    await sql<Record<string, unknown>>`
      select payment_fen, goods_fen, quantity, refunded_quantity, facets[5] & 7 as waits from sales_order where id = ${id}`.execute(
      house.db,
    )
  ).rows[0]

test('converting puts gifts on the order, promised with its goods; its money and pieces are untouched', async () => {
  await setRules(giving('MUG', { minFen: 10000 }), giving('PEN', { name: '大单', minFen: 10001 }))
  const before_ = await balanceOf(house.db, warehouse, gift)
  const { id } = await converted()
  assert.deepEqual(await giftsOf(id), ['MUG 1'])
  assert.deepEqual(await promisedOf(id), ['1: 2/2', '2: 1/1', '3: 1/1'])
  assert.deepEqual(await balanceOf(house.db, warehouse, gift), [before_[0], (before_[1] ?? 0) + 1, 0])
  assert.deepEqual(await moneyOf(id), {
    payment_fen: '10000',
    goods_fen: '10000',
    quantity: 3,
    refunded_quantity: 0,
    waits: 0,
  })
  assert.deepEqual(await stories(id), [
    {
      event: 'gifts',
      detail: { gifts: [{ rule: '满赠', times: 1, items: [['MUG', 1]] }], passed: [['大单', 'amount']] },
    },
  ])
  const line = await sql`
    select tid <> '' as tid, oid, price_fen, payment_fen, item_id, spec, gift_rule_id is not null as rule from order_line
    where order_id = ${id} and gift`.execute(house.db)
  assert.deepEqual(line.rows, [
    { tid: true, oid: '', price_fen: '0', payment_fen: '0', item_id: '', spec: '白色', rule: true },
  ])
})

test('a house without rules is asked once, and nothing else happens', async () => {
  const { id } = await converted()
  assert.deepEqual([await giftsOf(id), await stories(id)], [[], []])
})

test('asked twice, a rule gives once', async () => {
  await setRules(giving('MUG'))
  const { id } = await converted()
  await house.db.transaction().execute((tx) => reserveWithGifts(tx, [id], systemActor))
  assert.deepEqual(await giftsOf(id), ['MUG 1'])
  assert.deepEqual(await promisedOf(id), ['1: 2/2', '2: 1/1', '3: 1/1'])
})

test('the first three of twelve that are converted at once get it, and exactly those', async () => {
  const [rule] = await setRules(giving('MUG', { firstOrders: 3 }))
  const orders = await Promise.all(Array.from({ length: 12 }, () => converted()))
  const gifts = await Promise.all(orders.map(({ id }) => giftsOf(id)))
  assert.equal(gifts.filter((all) => all.length === 1).length, 3)
  const [after_] = (await stored()).rules
  assert.deepEqual([after_?.id, after_?.taken], [rule?.id, 3])
  const without = orders.find((_, at) => gifts[at]?.length === 0)
  assert.deepEqual((await stories(without?.id ?? ''))[0]?.detail, { gifts: [], passed: [['满赠', 'places']] })
})

test('a place outlives the gift: whoever lost it gets it again, and nobody else', async () => {
  const [rule] = await setRules(giving('MUG', { firstOrders: 1, minFen: 6000 }))
  const { id, tid } = await converted()
  await refund({ tid, oid: 'o1', amountFen: 6000, quantity: 2 })
  assert.deepEqual(await giftsOf(id), ['MUG 0/1'])
  const other = await converted()
  assert.deepEqual(await giftsOf(other.id), [])
  await setRules({ ...giving('MUG', { firstOrders: 1 }), id: rule?.id })
  assert.deepEqual(await post('', { ids: [id, other.id] }), ['done', 'already'])
  assert.deepEqual(await giftsOf(id), ['MUG 0/1', 'MUG 1'])
  assert.equal((await stored()).rules[0]?.taken, 1)
})

test('one buyer gets it once, converted at once or one after the other; who is not paid gets nothing', async () => {
  await setRules(giving('MUG', { perBuyer: 1 }))
  const month = (new Date().getUTCFullYear() - 2020) * 12 + new Date().getUTCMonth()
  const key = (kind: number, hash: number) => month * 2 ** 34 + kind * 2 ** 32 + hash
  const [lin, wang] = [1, 2].map((n) => [key(0, n), key(2, n)])
  const made = await Promise.all([1, 2, 3].map(() => converted({}, lin)))
  const gifts = await Promise.all([...made, await converted({}, lin)].map(({ id }) => giftsOf(id)))
  assert.equal(gifts.flat().length, 1)
  assert.deepEqual(await giftsOf((await converted({}, wang)).id), ['MUG 1'])
  assert.deepEqual(await giftsOf((await converted({ paid: false }, [key(0, 3), key(2, 3)])).id), [])
})

test('a gift that a person took off counts no more for its buyer, one of which a piece remains does', async () => {
  await setRules(
    giving('MUG', {
      perBuyer: 1,
      gifts: [
        { code: 'MUG', quantity: 1 },
        { code: 'PEN', quantity: 1 },
      ].map((one) => ({ ...one, instead: '' })),
    }),
  )
  const month = (new Date().getUTCFullYear() - 2020) * 12 + new Date().getUTCMonth()
  const buyer = [0, 2].map((kind) => month * 2 ** 34 + kind * 2 ** 32 + 77)
  const { id } = await converted({}, buyer)
  assert.deepEqual(await giftsOf(id), ['MUG 1', 'PEN 1'])
  assert.deepEqual(await post('/remove', { ids: [id], code: 'MUG' }), ['done'])
  assert.deepEqual(await giftsOf((await converted({}, buyer)).id), [])
  assert.deepEqual(await post('/remove', { ids: [id], code: 'PEN' }), ['done'])
  assert.deepEqual(await giftsOf((await converted({}, buyer)).id), ['MUG 1', 'PEN 1'])
  assert.deepEqual(await post('', { ids: [id] }), ['already'])
})

describe('stock', () => {
  test('a gift that is out is left out or replaced, and never makes an order wait that would not', async () => {
    await setRules(
      giving('RARE', { name: '不等', whenOut: 'skip' }),
      giving('RARE', {
        name: '等',
        gifts: [{ code: 'RARE', quantity: 1, instead: 'PEN' }],
        whenOut: 'instead',
      }),
    )
    const { id } = await converted()
    assert.deepEqual(await giftsOf(id), ['PEN 1'])
    assert.equal((await moneyOf(id))?.['waits'], 0)
    await setRules(giving('RARE', { whenOut: 'wait' }))
    const waiting = await converted()
    assert.deepEqual(await promisedOf(waiting.id), ['1: 2/2', '2: 1/1', '3: 0/1'])
    assert.equal((await moneyOf(waiting.id))?.['waits'], 2)
  })

  test('the last piece goes to one of those who ask at once, and the others do not wait for it', async () => {
    const last = await aSku(house.db, 'LAST')
    await putStock(house.db, warehouse, last, 1)
    await setRules(giving('LAST', { whenOut: 'skip' }))
    const orders = await Promise.all(Array.from({ length: 6 }, () => converted()))
    const [gifts, waits] = [
      await Promise.all(orders.map(({ id }) => giftsOf(id))),
      await Promise.all(orders.map(async ({ id }) => (await moneyOf(id))?.['waits'])),
    ]
    assert.deepEqual(gifts.flat().filter((one) => one === 'LAST 1').length, 1)
    assert.deepEqual(waits, [0, 0, 0, 0, 0, 0])
    assert.deepEqual(await balanceOf(house.db, warehouse, last), [1, 1, 0])
  })

  test('what an order buys of the gift’s own SKU is not given away', async () => {
    const own = await aShop(house.db)
    await putStock(house.db, warehouse, await matchGoods(house.db, own), 7)
    await setRules(giving(`OF-SHOP-${own}`, { whenOut: 'skip' }))
    const [first, second] = [await converted({ shopId: own }), await converted({ shopId: own })]
    assert.deepEqual(await giftsOf(first.id), [`OF-SHOP-${own} 1`])
    assert.deepEqual([await giftsOf(second.id), await promisedOf(second.id)], [[], ['1: 2/2', '2: 1/1']])
  })
})

let refunds = 0
async function refund(of: { tid: string; oid: string; amountFen: number; quantity: number }): Promise<void> {
  refunds += 1
  const version = aRefund({ shopId, refundNo: `gr${refunds}`, status: 'succeeded', ...of })
  await house.db.transaction().execute((tx) => applyRefunds(tx, [version], systemActor))
}

describe('refunds', () => {
  test('a gift that what is left does not earn comes off, and its goods go back', async () => {
    await setRules(giving('MUG', { minFen: 10000 }), giving('PEN', { name: '每件', perQuantity: 1 }))
    const { id, tid } = await converted()
    assert.deepEqual(await giftsOf(id), ['MUG 1', 'PEN 3'])
    const [, held = 0] = await balanceOf(house.db, warehouse, gift)
    await refund({ tid, oid: 'o2', amountFen: 4000, quantity: 1 })
    assert.deepEqual(await giftsOf(id), ['MUG 0/1', 'PEN 2/3'])
    assert.deepEqual(await promisedOf(id), ['1: 2/2', '4: 2/2'])
    assert.equal((await balanceOf(house.db, warehouse, gift))[1], held - 1)
    const { refundedFen, openHolds } = await orderState(house.db, id)
    assert.deepEqual([refundedFen, openHolds], [4000, 0])
    assert.deepEqual((await moneyOf(id))?.['refunded_quantity'], 1)
    assert.deepEqual((await stories(id)).slice(1), [
      { event: 'gift_off', detail: { gift: 'MUG', quantity: 0 } },
      { event: 'gift_off', detail: { gift: 'PEN', quantity: 2 } },
    ])
  })

  test('the terms are those under which it was given, whatever became of the rule', async () => {
    const [rule] = await setRules(giving('MUG', { minFen: 6000 }))
    const { id, tid } = await converted()
    await setRules({ ...giving('MUG', { minFen: 1_000_000, enabled: false }), id: rule?.id })
    await refund({ tid, oid: 'o2', amountFen: 4000, quantity: 1 })
    assert.deepEqual(await giftsOf(id), ['MUG 1'])
  })

  test('of an order that the warehouse has in hand nothing comes off: it stands still, once, until a person decides', async () => {
    await setRules(giving('MUG', { minFen: 10000 }))
    const { id, tid } = await converted()
    await sql`update sales_order set status = 'released' where id = ${id}`.execute(house.db)
    await refund({ tid, oid: 'o2', amountFen: 2000, quantity: 0 })
    await refund({ tid, oid: 'o2', amountFen: 2000, quantity: 1 })
    assert.deepEqual(await giftsOf(id), ['MUG 1'])
    assert.deepEqual((await orderState(house.db, id)).holds, [{ reason: 'gift', source: '' }])
    assert.equal((await promisedOf(id)).at(-1), '3: 1/1')
    const released = await lead.call('POST', '/api/orders/release-hold', { ids: [id] })
    assert.deepEqual(Object(released.body).results[0].done, true)
  })

  test('refunded whole, the order is voided and gives its gifts back', async () => {
    await setRules(giving('MUG'))
    const { id, tid } = await converted()
    await refund({ tid, oid: '', amountFen: 10000, quantity: 1 })
    assert.equal((await orderState(house.db, id)).status, 'voided')
    assert.deepEqual(await promisedOf(id), [])
  })
})

describe('people', () => {
  test('recomputing follows the rules of now: less, more, another, none', async () => {
    const [rule] = await setRules(giving('MUG', { perQuantity: 1 }))
    const { id } = await converted()
    const again = async (more: object, ...others: object[]) => {
      await setRules({ ...giving('MUG', more), id: rule?.id }, ...others)
      return [...(await post('', { ids: [id] })), ...(await giftsOf(id))]
    }
    assert.deepEqual(await again({ perQuantity: 1 }), ['already', 'MUG 3'])
    assert.deepEqual(await again({ perQuantity: 2 }), ['done', 'MUG 1/3'])
    assert.deepEqual(await again({ perQuantity: 1, maxTimes: 2 }), ['done', 'MUG 0/3', 'MUG 2'])
    assert.deepEqual(await again({ enabled: false }, giving('PEN')), ['done', 'MUG 0/3', 'MUG 0/2', 'PEN 1'])
    assert.deepEqual(await promisedOf(id), ['1: 2/2', '2: 1/1', '5: 1/1'])
  })

  test('what a person took off stays off, and what a person added stays on', async () => {
    await setRules(giving('MUG'), giving('PEN'))
    const { id, no } = await converted()
    assert.deepEqual(await post('/remove', { ids: [id], code: 'MUG' }), ['done'])
    assert.deepEqual(await post('/remove', { ids: [id], code: 'MUG' }), ['no_gift'])
    assert.deepEqual(await post('/add', { ids: [id], code: 'RARE', quantity: 2 }), ['done'])
    assert.deepEqual(await post('/add', { ids: [id], code: 'RARE', quantity: 2 }), ['already'], 'said twice')
    assert.deepEqual(await post('/add', { ids: [id], code: 'RARE', quantity: 1 }), ['done'])
    assert.deepEqual(await post('/add', { ids: [id], code: 'NONE', quantity: 1 }), ['no_sku'])
    assert.deepEqual(await post('', { ids: [id] }), ['already'])
    assert.deepEqual(await giftsOf(id), ['MUG 0/1', 'PEN 1', 'RARE 1/2'])
    const { body } = await lead.call('GET', `/api/orders/${id}`)
    assert.deepEqual(
      Object(body).lines.map((line: { gift: boolean; giftOffBy: string }) => [line.gift, line.giftOffBy]),
      [
        [false, ''],
        [false, ''],
        [true, '林晓'],
        [true, ''],
        [true, ''],
      ],
    )
    assert.equal(Object(body).no, no)
  })

  test('a confirmed order, one that somebody locked and one of another shop are not changed', async () => {
    await setRules(giving('MUG'))
    const { id } = await anOrder(house.db, { shopId, status: 'confirmed' })
    const locked = await converted()
    const colleague = await house.as(['*'])
    await colleague.call('POST', '/api/orders/lock', { ids: [locked.id] })
    const stranger = await house.as(['*'], [await aShop(house.db)])
    assert.deepEqual(await post('', { ids: [id, locked.id] }), ['wrong_status', 'locked'])
    assert.deepEqual(await post('/add', { ids: [locked.id], code: 'PEN', quantity: 1 }, stranger), [
      'not_found',
    ])
    assert.deepEqual(await giftsOf(id), [])
  })
})

test('split, gifts go with the goods that are chosen and are no goods of their own; put together, they are back', async () => {
  await setRules(giving('MUG', { perQuantity: 1 }))
  const { id, tid } = await converted()
  const split = (...lines: { lineNo: number; quantity: number }[]) =>
    house.db
      .transaction()
      .execute((tx) =>
        splitOrders(tx, [{ id, parts: [{ lines }], cause: '' }], { actor: systemActor, scope: wholeScope }),
      )
  const [alone] = await split({ lineNo: 3, quantity: 1 })
  assert.deepEqual([alone?.done, Reflect.get(Object(alone), 'code')], [false, 'gifts_alone'])
  const [whole] = await split({ lineNo: 1, quantity: 2 }, { lineNo: 2, quantity: 1 })
  assert.deepEqual([whole?.done, Reflect.get(Object(whole), 'code')], [false, 'nothing_stays'])
  const [done] = await split({ lineNo: 2, quantity: 1 }, { lineNo: 3, quantity: 1 })
  const part = done?.done ? (done.parts[0]?.id ?? '') : ''
  assert.deepEqual([await giftsOf(id), await giftsOf(part)], [['MUG 2'], ['MUG 1']])
  const figures = async (of: string) => Object.values((await moneyOf(of)) ?? {})
  assert.deepEqual(
    [await figures(id), await figures(part)],
    [
      ['6000', '6000', 2, 0, 0],
      ['4000', '4000', 1, 0, 0],
    ],
  )
  assert.deepEqual(
    [await promisedOf(id), await promisedOf(part)],
    [
      ['1: 2/2', '3: 2/2'],
      ['2: 1/1', '3: 1/1'],
    ],
  )
  assert.deepEqual(await post('', { ids: [id, part] }), ['split', 'split'])
  await refund({ tid, oid: 'o1', amountFen: 3000, quantity: 1 })
  assert.deepEqual(await giftsOf(id), ['MUG 2'], 'what earned them lies on both')
  const back = await house.db
    .transaction()
    .execute((tx) => unsplitOrders(tx, [part], { actor: systemActor, scope: wholeScope }))
  assert.deepEqual(
    back.map((one) => one.done),
    [true],
  )
  assert.deepEqual([await giftsOf(id), await giftsOf(part)], [['MUG 3'], []])
  assert.deepEqual(await promisedOf(id), ['1: 1/1', '2: 1/1', '3: 3/3'])
  assert.deepEqual(await figures(id), ['10000', '10000', 3, 1, 0])
})

describe('the rules', () => {
  test('are saved whole, once; a place that is taken and a number outlive it', async () => {
    const [first] = await setRules(giving('MUG', { firstOrders: 5 }))
    await converted()
    const rules = await setRules(giving('PEN', { name: '新' }), {
      ...giving('MUG', { firstOrders: 9 }),
      id: first?.id,
    })
    assert.deepEqual(
      rules.map(({ name, taken, firstOrders }) => [name, taken, firstOrders]),
      [
        ['新', 0, null],
        ['满赠', 1, 9],
      ],
    )
    const stale = await lead.call('PUT', '/api/gift-rules', { rules: [], version: 1 })
    assert.equal(stale.status, 409)
    const audit = await sql`select 1 from audit_log where action = 'gift_rules.save'`.execute(house.db)
    assert.ok(audit.rows.length > 0)
  })

  test('what cannot be given is refused by its field, and changes nothing', async () => {
    const { version } = await stored()
    const save = async (rule: object, who = lead) => {
      const { status, body } = await who.call('PUT', '/api/gift-rules', { rules: [rule], version })
      return [status, Object(body).field ?? Object(body).code]
    }
    assert.deepEqual(await save(giving('NONE')), [400, 'rules.0.gifts.0.code'])
    assert.deepEqual(await save(giving('MUG', { whenOut: 'instead' })), [400, 'rules.0.gifts.0.instead'])
    assert.deepEqual(await save({ ...giving('MUG'), id: '999999' }), [400, 'rules.0.id'])
    const clerk = await house.as(['orders.read', 'orders.rules'], [shopId])
    assert.deepEqual(await save(giving('MUG'), clerk), [403, 'outside_scope'])
    assert.equal((await stored()).version, version)
  })

  test('who sees some shops sees their rules and those of all', async () => {
    const other = await aShop(house.db)
    await setRules(giving('MUG', { name: '全部' }), giving('MUG', { name: '别家', shops: [other] }))
    const clerk = await house.as(['orders.read'], [shopId])
    const { rules } = (await clerk.call('GET', '/api/gift-rules')).body as GiftRules
    assert.deepEqual(
      rules.map(({ name }) => name),
      ['全部'],
    )
  })

  test('a dry run tells what each order would get and why not, and writes nothing', async () => {
    const own = await aShop(house.db)
    const { id, no } = await converted({ shopId: own })
    const count = async () =>
      (
        await sql`select (select count(*) from order_line), (select count(*) from order_event)`.execute(
          house.db,
        )
      ).rows
    const before_ = await count()
    const { status, body } = await lead.call('POST', '/api/gift-rules/dry-run', {
      rules: [giving('MUG', { firstOrders: 1 }), giving('RARE', { name: '不够', minFen: 99999 })],
      filter: { shop: own },
    })
    assert.equal(status, 200, JSON.stringify(body))
    const { seen, changing, byRule, bySku, rows } = Object(body)
    assert.deepEqual(
      [seen, changing, byRule, bySku],
      [1, 1, [{ name: '满赠', count: 1 }], [{ name: 'MUG', count: 1 }]],
    )
    assert.deepEqual(rows, [
      {
        id,
        no,
        now: [],
        given: [{ rule: '满赠', times: 1, items: [{ code: 'MUG', quantity: 1 }] }],
        missed: [{ rule: '不够', miss: 'amount' }],
      },
    ])
    assert.deepEqual(await count(), before_)
    const many = await lead.call('POST', '/api/gift-rules/dry-run', {
      rules: [giving('MUG', { perFen: 1, gifts: [{ code: 'MUG', quantity: 1000, instead: '' }] })],
      filter: { shop: own },
    })
    assert.deepEqual(Object(many.body).bySku, [{ name: 'MUG', count: 10_000 }])
  })
})
