import { spawn } from 'node:child_process'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { setPriority } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { budgetOf, budgetWords } from './budgets.ts'
import { slowest } from './slow-files.ts'

export type Tally = { passed: number; failed: number }

export type Step = { name: string; run: () => Promise<Outcome> }

/** `output` is shown when something failed; `unsteady` says what passed at the second try only. */
export type Outcome = Tally & { output: string; unsteady?: string }

export const root = fileURLToPath(new URL('../', import.meta.url))

/** Steps that read the code without running it. They take seconds. */
export const staticSteps: Step[] = [
  tool('types', 'typescript/bin/tsc', [
    '--noEmit',
    '--incremental',
    '--tsBuildInfoFile',
    'node_modules/.cache/tsc.tsbuildinfo',
  ]),
  tool('lint and format', '@biomejs/biome/bin/biome', [
    'check',
    '--error-on-warnings',
    '--colors=off',
    '--max-diagnostics=200',
    '.',
  ]),
  tool('import rules', 'dependency-cruiser/bin/dependency-cruiser.mjs', [
    '--config',
    '.dependency-cruiser.cjs',
    ...folders('server', 'sandbox', 'web/src', 'scripts'),
  ]),
  tool('dead code', 'knip/bin/knip.js', ['--no-progress', '--no-config-hints']),
]

/** One step, or rows of steps that run at the same time. The steps of a row run one after another. */
export type Stage = Step | Step[][]

/**
 * Runs the stages in order, and prints a line for each step; the last line is the total. Sets the exit code. With `budgets`, a step that takes
 * longer than its limit fails.
 */
export async function runSteps(stages: Stage[], { budgets = false } = {}): Promise<void> {
  const sum: Tally = { passed: 0, failed: 0 }
  const began = performance.now()
  const runRow = async (row: Step[]) => {
    for (const step of row) {
      const { passed, failed } = await runStep(step, budgets)
      sum.passed += passed
      sum.failed += failed
    }
  }
  for (const stage of stages) await Promise.all((Array.isArray(stage) ? stage : [[stage]]).map(runRow))
  console.log(`\n${seconds(began).trim()} in all`)
  console.log(`${sum.passed} passed, ${sum.failed} failed`)
  process.exitCode = sum.failed === 0 ? 0 : 1
}

async function runStep(step: Step, budgets: boolean): Promise<Tally> {
  const began = performance.now()
  const outcome = await step.run().catch(
    (error: unknown): Outcome => ({
      passed: 0,
      failed: 1,
      output: error instanceof Error ? (error.stack ?? error.message) : String(error),
    }),
  )
  // A step that ran no test counts as failed.
  const found = outcome.passed + outcome.failed === 0 ? 1 : outcome.failed
  const late = budgets && performance.now() - began > budgetOf(step.name) * 1000
  const failed = found + (late ? 1 : 0)
  const count =
    outcome.passed + failed > 1 ? `${outcome.passed} passed${failed ? `, ${failed} failed` : ''}` : ''
  console.log(`${failed ? '✖' : '✔'} ${step.name.padEnd(20)} ${seconds(began)}  ${count}`)
  if (outcome.unsteady) console.log(outcome.unsteady)
  if (found) console.log(`\n${outcome.output.trim() || 'Nothing ran.'}\n`)
  if (late) console.log(`  longer than its budget (scripts/budgets.ts): ${budgetWords(step.name)}`)
  return { passed: outcome.passed, failed }
}

/** A step that runs a tool from node_modules. The tool passes or fails as a whole. */
function tool(name: string, script: string, args: string[]): Step {
  return {
    name,
    run: async () => {
      const { code, output } = await runNode([join(root, 'node_modules', script), ...args])
      return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, output }
    },
  }
}

/** With more files than this, failures have one cause, and a second try would only hide how many there are. */
const mostSecondTries = 3

/**
 * A step that runs `node --test` with these files and counts the tests. With `secondTry`, up to three files with failures run once more, alone.
 * What passes then is counted as passed, and is named with its first failure (docs/decisions/0035).
 */
export function nodeTests(
  name: string,
  files: string[],
  options: TestOptions = {},
): Step & { files: string[] } {
  return {
    name,
    files,
    run: async () => {
      // Without file names, node would search for tests itself.
      if (files.length === 0) return { passed: 0, failed: 0, output: '' }
      const prepared = options.prepare?.() ?? {}
      const run = (rows: readonly string[][], concurrency: number) =>
        runRows(name, rows, { ...options, concurrency, env: { ...options.env, ...prepared } })
      const first = await run(options.rows?.(files) ?? alone(files), options.concurrency ?? 3)
      const failing = failingFiles(first.output)
      const mayTry = options.secondTry && failing.length > 0 && failing.length <= mostSecondTries
      if (!mayTry || (await run(alone(failing), 1)).failed > 0) return first
      return {
        passed: first.passed + first.failed,
        failed: 0,
        output: '',
        unsteady: `  passed only at the second try: ${failing.join(', ')}\n\n${first.output.trim()}\n`,
      }
    },
  }
}

const alone = (files: readonly string[]) => files.map((file) => [file])

/** Runs the rows, some at a time, each in a process of its own. */
async function runRows(name: string, rows: readonly string[][], options: TestOptions): Promise<Outcome> {
  const queue = [...rows]
  const ran: RanRow[] = []
  const takeRows = async () => {
    for (let row = queue.shift(); row; row = queue.shift()) ran.push(await runRow(row, options))
  }
  await Promise.all(Array.from({ length: options.concurrency ?? 3 }, takeRows))
  const times = process.env['TEST_TIMES']
  if (times)
    writeFileSync(`${times}-${name.replaceAll(/\W+/g, '-')}.txt`, slowest(ran.map((row) => row.output)))
  return {
    passed: ran.reduce((sum, row) => sum + row.passed, 0),
    failed: ran.reduce((sum, row) => sum + row.failed, 0),
    output: ran
      .filter(({ failed }) => failed > 0)
      .map(({ output }) => output.slice(Math.max(0, output.indexOf('✖ failing tests:'))))
      .join('\n'),
  }
}

async function runRow(files: readonly string[], options: TestOptions): Promise<RanRow> {
  const { timeoutMs = 120_000, env = {}, niceness } = options
  const shared = files.length > 1
  const reports = ['--test-reporter=spec', '--test-reporter-destination=stdout']
  if (process.env['TEST_TIMES'])
    reports.push(
      `--test-reporter=${join(root, 'scripts/slow-files.ts')}`,
      '--test-reporter-destination=stdout',
    )
  const args = shared
    ? [...reports, join(root, 'scripts/row/files.ts')]
    : // A file alone keeps the runner in another process, so that what it starts inherits no option of the runner.
      ['--test', '--test-isolation=process', `--test-timeout=${timeoutMs}`, ...reports]
  const { code, output } = await runNode([...args, ...files], env, niceness)
  const whole = shared ? filesOf(output) : { passed: [], failed: [], own: [] }
  const ran = [...whole.passed, ...whole.failed]
  const missing = shared ? files.filter((file) => !ran.includes(file)) : []
  const passed = counted(output, 'pass') - whole.passed.length
  const filesFailed = whole.failed.length - whole.own.length
  const failed = counted(output, 'fail') + counted(output, 'cancelled') - filesFailed + missing.length
  return {
    passed,
    failed: code === 0 ? failed : Math.max(1, failed),
    output: `${output}${missing.map((file) => `\n✖ ${file} (did not end)\n`).join('')}`,
  }
}

/** Returns the files of a row, which the runner counts as tests. `own`: those that failed by themselves, and not by a test. */
function filesOf(output: string): Record<'passed' | 'failed' | 'own', string[]> {
  const [results = '', failures = ''] = output.split('✖ failing tests:')
  const files = (text: string, mark: string) =>
    [...text.matchAll(new RegExp(`^${mark} (\\S+\\.test\\.tsx?) \\(`, 'gm'))].map(([, file = '']) => file)
  return { passed: files(results, '✔'), failed: files(results, '✖'), own: files(failures, '✖') }
}

/** Returns the files that the list of failed tests names. */
function failingFiles(failures: string): string[] {
  // A file of a row that cannot be loaded is itself the failed test.
  const named = failures.matchAll(/^(?:test at (\S+\.test\.tsx?):|✖ (\S+\.test\.tsx?) \()/gm)
  return [...new Set([...named].map(([, file, row]) => file ?? row ?? ''))]
}

type RanRow = Tally & { output: string }

type TestOptions = {
  /** How many processes run at a time. */
  concurrency?: number
  /** Says which files share a process; by default none. */
  rows?: (files: readonly string[]) => string[][]
  /** The limit of one test. */
  timeoutMs?: number
  /** The scheduling priority; above zero, other processes get the processors first. */
  niceness?: number
  env?: NodeJS.ProcessEnv
  /** Called before the tests; returns further environment variables. */
  prepare?: () => Record<string, string>
  secondTry?: boolean
}

function counted(output: string, word: string): number {
  return Number(new RegExp(`^ℹ ${word} (\\d+)$`, 'm').exec(output)?.[1] ?? 0)
}

/** Every `*.test.ts` and `*.test.tsx` below these folders. */
export function testFiles(...below: string[]): string[] {
  return folders(...below)
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) =>
        join(folder, file),
      ),
    )
    .filter((file) => /\.test\.tsx?$/.test(file) && !/node_modules|(^|[/\\])dist[/\\]/.test(file))
    .sort()
}

function folders(...names: string[]): string[] {
  return names.filter((name) => existsSync(join(root, name)))
}

// Longer than any step on a slow machine. A step that hangs is ended after this time.
const longestStepMs = 30 * 60_000

function runNode(
  args: string[],
  env: NodeJS.ProcessEnv = {},
  niceness = 0,
): Promise<{ code: number | null; output: string }> {
  return new Promise((settle, fail) => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1', ...env },
      timeout: longestStepMs,
    })
    // The processes that the child starts inherit the priority.
    if (child.pid !== undefined && niceness > 0) setPriority(child.pid, niceness)
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
    child.stderr.on('data', (chunk: Buffer) => {
      output += chunk.toString()
    })
    child.once('error', fail)
    child.once('close', (code, signal) =>
      settle({ code, output: signal ? `${output}\nEnded by ${signal}` : output }),
    )
  })
}

function seconds(since: number): string {
  return `${((performance.now() - since) / 1000).toFixed(1).padStart(6)} s`
}
