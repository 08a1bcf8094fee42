import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { wholeScope } from '../core/access/actor.ts'
import { openReadShops } from '../intake/coverage/restored.ts'
import { type IntakeFixture, intakeFixture } from '../intake/testing.ts'
import { backupAlarms, keptLogAlarms, restoredAlarms } from './backup-alarms.ts'

const asked = ({ db }: IntakeFixture) => ({ db, scope: wholeScope, now: new Date() })
const titles = async (pool: IntakeFixture) => (await backupAlarms(asked(pool))).map(({ title }) => title.en)

async function ran({ db }: IntakeFixture, state: string, hoursAgo: number): Promise<void> {
  await sql`
    insert into task_run (task_id, kind, trigger, state, requested_at, started_at, ended_at)
    select id, kind, 'schedule', ${state}, at, at, at from task, lateral (select now() - make_interval(hours => ${hoursAgo}) as at) t
    where kind = 'backup'`.execute(db)
}

test('a backup that failed alarms, and so does a last good one of more than a day and a half; without a task that is on nothing does', async () => {
  await using pool = await intakeFixture()
  assert.deepEqual(await titles(pool), [])
  await sql`insert into task (kind, cron, next_run_at, enabled) values ('backup', '0 4 * * *', now() + interval '1 day', true)`.execute(
    pool.db,
  )
  assert.deepEqual(await titles(pool), [])
  await ran(pool, 'done', 40)
  assert.match((await titles(pool)).join(), /^The last backup is of \d\d-\d\d \d\d:\d\d$/)
  await ran(pool, 'done', 1)
  assert.deepEqual(await titles(pool), [])
  await ran(pool, 'failed', 0)
  assert.deepEqual(await titles(pool), ['The backup failed'])
  const [alarm] = await backupAlarms(asked(pool))
  assert.match(
    alarm?.detail.zh ?? '',
    /^最近一次完好的备份是 \d\d-\d\d \d\d:\d\d；这台机器坏了，之后的就没了$/,
  )
  assert.deepEqual(await backupAlarms({ ...asked(pool), scope: { ...wholeScope, shops: [pool.shopId] } }), [])
  await sql`update task set enabled = false`.execute(pool.db)
  assert.deepEqual(await titles(pool), [])
})

test('a log of the database that does not reach its place for ten minutes alarms with the reason; where none is kept nothing does', async () => {
  await using pool = await intakeFixture()
  const told = async () =>
    (await keptLogAlarms(asked(pool))).map(({ id, title, detail }) => [id, title.en, detail.en])
  assert.deepEqual(await told(), [])
  await sql`insert into kept_log (backup_place, sent_at) values ('/mnt/backup', now() - interval '9 minutes')`.execute(
    pool.db,
  )
  assert.deepEqual(await told(), [])
  await sql`update kept_log set sent_at = '2026-11-01 20:03:00+00'`.execute(pool.db)
  const title = 'The log of the database has not reached its backup since 11-02 04:03'
  const lost = 'If this machine is lost, so is everything since; nothing is, if its disk is not'
  assert.deepEqual(await told(), [['backup_late:log', title, lost]])
  await sql`update kept_log set failure = '{"zh":"连不上","en":"not reached"}', failed_since = now() - interval '11 minutes'`.execute(
    pool.db,
  )
  assert.deepEqual(await told(), [['backup_late:log', title, 'not reached']])
  assert.deepEqual(
    await keptLogAlarms({ ...asked(pool), scope: { ...wholeScope, shops: [pool.shopId] } }),
    [],
  )
})

test('a restored shop is told of until it is read up to the restore, with its details', async () => {
  await using pool = await intakeFixture()
  const { db, shopId } = pool
  await sql`insert into task (kind, shop_id, interval_seconds) values ('trade_list', ${shopId}, 120), ('refund_list', ${shopId}, 120)`.execute(
    db,
  )
  await sql`update shop set created_at = now() - interval '1 day'`.execute(db)
  await sql`
    insert into stream_cursor (shop_id, stream, complete_to)
    values (${shopId}, 'trades', now() - interval '1 hour'), (${shopId}, 'refunds', now()), (${shopId}, 'trades_first', now())`.execute(
    db,
  )
  await sql`insert into shop_gate (shop_id, restored_at) values (${shopId}, now() - interval '10 minutes')`.execute(
    db,
  )
  await sql`insert into download_queue (shop_id, tid, modified_at, platform_status, trade_type, is_new)
    values (${shopId}, 'T1', now() - interval '20 minutes', '', 'other', true)`.execute(db)
  await sql`insert into restore_record (taken_at, backup) values ('2026-11-10 20:00:00+00', 'sanyi-20261111-040000')`.execute(
    db,
  )
  const named = await sql<{ name: string }>`select name from shop where id = ${shopId}`.execute(db)
  const [{ name } = assert.fail()] = named.rows
  const told = async (shops: 'all' | string[]) => {
    const alarms = await restoredAlarms({ ...asked(pool), scope: { ...wholeScope, shops } })
    return alarms.map((alarm) => [alarm.shopId, alarm.title])
  }
  const title = {
    zh: `已从 11-11 04:00 的备份恢复，${name}还在重新读取`,
    en: `Restored from a backup of 11-11 04:00; ${name} is being read again`,
  }
  assert.deepEqual(await told('all'), [[shopId, title]])
  assert.deepEqual(await told([shopId]), [[shopId, title]])
  assert.deepEqual(await told(['999']), [])
  assert.deepEqual(await openReadShops(db), { opened: [], left: 1 })
  await sql`update stream_cursor set complete_to = now() where stream = 'trades'`.execute(db)
  assert.deepEqual(await openReadShops(db), { opened: [], left: 1 })
  await sql`delete from download_queue`.execute(db)
  assert.deepEqual(await openReadShops(db), { opened: [shopId], left: 0 })
  assert.deepEqual(await told('all'), [])
})
