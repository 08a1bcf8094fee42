// The entry point of `npm start`, `npm run demo`, `npm test` and others. It runs on any Node without installed packages: it installs the
// packages, finds the Node that Sanyi needs, builds the web pages, and starts the command.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const modules = join(root, 'node_modules')
// 24.6 added `Worker.cpuUsage()`, by which the sheet reader limits its thread.
const neededNode = [24, 6]

// Node keeps compiled code here, so a second start takes half the time.
const compileCache = join(modules, '.cache', 'node')
const quickModules = pathToFileURL(join(root, 'scripts', 'quick-modules.js')).href

// A release has no tools for those who change it.
const isRelease = existsSync(join(root, 'release.json'))

const entries = {
  start: { script: 'server/main.ts', web: true, production: true },
  demo: { script: 'server/main.ts', args: ['--demo'], web: true, production: true },
  test: { script: 'scripts/test.ts', web: true },
  'test:unit': { script: 'scripts/test.ts', args: ['--only=unit'], web: false },
  'test:e2e': { script: 'scripts/test.ts', args: ['--only=e2e'], web: true },
  watchdog: { script: 'server/main.ts', args: ['--role=watchdog'], web: false, production: true },
  dev: { script: 'scripts/dev.ts', web: false },
  bench: { script: 'bench/main.ts', web: false },
  prove: { script: 'scripts/prove.ts', web: false },
  check: { script: 'scripts/check.ts', web: false },
  types: { script: 'scripts/check.ts', args: ['types'], web: false },
  lint: {
    script: 'scripts/check.ts',
    args: ['lint and format', 'import rules', 'dead code', 'tidy'],
    web: false,
  },
  'new-connector': { script: 'scripts/new-connector.ts', web: false },
  psql: { script: 'scripts/psql.ts', web: false },
  build: { web: true },
  release: { script: 'scripts/release/main.ts', web: true },
  admin: { script: 'scripts/admin.ts', web: false },
  merchants: { script: 'server/merchants/main.ts', web: true, production: true },
  merchant: { script: 'scripts/merchants/main.ts', web: false },
  doctor: { script: 'scripts/doctor.ts', web: false },
  keys: { script: 'scripts/keys.ts', web: false },
  ready: { script: 'scripts/release/ready.ts', web: false },
  migrate: { script: 'scripts/migrate.ts', web: false },
  backup: { script: 'scripts/backup.ts', web: false },
  restore: { script: 'scripts/restore.ts', web: false },
  'check-backup': { script: 'scripts/check-backup.ts', web: false },
  'check-audit': { script: 'scripts/check-audit.ts', web: false },
  guide: { script: 'web/guide/main.ts', web: false },
  pictures: { script: 'e2e/pictures.ts', web: true },
}

const [name = '', ...argv] = process.argv.slice(2)
const entry = entries[name]
if (!entry) {
  fail(`Usage: ${isRelease ? 'bin/sanyi' : 'node scripts/launch.js'} ${commandNames().join(' | ')}`)
}
if (isRelease && !commandNames().includes(name))
  fail(
    `${name} 只在源码里有，发布包里没有 · ${name} is a command of the sources, and this release has: ${commandNames().join(', ')}`,
  )
installIfStale()
const node = findNode()
packIfStale(node)
if (entry.web) buildIfStale(node)
if (entry.script) start(node, entry)

/** The commands that this folder can run. */
function commandNames() {
  return Object.keys(entries).filter(
    (each) => !isRelease || (entries[each].script && existsSync(join(root, entries[each].script))),
  )
}

function installIfStale() {
  const lock = readFileSync(join(root, 'package-lock.json'))
  const hash = createHash('sha256').update(lock).digest('hex')
  const stamp = join(modules, '.sanyi-lock')
  if (readText(stamp) === hash) return
  if (!isInstalled(JSON.parse(lock.toString()))) {
    console.log(
      '安装依赖,约一分钟(仅首次或升级后) · Installing packages, about a minute, at first and after upgrades …',
    )
    install()
  }
  writeFileSync(stamp, hash)
}

/** Compares with npm's own list of installed packages, so that packages that a user has installed by hand are not installed again. */
function isInstalled(lock) {
  const text = readText(join(modules, '.package-lock.json'))
  if (text === undefined) return false
  const installed = JSON.parse(text).packages
  return Object.entries(lock.packages).every(([path, wanted]) => {
    if (path === '' || (wanted.optional && !installed[path])) return true
    return installed[path]?.version === wanted.version
  })
}

function install() {
  // NODE_ENV=production would leave out the packages that build the pages and run the tests. Packages' install scripts are skipped; the
  // only one that is needed is done in `postgres-place.ts`.
  const args = [
    'ci',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--include=dev',
    '--include=optional',
    '--loglevel=error',
  ]
  const ownNpm = process.env.npm_execpath
  const viaNode = ownNpm !== undefined && /\.c?js$/.test(ownNpm)
  const command = viaNode ? process.execPath : 'npm'
  const result = spawnSync(command, viaNode ? [ownNpm, ...args] : args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: !viaNode && process.platform === 'win32',
  })
  if (result.error) fail(`npm could not be started: ${result.error.message}`)
  if (result.status !== 0) fail(`npm ci failed (${result.status ?? result.signal}).`)
}

/** Packs packages that are slow to load. A release has them packed, and not what packs them. */
function packIfStale(node) {
  const stamp = join(modules, '.cache', 'packed', '.stamp')
  const hash = readText(join(modules, '.sanyi-lock')) ?? ''
  if (readText(stamp) === hash || !existsSync(join(modules, 'rolldown'))) return
  const result = spawnSync(node, [join(root, 'scripts', 'pack-packages.js')], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  // Sanyi also runs without packed packages.
  if (result.status !== 0) console.error('The packages could not be packed; Sanyi starts more slowly.')
  else writeFileSync(stamp, hash)
}

function findNode() {
  if (isEnough(process.version)) return process.execPath
  const platform = process.platform === 'win32' ? 'win' : process.platform
  const folder = join(modules, `node-${platform}-${process.arch}`)
  const packaged = join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  // The version is read from the file, because starting the program for it would slow every start.
  const version = JSON.parse(readText(join(folder, 'package.json')) ?? '{}').version
  if (existsSync(packaged) && isEnough(`v${version}`)) return packaged
  return fail(
    `Sanyi needs Node ${neededNode.join('.')} or newer; this is ${process.version}, and none could be installed for ` +
      `${process.platform}-${process.arch}. Install it from https://nodejs.org and start again.`,
  )
}

function isEnough(version) {
  const [major = 0, minor = 0] = (/^v(\d+)\.(\d+)/.exec(version) ?? []).slice(1).map(Number)
  return major > neededNode[0] || (major === neededNode[0] && minor >= neededNode[1])
}

function buildIfStale(node) {
  if (!existsSync(join(root, 'web', 'index.html'))) return
  const hash = webHash()
  const stamp = join(root, 'web', 'dist', '.stamp')
  if (readText(stamp) === hash) return
  console.log('构建网页 · Building the web pages …')
  const vite = join(modules, 'vite', 'bin', 'vite.js')
  const result = spawnSync(node, [vite, 'build', 'web', '--logLevel', 'warn'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, NODE_ENV: 'production' },
  })
  if (result.status !== 0) fail(`Building the web pages failed (${result.status ?? result.signal}).`)
  mkdirSync(dirname(stamp), { recursive: true })
  writeFileSync(stamp, hash)
}

/** Returns a hash of everything that the bundle is made from: the pages, the server files that they import, the guide, and the packages. */
function webHash() {
  const shared = filesBelow('server').filter((path) =>
    /(contract|lifecycle|rules|connector|couriers|decide|facets|permissions)\.ts$|[/\\]lib[/\\]/.test(path),
  )
  const hash = createHash('sha256')
  const documents = readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name))
  for (const path of [
    'package-lock.json',
    ...filesBelow('web'),
    ...shared,
    ...filesBelow('docs/guide'),
    ...documents,
  ]) {
    hash
      .update(path)
      .update('\0')
      .update(readFileSync(join(root, path)))
  }
  return hash.digest('hex')
}

function filesBelow(folder) {
  const found = []
  for (const item of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = join(folder, item.name)
    if (item.isFile() && !/\.test\.tsx?$/.test(item.name)) found.push(path)
    if (item.isDirectory() && item.name !== 'dist' && item.name !== 'node_modules')
      found.push(...filesBelow(path))
  }
  return found.sort()
}

function start(node, { script, args = [], production = false }) {
  if (!existsSync(join(root, script))) fail(`${script} does not exist yet.`)
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', join(root, script), ...args, ...argv], {
    cwd: root,
    // The channel closes when this process ends for any reason, and the child notices it.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: {
      ...(production ? { NODE_ENV: 'production' } : {}),
      NODE_COMPILE_CACHE: compileCache,
      ...process.env,
      NODE_OPTIONS: [process.env.NODE_OPTIONS, `--import=${quickModules}`].filter(Boolean).join(' '),
    },
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => fail(`${script} could not be started: ${error.message}`))
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : signal === 'SIGTERM' ? 143 : 1)
  })
}

function readText(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function fail(message) {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}
