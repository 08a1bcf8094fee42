import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { noticeApp } from '../../alarms/notices/testing.ts'
import { noteSizes } from '../../core/db/sizes.ts'
import { sharedNow } from '../../lib/clock.ts'
import { type Sizes, tableGroupNames } from './contract.ts'
import { fullAt, growthFindings, sizesOf } from './sizes.ts'
import { groupOf, groupOfTable, tableGroups } from './table-groups.ts'

const elsewhere = { dataDir: '/nowhere', databaseUrl: 'postgres://elsewhere' }
const now = new Date('2026-11-30T04:00:00Z')

test('sizes are noted once a day, and growth is computed from the last thirty days, or from as many as are known', async () => {
  await using house = await noticeApp()
  const growth = async () => {
    const { days, dayBytes, groups } = await sizesOf(house.db, elsewhere, now)
    return [days, dayBytes === null, groups.find(({ group }) => group === 'audit')?.dayRows]
  }
  await noteSizes(house.db)
  await noteSizes(house.db)
  assert.deepEqual(await growth(), [null, true, null])

  await sql`
    insert into table_size (day, name, byte_count, row_count)
    select china_day(now()) - d.days, s.name, s.byte_count, 0 from table_size s, (values (10), (40), (90)) d (days)`.execute(
    house.db,
  )
  await sql`update table_size set row_count = -900 where name = 'audit_log' and day = china_day(now()) - 40`.execute(
    house.db,
  )
  await sql`insert into audit_log (actor_kind, actor_id, actor_name, action, subject_type, subject_id)
    select 'system', '', '', 'x', 'x', '' from generate_series(1, 300)`.execute(house.db)
  await house.owner('analyze audit_log, audit_seal')
  assert.deepEqual(await growth(), [40, false, 30])
  await sql`delete from table_size where day < china_day(now()) - 30`.execute(house.db)
  assert.deepEqual(await growth(), [10, false, 30])
})

test('the page has the size, oldest row and age of each group, and every byte of the database in one of them', async () => {
  await using house = await noticeApp()
  await sql`insert into task (kind, interval_seconds, params) values ('trim', 60, '{"runDays": 45, "batchDays": 20}')`.execute(
    house.db,
  )
  await sql`insert into task_run (task_id, kind, trigger, state, requested_at) select id, kind, 'schedule', 'queued', t.at
    from task, (values ('2026-03-01T00:00:00Z'::timestamptz), ('2026-02-01T00:00:00Z')) t (at)`.execute(
    house.db,
  )
  const { status, body } = await (await house.as(['tasks.write'])).call('GET', '/api/health/sizes')
  assert.equal(status, 200)
  const { bytes, groups, fullAt: end } = Object(body) as Sizes
  assert.deepEqual(
    groups.map(({ group }) => group),
    tableGroupNames,
  )
  assert.deepEqual(
    [end, bytes > 1e6, bytes - groups.reduce((sum, one) => sum + one.bytes, 0)],
    [null, true, 0],
  )
  const runs = groups.find(({ group }) => group === 'runs')
  assert.deepEqual([runs?.oldestAt, runs?.keptDays], ['2026-03-01T00:00:00.000Z', { least: 2, most: 45 }])
  const orders = groups.find(({ group }) => group === 'orders')
  assert.deepEqual([orders?.oldestAt, orders?.keptDays], [null, null])
  const keeper = await house.as(['tasks.write'], [])
  assert.equal((await keeper.call('GET', '/api/health/sizes')).status, 403)
})

test('each group is on the page, each beginning of a name belongs to a table, and known tables to the expected group', async () => {
  await using house = await noticeApp()
  const found = await sql<{
    name: string
  }>`select relname as name from pg_class where relkind = 'r' and relnamespace = current_schema()::regnamespace`.execute(
    house.db,
  )
  const tables = found.rows.map(({ name }) => name)
  assert.deepEqual(tableGroupNames.toSorted(), Object.keys(tableGroups).toSorted())
  assert.deepEqual(
    tableGroupNames.flatMap((group) =>
      groupOf(group).names.filter(
        (begin) => !tables.some((name) => name.startsWith(begin) && groupOfTable(name) === group),
      ),
    ),
    [],
  )
  assert.deepEqual(
    ['sales_order', 'wave_scan', 'wave', 'stock_upload', 'return_event', 'return_order', 'app_user'].map(
      groupOfTable,
    ),
    ['orders', 'scans', 'deliveries', 'stock', 'events', 'refunds', 'other'],
  )
})

test('the disk is full when its room is divided by the growth of a day, and a month before that it is raised', async () => {
  assert.deepEqual(
    [
      fullAt(now, 1000, 100),
      fullAt(now, 1000, 0),
      fullAt(now, 1000, -5),
      fullAt(now, 1000, null),
      fullAt(now, 1e6, 1),
    ],
    ['2026-12-10T04:00:00.000Z', null, null, null, null],
  )
  await using house = await noticeApp()
  await noteSizes(house.db)
  const here = { dataDir: process.cwd(), databaseUrl: undefined }
  assert.deepEqual(await growthFindings(house.db, here, sharedNow()), [])
  await sql`update table_size set day = day - 1, byte_count = case name when '' then -1e15 else byte_count end`.execute(
    house.db,
  )
  const [found, ...more] = await growthFindings(house.db, here, sharedNow())
  assert.deepEqual([found?.area, found?.tone, more], ['disk', 'warn', []])
  assert.match(found?.title.en ?? '', /^At the rate of late, the disk is full in 0 days$/)
  assert.deepEqual(await growthFindings(house.db, elsewhere, sharedNow()), [])
})
