import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { openDatabase } from '../server/core/db/db.ts'
import { loadKeyRing, seal } from '../server/lib/seal.ts'
import { testDatabase } from '../server/testing/database.ts'

const script = fileURLToPath(new URL('keys.ts', import.meta.url))

test('keys are listed and added while it runs, and an old one is dropped only when nothing names it', async () => {
  await using database = await testDatabase()
  const path = join(await mkdtemp(join(tmpdir(), 'keys-')), 'sealing.json')
  const ring = await loadKeyRing(path)
  const { db, close } = openDatabase(database.url, { max: 1 })
  const keys = (...args: string[]) => run(args, { DATABASE_URL: database.url, SEALING_KEY_PATH: path })
  await sql`
    insert into shop (platform, variant, name, credentials) values ('taobao', '', '一号店', ${seal(ring, '1', '{}')})`.execute(
    db,
  )
  await sql`
    insert into task (kind, cron, next_run_at) values ('reseal', '40 3 * * *', now() + interval '9 hours')`.execute(
    db,
  )

  assert.deepEqual(await keys('list'), {
    code: 0,
    out: `1  current\n     ${'shop.credentials'.padEnd(28)} 1\n`,
  })
  const added = await keys('add')
  assert.equal(added.code, 0)
  assert.match(added.out, /^Key 2 is used from /)
  const due = await sql<{ seconds: number }>`
    select extract(epoch from next_run_at - now())::int as seconds from task where kind = 'reseal'`.execute(
    db,
  )
  assert.ok(Number(due.rows[0]?.seconds) < 80)
  assert.match((await keys('drop', '1')).out, /Key 1 is in use/)

  const file: { keys: { usedFrom?: string }[] } = JSON.parse(await readFile(path, 'utf8'))
  for (const key of file.keys) delete key.usedFrom
  await writeFile(path, JSON.stringify(file))
  const refused = await keys('drop', '1')
  assert.equal(refused.code, 1)
  assert.match(refused.out, /shop\.credentials still names key 1/)
  await sql`update shop set credentials = null`.execute(db)
  assert.deepEqual((await keys('drop', '1')).code, 0)
  assert.deepEqual([...(await loadKeyRing(path)).byNumber.keys()], [2])
  await close()
})

test('a key that is added on a machine whose clock is wrong is used from a minute on by everybody’s clock', async () => {
  await using database = await testDatabase()
  const path = join(await mkdtemp(join(tmpdir(), 'keys-')), 'sealing.json')
  await loadKeyRing(path)
  const before = Date.now()
  const { code } = await run(['add'], {
    DATABASE_URL: database.url,
    SEALING_KEY_PATH: path,
    NODE_OPTIONS: `--import=${new URL('../e2e/clock.ts', import.meta.url).href}`,
    CLOCK_AHEAD_MS: '600000',
  })
  assert.equal(code, 0)
  const file: { keys: { usedFrom?: string }[] } = JSON.parse(await readFile(path, 'utf8'))
  const inMs = Date.parse(file.keys[1]?.usedFrom ?? '') - before
  assert.ok(inMs >= 60_000 && inMs < 120_000, `${inMs} ms`)
})

/** Returns both output streams together, as a terminal shows them. */
async function run(
  args: string[],
  env: Record<string, string>,
): Promise<{ code: number | null; out: string }> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, ...args], {
    env: { ...process.env, ...env },
  })
  let out = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      out += text
    })
  }
  return new Promise((settle) => child.on('close', (code) => settle({ code, out })))
}
