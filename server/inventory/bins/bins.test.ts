import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import { type Caller, type TestApp, testApp } from '../../testing/app.ts'
import { aSku, aWarehouse } from '../../testing/stock.ts'
import type { BinRow } from './contract.ts'

describe('bins', () => {
  let house: TestApp
  let clerk: Caller
  let warehouseId: string
  let other: string
  before(async () => {
    house = await testApp()
    warehouseId = await aWarehouse(house.db)
    other = await aWarehouse(house.db)
    clerk = await house.as(['inventory.read', 'inventory.write'], 'all', [warehouseId])
    for (const code of ['A1', 'A2', 'A3']) await aSku(house.db, code)
  })
  after(() => house[Symbol.asyncDispose]())

  const codeOf = async (id: string) =>
    (await sql<{ code: string }>`select code from warehouse where id = ${id}`.execute(house.db)).rows[0]?.code
  const rows = async (query = '') => {
    const { body } = await clerk.call('GET', `/api/bins?${query}`)
    const { rows: found } = body as { rows: BinRow[] }
    return found.map(({ code, route, mains, spares }) => [
      code,
      route,
      mains.map((one) => one.code).join(),
      spares.map((one) => one.code).join(),
    ])
  }
  const versions = async (query = '') => {
    const { rows: found } = (await clerk.call('GET', `/api/bins?${query}`)).body as { rows: BinRow[] }
    return new Map(found.map(({ code, version }) => [code, version]))
  }
  /** Saves the bin as it is seen now. */
  const save = async (bin: { code: string } & Record<string, unknown>) => {
    const seen = new Map([...(await versions('tab=retired')), ...(await versions())])
    const version = seen.get(bin.code.toUpperCase()) ?? ''
    return clerk.call('POST', '/api/bins', {
      ...{ warehouseId, active: true, version, mains: [], spares: [] },
      ...bin,
    })
  }

  test('a bin is added with its goods, and changed by its code', async () => {
    assert.equal((await save({ code: 'a-03-12', route: 20, mains: ['A1', 'A2'] })).status, 200)
    assert.equal((await save({ code: 'A-01-01', route: 10, spares: ['A1'] })).status, 200)
    assert.deepEqual(await rows(), [
      ['A-01-01', 10, '', 'A1'],
      ['A-03-12', 20, 'A1,A2', ''],
    ])
    await save({ code: 'A-03-12', route: 5, mains: ['A2'] })
    assert.deepEqual(await rows(), [
      ['A-03-12', 5, 'A2', ''],
      ['A-01-01', 10, '', 'A1'],
    ])
  })

  test('unknown goods and foreign warehouses are refused, and nothing is written', async () => {
    const unknown = await save({ code: 'B-01', route: 30, mains: ['nothing'] })
    assert.deepEqual([unknown.status, (unknown.body as { field: string }).field], [400, 'mains'])
    assert.equal((await save({ code: 'B-01', route: 30, warehouseId: other })).status, 404)
    assert.equal((await rows('q=B-')).length, 0)
  })

  test('a sheet adds bins in its order behind those that are there; its bad rows are named', async () => {
    const text = [
      '仓库编码,库位,顺序,商家编码,主备',
      `${await codeOf(warehouseId)},C-02,,A3,主`,
      `${await codeOf(warehouseId)},C-01,,A3,备`,
      `${await codeOf(warehouseId)},A-01-01,,A1,主`,
      `${await codeOf(other)},C-01,,A3,主`,
      `${await codeOf(warehouseId)},C 9,,,`,
      `${await codeOf(warehouseId)},C-03,7,no,`,
      `${await codeOf(warehouseId)},C-04,8,A3,备用`,
    ].join('\n')
    const { body } = await clerk.call('POST', '/api/bins/import', {
      file: Buffer.from(text).toString('base64'),
    })
    const { created, updated, refused } = body as {
      created: number
      updated: number
      refused: { row: number; column: string }[]
    }
    assert.deepEqual([created, updated], [2, 1])
    assert.deepEqual(
      refused.map(({ row, column }) => [row, column]),
      [
        [5, '仓库编码'],
        [6, '库位'],
        [7, '商家编码'],
        [8, '主备'],
      ],
    )
    assert.deepEqual(await rows(), [
      ['A-03-12', 5, 'A2', ''],
      ['A-01-01', 10, 'A1', 'A1'],
      ['C-02', 20, 'A3', ''],
      ['C-01', 30, '', 'A3'],
    ])
  })

  test('a bin is found by its beginning or by its goods; a retired one loses its goods', async () => {
    assert.deepEqual(await rows('q=c-0'), [
      ['C-02', 20, 'A3', ''],
      ['C-01', 30, '', 'A3'],
    ])
    assert.deepEqual(
      (await rows('q=A2')).map(([code]) => code),
      ['A-03-12'],
    )
    await save({ code: 'C-02', route: 20, active: false })
    assert.deepEqual(await rows('tab=retired'), [['C-02', 20, '', '']])
    const { body } = await clerk.call('GET', '/api/bins/counts')
    const { tabs } = body as { tabs: Record<string, { count: number }> }
    assert.deepEqual(
      Object.entries(tabs).map(([tab, { count }]) => [tab, count]),
      [
        ['all', 3],
        ['empty', 0],
        ['retired', 1],
      ],
    )
    const page = await clerk.call('GET', '/api/bins?limit=1')
    const { next } = page.body as { next: string }
    assert.deepEqual((await rows(`limit=1&after=${next}`))[0]?.[0], 'A-01-01')
  })

  test('who saves a bin that was changed since is refused, also when goods left it for another bin', async () => {
    await aSku(house.db, 'D4')
    assert.equal((await save({ code: 'D-01', route: 40, mains: ['D4'] })).status, 200)
    assert.equal((await save({ code: 'D-02', route: 50 })).status, 200)
    const seen = await versions('q=D-0')
    const code = async (bin: { code: string } & Record<string, unknown>) => {
      const { status, body } = await save(bin)
      return status === 200 ? 'saved' : Object(body).code
    }
    assert.equal(await code({ code: 'd-01', route: 40, version: '' }), 'duplicate')
    assert.equal(await code({ code: 'D-02', route: 50, mains: ['D4'] }), 'saved')
    const late = { code: 'D-01', route: 41, mains: ['D4'], version: seen.get('D-01') }
    assert.equal(await code(late), 'conflict')
    assert.equal(await code({ code: 'D-09', route: 41, version: seen.get('D-01') }), 'not_found')
    assert.deepEqual(await rows('q=D-0'), [
      ['D-01', 40, '', ''],
      ['D-02', 50, 'D4', ''],
    ])
    const fresh = (await versions('q=D-02')).get('D-02')
    const race = await Promise.all([60, 70].map((route) => save({ code: 'D-02', route, version: fresh })))
    assert.deepEqual(race.map(({ status }) => status).toSorted(), [200, 409])
  })
})
