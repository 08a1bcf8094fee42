// All steps, and of the long tests those of this commit (row/turns.ts). `npm test -- server/orders` runs only the tests whose path contains one of
// the words; `npm run test:unit` runs the tests that need only Node, `npm run test:e2e` those that start a whole Sanyi.
import { parseArgs } from 'node:util'
import { endTestPostgres, startTestPostgres } from '../server/testing/database.ts'
import { findChromium } from './chromium.ts'
import { inTurn, storyTurns, turnOfCommit } from './row/turns.ts'
import { nodeTests, runSteps, type Stage, staticSteps, testFiles } from './steps.ts'
import { rowsOf, unitTests } from './unit-tests.ts'

const { values, positionals: words } = parseArgs({
  options: { only: { type: 'string' } },
  allowPositionals: true,
})
const only = values.only
const whole = only === undefined && words.length === 0
const wanted = (file: string) => words.length === 0 || words.some((word) => file.includes(word))

const tidy = 'server/rules/tidy.test.ts'
const turn = turnOfCommit()
const filesOf = (...folders: string[]) =>
  whole ? inTurn(testFiles(...folders), turn) : testFiles(...folders).filter(wanted)
const tests = only === 'e2e' ? [] : filesOf('server', 'sandbox', 'web/src', 'bench', 'scripts')
const e2eTests = only === 'unit' ? [] : filesOf('e2e')
/** Tests that make faults, change clocks or kill processes. They run one at a time, since each would look like a fault to another. */
const alone = /\/(chaos|clock-ahead|day|full-disk|pooler|pull|races|upgrade)\.test\.ts$/

if (whole) console.log(`long tests: turn ${turn + 1} of ${storyTurns}; all of them: npm run prove turns\n`)
if (only === 'unit') await runSteps([nodeTests('unit', unitTests(tests), { rows: rowsOf })])
else await withPostgres((url) => runSteps(stepsAt(url), { budgets: whole }))

function stepsAt(url: string): Stage[] {
  const env = { SANYI_TEST_POSTGRES: url }
  const secondTry = whole
  const others = tests.filter((file) => file !== tidy)
  const prepare = () => ({ ...env, CHROMIUM_PATH: findChromium() })
  const e2e = { prepare, secondTry, timeoutMs: 300_000 }
  const houses = nodeTests(
    'houses',
    e2eTests.filter((file) => alone.test(file)),
    { ...e2e, concurrency: 1 },
  )
  const rest = [
    nodeTests('unit, integration', others, { env, secondTry, niceness: 10, concurrency: 4, rows: rowsOf }),
    nodeTests(
      'browser',
      e2eTests.filter((file) => !alone.test(file)),
      { ...e2e, niceness: 10, concurrency: 4, rows: rowsOf },
    ),
  ]
  return [
    // Each of these uses one processor most of its time.
    ...(whole ? [staticSteps.map((step) => [step])] : []),
    ...(tests.includes(tidy) ? [nodeTests('tidy', [tidy])] : []),
    // The tests of whole installations mostly wait, so all others run meanwhile. The former measure time, so they have priority.
    [[houses], rest].map((row) => row.filter(({ files }) => files.length > 0)),
  ]
}

async function withPostgres(work: (url: string) => Promise<void>): Promise<void> {
  const postgres = await startTestPostgres()
  try {
    await work(postgres.url)
  } finally {
    // The database keeps running if another test run in this folder uses it.
    await endTestPostgres(postgres)
  }
}
