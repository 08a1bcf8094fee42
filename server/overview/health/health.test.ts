import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import pg from 'pg'
import { channel, noticeApp } from '../../alarms/notices/testing.ts'
import { connectors } from '../../connectors/index.ts'
import { makeAuthority, makeCertificate } from '../../core/https/authority.ts'
import { sharedNow } from '../../lib/clock.ts'
import { dayMs } from '../../lib/time.ts'
import { type TestApp, testApp } from '../../testing/app.ts'
import { testDatabase } from '../../testing/database.ts'
import type { Finding } from './contract.ts'
import { installationFindings } from './installation.ts'
import { findingsOf, ok } from './look.ts'
import { certificateFindings, serverFindings } from './machine.ts'

async function healthOf(house: TestApp): Promise<{ at: string; by: string; rows: Finding[] }> {
  const boss = await house.as(['tasks.write'])
  const { status, body } = await boss.call('GET', '/api/health')
  assert.equal(status, 200)
  return Object(body)
}

const saidOf = (rows: readonly Finding[], wanted: Finding['area']) =>
  rows.filter(({ area }) => area === wanted).map(({ tone, title, to }) => [tone, title.zh, to])

test('the page says each area once it was looked at, by which process, and what is not set up', async () => {
  await using house = await noticeApp()
  const { by, rows } = await healthOf(house)
  assert.match(by, new RegExp(`:${process.pid}:[0-9a-f]{8}$`))
  assert.deepEqual(saidOf(rows, 'program')[0]?.[0], 'ok')
  assert.match(String(saidOf(rows, 'database')[0]?.[1]), /^PostgreSQL \d+\S*，\d+ ms 应答$/)
  assert.deepEqual(saidOf(rows, 'processes'), [
    ['ok', '网页进程 0，后台进程 0', null],
    ['bad', '两分钟没有网页进程', null],
    ['bad', '两分钟没有后台进程，下载、转单、回写都停着', null],
  ])
  assert.deepEqual(saidOf(rows, 'channels'), [['off', '没有告警通知', '/alarm-channels']])
  assert.deepEqual(saidOf(rows, 'watchdogs'), [['off', '别的机器上没有看门狗', '/alarm-channels']])
  assert.deepEqual(saidOf(rows, 'certificate'), [])
})

test('an alarm stands in its own area, the others in the last one', async () => {
  await using house = await noticeApp()
  await sql`insert into clock_skew (machine, ahead_ms) values ('till-2', 600000)`.execute(house.db)
  const { rows } = await healthOf(house)
  assert.deepEqual(saidOf(rows, 'clock')[1], ['bad', 'till-2 的时钟快 10 分钟', '/tasks'])
  assert.deepEqual(saidOf(rows, 'alarms'), [['ok', '没有别的告警', null]])
})

test('a channel that fails, a token and a key that end soon, and the oldest write-back are named, and no secret is, nor a token that renews itself', async () => {
  await using house = await noticeApp()
  const secret = 'a-secret-of-sixteen'
  await channel(house, {
    ...{ kind: 'webhook', name: '值班群' },
    credentials: { address: 'https://example.com/hook-of-ours', secret },
  })
  await sql`update alarm_channel set failed_since = '2026-01-02T03:04:00Z', failure = '{"zh":"连不上","en":"away"}'`.execute(
    house.db,
  )
  await sql`
    insert into shop (platform, variant, name, go_live_at, auth_state, token_expires_at)
    values ('taobao', 'tmall', '一店', '2026-01-01', 'live', now() + interval '3 days'),
      ('taobao', 'tmall', '二店', '2026-01-01', 'live', now() + interval '300 days')`.execute(house.db)
  // Each platform that issues the next token by itself has a shop whose token ends in two hours.
  const issuing = connectors.filter(({ issue }) => issue !== undefined)
  assert.equal(issuing.length, 3)
  for (const { id, variants } of issuing)
    await sql`
      insert into shop (platform, variant, name, go_live_at, auth_state, token_expires_at)
      values (${id}, ${variants[0]?.id ?? id}, ${id}, '2026-01-01', 'live', now() + interval '2 hours')`.execute(
      house.db,
    )
  const { userId } = await house.as([])
  await sql`
    insert into api_key (name, prefix, key_hash, permissions, created_by, expires_at)
    values ('仓库程序', 'sk_a', 'hash', '{orders.read}', ${userId}::bigint, now() + interval '4 days')`.execute(
    house.db,
  )
  await sql`
    insert into platform_action (shop_id, kind, subject_type, subject_id, idempotency_key, payload, state, next_at, created_by, created_at)
    select id, 'memo', 'order', '1', name, '{}', 'pending', now(), '{}', now() - interval '7 minutes' from shop`.execute(
    house.db,
  )
  const { rows } = await healthOf(house)
  assert.deepEqual(saidOf(rows, 'actions'), [['ok', '5 条回写在等，最早的 7 分钟', null]])
  assert.deepEqual(saidOf(rows, 'channels'), [
    ['ok', '告警通知 1 处，0 处正常', null],
    ['warn', '「值班群」01-02 11:04 起发不出', '/alarm-channels'],
  ])
  const [token, key, ...more] = saidOf(rows, 'tokens')
  assert.match(String(token?.[1]), /^一店的授权 \d\d-\d\d \d\d:\d\d 到期$/)
  assert.match(String(key?.[1]), /^接口密钥「仓库程序」\d\d-\d\d \d\d:\d\d 到期$/)
  assert.deepEqual(more, [])
  assert.doesNotMatch(JSON.stringify(rows), /a-secret-of-sixteen|hook-of-ours/)
})

test('an absent worker is one row where the alarm says it too, and watchdogs of which none asks are no good news', async () => {
  await using house = await noticeApp()
  const { userId } = await house.as([])
  await sql`insert into house_process (name, kind, ahead_ms, free_bytes, size_bytes) values ('a', 'web', 0, 1e12, 2e12)`.execute(
    house.db,
  )
  await sql`
    insert into task (kind, interval_seconds, next_run_at) values ('trim', 60, now() - interval '20 minutes')`.execute(
    house.db,
  )
  await sql`
    insert into api_key (name, prefix, key_hash, permissions, created_by, all_shops)
    values ('机房外', 'sk_w', 'hash', '{watchdogs.serve}', ${userId}::bigint, true)`.execute(house.db)
  const { rows } = await healthOf(house)
  assert.deepEqual(saidOf(rows, 'processes'), [
    ['ok', '网页进程 1，后台进程 0', null],
    ['bad', '后台 20 分钟没有动静', '/tasks'],
  ])
  assert.deepEqual(saidOf(rows, 'watchdogs'), [['warn', '看门狗 1，在看 0', '/alarm-channels']])

  await sql`update api_key set created_at = now() - interval '6 minutes'`.execute(house.db)
  const later = await installationFindings({ db: house.db, now: sharedNow(), isOneOfMany: false })
  assert.deepEqual(saidOf(later, 'watchdogs'), [['warn', '看门狗「机房外」还没启动过', '/alarm-channels']])
  await sql`update api_key set last_used_at = now()`.execute(house.db)
  const live = await installationFindings({ db: house.db, now: sharedNow(), isOneOfMany: false })
  assert.deepEqual(saidOf(live, 'watchdogs'), [['ok', '看门狗 1，在看 1', undefined]])
})

test('the nightly backup that is off is named, and not to one of many merchants, whose operator makes the backups', async () => {
  const backupOf = async (env: Record<string, string>) => {
    await using house = await testApp(env)
    const { rows } = await healthOf(house)
    return saidOf(rows, 'backup')
  }
  assert.deepEqual(await backupOf({}), [['off', '没有开每晚备份', '/tasks?kind=backup']])
  assert.deepEqual(await backupOf({ DIRECTORY_URL: 'postgres://127.0.0.1:9/directory' }), [])
})

test('a person of some shops is shown nothing of the installation', async () => {
  await using house = await noticeApp()
  const keeper = await house.as(['tasks.write'], [])
  assert.equal((await keeper.call('GET', '/api/health')).status, 403)
})

test('a look that takes too long or fails is a finding, and keeps no other', async () => {
  const slow = () => sleep(5000, undefined, { ref: false }).then(() => [ok('disk', '好')])
  assert.deepEqual(
    (await findingsOf('disk', slow, 10)).map(({ area, tone }) => [area, tone]),
    [['disk', 'warn']],
  )
  const broken = () => Promise.reject(new Error('读不了 · it cannot be read'))
  assert.deepEqual(await findingsOf('disk', broken), [
    { area: 'disk', tone: 'bad', title: { zh: '读不了', en: 'it cannot be read' } },
  ])
})

test('a certificate is well, near its end, over, or cannot be read', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sanyi-health-'))
  const authority = await makeAuthority(['localhost'], Date.now())
  const said = async (lastsDays: number) => {
    const path = join(folder, `${lastsDays}.pem`)
    // A certificate of ours lasts 397 days.
    await writeFile(
      path,
      await makeCertificate(authority, ['localhost'], Date.now() + (lastsDays - 397) * dayMs),
    )
    const [found] = await certificateFindings({ tls: { certificatePath: path, keyPath: path } })
    return [found?.tone, found?.title.en.replace(/\d.*/, '')]
  }
  assert.deepEqual(await said(30), ['ok', 'The certificate is good until '])
  assert.deepEqual(await said(10), ['warn', 'The certificate ends '])
  assert.deepEqual(await said(-1), ['bad', 'The certificate ends '])
  const lost = { tls: { certificatePath: join(folder, 'lost.pem'), keyPath: join(folder, 'lost.pem') } }
  assert.match(
    (await findingsOf('certificate', () => certificateFindings(lost)))[0]?.title.en ?? '',
    /^TLS_CERT and TLS_KEY cannot be read/,
  )
  assert.deepEqual((await certificateFindings({ tls: 'local' }))[0]?.tone, 'ok')
  await rm(folder, { recursive: true })
})

test('a server whose connections are nearly all in use is raised, with what to do', async () => {
  await using base = await testDatabase()
  await base.owner(`create schema crowd; grant usage on schema crowd to public;
    create view crowd.pg_stat_activity as
      select 'client backend'::text as backend_type from generate_series(1, current_setting('max_connections')::int);
    grant select on crowd.pg_stat_activity to public`)
  const pool = new pg.Pool({ connectionString: base.url, options: '-c search_path=crowd,pg_catalog,public' })
  // The database is dropped at the end, maybe before the server has seen that the pool is closed.
  pool.on('connect', (client) => void client.on('error', () => {}))
  const found = await serverFindings({ pool })
  await pool.end()
  const [, crowded] = found
  assert.deepEqual([found.length, crowded?.tone], [2, 'warn'])
  assert.match(crowded?.title.en ?? '', /^(\d+) of \1 database connections are in use$/)
  assert.match(crowded?.remedy?.en ?? '', /WEB_CONNECTIONS/)
})
