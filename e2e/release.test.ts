import assert from 'node:assert/strict'
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { layOutRelease, packRelease, releaseName } from '../scripts/release/files.ts'
import { root } from '../scripts/steps.ts'
import { thisProgram } from '../server/core/upgrade/program.ts'
import { testDatabase } from '../server/testing/database.ts'
import { freePort } from '../server/testing/free-port.ts'
import { until } from '../server/testing/until.ts'
import { performDockerfile } from './upgrade/dockerfile.ts'

// The steps of deploy/Dockerfile and the commands of the units are performed as they are written, on an archive that has everything but the
// packages; `npm run release` adds those.

const units = join(root, 'deploy/systemd')
let folder: string
let archive: string
const children: ChildProcess[] = []

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sanyi-release-'))
  spawnSync(process.execPath, [join(root, 'scripts/launch.js'), 'build'])
  layOutRelease(join(folder, releaseName))
  archive = packRelease(join(folder, releaseName))
})

after(async () => {
  for (const child of children) child.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true })
})

test('an archive has version and commit, the pages, and no tests or tools', async () => {
  const files = execFileSync('tar', ['-tzf', archive], { encoding: 'utf8' }).trim().split('\n')
  const has = (name: string) => files.includes(`${releaseName}/${name}`)
  for (const name of [
    'release.json',
    'bin/sanyi',
    'server/main.ts',
    'scripts/migrate.ts',
    'scripts/merchants/main.ts',
    'scripts/psql.ts',
    'web/dist/index.html',
    'deploy/Dockerfile',
  ])
    assert.ok(has(name), name)
  assert.deepEqual(
    files.filter((name) => /\.test\.|\/testing\/|\/e2e\/|\/bench\/|\/node_modules\//.test(name)),
    [],
  )
  const release = JSON.parse(readFileSync(join(folder, releaseName, 'release.json'), 'utf8'))
  assert.deepEqual(release, await thisProgram())
})

test('each file that a file of the release imports or starts is in the release', () => {
  const home = join(folder, releaseName)
  const programs = readdirSync(home, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /^(server|sandbox|scripts)\/.*\.(ts|js)$/.test(name),
  )
  assert.ok(programs.length > 500, `${programs.length}`)
  const named = /(?:\bfrom |\bimport\(|\bimport |new URL\()'(\.{1,2}\/[^']+\.(?:ts|js|json))'/g
  const lost = programs.flatMap((name) =>
    [...readFileSync(join(home, name), 'utf8').matchAll(named)]
      .map(([, to = '']) => join(dirname(name), to))
      .filter((to) => !existsSync(join(home, to)))
      .map((to) => `${name}: ${to}`),
  )
  assert.deepEqual(lost, [])
})

test('a release says which commands it has, and that a tool of the sources is not among them', () => {
  const home = join(folder, 'tools')
  mkdirSync(home)
  execFileSync('tar', ['-xzf', archive, '--strip-components=1', '-C', home])
  linkPackages(home)
  const say = (...args: string[]) => {
    const { status, stderr } = spawnSync('/bin/sh', ['bin/sanyi', ...args], { cwd: home, encoding: 'utf8' })
    return [status, stderr.trim()]
  }
  const commands = [
    ...[
      'start',
      'demo',
      'watchdog',
      'psql',
      'admin',
      'merchants',
      'merchant',
      'doctor',
      'keys',
      'ready',
      'migrate',
    ],
    ...['backup', 'restore', 'check-backup', 'check-audit'],
  ]
  assert.deepEqual(say('serve'), [1, `Usage: bin/sanyi ${commands.join(' | ')}`])
  assert.deepEqual(say('prove', 'month'), [
    1,
    `prove 只在源码里有，发布包里没有 · prove is a command of the sources, and this release has: ${commands.join(', ')}`,
  ])
})

test('the command for an administrator takes account, settings and version of the installation', async () => {
  const programs = join(folder, 'programs')
  mkdirSync(programs)
  // They show what they get.
  writeFileSync(join(programs, 'runuser'), '#!/bin/sh\necho "runuser $1 $2 $3"\nshift 3\nexec "$@"\n', {
    mode: 0o755,
  })
  writeFileSync(join(programs, 'psql'), '#!/bin/sh\necho "psql $* in $DATA_DIR"\n', { mode: 0o755 })
  const home = join(folder, 'next')
  mkdirSync(home)
  execFileSync('tar', ['-xzf', archive, '--strip-components=1', '-C', home])
  linkPackages(home)
  const settings = join(folder, 'env')
  writeFileSync(settings, `DATABASE_URL='postgres://erp:a&b@db.example.com/erp'\n`)
  const text = readFileSync(join(root, 'deploy/sanyi.sh'), 'utf8').replaceAll('/etc/sanyi/env', settings)
  writeFileSync(join(programs, 'sanyi'), text, { mode: 0o755 })
  const env = { PATH: `${programs}:${process.env['PATH']}`, PROGRAM: home }
  const said = run([join(programs, 'sanyi'), 'psql', '-c', 'select 1'], '/', env)
  assert.equal(await said.exit, 0)
  assert.match(said.log(), /^runuser -u sanyi --$/m)
  assert.match(said.log(), /^psql postgres:\/\/erp@db\.example\.com\/erp -c select 1 in \/var\/lib\/sanyi$/m)
})

test('the steps of the Dockerfile make a container whose command starts, is found ready, and ends with 0', async () => {
  await using base = await testDatabase()
  const made = performDockerfile(readFileSync(join(root, 'deploy/Dockerfile'), 'utf8'), {
    ...{ image: join(folder, 'image'), archives: folder, args: { RELEASE: releaseName } },
  })
  linkPackages(made.folder)
  const port = String(await freePort())
  const env = {
    ...made.env,
    PORT: port,
    DATABASE_URL: base.url,
    DATABASE_OWNER_URL: base.ownerUrl,
    LOG_LEVEL: 'info',
  }
  const container = run(made.command, made.folder, env)
  await until(() => container.log().includes('ready ('), 90_000)
  const { version, commit } = await thisProgram()
  assert.ok(container.log().includes(`三易 Sanyi ${version} ${commit.slice(0, 8)} 已就绪`))
  assert.match(container.log(), new RegExp(`"version":"${version}","commit":"${commit}","msg":"starting"`))
  assert.equal(await run(made.health, made.folder, env).exit, 0)
  assert.equal(await run(made.health, made.folder, { ...env, PORT: '1' }).exit, 1)
  container.child.kill('SIGTERM')
  assert.equal(await container.exit, 0)
  assert.equal(made.signal, 'SIGTERM')
  // initdb refuses an account without a name.
  assert.match(made.accounts, new RegExp(`^sanyi:x:${process.getuid?.() ?? 0}:`, 'm'))
})

test('the units are valid, and what they start works and ends with 0 at their signal', async () => {
  await using base = await testDatabase()
  const names = readdirSync(units)
  const home = join(folder, 'current')
  mkdirSync(home)
  execFileSync('tar', ['-xzf', archive, '--strip-components=1', '-C', home])
  linkPackages(home)
  verify(names)
  const port = await freePort()
  const shared = {
    DATABASE_URL: base.url,
    DATABASE_OWNER_URL: base.ownerUrl,
    SEALING_KEY_PATH: join(folder, 'sealing.json'),
  }
  const started = names
    .filter((name) => name !== 'sanyi.service')
    .map((name) => {
      const text = readFileSync(join(units, name), 'utf8')
      const line = /^ExecStart=(.*)$/m.exec(text)?.[1] ?? ''
      assert.equal(/^WorkingDirectory=(.*)$/m.exec(text)?.[1], '/opt/sanyi/current')
      const own = Object.fromEntries(
        [...(/^Environment=(.*)$/m.exec(text)?.[1] ?? '').matchAll(/(\w+)=(\S+)/g)].map(
          ([, key = '', value = '']) => [
            key,
            value.replaceAll('%i', String(port)).replace('/var/lib', join(folder, 'lib')),
          ],
        ),
      )
      return run(line.split(' '), home, {
        ...own,
        ...shared,
        ...('DRAIN_SECONDS' in own ? { DRAIN_SECONDS: '1' } : {}),
      })
    })
  assert.equal(started.length, 2)
  for (const { log } of started) await until(() => log().includes('ready ('), 90_000)
  assert.equal((await fetch(`http://127.0.0.1:${port}/readyz`)).status, 200)
  for (const { child } of started) child.kill('SIGTERM')
  assert.deepEqual(await Promise.all(started.map(({ exit }) => exit)), [0, 0])
  // The unit of the whole installation has the command that the container has.
  assert.match(readFileSync(join(units, 'sanyi.service'), 'utf8'), /^ExecStart=\/bin\/sh bin\/sanyi start$/m)
})

function linkPackages(home: string): void {
  symlinkSync(join(root, 'node_modules'), join(home, 'node_modules'))
}

function verify(names: readonly string[]): void {
  const place = join(folder, 'units')
  mkdirSync(place)
  const files = names.map((name) => join(place, name.replace('@.', '@3001.')))
  for (const [at, file] of files.entries()) copyFileSync(join(units, names[at] ?? ''), file)
  const { error, status, stderr } = spawnSync('systemd-analyze', ['verify', ...files], { encoding: 'utf8' })
  // A system without systemd has no opinion.
  if (!error)
    assert.deepEqual([status, stderr.split('\n').filter((line) => line.includes(basename(place)))], [0, []])
}

function run([program = '', ...args]: readonly string[], cwd: string, env: Record<string, string>) {
  const child = spawn(program, args, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/node'), ...env },
  })
  children.push(child)
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
  const exit = new Promise<number | null>((settle) => child.once('close', (code) => settle(code)))
  return { child, exit, log: () => text }
}
