import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { openKeyRing } from '../server/core/access/key-check.ts'
import { type TestApp, testApp } from '../server/testing/app.ts'
import { type TestDatabase, testDatabase } from '../server/testing/database.ts'

const script = fileURLToPath(new URL('doctor.ts', import.meta.url))

let base: TestDatabase
let house: TestApp
let dataDir: string
before(async () => {
  base = await testDatabase()
  dataDir = await mkdtemp(join(tmpdir(), 'sanyi-doctor-'))
  house = await testApp({}, undefined, Promise.resolve(base))
  await openKeyRing(house.db, join(dataDir, 'sealing.json'), () => [])
})
after(async () => {
  await house[Symbol.asyncDispose]()
  await rm(dataDir, { recursive: true })
})

/** Two processes of this machine that live, as the worker and the web process write them. */
const alive = () =>
  sql`
  insert into house_process (name, kind, ahead_ms, free_bytes, size_bytes)
  values (${`${hostname()}:1:a`}, 'web', 0, 50e9, 100e9), (${`${hostname()}:2:b`}, 'worker', 0, 50e9, 100e9)
  on conflict (name) do update set seen_at = now()`.execute(house.db)
const dead = () => sql`delete from house_process`.execute(house.db)

function doctor(env: Record<string, string> = {}): Promise<{ code: number; out: string }> {
  const port = new URL(house.url).port
  const own = {
    DATA_DIR: dataDir,
    DATABASE_URL: base.url,
    SEALING_KEY_PATH: join(dataDir, 'sealing.json'),
    PORT: port,
    ...env,
  }
  return new Promise((settle) => {
    const node = ['--disable-warning=ExperimentalWarning', script]
    execFile(process.execPath, node, { env: { ...process.env, ...own } }, (error, stdout, stderr) =>
      settle({ code: Number(error?.code ?? 0), out: stdout + stderr }),
    )
  })
}

const wrongIn = (out: string) => out.split('\n').filter((line) => /^[✗!] /.test(line))

test('an installation that is well is said to be well, by an ordinary role', async () => {
  await alive()
  const { code, out } = await doctor()
  assert.deepEqual([wrongIn(out), code], [[], 0])
  assert.match(out, /^✓ 三易 /)
  assert.match(out, /^✓ PostgreSQL \d+\S*，\d+ ms 应答 · /m)
  assert.match(out, /^✓ 网页进程 1，后台进程 1 · 1 web and 1 worker processes$/m)
  assert.match(out, /一切正常 · All is well\n$/)
})

test('each thing that is broken is named with what to do, and the exit code says so', async () => {
  await alive()
  const cases: [Record<string, string>, RegExp][] = [
    [
      { DATABASE_URL: base.url.replace(/\/[^/]*$/, '/nothing_there') },
      /^✗ 数据库 \S+ 连不上 · The database cannot be used: /,
    ],
    [{ DATABASE_URL: 'postgres://127.0.0.1:1/sanyi' }, /^✗ 数据库 127\.0\.0\.1:1\/sanyi 连不上/],
    [{ DATABASE_URL: '' }, /^✗ 这个数据目录的三易没有运行 · No Sanyi runs on this data folder$/],
    [{ SEALING_KEY_PATH: join(dataDir, 'lost.json') }, /^✗ 密钥文件 \S+lost\.json 不见了/],
    [
      { PORT: '1' },
      /^✗ 本机网页不应答：connect ECONNREFUSED 127\.0\.0\.1:1 · The web of this machine does not answer/,
    ],
    [{ PORT: 'x' }, /^✗ Settings are wrong:/],
  ]
  for (const [env, wrong] of cases) {
    const { code, out } = await doctor(env)
    assert.deepEqual([wrongIn(out).length, code], [1, 2], out)
    assert.match(wrongIn(out)[0] ?? '', wrong)
  }
  await dead()
  const { out } = await doctor()
  assert.deepEqual(wrongIn(out), [
    '✗ 两分钟没有网页进程 · No web process for two minutes',
    '✗ 两分钟没有后台进程，下载、转单、回写都停着 · No worker for two minutes: downloads, conversions and write-backs stand still',
  ])
})

test('it looks only: no key file is made, and no row is written', async () => {
  await alive()
  const rows = async () =>
    (
      await sql<{
        sum: string
      }>`select sum(n_tup_ins + n_tup_upd + n_tup_del)::text as sum from pg_stat_user_tables`.execute(
        house.db,
      )
    ).rows[0]?.sum
  await sql`select pg_stat_force_next_flush()`.execute(house.db)
  const before = await rows()
  await doctor({ SEALING_KEY_PATH: join(dataDir, 'lost.json') })
  assert.equal(await rows(), before)
  await assert.rejects(() => rm(join(dataDir, 'lost.json')), { code: 'ENOENT' })
})

test('a database of another version, and the alarms of the overview, are told', async () => {
  await alive()
  await base.owner(`insert into migration (name) values ('9999_later.sql')`)
  assert.match((await doctor()).out, /^✓ 数据库来自更新的版本，这个版本还能用 · /m)
  await base.owner('update schema_support set oldest_program = 9999')
  const newer = await doctor()
  assert.match(
    newer.out,
    /^✗ 数据库比程序新：9999_later\.sql · The database is newer than the program: 9999_later\.sql$/m,
  )
  await base.owner(`delete from migration where name in ('9999_later.sql', '0065_restored.sql')`)
  const older = await doctor()
  assert.match(older.out, /^✗ 数据库缺 1 次升级：/m)
  await base.owner(`insert into migration (name) values ('0065_restored.sql')`)
  await sql`insert into clock_skew (machine, ahead_ms) values ('till-2', 600000)`.execute(house.db)
  const alarmed = await doctor()
  assert.deepEqual(
    [wrongIn(alarmed.out), alarmed.code],
    [['✗ till-2 的时钟快 10 分钟 · The clock of till-2 is 10 min ahead'], 2],
  )
  assert.match(alarmed.out, /→ http:\/\/localhost:\d+\/tasks$/m)
})
