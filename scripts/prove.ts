// npm run prove -- NAME: runs a long proof, each part in its own process. A proof that was ended continues when it is called again.
import { spawn, spawnSync } from 'node:child_process'
import {
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { type Part, type Proof, proofs } from './proofs.ts'
import { root } from './steps.ts'

type Ran = { passed: boolean; seconds: number; commit: string; at: string }
type Progress = Record<string, Ran>

const [name = '', ...options] = process.argv.slice(2)
const chosen = Object.hasOwn(proofs, name) ? proofs[name] : undefined
if (!chosen) {
  console.error('npm run prove -- NAME [--again]: from the beginning\n')
  for (const [known, { what }] of Object.entries(proofs)) console.error(`  ${known.padEnd(12)} ${what}`)
  process.exit(2)
}
const folder = join(root, 'data', 'prove', name)
process.exitCode = (await prove(chosen)) ? 0 : 1

async function prove({ what, parts }: Proof): Promise<boolean> {
  if (options.includes('--again')) rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const commit = spawnSync('git', ['rev-parse', '--short', 'HEAD'], {
    cwd: root,
    encoding: 'utf8',
  }).stdout.trim()
  console.log(what)
  for (const part of parts) {
    const before = readProgress()[part.name]
    if (before?.passed) {
      console.log(`✔ ${part.name}  passed before (${before.commit}, ${before.seconds} s)`)
      continue
    }
    const ran = await runPart(part, commit)
    writeProgress({ ...readProgress(), [part.name]: ran })
    console.log(
      `${ran.passed ? '✔' : '✖'} ${part.name}  ${ran.seconds} s${ran.passed ? '' : `  ${logOf(part)}`}`,
    )
  }
  const progress = readProgress()
  const passed = parts.filter((part) => progress[part.name]?.passed)
  const commits = new Set(passed.map((part) => progress[part.name]?.commit))
  console.log(
    `\n${passed.length} of ${parts.length} parts passed${passed.length > 0 ? `, on ${[...commits].join(', ')}` : ''}`,
  )
  return passed.length === parts.length
}

function runPart(part: Part, commit: string): Promise<Ran> {
  const began = performance.now()
  const log = createWriteStream(logOf(part))
  return new Promise((settle) => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...part.run], {
      cwd: root,
      env: { ...process.env, ...part.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: (part.minutes ?? 30) * 60_000,
    })
    child.stdout.pipe(log, { end: false })
    child.stderr.pipe(log, { end: false })
    child.once('close', (code) => {
      log.end()
      const seconds = Math.round((performance.now() - began) / 1000)
      settle({ passed: code === 0, seconds, commit, at: new Date().toISOString() })
    })
  })
}

function logOf(part: Part): string {
  return join(folder, `${part.name.replaceAll(/[ /]/g, '-')}.log`)
}

function readProgress(): Progress {
  const file = join(folder, 'progress.json')
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
}

/** Writes a new file and renames it, so that ending the process at any time does not destroy the stored progress. */
function writeProgress(progress: Progress): void {
  const file = join(folder, 'progress.json')
  writeFileSync(`${file}.new`, JSON.stringify(progress, null, 1))
  renameSync(`${file}.new`, file)
}
