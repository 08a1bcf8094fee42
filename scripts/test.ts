// The whole gate. `npm test -- server/orders` runs only the tests whose path contains one of the words.
import { endTestPostgres, startTestPostgres } from '../server/testing/database.ts'
import { findChromium } from './chromium.ts'
import { nodeTests, runSteps, type Step, staticSteps, testFiles } from './steps.ts'

const words = process.argv.slice(2)
const wanted = (file: string) => words.length === 0 || words.some((word) => file.includes(word))

const tidy = 'server/rules/tidy.test.ts'
const tests = testFiles('server', 'sandbox', 'web/src', 'bench', 'scripts').filter(wanted)
const browserTests = testFiles('e2e').filter(wanted)

const postgres = await startTestPostgres()

const steps: Step[] = words.length === 0 ? [...staticSteps] : []
if (tests.includes(tidy)) steps.push(nodeTests('tidy', [tidy]))
steps.push(
  nodeTests(
    'unit, integration',
    tests.filter((file) => file !== tidy),
    { env: { SANYI_TEST_POSTGRES: postgres.url } },
  ),
)
if (browserTests.length > 0) {
  steps.push(
    nodeTests('browser', browserTests, {
      // Two browsers at once make each so slow on two processors that it looks broken.
      concurrency: 1,
      timeoutMs: 300_000,
      prepare: () => ({ SANYI_TEST_POSTGRES: postgres.url, CHROMIUM_PATH: findChromium() }),
    }),
  )
}

try {
  await runSteps(steps)
} finally {
  // Left running when it is in use, by someone who tests in this folder at the same time.
  await endTestPostgres(postgres)
}
