import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import { wholeScope } from '../../core/access/actor.ts'
import { holdOrders, liftHolds } from '../../orders/holds/holds.ts'
import { codes } from '../../testing/run.ts'
import {
  anAccount,
  aShippingHouse,
  byPacker as by,
  numbered,
  packer,
  type ShippingHouse,
} from '../../testing/shipping.ts'
import { saveCustomArea } from '../papers/custom-area.ts'
import { defaultTemplate } from '../papers/paper-rules.ts'
import { saveTemplate } from '../papers/templates.ts'
import { giveBackNumbers } from '../waybills/give-back.ts'
import { nextDocuments, printLabels, settleDocuments, stopPrinting } from './print.ts'
import { showLabel } from './show-label.ts'

describe('printing labels', () => {
  let shipping: ShippingHouse
  before(async () => {
    shipping = await aShippingHouse()
    await anAccount(shipping)
  })
  after(() => shipping[Symbol.asyncDispose]())

  const start = async (ids: readonly string[], reason = '') => {
    const { job, results } = await shipping.run((tx) => printLabels(tx, { ids, printer: '', reason }, by))
    return { job, codes: codes(results) }
  }
  const next = (jobId: string, results: { seq: number; printed: boolean; message: string }[], most: number) =>
    shipping.run((tx) => nextDocuments(tx, shipping.ring, { jobId, results, most }, by))
  const states = async (jobId: string) => {
    const found = await sql<{ state: string }>`
      select state from print_document where job_id = ${jobId} order by seq`.execute(shipping.db)
    return found.rows.map(({ state }) => state).join(' ')
  }
  const printed = (seq: number) => ({ seq, printed: true, message: '' })

  test('the labels are handed out in the order of the list, with the data as the source gave it', async () => {
    const [a, b, c] = await numbered(shipping, 3)
    const ids = [c, a, b].map((one) => one?.id ?? '')
    const { job, codes: outcomes } = await start(ids)
    assert.deepEqual(outcomes, ['done', 'done', 'done'])
    const [first, second, ...others] = await next(job ?? '', [], 2)
    assert.deepEqual(
      [first, second].map((one) => one?.documentId),
      [`${job}-1`, `${job}-2`],
    )
    assert.deepEqual(others, [])
    const label = shipping.sandbox.world.labels.given.find(({ tids }) => tids[0] === c?.tid)
    assert.deepEqual(first?.contents, [JSON.parse(label?.printData ?? '')])
    assert.equal(await states(job ?? ''), 'spooled spooled waiting')
    await next(job ?? '', [printed(1), { seq: 2, printed: false, message: '缺纸' }], 0)
    assert.equal(await states(job ?? ''), 'printed failed waiting')
  })

  test('the custom area of the account goes along as the second content, filled from the order; the label stays as it is', async () => {
    const [one] = await numbered(shipping, 1)
    const account = await sql<{ id: string }>`select id from waybill_account`.execute(shipping.db)
    const id = account.rows[0]?.id ?? ''
    const url = 'http://cloudprint.cainiao.com/template/customArea/7315101/1'
    const keys = {
      ORDER_ID: 'orderNo',
      ITEM_INFO: 'goods',
      ITEM_TOTAL_COUNT: 'pieces',
      SELLER_MEMO: 'sellerMemo',
    } as const
    await shipping.run((tx) => saveCustomArea(tx, { id, url, keys }, by))
    await sql`update sales_order set seller_memo = '易碎' where id = ${one?.orderId ?? ''}`.execute(
      shipping.db,
    )
    const { job } = await start([one?.id ?? ''])
    const [document] = await next(job ?? '', [], 1)
    const label = shipping.sandbox.world.labels.given.find(({ tids }) => tids[0] === one?.tid)
    const order = await sql<{ no: string; goods: string; pieces: number }>`
      select o.no, string_agg(p.name || case when s.spec = '' then case when l.spec = '' then '' else ' ' || l.spec end else ' ' || s.spec end
        || ' ×' || l.quantity, chr(10) order by l.line_no) as goods, sum(l.quantity)::int as pieces
      from sales_order o join order_line l on l.order_id = o.id join sku s on s.id = l.sku_id join product p on p.id = s.product_id
      where o.id = ${one?.orderId ?? ''} group by o.no`.execute(shipping.db)
    const { no, goods, pieces } = order.rows[0] ?? assert.fail()
    assert.deepEqual(document?.contents, [
      JSON.parse(label?.printData ?? ''),
      {
        templateURL: url,
        data: { ORDER_ID: no, ITEM_INFO: goods, ITEM_TOTAL_COUNT: String(pieces), SELLER_MEMO: '易碎' },
      },
    ])
    await shipping.run((tx) => saveCustomArea(tx, { id, url: '', keys }, by))
    const { job: again } = await start([one?.id ?? ''], '补打')
    assert.equal((await next(again ?? '', [], 1))[0]?.contents.length, 1)
  })

  test('a label names its deliveries for an area of our templates, unless there is none or the seller has one at the platform', async () => {
    const [one = assert.fail()] = await numbered(shipping, 1)
    const over = async (reason: string) => {
      const { job } = await start([one.id], reason)
      return (await next(job ?? '', [], 1))[0]?.contents.slice(1)
    }
    assert.deepEqual(await over(''), [])
    const { shopIds: _, couriers: _all, ...area } = defaultTemplate('label_area')
    const template = { version: 0, ...area, shopIds: [], couriers: [], name: '山隅标准' }
    await shipping.run((tx) => saveTemplate(tx, template, { ...by, request: { ip: '', id: '' } }))
    assert.deepEqual(await over('补打'), [{ areaOf: [one.id] }])
    const shown = await shipping.run((tx) => showLabel(tx, shipping.ring, { deliveryId: one.id, n: 1 }, by))
    assert.deepEqual(shown.contents.slice(1), [{ areaOf: [one.id] }])
    await sql`update waybill_account set custom_area_url = 'http://area', custom_area = '{}'`.execute(
      shipping.db,
    )
    assert.deepEqual(await over('补打'), [{ templateURL: 'http://area', data: {} }])
    await sql`update waybill_account set custom_area_url = ''`.execute(shipping.db)
    await sql`delete from label_area`.execute(shipping.db)
  })

  test('a label that was printed, or may have been, is printed again only with a reason', async () => {
    const [one] = await numbered(shipping, 1)
    const ids = [one?.id ?? '']
    const { job } = await start(ids)
    assert.deepEqual((await start(ids)).codes, ['printed_already'])
    await next(job ?? '', [], 1)
    assert.deepEqual((await start(ids)).codes, ['printed_already'])
    await next(job ?? '', [printed(1)], 0)
    assert.deepEqual((await start(ids)).codes, ['printed_already'])
    assert.deepEqual((await start(ids, '面单撕坏了')).codes, ['done'])
  })

  test('after a break, the last label in hand says what is printed and what waits again', async () => {
    const made = await numbered(shipping, 4)
    const { job } = await start(made.map(({ id }) => id))
    const id = job ?? ''
    await next(id, [], 3)
    await next(id, [printed(1)], 0)
    await shipping.run((tx) => settleDocuments(tx, { jobId: id, last: 2 }, by))
    assert.equal(await states(id), 'printed printed waiting waiting')
    assert.deepEqual(
      (await next(id, [], 5)).map(({ seq }) => seq),
      [3, 4],
    )
  })

  test('a label that failed and that another job has printed does not wait again', async () => {
    const made = await numbered(shipping, 2)
    const id = (await start(made.map((one) => one.id))).job ?? ''
    await next(id, [], 2)
    await next(id, [{ seq: 2, printed: false, message: '卡纸' }], 0)
    const { job: other, codes: outcomes } = await start([made[1]?.id ?? ''])
    assert.deepEqual(outcomes, ['done'])
    await next(other ?? '', [], 1)
    await next(other ?? '', [printed(1)], 0)
    await shipping.run((tx) => settleDocuments(tx, { jobId: id, last: 0 }, by))
    assert.equal(await states(id), 'waiting failed')
  })

  test('a label that may have been printed and that a later job printed does not wait again; one that is printed again does', async () => {
    const made = await numbered(shipping, 2)
    const id = (await start(made.map((one) => one.id))).job ?? ''
    await next(id, [], 2)
    const again = (await start([made[1]?.id ?? ''], '没打出来')).job ?? ''
    await next(again, [], 1)
    await shipping.run((tx) => settleDocuments(tx, { jobId: again, last: 0 }, by))
    assert.deepEqual([await states(id), await states(again)], ['spooled spooled', 'waiting'])
    await next(again, [], 1)
    await next(again, [printed(1)], 0)
    await shipping.run((tx) => settleDocuments(tx, { jobId: id, last: 0 }, by))
    assert.equal(await states(id), 'waiting dropped')
    assert.deepEqual(
      (await next(id, [], 5)).map(({ seq }) => seq),
      [1],
    )
    assert.equal(await states(again), 'printed')
  })

  test('a label that may have been printed is given up without printing it, and another job prints it without a reason', async () => {
    const [one] = await numbered(shipping, 1)
    const ids = [one?.id ?? '']
    const id = (await start(ids)).job ?? ''
    await next(id, [], 1)
    await shipping.run((tx) => settleDocuments(tx, { jobId: id, last: 0 }, by))
    await shipping.run((tx) => stopPrinting(tx, id, by))
    assert.equal(await states(id), 'dropped')
    assert.deepEqual((await start(ids)).codes, ['done'])
  })

  test('an order that is stopped after its job was made gets no label, and the others of the job get theirs', async () => {
    const made = await numbered(shipping, 3)
    const [held] = made
    const id = (await start(made.map((one) => one.id))).job ?? ''
    await shipping.run((tx) =>
      holdOrders(tx, [held?.orderId ?? ''], { reason: 'other', note: '等', until: null }, by),
    )
    assert.deepEqual(
      (await next(id, [], 5)).map(({ seq }) => seq),
      [2, 3],
    )
    assert.equal(await states(id), 'dropped spooled spooled')
    const said = await sql<{ message: string }>`
      select message from print_document where job_id = ${id} order by seq`.execute(shipping.db)
    assert.deepEqual(
      said.rows.map(({ message }) => message),
      ['stopped', '', ''],
    )
    await shipping.run((tx) => liftHolds(tx, [held?.orderId ?? ''], { reason: 'other' }, by))
    assert.deepEqual((await start([held?.id ?? ''])).codes, ['done'])
  })

  test('the label of a number that was given back is not handed out any more', async () => {
    const [kept, back] = await numbered(shipping, 2)
    const id = (await start([back?.id ?? '', kept?.id ?? ''])).job ?? ''
    await shipping.run((tx) => giveBackNumbers(tx, [back?.id ?? ''], '', by))
    assert.deepEqual(
      (await next(id, [], 5)).map(({ seq }) => seq),
      [2],
    )
    assert.equal(await states(id), 'dropped spooled')
  })

  test('a second word about a document changes nothing, and a stopped job prints no more', async () => {
    const made = await numbered(shipping, 2)
    const { job } = await start(made.map(({ id }) => id))
    const id = job ?? ''
    await next(id, [], 1)
    await next(id, [printed(1)], 0)
    await next(id, [{ seq: 1, printed: false, message: '又说失败' }], 0)
    await shipping.run((tx) => stopPrinting(tx, id, by))
    assert.equal(await states(id), 'printed dropped')
    assert.deepEqual(await next(id, [], 5), [])
  })

  test('a held order, one without a number and one with a typed waybill get no label', async () => {
    const [held] = await numbered(shipping, 1)
    await shipping.run((tx) =>
      holdOrders(tx, [held?.orderId ?? ''], { reason: 'other', note: '等', until: null }, by),
    )
    const bare = await shipping.released()
    const typed = await shipping.packed()
    const { job, codes: outcomes } = await start([held?.id ?? '', bare.id, typed.id])
    assert.deepEqual(outcomes, ['on_hold', 'no_waybill', 'no_label'])
    assert.equal(job, null)
  })

  test('a label can be looked at, which prints nothing and leaves a row in the audit log', async () => {
    const [one = assert.fail()] = await numbered(shipping, 1)
    const show = (id: string, scope = wholeScope) =>
      shipping.run((tx) => showLabel(tx, shipping.ring, { deliveryId: id, n: 1 }, { actor: packer, scope }))
    const given = shipping.sandbox.world.labels.given.find(({ tids }) => tids[0] === one.tid)
    assert.deepEqual(await show(one.id), {
      source: 'cainiao',
      contents: [JSON.parse(given?.printData ?? '')],
    })
    const left = await sql<{ printed: number; seen: object[] }>`
      select (select count(*)::int from print_document p join waybill w on w.id = p.waybill_id where w.delivery_id = ${one.id}) as printed,
        (select jsonb_agg(detail) from audit_log where action = 'waybill.label_shown' and subject_id = ${one.id}) as seen`.execute(
      shipping.db,
    )
    assert.deepEqual(left.rows, [{ printed: 0, seen: [{ waybillNo: given?.waybill }] }])
    const typed = await shipping.packed()
    await assert.rejects(show(typed.id), { code: 'not_found' })
    await assert.rejects(show(one.id, { shops: [], warehouses: 'all' }), { code: 'not_found' })
    await assert.rejects(show(one.id, { shops: 'all', warehouses: [] }), { code: 'not_found' })
  })

  test('nobody else takes the documents of a job', async () => {
    const [one] = await numbered(shipping, 1)
    const { job } = await start([one?.id ?? ''])
    const other = { actor: { kind: 'user' as const, id: '10', name: '别人' }, scope: wholeScope }
    await assert.rejects(
      shipping.run((tx) =>
        nextDocuments(tx, shipping.ring, { jobId: job ?? '', results: [], most: 5 }, other),
      ),
      { code: 'not_found' },
    )
    assert.equal(await states(job ?? ''), 'waiting')
  })
})
