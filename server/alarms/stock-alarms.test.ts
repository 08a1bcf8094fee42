import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { wholeScope } from '../core/access/actor.ts'
import { intakeFixture } from '../intake/testing.ts'
import { aWarehouse } from '../testing/stock.ts'
import { stockAlarms } from './stock-alarms.ts'

test('a promotion lock that lacks goods is an alarm from its begin to its end, to those of its warehouse', async () => {
  await using pool = await intakeFixture()
  const warehouseId = await aWarehouse(pool.db)
  const lock = async (no: string, status: string, begins: number, ends: number) => {
    const made = await sql<{ id: string }>`
      insert into stock_document (no, kind, status, warehouse_id, lock_kind, starts_at, ends_at, quantity, line_count, created_by)
      values (${no}, 'lock', ${status}, ${warehouseId}, 'promotion', now() + ${begins}::int * interval '1 minute',
        now() + ${ends}::int * interval '1 minute', 4, 1, '')
      returning id`.execute(pool.db)
    return made.rows[0]?.id ?? ''
  }
  const late = [await lock('LK1', 'approved', -60, 60), await lock('LK2', 'approved', -30, 60)]
  await lock('LK3', 'approved', 10, 60)
  await lock('LK4', 'approved', -60, -1)
  await lock('LK5', 'posted', -60, 60)
  await lock('LK6', 'draft', -60, 60)
  const now = new Date()
  const [alarm, ...more] = await stockAlarms({ db: pool.db, scope: wholeScope, now })
  assert.deepEqual(more, [])
  assert.deepEqual(
    [alarm?.id, alarm?.tone, alarm?.count, alarm?.ids, alarm?.title.zh, alarm?.to],
    ['lock_not_in_force', 'bad', 2, late, '2 张锁定单到时间没锁上', '/stock-documents?tab=approved'],
  )
  const elsewhere = { ...wholeScope, warehouses: ['999'] }
  assert.deepEqual(await stockAlarms({ db: pool.db, scope: elsewhere, now }), [])
})
