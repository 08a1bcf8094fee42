import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { testDatabase } from '../server/testing/database.ts'

// Somebody forgets the DATA_DIR of the start, and types a command.

let folder: string

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sanyi-wrong-folder-'))
})
after(() => rm(folder, { recursive: true }))

test('a command in a folder without a database says so, and makes none there', async () => {
  const place = join(folder, 'place')
  const dataDir = join(folder, 'empty')
  const commands = [
    ['backup', place],
    ['admin', 'list'],
    ['keys', 'list'],
    ['check-audit'],
    ['migrate'],
    ['restore', '--quiet', 'pgbackrest'],
  ]
  for (const [script = '', ...args] of commands) {
    const { code, out } = await run(script, args, { DATA_DIR: dataDir, DATABASE_URL: '' })
    assert.notEqual(code, 0, script)
    assert.ok(out.includes(`There is no database in ${dataDir}: give the DATA_DIR`), `${script}: ${out}`)
    assert.doesNotMatch(out, /^\s+at /m)
  }
  const left = await readdir(folder, { recursive: true })
  assert.deepEqual(
    left.filter((name) => /postgres|place/.test(name)),
    [],
  )
})

test('a backup is noted for the next upgrade in a data folder that is new, and one that cannot be noted says so', async () => {
  await using base = await testDatabase()
  const dataDir = join(folder, 'new', 'data')
  const noted = await run('backup', [join(folder, 'backups')], { DATA_DIR: dataDir, DATABASE_URL: base.url })
  assert.equal(noted.code, 0, noted.out)
  assert.doesNotMatch(noted.out, /cannot be written/)
  const { takenAt } = JSON.parse(await readFile(join(dataDir, 'last-backup.json'), 'utf8'))
  assert.ok(Date.now() - Date.parse(takenAt) < 60_000, takenAt)

  await writeFile(join(folder, 'file'), '')
  const nowhere = join(folder, 'file', 'data')
  // A place keeps one backup of a second.
  const lost = await run('backup', [join(folder, 'others')], { DATA_DIR: nowhere, DATABASE_URL: base.url })
  assert.equal(lost.code, 0, lost.out)
  assert.ok(lost.out.includes(`${nowhere} cannot be written, so an upgrade will not know of this`), lost.out)
})

/** Runs `npm run NAME`, and returns both output streams together. */
function run(
  name: string,
  args: string[],
  env: Record<string, string>,
): Promise<{ code: number; out: string }> {
  const script = fileURLToPath(new URL(`${name}.ts`, import.meta.url))
  return new Promise((settle) =>
    execFile(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', script, ...args],
      { env: { ...process.env, ...env } },
      (error, stdout, stderr) => settle({ code: Number(error?.code ?? 0), out: stdout + stderr }),
    ),
  )
}
