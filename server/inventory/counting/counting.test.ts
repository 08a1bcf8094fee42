import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import { createQueues } from '../../core/jobs/job.ts'
import { aWaitingDelivery, placeGoods } from '../../fulfilment/waves/testing.ts'
import { type Caller, type TestApp, testApp } from '../../testing/app.ts'
import { aShop } from '../../testing/orders.ts'
import { aSku, aWarehouse, balanceOf, putStock, wrongInTheBooks } from '../../testing/stock.ts'
import { jobs } from '../../worker.ts'
import type { CountResults } from './contract.ts'

const aKey = () => randomBytes(16).toString('hex')

describe('counting', () => {
  let house: TestApp
  let boss: Caller
  let lin: Caller
  let zhou: Caller
  let warehouseId: string
  let other: string
  let shopId: string
  let pillow: string
  let towel: string
  let candle: string
  before(async () => {
    house = await testApp()
    await createQueues(house.db, jobs)
    warehouseId = await aWarehouse(house.db)
    other = await aWarehouse(house.db)
    shopId = await aShop(house.db)
    boss = await house.as(['*'])
    lin = await house.as(['inventory.read', 'inventory.write'], 'all', [warehouseId])
    zhou = await house.as(['inventory.read', 'inventory.write'], 'all', [warehouseId])
    pillow = await aSku(house.db, 'PILLOW')
    towel = await aSku(house.db, 'TOWEL')
    candle = await aSku(house.db, 'CANDLE')
    await placeGoods(house.db, warehouseId, [pillow, towel, candle])
    await putStock(house.db, warehouseId, pillow, 10)
    await putStock(house.db, warehouseId, towel, 20)
    await putStock(house.db, warehouseId, candle, 5)
    await sql`insert into sku_barcode (code, sku_id) values ('6901234567892', ${pillow})`.execute(house.db)
  })
  after(() => house[Symbol.asyncDispose]())

  const answered = async (who: Caller, method: string, path: string, body?: unknown) => {
    const answer = await who.call(method, `/api${path}`, body)
    assert.ok(answer.status < 300, `${path} ${answer.status} ${JSON.stringify(answer.body)}`)
    return Object(answer.body)
  }
  const begin = async (...codes: string[]): Promise<string> =>
    (await answered(lin, 'POST', '/count-tasks', { key: aKey(), warehouseId, codes })).id
  const count = (who: Caller, id: string, line: object) =>
    who.call('POST', `/api/count-tasks/${id}/count`, { key: aKey(), round: 1, ageMs: 0, ...line })
  const verdict = async (who: Caller, id: string, line: object) => {
    const { status, body } = await count(who, id, line)
    const { verdict: said, left, code, message } = Object(body)
    return status === 200 ? [said, left] : [code, message]
  }
  const look = (id: string) => answered(lin, 'GET', `/count-tasks/${id}`)
  const end = async (who: Caller, ...ids: string[]) =>
    (await answered(who, 'POST', '/count-tasks/end', { ids })).results
  /** "CANDLE second: 林晓 ?": each SKU of a task, with who counted what, and the sum with what was expected of it. */
  const results = async (id: string) => {
    const { skus } = await answered(lin, 'GET', `/count-tasks/${id}/results`)
    return skus.map((sku: CountResults['skus'][number]) => {
      const counts = sku.places.flatMap(({ counts }) => counts)
      const said = counts.map(({ round, quantity, countedBy }) => `${round} ${countedBy} ${quantity}`)
      return `${sku.code} ${sku.state} ${sku.counted}/${sku.expected}: ${said.join(', ')}`
    })
  }
  const drafts = async () =>
    (
      await sql<{ is: string }>`
        select concat_ws(' ', d.kind, d.status, k.code, l.quantity, l.book) as is
        from stock_document d join stock_document_line l on l.document_id = d.id join sku k on k.id = l.sku_id order by d.id, l.line_no`.execute(
        house.db,
      )
    ).rows.map(({ is }) => is)

  test('bins and goods that are scanned are counted along the route; nothing shows what the books say', async () => {
    const id = await begin('a-02', '6901234567892')
    const { task, lines } = await look(id)
    assert.match(task.no, /^PD\d{6}-\d{2}$/)
    assert.deepEqual(
      lines.map((line: { bin: string; code: string; round: number; open: boolean }) => [
        line.bin,
        line.code,
        line.round,
        line.open,
      ]),
      [
        ['A-01', 'PILLOW', 1, true],
        ['A-02', 'TOWEL', 1, true],
      ],
    )
    assert.ok(!/onHand|expected|quantity|"10"|:10[,}]/.test(JSON.stringify(lines)))
    assert.deepEqual(await verdict(lin, id, { lineNo: 1, quantity: 10 }), ['matches', 1])
    assert.deepEqual(await verdict(lin, id, { lineNo: 2, quantity: 20 }), ['matches', 0])
    const { task: ended } = await look(id)
    assert.deepEqual([ended.status, ended.documentNo], ['done', null])
    assert.deepEqual(await drafts(), [])
  })

  test('a difference is counted again by another person, and becomes a draft that is approved and posted', async () => {
    const id = await begin('CANDLE')
    assert.deepEqual(await verdict(lin, id, { lineNo: 1, quantity: 3 }), ['recount', 1])
    assert.deepEqual(await verdict(lin, id, { lineNo: 1, quantity: 5 }), ['count_refused', '林晓 已数过'])
    assert.deepEqual(await verdict(lin, id, { lineNo: 1, round: 2, quantity: 5 }), [
      'count_refused',
      '第一遍是你数的，请别人数第二遍',
    ])
    assert.deepEqual(await verdict(zhou, id, { lineNo: 1, round: 2, quantity: 4 }), ['settled', 0])
    assert.deepEqual(await drafts(), ['count draft CANDLE 4 5'])
    const { documentNo } = (await look(id)).task
    const { rows } = await answered(boss, 'GET', '/stock-documents')
    assert.equal(rows[0].no, documentNo)
    assert.match(rows[0].note, /^盘点 PD\d{6}-\d{2}：第一遍 林晓，第二遍 林晓$/)
    for (const verb of ['approve', 'post'])
      await answered(boss, 'POST', `/stock-documents/${verb}`, { ids: [rows[0].id] })
    assert.deepEqual(await balanceOf(house.db, warehouseId, candle), [4, 0, 0])
    assert.deepEqual(await wrongInTheBooks(house.db), [])
  })

  test('who is alone says so and counts again; a second count as the books say leaves no difference', async () => {
    const id = await begin('TOWEL')
    assert.deepEqual(await verdict(lin, id, { lineNo: 1, quantity: 19 }), ['recount', 1])
    const again = { lineNo: 1, round: 2, quantity: 20, alone: true }
    assert.deepEqual(await verdict(lin, id, again), ['settled', 0])
    assert.equal((await drafts()).length, 1)
  })

  test('a SKU with a spare bin is counted at both places, and their sum is compared', async () => {
    await sql`
      with made as (
        insert into bin (warehouse_id, code, route, created_by) values (${warehouseId}, 'B-09', 900, '') returning id
      )
      update sku_bin set spare_bin_id = made.id from made where sku_id = ${pillow}`.execute(house.db)
    const id = await begin('PILLOW')
    assert.deepEqual(
      (await look(id)).lines.map((line: { bin: string; places: number }) => [line.bin, line.places]),
      [
        ['A-01', 2],
        ['B-09', 2],
      ],
    )
    assert.deepEqual(await verdict(lin, id, { lineNo: 1, quantity: 7 }), ['part', 1])
    // A movement between the two places: what was counted first may be wrong by now.
    await putStock(house.db, warehouseId, pillow, 2)
    assert.deepEqual(await verdict(lin, id, { lineNo: 2, quantity: 3 }), ['moved', 2])
    assert.deepEqual(await verdict(lin, id, { lineNo: 1, quantity: 7 }), ['part', 1])
    assert.deepEqual(await verdict(lin, id, { lineNo: 2, quantity: 5 }), ['matches', 0])
  })

  test('a SKU at two places that differs is counted again at both, and the open lines are those left', async () => {
    const id = await begin('PILLOW', 'CANDLE')
    const left = async () => {
      const { task, lines } = await look(id)
      assert.equal(task.left, lines.filter(({ open }: { open: boolean }) => open).length)
      const { rows } = await answered(lin, 'GET', `/count-tasks?tab=open&warehouse=${warehouseId}`)
      assert.deepEqual(rows, [task])
      return task.left
    }
    const { onHand } = (await answered(boss, 'GET', '/stock?q=PILLOW')).rows[0]
    const [first, last] = (await look(id)).lines.flatMap((line: { code: string; lineNo: number }) =>
      line.code === 'PILLOW' ? line.lineNo : [],
    )
    const at = (who: Caller, lineNo: number, round: number, quantity: number) =>
      verdict(who, id, { lineNo, round, quantity })
    assert.equal(await left(), 3)
    assert.deepEqual(await at(lin, first, 1, 1), ['part', 2])
    assert.equal(await left(), 2)
    assert.deepEqual(await at(lin, last, 1, 1), ['recount', 3])
    assert.equal(await left(), 3)
    assert.deepEqual(await at(zhou, last, 2, 1), ['part', 2])
    assert.equal(await left(), 2)
    assert.deepEqual(await at(zhou, first, 2, onHand - 1), ['settled', 1])
    assert.equal(await left(), 1)
    const nowhere = await count(lin, id, { lineNo: 99_999, quantity: 1 })
    assert.equal(nowhere.status, 404)
    assert.deepEqual(await end(lin, id), [{ id, done: true, ref: (await look(id)).task.no }])
  })

  test('pieces that were picked for parcels that have not left are no difference', async () => {
    const parcel = await aWaitingDelivery(house.db, { shopId, warehouseId, goods: [[towel, 6]] })
    await sql`
      with made as (
        insert into wave (no, warehouse_id, rule_name, sorting, status, order_count, piece_count, created_by, claimed_by, claimed_by_id)
        values ('W-T1', ${warehouseId}, '', 'picking', 'picking', 1, 6, '', '', '1') returning id
      ), member as (
        insert into wave_delivery (wave_id, delivery_id, order_id, shop_id, basket)
        select id, ${parcel.id}, ${parcel.orderId}, ${shopId}, 1 from made
      )
      insert into wave_piece (wave_id, delivery_id, sku_id, wanted, picked) select id, ${parcel.id}, ${towel}, 6, 4 from made`.execute(
      house.db,
    )
    const id = await begin('TOWEL')
    // 26 on hand since goods were put on the shelf for the order; 4 of them are in its basket.
    assert.deepEqual(await verdict(lin, id, { lineNo: 1, quantity: 22 }), ['matches', 0])
    await sql`
      update delivery set checked_at = now(), checked_by = '周强', checked_pieces = 6 where id = ${parcel.id}`.execute(
      house.db,
    )
    await sql`update wave_delivery set live = false, left_reason = 'cut', left_at = now()`.execute(house.db)
    const checked = await begin('TOWEL')
    assert.deepEqual(await verdict(lin, checked, { lineNo: 1, quantity: 20 }), ['matches', 0])
  })

  test('pieces that may be packed, in a parcel that nobody scans before it leaves, are no difference, and more than these are one', async () => {
    const soap = await aSku(house.db, 'SOAP')
    await putStock(house.db, warehouseId, soap, 6)
    const parcel = await aWaitingDelivery(house.db, { shopId, warehouseId, goods: [[soap, 4]] })
    const counted = async (quantity: number) => {
      const id = await begin('SOAP')
      const said = (await verdict(lin, id, { lineNo: 1, quantity }))[0]
      if (said !== 'recount') return said
      await verdict(zhou, id, { lineNo: 1, round: 2, quantity })
      const { task } = await look(id)
      return [task.more, -task.less]
    }
    const all = 10
    // Without a number nobody packs it.
    assert.deepEqual(await counted(all - 4), [0, -4])
    await sql`update delivery set courier = 'SF', waybill_no = 'SF1', labelled = true where id = ${parcel.id}`.execute(
      house.db,
    )
    assert.deepEqual(await counted(all - 4), [0, -4])
    await sql`update delivery set printed_at = now(), printed_by = '周强' where id = ${parcel.id}`.execute(
      house.db,
    )
    for (const quantity of [all, all - 1, all - 4]) assert.equal(await counted(quantity), 'matches')
    assert.deepEqual(await counted(all - 6), [0, -2])
    assert.deepEqual(await counted(all + 1), [1, -0])
    // A parcel that was weighed is packed.
    await sql`update delivery set weighed_at = now(), weighed_by = '周强', weight_grams = 900 where id = ${parcel.id}`.execute(
      house.db,
    )
    assert.deepEqual([await counted(all), await counted(all - 4)], [[4, -0], 'matches'])
    // Cancelled, its pieces wait to be put back: nobody knows whether they were picked.
    await sql`update delivery set status = 'cancelled', cancelled_at = now() where id = ${parcel.id}`.execute(
      house.db,
    )
    await sql`
      insert into put_back (delivery_id, delivery_no, order_id, order_no, tid, shop_id, warehouse_id, courier, waybill_no, line_no, sku_id,
        title, spec, quantity, source)
      select id, no, order_id, order_no, tid, shop_id, warehouse_id, courier, waybill_no, 1, ${soap}, '香皂', '', 4, 'void'
      from delivery where id = ${parcel.id}`.execute(house.db)
    assert.deepEqual([await counted(all), await counted(all - 4)], ['matches', 'matches'])
    await sql`update put_back set state = 'done', done_at = now(), done_by = '周强'`.execute(house.db)
    assert.deepEqual([await counted(all), await counted(all - 4)], ['matches', [0, -4]])
  })

  test('a count that the phone kept is taken if nothing moved since, and asked for anew if something did', async () => {
    const minute = 60_000
    const id = await begin('CANDLE', 'PILLOW')
    await sql`update stock_movement set at = now() - interval '1 hour' where sku_id = ${candle}`.execute(
      house.db,
    )
    assert.deepEqual(await verdict(lin, id, { lineNo: 2, quantity: 4, ageMs: 30 * minute }), ['matches', 2])
    assert.deepEqual(await verdict(lin, id, { lineNo: 1, quantity: 9, ageMs: 30 * minute }), ['moved', 2])
  })

  test('a count that is sent twice at once is taken once', async () => {
    const id = await begin('CANDLE')
    const line = { key: aKey(), lineNo: 1, quantity: 4 }
    const answers = await Promise.all([1, 2, 3, 4].map(() => count(lin, id, line)))
    assert.deepEqual(
      new Set(answers.map(({ body }) => JSON.stringify(body))),
      new Set(['{"verdict":"matches","left":0}']),
    )
    const entries = await sql<{ count: number }>`
      select count(*)::int as count from count_entry where task_id = ${id}`.execute(house.db)
    assert.equal(entries.rows[0]?.count, 1)
    // The key of one count is no key for another.
    const foreign = await count(zhou, id, line)
    assert.deepEqual([foreign.status, Object(foreign.body).code], [422, 'idempotency_mismatch'])
  })

  test('a task is ended early: what is undecided is left out, and one without any count is cancelled', async () => {
    const id = await begin('CANDLE', 'TOWEL')
    await verdict(lin, id, { lineNo: 1, quantity: 1 })
    const [outcome] = await end(lin, id)
    assert.equal(outcome.done, true)
    const { task } = await look(id)
    assert.deepEqual([task.status, task.documentNo, task.differing], ['cancelled', null, 0])
    assert.deepEqual(await end(lin, id), [
      { id, done: false, code: 'already', message: { zh: '已结束', en: 'Ended already' }, ref: task.no },
    ])
    const late = await verdict(lin, id, { lineNo: 2, quantity: 1 })
    assert.deepEqual(late, ['count_refused', '这个盘点已结束'])
  })

  test('the desk sees who counted what and what waits for a second count, and no quantity that is still counted', async () => {
    const id = await begin('PILLOW', 'CANDLE', 'TOWEL')
    const tabs = async () => {
      const { tabs } = await answered(lin, 'GET', `/count-tasks/counts`)
      return Object.entries(tabs).map(([tab, one]) => `${tab} ${Object(one).count}`)
    }
    const before = await tabs()
    await sql`update stock set on_hand = 5 where warehouse_id = ${warehouseId} and sku_id = ${candle}`.execute(
      house.db,
    )
    await sql`update sku_bin set spare_bin_id = null where sku_id = ${pillow}`.execute(house.db)
    const { lines } = await look(id)
    const [first] = lines.filter(({ code }: { code: string }) => code === 'CANDLE')
    await verdict(lin, id, { lineNo: first.lineNo, quantity: 4 })
    assert.deepEqual(
      (await results(id)).filter((one: string) => one.startsWith('CANDLE')),
      ['CANDLE second null/null: 1 林晓 null'],
    )
    const listed = async (tab: string) => {
      const { rows } = await answered(lin, 'GET', `/count-tasks?tab=${tab}&q=candle`)
      return rows.find((row: { id: string }) => row.id === id)
    }
    const { seconds, differing, counters } = await listed('second')
    assert.deepEqual([seconds, differing, counters], [1, 0, ['林晓']])
    await verdict(zhou, id, { lineNo: first.lineNo, round: 2, quantity: 4 })
    assert.equal(await listed('second'), undefined)
    assert.deepEqual(
      (await results(id)).filter((one: string) => one.startsWith('CANDLE')),
      ['CANDLE differs 4/5: 1 林晓 4, 2 林晓 4'],
    )
    assert.equal((await end(lin, id))[0].done, true)
    const done = await listed('differing')
    assert.deepEqual([done.differing, done.more, done.less, done.left], [1, 0, 1, 0])
    assert.deepEqual([done.documentStatus, done.endedBy], ['draft', '林晓'])
    assert.match((await results(id)).join(), /TOWEL left_out null\/null: /)
    const [open = '', ...rest] = before
    assert.deepEqual(
      (await tabs())[0],
      open.replace(/\d+$/, (n: string) => String(Number(n) - 1)),
    )
    assert.equal(rest.length, 4)
  })

  test('several counts are ended at once, each with a stock-take of its own', async () => {
    const ids = [await begin('CANDLE'), await begin('CANDLE'), await begin('CANDLE')]
    for (const [at, id] of ids.slice(0, 2).entries()) {
      await verdict(lin, id, { lineNo: 1, quantity: 9 })
      const left = await verdict(zhou, id, { lineNo: 1, round: 2, quantity: 9 + at })
      assert.deepEqual(left, ['settled', 0])
    }
    const many = [await begin('CANDLE', 'TOWEL'), await begin('CANDLE', 'TOWEL')]
    for (const [at, id] of many.entries()) {
      const [line] = (await look(id)).lines.filter(({ code }: { code: string }) => code === 'CANDLE')
      await verdict(lin, id, { lineNo: line.lineNo, quantity: 7 + at })
      await verdict(zhou, id, { lineNo: line.lineNo, round: 2, quantity: 7 + at })
    }
    const outcomes = await end(lin, ...many, ids[2] ?? '', ids[0] ?? '')
    assert.deepEqual(
      outcomes.map(({ done }: { done: boolean }) => done),
      [true, true, true, false],
    )
    const made = await sql<{ is: string }>`
      select concat_ws(' ', t.status, d.note = '盘点 ' || t.no || '：第一遍 林晓，第二遍 林晓', l.quantity, l.book) as is from count_task t
      left join stock_document d on d.id = t.document_id left join stock_document_line l on l.document_id = d.id
      where t.id = any(${[...many, ids[2] ?? '']}::bigint[]) order by t.id`.execute(house.db)
    assert.deepEqual(
      made.rows.map(({ is }) => is),
      ['cancelled', 'done t 7 5', 'done t 8 5'],
    )
  })

  test('another warehouse has no tasks and no goods for this person', async () => {
    const foreign = { key: aKey(), warehouseId: other, codes: ['PILLOW'] }
    assert.equal((await lin.call('POST', '/api/count-tasks', foreign)).status, 404)
    const made = await answered(boss, 'POST', '/count-tasks', foreign)
    assert.equal((await lin.call('GET', `/api/count-tasks/${made.id}`)).status, 404)
    assert.equal((await count(lin, made.id, { lineNo: 1, quantity: 1 })).status, 404)
    assert.equal((await lin.call('GET', `/api/count-tasks/${made.id}/results`)).status, 404)
    assert.equal((await end(lin, made.id))[0].code, 'not_found')
    assert.deepEqual((await answered(lin, 'GET', `/count-tasks?warehouse=${other}`)).rows, [])
    for (const codes of [['NOTHING'], ['A-01', 'NOTHING']])
      assert.equal(
        (await lin.call('POST', '/api/count-tasks', { key: aKey(), warehouseId, codes })).status,
        400,
      )
  })
})
