import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { fileURLToPath } from 'node:url'

let project: string

beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'sanyi-launch-'))
  await mkdir(join(project, 'scripts'))
  for (const name of ['launch.js', 'quick-modules.js'])
    await copyFile(fileURLToPath(new URL(name, import.meta.url)), join(project, 'scripts', name))
  await write('package.json', '{ "type": "module" }')
  await writeLock('1.0.0')
  await write(
    'scripts/check.ts',
    `console.log('checked', ...process.argv.slice(2)); process.exit(Number(process.argv[3] ?? 0))`,
  )
  // Replaces npm: installs nothing and prints its arguments.
  await write(
    'npm.js',
    `import { mkdirSync } from 'node:fs'
     mkdirSync('node_modules', { recursive: true })
     console.log('npm', ...process.argv.slice(2))`,
  )
})

afterEach(() => rm(project, { recursive: true, force: true }))

test('the first run installs what the lock file names, development packages included', async () => {
  const { output, code } = await launch('check')
  assert.equal(code, 0)
  assert.match(output, /^npm ci .*--include=dev/m)
  assert.match(output, /^checked$/m)
})

test('the second run installs nothing', async () => {
  await launch('check')
  const { output } = await launch('check')
  assert.equal(output.trim(), 'checked')
})

test('a changed lock file is installed', async () => {
  await launch('check')
  await writeLock('1.0.1')
  assert.match((await launch('check')).output, /^npm ci/m)
})

test('what somebody has installed by hand is not installed again', async () => {
  await write('node_modules/.package-lock.json', lockText('1.0.0'))
  assert.doesNotMatch((await launch('check')).output, /npm/)
  await writeLock('1.0.1')
  assert.match((await launch('check')).output, /^npm ci/m)
})

test('a failed installation starts nothing and is tried again', async () => {
  await write('npm.js', `process.exit(7)`)
  const { output, code } = await launch('check')
  assert.equal(code, 1)
  assert.match(output, /npm ci failed \(7\)/)
  assert.doesNotMatch(output, /checked/)
  assert.match((await launch('check')).output, /npm ci failed/)
})

test('words after the name and the exit code pass through', async () => {
  const { output, code } = await launch('check', 'server/orders', '3')
  assert.match(output, /checked server\/orders 3/)
  assert.equal(code, 3)
})

test('an unknown name says which there are', async () => {
  const { output, code } = await launch('serve')
  assert.equal(code, 1)
  assert.match(output, /start \| demo \| test/)
})

test('the pages are built when they or what they import have changed, and only then', async () => {
  await write('web/index.html', '<html></html>')
  await write('docs/guide/zh/start.md', '# 开始')
  await write('server/orders/list/contract.ts', 'export const a = 1')
  await write('server/orders/orders.ts', 'export const b = 1')
  await write('node_modules/vite/bin/vite.js', `console.log('built')`)
  assert.match((await launch('build')).output, /built/)
  assert.doesNotMatch((await launch('build')).output, /built/)
  await write('server/orders/orders.ts', 'export const b = 2')
  assert.doesNotMatch((await launch('build')).output, /built/)
  await write('server/orders/list/contract.ts', 'export const a = 2')
  assert.match((await launch('build')).output, /built/)
  await write('web/src/page.tsx', 'export const c = 1')
  assert.match((await launch('build')).output, /built/)
  await write('docs/guide/zh/start.md', '# 开始使用')
  assert.match((await launch('build')).output, /built/)
  assert.match(await readFile(join(project, 'web/dist/.stamp'), 'utf8'), /^[0-9a-f]{64}$/)
})

test('packages are packed after each installation, and a failure to pack them keeps nothing from starting', async () => {
  await write('node_modules/rolldown/package.json', '{}')
  await write(
    'scripts/pack-packages.js',
    `console.log('packed'); process.exit(Number(process.env.FAILS ?? 0))`,
  )
  await write('node_modules/.cache/packed/names.json', '{}')
  const failed = await launchWith({ FAILS: '1' }, 'check')
  assert.match(failed.output, /^packed$[\s\S]*could not be packed[\s\S]*^checked$/m)
  assert.equal(failed.code, 0)
  assert.match((await launch('check')).output, /^packed$/m)
  assert.equal((await launch('check')).output.trim(), 'checked')
  await writeLock('1.0.1')
  assert.match((await launch('check')).output, /^packed$/m)
})

test('a Node that is a little too old is passed over for the packaged one, and named where there is none', async () => {
  const older = (version: string) => ({
    NODE_OPTIONS: `--import=data:text/javascript,Object.defineProperty(process,'version',{value:'${version}'})`,
  })
  for (const version of ['v24.6.0', 'v25.0.0'])
    assert.match((await launchWith(older(version), 'check')).output, /^checked$/m)
  const { output, code } = await launchWith(older('v24.5.9'), 'check')
  assert.equal(code, 1)
  assert.match(output, /Sanyi needs Node 24\.6 or newer; this is v24\.5\.9/)
  const folder = `node_modules/node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
  await mkdir(join(project, folder, 'bin'), { recursive: true })
  await symlink(process.execPath, join(project, folder, 'bin', 'node'))
  await write(`${folder}/package.json`, '{ "version": "24.5.0" }')
  assert.equal((await launchWith(older('v24.5.9'), 'check')).code, 1)
  await write(`${folder}/package.json`, '{ "version": "24.6.0" }')
  assert.match((await launchWith(older('v24.5.9'), 'check')).output, /^checked$/m)
})

const launch = (...args: string[]) => launchWith({}, ...args)

function launchWith(
  settings: Record<string, string>,
  ...args: string[]
): Promise<{ output: string; code: number | null }> {
  return new Promise((settle) => {
    const child = spawn(process.execPath, [join(project, 'scripts', 'launch.js'), ...args], {
      cwd: project,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, npm_execpath: join(project, 'npm.js'), ...settings },
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString()
      })
    }
    child.once('close', (code) => settle({ output, code }))
  })
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(join(project, path, '..'), { recursive: true })
  await writeFile(join(project, path), text)
}

function writeLock(version: string): Promise<void> {
  return write('package-lock.json', lockText(version))
}

function lockText(version: string): string {
  return JSON.stringify({ packages: { '': {}, 'node_modules/some-package': { version } } })
}
