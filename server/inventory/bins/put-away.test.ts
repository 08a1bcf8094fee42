import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import { createQueues } from '../../core/jobs/job.ts'
import { type Caller, type TestApp, testApp } from '../../testing/app.ts'
import { aSku, aWarehouse, balanceOf, putStock } from '../../testing/stock.ts'
import { jobs } from '../../worker.ts'

const aKey = () => randomBytes(16).toString('hex')

describe('putting away', () => {
  let house: TestApp
  let boss: Caller
  let keeper: Caller
  let warehouseId: string
  let other: string
  let pillow: string
  before(async () => {
    house = await testApp()
    await createQueues(house.db, jobs)
    warehouseId = await aWarehouse(house.db)
    other = await aWarehouse(house.db)
    boss = await house.as(['*'])
    keeper = await house.as(['inventory.read', 'inventory.write'], 'all', [warehouseId])
    pillow = await aSku(house.db, 'PILLOW')
    await aSku(house.db, 'TOWEL')
    await sql`insert into sku_barcode (code, sku_id) values ('6901234567892', ${pillow})`.execute(house.db)
    await sql`
      insert into bin (warehouse_id, code, route, active, created_by)
      select ${warehouseId}::bigint, code, n, code <> 'Z-01', '' from unnest('{A-01,A-02,A-03,Z-01}'::text[]) with ordinality b (code, n)`.execute(
      house.db,
    )
  })
  after(() => house[Symbol.asyncDispose]())

  const answered = async (who: Caller, method: string, path: string, body?: unknown) => {
    const answer = await who.call(method, `/api${path}`, body)
    assert.ok(answer.status < 300, `${path} ${answer.status} ${JSON.stringify(answer.body)}`)
    return Object(answer.body)
  }
  const put = (bin: string, more: object = {}) =>
    keeper.call('POST', '/api/put-away', {
      key: aKey(),
      warehouseId,
      code: 'PILLOW',
      bin,
      pieces: 2,
      ...more,
    })
  const said = async (bin: string, more: object = {}) => {
    const { status, body } = await put(bin, more)
    const { as, isNew, due, code, message } = Object(body)
    return status === 200 ? [as, isNew, due] : [status, code, message]
  }
  const work = () => answered(keeper, 'GET', `/put-away?warehouse=${warehouseId}`)
  const due = async () =>
    (await work()).due.map((row: { code: string; pieces: number; main: string; spare: string }) =>
      [row.code, row.pieces, row.main, row.spare].join(' '),
    )
  const adjust = async (at: string, quantity: number) => {
    const input = { kind: 'adjustment', warehouseId: at, lines: [{ skuCode: 'PILLOW', quantity }] }
    const { id } = await answered(boss, 'POST', '/stock-documents', input)
    for (const verb of ['approve', 'post'])
      await answered(boss, 'POST', `/stock-documents/${verb}`, { ids: [id] })
  }

  test('goods that come in wait to be put away, in warehouses that have bins', async () => {
    await adjust(warehouseId, 12)
    await adjust(warehouseId, -2)
    await adjust(other, 5)
    assert.deepEqual(await due(), ['PILLOW 12  '])
    const foreign = await keeper.call('GET', `/api/put-away?warehouse=${other}`)
    assert.equal(foreign.status, 404)
  })

  test('the first bin becomes the main one, the second the spare one; stock stays', async () => {
    assert.deepEqual(await said('a-01', { code: '6901234567892', pieces: 8 }), ['main', true, 4])
    assert.deepEqual(await said('A-01'), ['main', false, 2])
    assert.deepEqual(await said('A-02'), ['spare', true, 0])
    assert.deepEqual(await due(), [])
    assert.deepEqual(await balanceOf(house.db, warehouseId, pillow), [10, 0, 0])
    assert.deepEqual(
      (await work()).put.map((row: { bin: string; pieces: number; spare: boolean }) => [
        row.bin,
        row.pieces,
        row.spare,
      ]),
      [
        ['A-02', 2, true],
        ['A-01', 2, false],
        ['A-01', 8, false],
      ],
    )
  })

  test('a third bin asks which one it replaces', async () => {
    assert.deepEqual(await said('A-03'), [409, 'bin_choice', '主库位是 A-01，备库位是 A-02。选换哪一个'])
    assert.deepEqual(await said('A-03', { as: 'spare' }), ['spare', true, 0])
    assert.deepEqual(await said('A-02', { as: 'main' }), ['main', true, 0])
    const places = await sql<{ is: string }>`
      select concat_ws(' ', m.code, p.code) as is from sku_bin s join bin m on m.id = s.main_bin_id join bin p on p.id = s.spare_bin_id`.execute(
      house.db,
    )
    assert.deepEqual(places.rows, [{ is: 'A-02 A-03' }])
  })

  test('unknown goods, retired bins and other warehouses are refused', async () => {
    assert.deepEqual(await said('A-01', { code: 'NOTHING' }), [404, 'not_found', '找不到商品 NOTHING'])
    assert.deepEqual(await said('Z-01', { code: 'TOWEL' }), [404, 'not_found', '找不到库位 Z-01'])
    assert.deepEqual((await said('A-01', { warehouseId: other }))[0], 404)
  })

  test('a scan that is sent again changes nothing', async () => {
    const key = aKey()
    const before = (await work()).put.length
    const answers = await Promise.all([1, 2, 3].map(() => put('A-02', { key })))
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200],
    )
    assert.equal(new Set(answers.map(({ body }) => JSON.stringify(body))).size, 1)
    assert.equal((await work()).put.length, before + 1)
  })

  test('looking up a code shows where goods lie, what a bin has, and hides what is being counted', async () => {
    const look = (code: string, who = keeper) => answered(who, 'GET', `/look-up?code=${code}`)
    const places = async (code: string) =>
      (await look(code)).goods[0].places.map((place: Record<string, unknown>) =>
        [place['main'], place['spare'], place['onHand'], place['available']].join(' '),
      )
    await putStock(house.db, other, pillow, 3)
    assert.deepEqual(await places('6901234567892'), ['A-02 A-03 10 10'])
    const bin = (await look('a-02')).bins[0]
    assert.deepEqual([bin.code, bin.goods[0].code, bin.goods[0].onHand], ['A-02', 'PILLOW', 10])
    assert.equal((await look('PILLOW', boss)).goods[0].places.length, 2)
    await answered(keeper, 'POST', '/count-tasks', { key: aKey(), warehouseId, codes: ['PILLOW'] })
    assert.deepEqual(await places('PILLOW'), ['A-02 A-03  '])
    assert.equal((await look('a-02')).bins[0].goods[0].onHand, null)
    assert.deepEqual(await look('NOTHING'), { goods: [], bins: [], parcels: [], orders: [] })
  })
})
