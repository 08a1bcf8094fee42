import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

// The house rules that no linter knows. The length of functions is in biome.json, imports in .dependency-cruiser.cjs.

const root = fileURLToPath(new URL('../../', import.meta.url))

const longestFile = 400
const mostFiles = 25

/** The only files whose SQL sets a status or a state, each for its own lifecycle. A new one is a decision. */
const statusWriters: readonly string[] = [
  'server/reports/subscription-queries.ts',
  'server/reports/thresholds/threshold-queries.ts',
  'server/webhooks/claim-queries.ts',
  'server/webhooks/message-queries.ts',
  'server/webhooks/subscription-queries.ts',
  'server/core/batches/batches.ts',
  'server/core/directory/merchant-states.ts',
  'server/core/batches/queries.ts',
  'server/catalog/listings/listing-queries.ts',
  'server/core/http/idempotency.ts',
  'server/intake/trades/convertible.ts',
  'server/intake/refunds/convert-refund-queries.ts',
  'server/intake/refunds/refund-action-queries.ts',
  'server/intake/trades/pool-queries.ts',
  'server/intake/staged/refund-queries.ts',
  'server/intake/staged/trade-queries.ts',
  'server/finance/extra-refunds.ts',
  'server/finance/settlement-rows.ts',
  'server/finance/settlements.ts',
  'server/fulfilment/intercepts/intercept-queries.ts',
  'server/fulfilment/intercepts/put-back-queries.ts',
  'server/fulfilment/printing/print-queries.ts',
  'server/fulfilment/status-queries.ts',
  'server/fulfilment/track-queries.ts',
  'server/fulfilment/tracking/subscription-queries.ts',
  'server/fulfilment/waves/wave-states.ts',
  'server/fulfilment/waybill-states.ts',
  'server/returns/parcels/parcel-queries.ts',
  'server/returns/status-queries.ts',
  'server/inventory/documents/document-queries.ts',
  'server/inventory/counting/count-queries.ts',
  'server/orders/order/queries.ts',
  'server/core/outbox/claim.ts',
  'server/core/outbox/queries.ts',
  'server/core/tasks/queries.ts',
  'server/core/tasks/tasks.ts',
]

const isTest = (path: string) => /\.test\.tsx?$|\/testing\/|\/fixtures\/|^e2e\//.test(path)

const sources = ['server', 'web/src', 'sandbox', 'bench', 'e2e', 'scripts']
  .flatMap((folder) => filesBelow(folder))
  .filter((path) => /\.(ts|tsx|js|cjs)$/.test(path) && path !== 'server/rules/tidy.test.ts')
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))

const generated: readonly string[] = ['server/core/db/rows.ts', 'web/src/requests.ts']

const product = sources.filter(({ path }) => !isTest(path) && !generated.includes(path))

test('no file is longer than 400 lines', () => {
  const long = product.map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
  assert.deepEqual(
    long.filter(({ lines }) => lines > longestFile).map(({ path, lines }) => `${path}: ${lines} lines`),
    [],
  )
})

test('no folder has more than 25 source files of its own', () => {
  const counts = new Map<string, number>()
  for (const { path } of sources.filter(({ path }) => !/\.test\.tsx?$/.test(path))) {
    const folder = path.slice(0, path.lastIndexOf('/'))
    counts.set(folder, (counts.get(folder) ?? 0) + 1)
  }
  assert.deepEqual(
    [...counts]
      .filter(([, count]) => count > mostFiles)
      .map(([folder, count]) => `${folder}: ${count} files`),
    [],
  )
})

test('what lies loose in server/ is the tables of contents, the settings and the errors', () => {
  assert.deepEqual(
    listed('server')
      .filter((item) => item.isFile() && !isTest(item.name))
      .map(({ name }) => name)
      .sort(),
    ['app.ts', 'config.ts', 'errors.ts', 'events.ts', 'main.ts', 'relay.ts', 'watchdog.ts', 'worker.ts'],
  )
})

test('only config.ts reads the environment', () => {
  const allowed = /^(server\/config\.ts|server\/testing\/|scripts\/|bench\/|e2e\/|sandbox\/main\.ts)/
  assert.deepEqual(
    found(/process\.env\b/, (path) => !allowed.test(path) && !isTest(path)),
    [],
  )
})

test('no rule reads the clock of its own process: lib/clock.ts has the one that all share', () => {
  // What compares the clocks, looks at a file's age, dates a line of a log, or follows a library that asks this clock; and what makes the demo. Whoever measures how long something takes asks `performance`.
  const allowed =
    /^server\/(lib\/clock|core\/embedded\/house-process|core\/embedded\/stale-file|intake\/downloads\/clock|main|start\/demo|users\/sign-in\/one-time-codes|shops\/demo|connectors\/conformance\/[\w-]+)\.ts$/
  assert.deepEqual(
    found(
      /\bDate\.now\b|\bnew Date\(\)/,
      (path) =>
        path.startsWith('server/') && !allowed.test(path) && !isTest(path) && !/testing\.ts$/.test(path),
    ),
    [],
  )
})

test('a rule takes its time as an argument, and draws nothing by chance', () => {
  // A relay has no rules: it measures how long a call was under way.
  const isSlice = (path: string) =>
    /^server\/(?!(core|lib|connectors|wire|start|merchants|rules|testing|relay)\/)[\w-]+\//.test(path) &&
    !isTest(path)
  const isNamed = (path: string) => /(^|[/-])(lifecycle|rules|decide|judge|verdict)\.ts$/.test(path)
  // Whoever has neither a database nor a request decides from what it is given.
  const decides = (text: string) =>
    !/'kysely'|core\/db\/|core\/http\/http\.ts|'node:|async function/.test(text)
  const rules = product.filter(({ path, text }) => isSlice(path) && (isNamed(path) || decides(text)))
  assert.ok(rules.length > 90, `${rules.length} rules`)
  const asked =
    /\bshared(Now|Ms)\b|\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\brandom(UUID|Bytes|Int)\b|\bperformance\b/
  assert.deepEqual(
    found(asked, (path) => rules.some((rule) => rule.path === path)),
    [],
  )
})

test('no code keeps a connection without a transaction, which the server ends if it is silent', () => {
  // Whoever keeps a connection and waits for another one could wait for ever, as many may do the same (core/db/connection-budget.ts).
  assert.deepEqual(
    found(/\.connection\(\)/, (path) => path.startsWith('server/') && !isTest(path)),
    [],
  )
})

test('chance is drawn by the machines: who waits, seals, makes a secret, or names a request', () => {
  const allowed =
    /^server\/(core\/|lib\/(backoff|seal)\.ts|shops\/(calls|relays\/hand-over)\.ts|relay\/calls\.ts|users\/(sign-in\/|accounts\/api-keys\.ts)|fulfilment\/tracking\/track-setting\.ts|webhooks\/subscriptions\.ts|app\.ts)/
  const isServer = (path: string) => path.startsWith('server/') && !isTest(path) && !/testing\.ts$/.test(path)
  assert.deepEqual(
    found(/\bMath\.random\b|\brandom(UUID|Bytes|Int)\b/, (path) => isServer(path) && !allowed.test(path)),
    [],
  )
})

test('SQL asks for the time by now() and clock_timestamp(), which a schema before pg_catalog may define anew', () => {
  // So the time of a transaction comes from one place, the database, and a whole house can be run on another clock (e2e/day-house.ts).
  assert.deepEqual(
    found(
      /\bcurrent_(date|time|timestamp)\b|\blocaltime(stamp)?\b|\b(statement|transaction)_timestamp\b|pg_catalog\.(now|clock_timestamp)\b/,
      (path) => path.startsWith('server/') && !isTest(path),
    ),
    [],
  )
})

/** JD is a courier too: its code is JD, and jd in the lists of others. So this platform is known by its id as a text, and by its folder. */
const namesOf = (platform: string): RegExp =>
  platform === 'jd' ? /(?<!JD: )'jd'|connectors\/jd\/|京东(?!快递)/ : new RegExp(`\\b${platform}\\b`, 'i')

const platforms = listed('server/connectors')
  .filter((item) => item.isDirectory() && !/^(_template|conformance|fixtures|posted)$/.test(item.name))
  .map(({ name }) => name)

test('a platform is named in its own folder, the registry and the contract only', () => {
  assert.ok(platforms.includes('taobao') && platforms.includes('pinduoduo'), platforms.join(', '))
  const allowed = new RegExp(
    `^(server/(connectors|carriers)/(${platforms.join('|')})/|server/carriers/(cainiao/|index\\.ts|print-clients-contract\\.ts)|server/connectors/(index|connector)\\.ts|server/start/demo|server/alarms/notices/robot-hosts\\.ts|sandbox/|bench/)`,
  )
  const words = platforms.filter((platform) => platform !== 'jd')
  for (const names of [new RegExp(words.join('|'), 'i'), namesOf('jd')])
    assert.deepEqual(
      found(names, (path) => !allowed.test(path) && !isTest(path)),
      [],
    )
})

for (const platform of platforms.filter((one) => one !== 'taobao' && one !== 'pinduoduo'))
  test(`${platform} is its folder and a line: no other file of server/ or web/ knows it, tests included`, () => {
    // A source with a print client has a second line, in the registry that the pages read; the robot of a chat may be at a platform's host.
    const own = new RegExp(
      `^server/(connectors|carriers)/(${platform}/|index\\.ts$)|^server/carriers/print-clients-contract\\.ts$|^server/alarms/notices/robot-hosts\\.ts$`,
    )
    const elsewhere = sources.filter(
      ({ path, text }) => /^(server|web)\//.test(path) && !own.test(path) && namesOf(platform).test(text),
    )
    assert.deepEqual(
      elsewhere.map(({ path }) => path),
      [],
    )
  })

test('a status is written by its lifecycle only', () => {
  const update =
    /\bupdate\s+(?:\w+\s+(?:(?:as\s+)?\w+\s+)?)?set\b(?:(?!\b(?:where|from|returning)\b|`)[^;])*?(?<![\w.])(?:status|state)\s*=(?!=)/i
  const isServer = (path: string) => path.startsWith('server/') && !isTest(path)
  assert.deepEqual(
    found(update, (path) => isServer(path) && !statusWriters.includes(path)),
    [],
  )
})

test('nothing is left to do later without a number under which it is kept', () => {
  assert.deepEqual(
    found(/\b(TODO|FIXME|XXX)\b(?!\(#\d+\))/, () => true),
    [],
  )
})

test('no test is switched off or run alone', () => {
  assert.deepEqual(
    found(/\b(test|it|describe|suite)\.(only|skip|todo)\(|\b(only|skip|todo): true\b/, isTest),
    [],
  )
})

test('no file names a folder of somebody’s machine', () => {
  assert.deepEqual(
    found(/(?<![\w.])\/(work|home\/\w+|Users\/\w+|root\/\w+)\//, () => true),
    [],
  )
})

/** `path:line` of the beginning of every match, in the files chosen by path. */
function found(pattern: RegExp, chosen: (path: string) => boolean): string[] {
  return sources
    .filter(({ path }) => chosen(path))
    .flatMap(({ path, text }) =>
      [...text.matchAll(new RegExp(pattern, `${pattern.flags}g`))].map(
        ({ index }) => `${path}:${text.slice(0, index).split('\n').length}`,
      ),
    )
}

function filesBelow(folder: string): string[] {
  return listed(folder).flatMap((item) => {
    const path = `${folder}/${item.name}`
    if (item.isDirectory()) return /^(dist|data|node_modules)$/.test(item.name) ? [] : filesBelow(path)
    return [path]
  })
}

function listed(folder: string) {
  try {
    return readdirSync(join(root, folder), { withFileTypes: true })
  } catch {
    return []
  }
}
