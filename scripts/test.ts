// All steps. `npm test -- server/orders` runs only the tests whose path contains one of the words; `npm run test:unit` runs the tests that
// need only Node, `npm run test:e2e` those that start a whole Sanyi.
import { parseArgs } from 'node:util'
import { endTestPostgres, startTestPostgres } from '../server/testing/database.ts'
import { findChromium } from './chromium.ts'
import { nodeTests, runSteps, type Step, staticSteps, testFiles } from './steps.ts'
import { unitTests } from './unit-tests.ts'

const { values, positionals: words } = parseArgs({
  options: { only: { type: 'string' } },
  allowPositionals: true,
})
const only = values.only
const whole = only === undefined && words.length === 0
const wanted = (file: string) => words.length === 0 || words.some((word) => file.includes(word))

const tidy = 'server/rules/tidy.test.ts'
const tests =
  only === 'e2e' ? [] : testFiles('server', 'sandbox', 'web/src', 'bench', 'scripts').filter(wanted)
const e2eTests = only === 'unit' ? [] : testFiles('e2e').filter(wanted)
/** Tests that make faults, change clocks or kill processes. They run one at a time, since each would look like a fault to another. */
const alone = /\/(chaos|clock-ahead|day|full-disk|pooler|pull|races)\.test\.ts$/

if (only === 'unit') await runSteps([nodeTests('unit', unitTests(tests))])
else await withPostgres((url) => runSteps(stepsAt(url), { budgets: whole }))

function stepsAt(url: string): (Step | Step[])[] {
  const env = { SANYI_TEST_POSTGRES: url }
  const steps: Step[] = whole ? [...staticSteps] : []
  if (tests.includes(tidy)) steps.push(nodeTests('tidy', [tidy]))
  const others = tests.filter((file) => file !== tidy)
  if (others.length > 0) steps.push(nodeTests('unit, integration', others, { env, secondTry: whole }))
  const prepare = () => ({ ...env, CHROMIUM_PATH: findChromium() })
  const houses = e2eTests.filter((file) => alone.test(file))
  const browser = e2eTests.filter((file) => !alone.test(file))
  // The tests of whole installations mostly wait and those in the browser mostly compute, so both run at the same time. The former measure
  // time, so they have priority.
  const together: Step[] = []
  if (houses.length > 0)
    together.push(
      nodeTests('houses', houses, { concurrency: 1, timeoutMs: 300_000, prepare, secondTry: whole }),
    )
  if (browser.length > 0)
    together.push(
      nodeTests('browser', browser, {
        concurrency: 2,
        timeoutMs: 300_000,
        prepare,
        niceness: 10,
        secondTry: whole,
      }),
    )
  return [...steps, together]
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
