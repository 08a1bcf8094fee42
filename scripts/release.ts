// `npm run release` makes data/release/sanyi-VERSION: the program with its built pages and without development tools, for machines like
// this one. There `npm start` needs no installing and no building.
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import packageJson from '../package.json' with { type: 'json' }
import { root } from './steps.ts'

const megabytesMax = 330

/** The files that run, and the documents for the installation's owner. */
const parts =
  /^(server|sandbox|migrations|package\.json|package-lock\.json|LICENSE|CHANGELOG|README|SECURITY|docs\/operations)/
const tools = /\.test\.tsx?$|\/(testing|conformance|rules|fixtures)\/|\/testing\.ts$/
const commands = [
  'launch.js',
  'quick-modules.js',
  'admin.ts',
  'doctor.ts',
  'keys.ts',
  'check-audit.ts',
  'backup.ts',
  'restore.ts',
  'check-backup.ts',
  'progress.ts',
].map((name) => `scripts/${name}`)

const place = join(root, 'data/release', `sanyi-${packageJson.version}`)
rmSync(place, { recursive: true, force: true })
const tracked = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).trim().split('\n')
for (const file of tracked.filter(
  (path) => commands.includes(path) || (parts.test(path) && !tools.test(path)),
)) {
  mkdirSync(dirname(join(place, file)), { recursive: true })
  cpSync(join(root, file), join(place, file))
}
cpSync(join(root, 'web/dist'), join(place, 'web/dist'), { recursive: true })
installPackages()

const megabytes = Math.ceil(sizeOf(join(place, 'node_modules')) / 1_000_000)
console.log(`${place}: node_modules ${megabytes} MB, ${Math.ceil(sizeOf(place) / 1_000_000)} MB in all`)
if (megabytes > megabytesMax) throw new Error(`node_modules may have ${megabytesMax} MB.`)

function installPackages(): void {
  const args = ['ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const npm = spawnSync('npm', args, { cwd: place, stdio: 'inherit', shell: process.platform === 'win32' })
  if (npm.status !== 0) throw new Error(`npm ci failed (${npm.status ?? npm.signal}).`)
  const modules = join(place, 'node_modules')
  // The header files are only for C++ programs that are compiled against Node.
  for (const name of readdirSync(modules).filter((each) => each.startsWith('node-')))
    for (const part of ['include', 'share'])
      rmSync(join(modules, name, part), { recursive: true, force: true })
  // With this file the launcher takes the installation as complete and does not install again.
  const lock = createHash('sha256').update(readFileSync(join(place, 'package-lock.json')))
  writeFileSync(join(modules, '.sanyi-lock'), lock.digest('hex'))
  cpSync(join(root, 'node_modules/.cache/packed'), join(modules, '.cache/packed'), { recursive: true })
}

function sizeOf(path: string): number {
  const found = lstatSync(path)
  if (!found.isDirectory()) return found.size
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0)
}
