import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { testApp } from '../../testing/app.ts'
import { aShop } from '../../testing/orders.ts'
import { aSku, aWarehouse, putStock, wrongInTheBooks } from '../../testing/stock.ts'
import { asksNothing } from './gift-rules.ts'

const house = await testApp()
after(async () => {
  assert.deepEqual(await wrongInTheBooks(house.db), [])
  await house[Symbol.asyncDispose]()
})
const shopId = await aShop(house.db)
const warehouse = await aWarehouse(house.db)
const sold = await aSku(house.db, 'SHEET')
await putStock(house.db, warehouse, sold, 1000)
const mug = await aSku(house.db, 'MUG')
await putStock(house.db, warehouse, mug, 100)
await aSku(house.db, 'RARE')
const lead = await house.as(['*'])

const rule = (code: string, more: object = {}) => ({
  ...asksNothing,
  name: code,
  minFen: 5000,
  gifts: [{ code, quantity: 1, instead: '' }],
  ...more,
})
async function setRules(...rules: object[]): Promise<void> {
  const { version } = Object((await lead.call('GET', '/api/gift-rules')).body)
  const saved = await lead.call('PUT', '/api/gift-rules', { rules, version })
  assert.equal(saved.status, 204, JSON.stringify(saved.body))
}

let acts = 0
const aKey = () => {
  acts += 1
  return `gift-act-${acts}`
}
const input = (more: object = {}) => ({
  key: aKey(),
  shopId,
  receiver: {
    name: '李小龙',
    mobile: '13911112222',
    province: '广东省',
    city: '佛山市',
    address: '大良街道 1 号',
  },
  lines: [{ skuId: sold, quantity: 2, priceFen: 3000 }],
  ...more,
})
type Made = { id: string; no: string }
async function post(path: string, body: object): Promise<Made[]> {
  const answer = await lead.call('POST', path, body)
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return Object(answer.body).results
}
const create = async (more: object = {}): Promise<Made> =>
  (await post('/api/orders', { orders: [input(more)] }))[0] ?? assert.fail()
const copy = async (of: Made, more: object): Promise<Made> =>
  (await post('/api/orders/copy', { copies: [{ key: aKey(), orderId: of.id, ...more }] }))[0] ?? assert.fail()
/** Returns "SHEET 2/2, gift MUG 1/1": the reserved and the remaining pieces of each line. */
async function goodsOf({ id }: Made): Promise<string> {
  const found = await sql<{ text: string }>`
    select concat_ws(' ', case when gift then 'gift' end, outer_sku_id,
      coalesce((select sum(reserved) from reservation r where r.order_id = l.order_id and r.line_no = l.line_no), 0) || '/' || quantity - refunded_quantity) as text
    from order_line l where order_id = ${id} order by line_no`.execute(house.db)
  return found.rows.map(({ text }) => text).join(', ')
}

test('an order made by hand gets its gifts when it is made, promised with its goods; sent again it gets none', async () => {
  await setRules(rule('MUG'), rule('RARE'))
  const order = input()
  const [one] = await post('/api/orders', { orders: [order] })
  await post('/api/orders', { orders: [order] })
  assert.equal(await goodsOf(one ?? assert.fail()), 'SHEET 2/2, gift MUG 1/1')
  assert.equal(
    await goodsOf(await create({ lines: [{ skuId: sold, quantity: 1, priceFen: 3000 }] })),
    'SHEET 1/1',
  )
})

test('an order read from a sheet gets them as well', async () => {
  await setRules(rule('MUG'))
  const rows = [
    '店铺,订单号,收件人,手机,省,市,详细地址,商家编码,数量,单价,运费,已付款,快递',
    `${shopId},G-1,张三,13700000001,浙江,杭州,文一路 1 号,SHEET,2,30,8,是,顺丰`,
  ]
  const file = Buffer.from(rows.join('\n')).toString('base64')
  const { body } = await lead.call('POST', '/api/orders/import', { file })
  assert.equal(Object(body).created, 1)
  const found = await sql<Made>`select id, no from sales_order where tid = 'G-1'`.execute(house.db)
  assert.equal(await goodsOf(found.rows[0] ?? assert.fail()), 'SHEET 2/2, gift MUG 1/1')
})

test('one that is not paid gets them with its payment', async () => {
  await setRules(rule('MUG'))
  const order = await create({ paid: false })
  assert.equal(await goodsOf(order), 'SHEET 0/2')
  await post('/api/orders/book-payment', { ids: [order.id] })
  assert.equal(await goodsOf(order), 'SHEET 2/2, gift MUG 1/1')
  await post('/api/orders/book-payment', { ids: [order.id] })
  assert.equal(await goodsOf(order), 'SHEET 2/2, gift MUG 1/1')
})

test('one that was split before it is paid gets none, neither the order nor its part: no rule sees all of it', async () => {
  await setRules(rule('MUG', { minFen: null }))
  const order = await create({ paid: false })
  const splits = [{ id: order.id, parts: [{ lines: [{ lineNo: 1, quantity: 1 }] }] }]
  const [outcome] = await post('/api/orders/split', { splits })
  const part: Made = Object(outcome).parts[0]
  await post('/api/orders/book-payment', { ids: [order.id, part.id] })
  assert.deepEqual([await goodsOf(order), await goodsOf(part)], ['SHEET 1/1', 'SHEET 1/1'])
})

test('a copy gets what the rules give its own goods, not what they gave the other beside that', async () => {
  await setRules(rule('MUG'))
  const source = await create()
  const whole = { kind: 'copy', lines: [1, 2].map((lineNo) => ({ lineNo, quantity: 1 })) }
  // The copy has only half of the goods, which earn no gift.
  assert.equal(await goodsOf(await copy(source, whole)), 'SHEET 1/1')
  const both = {
    kind: 'copy',
    lines: [
      { lineNo: 1, quantity: 2 },
      { lineNo: 2, quantity: 1 },
    ],
  }
  assert.equal(await goodsOf(await copy(source, both)), 'SHEET 2/2, gift MUG 1/1')
  await setRules()
  assert.equal(
    await goodsOf(await copy(source, { kind: 'copy', lines: [{ lineNo: 2, quantity: 1 }] })),
    'MUG 1/1',
  )
})

test('what is sent once more gets no gift, neither when it is made nor when gifts are computed again', async () => {
  await setRules(rule('MUG', { minFen: null }))
  const source = await create()
  const again = await copy(source, { kind: 'reship', reason: '破损', lines: [{ lineNo: 1, quantity: 1 }] })
  assert.equal(await goodsOf(again), 'SHEET 1/1')
  const answers = await post('/api/orders/gifts', { ids: [again.id] })
  assert.equal(Object(answers[0]).code, 'already')
  assert.equal(await goodsOf(again), 'SHEET 1/1')
})
