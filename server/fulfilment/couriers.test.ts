import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { waybillSources } from '../carriers/index.ts'
import { courierOf, couriers } from '../connectors/couriers.ts'
import { connectors } from '../connectors/index.ts'
import { openDatabase } from '../core/db/db.ts'
import { testDatabase } from '../testing/database.ts'
import { allCouriers } from './queries.ts'

test('the rows of the couriers are the couriers that the program knows, with the codes that it uses', async () => {
  await using base = await testDatabase()
  const { db, close } = openDatabase(base.url, { max: 2 })
  try {
    assert.equal(couriers.length, 25)
    assert.deepEqual(
      await allCouriers(db),
      couriers.map(({ code, zh, en }) => ({ code, zh, en })),
    )
    const stored = await sql<{ system: string; courier: string; code: string }>`
      select system, courier, code from courier_code`.execute(db)
    const ofSystem = (system: string) =>
      new Map(stored.rows.filter((row) => row.system === system).map(({ courier, code }) => [courier, code]))
    const used = {
      ...Object.fromEntries(connectors.map(({ id, shipping }) => [id, shipping?.carriers ?? {}])),
      cainiao: waybillSources.find(({ id }) => id === 'cainiao')?.couriers ?? {},
      kuaidi100: waybillSources.find(({ id }) => id === 'kuaidi100')?.couriers ?? {},
      // Platforms whose e-waybills name couriers in another way than their shops do.
      ...Object.fromEntries(
        waybillSources
          .map(({ id, couriers: names }) => [`${id}_waybill`, names] as const)
          .filter(([system]) => ofSystem(system).size > 0),
      ),
    }
    for (const [system, names] of Object.entries(used)) {
      assert.ok(Object.keys(names).length >= 10, system)
      for (const [courier, code] of Object.entries(names))
        assert.equal(ofSystem(system).get(courier), code, `${system} ${courier}`)
    }
    assert.deepEqual([ofSystem('kuaidi100').size, ofSystem('kuaidi100').get('DBKD')], [23, 'debangkuaidi'])
  } finally {
    await close()
  }
})

test('a courier is known by its code and by what people call it, the whole name first', () => {
  const names = {
    ...{ 顺丰: 'SF', 顺丰速运: 'SF', sf: 'SF', 'ZTO Express': 'ZTO', 中通快递: 'ZTO', 中通: 'ZTO' },
    ...{ 中通快运: 'ZTOKY', 顺丰快运: 'SFKY', 德邦: 'DBKD', 德邦快运: 'DBKY', 丹鸟: 'DN', 某某: undefined },
  }
  assert.deepEqual(Object.keys(names).map(courierOf), Object.values(names))
})
