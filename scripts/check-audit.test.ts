import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { testDatabase } from '../server/testing/database.ts'

const script = fileURLToPath(new URL('check-audit.ts', import.meta.url))

test('the log of a database is checked, and a head that it never had is told', async () => {
  await using base = await testDatabase()
  const whole = await run([], { DATABASE_URL: base.ownerUrl })
  assert.deepEqual([whole.code, /The audit log is whole\n$/.test(whole.out)], [0, true])
  const other = await run(['--head', 'abc'], { DATABASE_URL: base.ownerUrl })
  assert.equal(other.code, 1)
  assert.match(other.out, /^The chain never had this head/)
})

test('what it cannot check it says in one line, and touches nothing: no password of the database, no such word', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'sanyi-audit-'))
  const cluster = join(dataDir, 'postgres')
  await mkdir(cluster)
  await writeFile(join(cluster, 'PG_VERSION'), '18\n')
  const without = await run([], { DATABASE_URL: '', DATA_DIR: dataDir })
  assert.equal(without.code, 2)
  assert.match(
    without.out,
    /^The database in \S+ exists, but its password file \S+ is missing\. Put it back\.\n$/,
  )
  const unknown = await run(['--heads'], { DATABASE_URL: '', DATA_DIR: dataDir })
  assert.equal(unknown.code, 2)
  assert.match(unknown.out, /^Unknown option '--heads'/)
  assert.doesNotMatch(unknown.out, /^\s+at /m)
  await rm(dataDir, { recursive: true })
})

/** Returns both output streams together, as a terminal shows them. */
function run(args: string[], env: Record<string, string>): Promise<{ code: number; out: string }> {
  return new Promise((settle) => {
    const node = ['--disable-warning=ExperimentalWarning', script, ...args]
    execFile(process.execPath, node, { env: { ...process.env, ...env } }, (error, stdout, stderr) =>
      settle({ code: Number(error?.code ?? 0), out: stdout + stderr }),
    )
  })
}
