import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { hashFacet } from '../server/lib/facets.ts'
import { textHash } from '../server/lib/text-hash.ts'
import { measured, reportNames, reports } from '../server/reports/report-rules.ts'
import { computeAll, first, last, someDocuments } from '../server/reports/testing.ts'
import { testApp } from '../server/testing/app.ts'
import { dice } from '../server/testing/dice.ts'
import { aShop } from '../server/testing/orders.ts'
import type { Field } from '../web/src/ui/list/filters.ts'
import type { Search } from '../web/src/ui/list/search-params.ts'

// The modules read the browser's language when they are loaded.
Object.assign(globalThis, { localStorage: { getItem: () => 'zh', setItem: () => undefined } })
const { linkOfCell } = await import('../web/src/reports/links.ts')
const { toQuery } = await import('../web/src/ui/list/filters.ts')

const periods = ['paid', 'shipped', 'created']
const fieldsOf = (search: Search): Field[] =>
  Object.keys(search).map((key) => ({
    key,
    label: ['', ''],
    kind: periods.includes(key) ? 'period' : 'text',
  }))

/** The figure of the refund statistics that each measure of the reasons is. */
const statistics: Record<string, string> = {
  refunds: 'count',
  pieces: 'pieces',
  asked: 'amountFen',
  succeeded: 'paidFen',
}

test('the list that a cell opens has as many documents as the cell was made of, and the other cells open none', async () => {
  await using house = await testApp()
  const shopId = await aShop(house.db)
  const pool = { db: house.db, ring: house.ring, shopId, [Symbol.asyncDispose]: async () => {} }
  await someDocuments(pool, dice(11), shopId, 24)
  await someDocuments(pool, dice(12), await aShop(house.db), 8)
  await sql`update order_line set refunded_quantity = 1, refunded_fen = 70 where order_id % 3 = 0`.execute(
    house.db,
  )
  await sql`update sales_order set paid_at = null where id in (select order_id from delivery order by id limit 3)`.execute(
    house.db,
  )
  // The list finds a province by its facet.
  for (const province of ['浙江', '广东'])
    await sql`
      update sales_order set facets = facets || ${hashFacet('province', textHash(province))}::int
      where region like ${`${province}%`}`.execute(house.db)
  await computeAll(house.db)
  const viewer = await house.as(['*'])
  const read = async (path: string, query: Record<string, unknown>) => {
    const given = Object.entries(query).flatMap(([key, value]) => (value ? [[key, String(value)]] : []))
    const { status, body } = await viewer.call('GET', `/api${path}?${new URLSearchParams(given)}`)
    assert.equal(status, 200, `${path} ${JSON.stringify(body)}`)
    return Object(body)
  }
  const opened = new Set<string>()
  for (const report of reportNames)
    for (const dimension of reports[report].dimensions) {
      const found = await read('/reports/figures', {
        report,
        rows: dimension,
        from: first,
        to: last,
        step: 'month',
      })
      for (const measure of reports[report].measures)
        for (const row of [undefined, ...found.rows]) {
          const span = { from: first, to: last }
          const cell = { report, dimension, measure, span, days: span, row, shop: '' }
          const link = linkOfCell(cell, true)
          if (!link) continue
          opened.add(`${report} ${measure.key}`)
          const query = toQuery(fieldsOf(link.search), link.search)
          const name = JSON.stringify(link)
          if (report === 'causes') {
            const { total } = await read('/aftersale/statistics', query)
            const said = measured(measure, found.columns, (row?.cells ?? found.total)[0])
            assert.equal(total[statistics[measure.key] ?? ''], said, name)
            continue
          }
          const asked = { report, rows: dimension, measure: measure.key, from: first, to: last, limit: 200 }
          const path = `/reports/rows`
          const keyed = row === undefined ? asked : { ...asked, key: row.key }
          const behind = await read(path, keyed)
          assert.equal((await read(`${link.to}/count`, query)).count, behind.rows.length, name)
        }
    }
  assert.deepEqual([...opened].toSorted(), [
    ...['causes asked', 'causes pieces', 'causes refunds', 'causes succeeded', 'couriers parcels'],
    ...['goods amount', 'goods pieces', 'goods rate'],
    ...[
      'regions amount',
      'regions average',
      'regions orders',
      'regions pieces',
      'sales orders',
      'sales parcels',
    ],
  ])
})

test('a cell opens no list for rows that the list cannot name, and no deliveries of warehouses that the person does not see', () => {
  const days = { from: first, to: last }
  const cell = { span: days, days, shop: '' }
  const row = (key: string, code = '') => ({ key, code, name: '', cells: [] })
  const opens = (
    report: (typeof reportNames)[number],
    key: string,
    one: ReturnType<typeof row> | undefined,
    ofAllWarehouses = true,
  ) => {
    const { dimensions, measures } = reports[report]
    const [measure, dimension] = [measures.find((each) => each.key === key), dimensions[0]]
    assert.ok(measure && dimension)
    return linkOfCell({ ...cell, report, dimension, measure, row: one }, ofAllWarehouses)
  }
  assert.equal(opens('goods', 'pieces', row('0')), undefined)
  assert.equal(opens('regions', 'orders', row('')), undefined)
  assert.equal(opens('regions', 'orders', row('杭州')), undefined)
  assert.equal(opens('couriers', 'parcels', row('')), undefined)
  assert.equal(opens('causes', 'refunds', row('')), undefined)
  assert.equal(opens('sales', 'parcels', undefined, false), undefined)
  assert.deepEqual(opens('couriers', 'parcels', row('SF'), false)?.search, {
    ...{ tab: 'all', shipped: `${first} 00:00~${last} 24:00`, shop: '', courier: 'SF' },
  })
})
