import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import packageJson from '../../package.json' with { type: 'json' }
import { releaseFile } from '../../server/core/upgrade/program.ts'
import { root } from '../steps.ts'

/** The files that run, and the documents for the installation's owner. */
const parts =
  /^(server|sandbox|migrations|bin|deploy|package\.json|package-lock\.json|LICENSE|CHANGELOG|README|SECURITY|docs\/operations)/
const tools = /\.test\.tsx?$|\/(testing|conformance|rules|fixtures|_template)\/|\/testing\.ts$/
const commands = [
  'launch.js',
  'quick-modules.js',
  'admin.ts',
  'doctor.ts',
  'keys.ts',
  'psql.ts',
  'check-audit.ts',
  'backup.ts',
  'restore.ts',
  'check-backup.ts',
  'migrate.ts',
  'merchants/main.ts',
  'release/ready.ts',
  'progress.ts',
].map((name) => `scripts/${name}`)

/** The name of a release for machines like this one, of its folder and of its archive. */
export const releaseName = `sanyi-${packageJson.version}-${process.platform}-${process.arch}`

/** Copies the program with its built pages into a folder, and notes its version and commit there. The packages are not among it. */
export function layOutRelease(place: string): void {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim()
  for (const file of git('ls-files').split('\n')) {
    if (!commands.includes(file) && (!parts.test(file) || tools.test(file))) continue
    mkdirSync(dirname(join(place, file)), { recursive: true })
    cpSync(join(root, file), join(place, file))
  }
  cpSync(join(root, 'web/dist'), join(place, 'web/dist'), { recursive: true })
  const release = { version: packageJson.version, commit: git('rev-parse', 'HEAD') }
  writeFileSync(join(place, releaseFile), `${JSON.stringify(release)}\n`)
}

/** Packs a folder and returns the path of the archive beside it. */
export function packRelease(place: string): string {
  const archive = `${place}.tar.gz`
  const [folder, name] = [dirname(place), place.slice(dirname(place).length + 1)]
  // The files belong to root: the user who made the release may not exist where it is installed.
  execFileSync('tar', ['--owner=0', '--group=0', '-czf', archive, '-C', folder, name])
  return archive
}
