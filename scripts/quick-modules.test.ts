import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { root } from './steps.ts'

const quickModules = new URL('quick-modules.js', import.meta.url).href

/** Returns the URLs to which these names resolve in a process that starts as the launcher starts it. */
function resolved(names: readonly string[]): string[] {
  const script = `console.log(JSON.stringify(${JSON.stringify(names)}.map((name) => import.meta.resolve(name))))`
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [`--import=${quickModules}`, '--input-type=module', '--eval', script],
    { cwd: root, encoding: 'utf8' },
  )
  assert.equal(status, 0, stderr)
  return JSON.parse(stdout)
}

test('every entry of a packed package is loaded from the packed files, and other packages from their own', () => {
  const names = ['typebox', 'typebox/value', 'kysely', 'kysely/helpers/postgres', 'pg']
  const folders = resolved(names).map((url) => url.replace(/^.*\/node_modules\//, ''))
  assert.deepEqual(folders, [
    '.cache/packed/typebox.js',
    '.cache/packed/typebox_value.js',
    '.cache/packed/kysely.js',
    '.cache/packed/kysely_helpers_postgres.js',
    'pg/esm/index.mjs',
  ])
})

test('a packed package is installed once, so that no other package means another version of it', () => {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const copies = Object.keys(lock.packages).filter((path) =>
    /(^|\/)node_modules\/(typebox|kysely)$/.test(path),
  )
  assert.deepEqual(copies.sort(), ['node_modules/kysely', 'node_modules/typebox'])
})

test('the packed files are those of the installed packages', () => {
  const packed = join(root, 'node_modules/.cache/packed')
  const stamp = readFileSync(join(packed, '.stamp'), 'utf8')
  assert.equal(stamp, readFileSync(join(root, 'node_modules/.sanyi-lock'), 'utf8'))
  const names: Record<string, string> = JSON.parse(readFileSync(join(packed, 'names.json'), 'utf8'))
  const files = readdirSync(packed)
  assert.deepEqual(
    Object.values(names).filter((file) => !files.includes(file)),
    [],
  )
})
