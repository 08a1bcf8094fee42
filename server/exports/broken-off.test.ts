import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import Type from 'typebox'
import { testApp } from '../testing/app.ts'
import { until } from '../testing/until.ts'
import type { ExportList } from './export-lists.ts'
import { exportRoutes } from './export-routes.ts'

const breaking: ExportList = {
  name: 'breaking',
  permission: 'orders.read',
  title: { zh: '断了', en: 'Broken' },
  query: Type.Object({}),
  columns: () => [{ title: 'a', width: 10 }],
  async *pages() {
    yield [['1']]
    throw new Error('the database ended the query')
  },
}

test('an export whose later page fails is noted as failed, not as one whose reader left', async () => {
  await using house = await testApp(
    {},
    (app) => void app.register(exportRoutes([], { others: [breaking] }), { prefix: '/own' }),
  )
  const caller = await house.as(['*'])
  const response = await fetch(`${house.url}/own/api/exports/breaking.xlsx`, {
    headers: { cookie: caller.cookie },
  })
  await assert.rejects(response.arrayBuffer())
  const ends = async () =>
    (
      await sql<{ outcome: string }>`
        select detail ->> 'outcome' as outcome from audit_log where action = 'list.export_end'`.execute(
        house.db,
      )
    ).rows
  await until(async () => (await ends()).length > 0)
  assert.deepEqual(await ends(), [{ outcome: 'failed' }])
})
