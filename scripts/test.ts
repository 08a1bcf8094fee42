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
/**
 * Tests that make faults, change clocks or kill processes. Other load on the machine would look like a fault, so they run one at a time.
 */
const alone = /\/(chaos|clock-ahead|day|full-disk|pooler|pull|races)\.test\.ts$/

if (only === 'unit') await runSteps([nodeTests('unit', unitTests(tests))])
else await withPostgres((url) => runSteps(stepsAt(url), { budgets: whole }))

function stepsAt(url: string): Step[] {
  const env = { SANYI_TEST_POSTGRES: url }
  const steps = whole ? [...staticSteps] : []
  if (tests.includes(tidy)) steps.push(nodeTests('tidy', [tidy]))
  const others = tests.filter((file) => file !== tidy)
  if (others.length > 0) steps.push(nodeTests('unit, integration', others, { env }))
  for (const [name, files, concurrency] of [
    ['houses', e2eTests.filter((file) => alone.test(file)), 1],
    // Two tests at a time would take two thirds of the time, but now and then a page is so slow that its test fails.
    ['browser', e2eTests.filter((file) => !alone.test(file)), 1],
  ] as const)
    if (files.length > 0)
      steps.push(
        nodeTests(name, files, {
          concurrency,
          timeoutMs: 300_000,
          prepare: () => ({ ...env, CHROMIUM_PATH: findChromium() }),
        }),
      )
  return steps
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
