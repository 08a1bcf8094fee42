import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { root } from './steps.ts'

/** Licences under which everybody may use, change and redistribute the whole. Adding one needs a decision. */
const allowed = [
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'MIT-0',
  'PostgreSQL',
]

/** Further licences for packages that only build the pages or run the tests, because these packages are not redistributed. */
const besides = ['MPL-2.0', 'OFL-1.1', 'Unlicense', 'Zlib', 'MIT/X11']

/** `buffers` names no licence. Only the tests use it, to read sheets. */
const silent = ['node_modules/buffers']

type Entry = { license?: string; dev?: boolean; integrity?: string }

const lock: { packages: Record<string, Entry> } = JSON.parse(
  readFileSync(join(root, 'package-lock.json'), 'utf8'),
)
const entries = Object.entries(lock.packages).filter(([path]) => path !== '')

test('every package that runs in production is under a licence of the list', () => {
  const production = entries.filter(([, { dev }]) => dev !== true)
  assert.ok(production.length > 50)
  assert.deepEqual(
    production
      .filter(([, { license }]) => !isAllowed(license, allowed))
      .map(([path, { license }]) => `${path}: ${license}`),
    [],
  )
})

test('every other package is under a licence that lets us build with it', () => {
  const wrong = entries.filter(
    ([path, { license }]) => !silent.includes(path) && !isAllowed(license, [...allowed, ...besides]),
  )
  assert.deepEqual(
    wrong.map(([path, { license }]) => `${path}: ${license}`),
    [],
  )
})

test('every package is one version with a hash, and none runs a script when it is installed', () => {
  const loose = entries.filter(([, { integrity }]) => !integrity?.startsWith('sha512-'))
  assert.deepEqual(
    loose.map(([path]) => path),
    [],
  )
  const own: Record<string, Record<string, string>> = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  )
  const ranges = ['dependencies', 'devDependencies', 'optionalDependencies']
    .flatMap((kind) => Object.entries(own[kind] ?? {}))
    .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
  assert.deepEqual(ranges, [])
  assert.match(readFileSync(join(root, 'scripts', 'launch.js'), 'utf8'), /'ci',\s*'--ignore-scripts'/)
})

/** Of "MIT OR GPL-3.0" one licence must be allowed, of "MIT AND Zlib" both. */
function isAllowed(license: string | undefined, list: readonly string[]): boolean {
  if (license === undefined) return false
  const bare = license.replace(/[()]/g, '')
  return bare.split(' OR ').some((choice) => choice.split(' AND ').every((one) => list.includes(one.trim())))
}
