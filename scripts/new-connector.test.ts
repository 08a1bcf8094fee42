import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { root } from './steps.ts'

let project: string

before(async () => {
  project = await mkdtemp(join(tmpdir(), 'sanyi-connector-'))
  for (const path of [
    'package.json',
    'biome.json',
    'scripts',
    'server/connectors',
    'server/wire',
    'server/lib',
    // The names of doubts, which the suite compares.
    'server/intake/doubt-rules.ts',
    'server/intake/lifecycle.ts',
  ])
    await cp(join(root, path), join(project, path), { recursive: true })
  await symlink(join(root, 'node_modules'), join(project, 'node_modules'))
  // Biome reads from it which files belong to the project.
  await cp(join(root, '.gitignore'), join(project, '.gitignore'))
})

after(() => rm(project, { recursive: true, force: true }))

test('a new connector is a folder and a line, and its suite says of each part that it is still to be written', async () => {
  const made = run('scripts/new-connector.ts', 'nova', '新星', 'Nova')
  assert.equal(made.status, 0, made.stderr)
  const registry = await readFile(join(project, 'server/connectors/index.ts'), 'utf8')
  assert.match(registry, /^import \{ nova \} from '.\/nova\/index.ts'$/m)
  assert.match(registry, /= \[\s+taobao,\s+pinduoduo,[^\]]*\snova,\s+\]$/m)
  assert.deepEqual((await readdir(join(project, 'server/connectors/nova'))).sort(), [
    'README.md',
    'client.ts',
    'conformance.test.ts',
    'credentials.ts',
    'index.ts',
    'not-written.ts',
    'refunds.ts',
    'trades.ts',
  ])
  const own = await readFile(join(project, 'server/connectors/nova/index.ts'), 'utf8')
  assert.match(own, /name: \{ zh: '新星', en: 'Nova' \}/)
  assert.doesNotMatch(own, /template/)

  const suite = run('--test', '--test-reporter=tap', 'server/connectors/nova/conformance.test.ts')
  const failures = [...suite.stdout.matchAll(/^ {4}not ok \d+ - (.*)$/gm)].map(([, name]) => name)
  const words = suite.stdout.match(/Not written yet, connectors\/nova\/[\w.-]+: \w/g) ?? []
  assert.ok(failures.length >= 15, suite.stdout)
  assert.ok(words.length >= failures.length, `${words.length} sentences for ${failures.length} failures`)
  assert.match(suite.stdout, /^ {4}ok \d+ - says why for everything that it cannot do$/m)
})

test('a name that is taken or none is refused, and nothing is written', async () => {
  const before = await readFile(join(project, 'server/connectors/index.ts'), 'utf8')
  for (const [name, words] of [
    ['taobao', /is there already/],
    ['New-Shop', /2 to 20 small letters and digits/],
    ['', /2 to 20 small letters and digits/],
  ] as const) {
    const refused = run('scripts/new-connector.ts', name)
    assert.equal(refused.status, 1)
    assert.match(refused.stderr, words)
  }
  assert.equal(await readFile(join(project, 'server/connectors/index.ts'), 'utf8'), before)
})

function run(...args: string[]) {
  // Node's test runner marks its child processes with this variable; a nested test run must not inherit it.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  return spawnSync(process.execPath, args, { cwd: project, encoding: 'utf8', env })
}
