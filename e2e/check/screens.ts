import type { Pool } from 'pg'
import type { Caller } from '../../server/testing/app.ts'
import {
  alarmFigures,
  alarmsElsewhere,
  queueFigures,
  shipByFigures,
  singleAlarms,
  stuckFigures,
  stuckReasons,
  tabFigures,
  trueAtRest,
} from './figures.ts'
import { batchFigures, coverageFigures, hourFigures, runDeeds, runSums, salesFigures } from './run-figures.ts'

/** Stands for a figure that should be on a page but is not. */
const notShown = 'not shown'

/** A figure of a page that the tables contradict, or for which no true value is known. */
export type Untrue = { figure: string; shown: unknown; is: unknown }

type Parts = { client: Pool; ask: (path: string) => Promise<Answer>; wrong: Untrue[] }
type Answer = Readonly<Record<string, unknown>>
type Row = Readonly<Record<string, unknown>>

/**
 * Reads the figures of the overview, all lists' tabs, bulk actions and runs over HTTP, and compares each with the tables. A figure without
 * a comparison is reported as untrue. No worker may be running.
 */
export async function untrueFigures(client: Pool, caller: Caller, atRest: boolean): Promise<Untrue[]> {
  const ask = async (path: string): Promise<Answer> => {
    const { status, body } = await caller.call('GET', path)
    if (status !== 200) throw new Error(`${path}: ${status}`)
    return Object(body)
  }
  const parts: Parts = { client, ask, wrong: [] }
  const overview = await ask('/api/overview')
  await checkQueues(parts, rows(overview['queues']))
  await checkStuck(parts, rows(overview['stuck']))
  await checkAlarms(parts, rows(overview['alarms']))
  await checkShipBy(parts, Object(overview['shipBy']))
  await checkSales(parts, Object(overview['sales']), Object(overview['week']))
  await checkCoverage(parts)
  await checkTabs(parts)
  await checkBatches(parts)
  await checkRuns(parts)
  return parts.wrong.filter(({ figure }) => atRest || !trueAtRest.includes(figure))
}

async function checkQueues(parts: Parts, queues: readonly Row[]): Promise<void> {
  for (const queue of queues) {
    const key = String(queue['key'])
    const figure = queueFigures[key]
    await compare(parts, `queue ${key}`, queue['count'], [figure?.count])
    const note: Row = Object(queue['note'])
    const code = String(note['code'])
    if (code !== 'none') await compare(parts, `queue ${key}: ${code}`, note['count'], [figure?.note[code]])
    await checkList(parts, `queue ${key}`, { count: queue['count'], to: String(queue['to']) })
    if (code !== 'none')
      await checkList(parts, `queue ${key}: ${code}`, { count: note['count'], to: String(note['to']) })
    same(parts, `notes of queue ${key}`, code === 'none' ? [] : [code], Object.keys(figure?.note ?? {}))
  }
  const shown = queues.map((queue) => String(queue['key']))
  for (const [key, { count }] of Object.entries(queueFigures))
    if (!shown.includes(key)) await compare(parts, `queue ${key}`, notShown, [count])
}

async function checkStuck(parts: Parts, stuck: readonly Row[]): Promise<void> {
  for (const one of stuck) {
    const [code, where] = [String(one['code']), String(one['where'])]
    const name = `stuck ${where}: ${code}`
    const own = stuckFigures[`${where} ${code}`]
    await compare(parts, name, one['count'], [own ?? stuckFigures[where], own ? [code, ''] : [code]])
    await checkList(parts, name, { count: one['count'], to: String(one['to']) })
  }
  await checkNotStuck(parts, new Set(stuck.map((one) => `${one['where']} ${one['code']}`)))
}

/** Checks that nothing is stuck that the overview does not show. */
async function checkNotStuck(parts: Parts, shown: ReadonlySet<string>): Promise<void> {
  for (const [key, text] of Object.entries(stuckFigures)) {
    const [where = '', own] = key.split(' ')
    const codes = own === undefined ? await reasonsOf(parts, where) : [own]
    for (const code of codes.filter((each) => !shown.has(`${where} ${each}`)))
      await compare(parts, `stuck ${where}: ${code}`, 0, [text, own === undefined ? [code] : [code, '']])
  }
}

async function reasonsOf({ client }: Parts, where: string): Promise<string[]> {
  const { rows: found } = await client.query<{ reason: string }>(stuckReasons[where] ?? '')
  return found.map(({ reason }) => reason)
}

async function checkAlarms(parts: Parts, alarms: readonly Row[]): Promise<void> {
  const kinds = Map.groupBy(alarms, (alarm) => String(alarm['kind']))
  for (const [kind, text] of Object.entries(alarmFigures))
    if (!kinds.has(kind)) await compare(parts, `alarm ${kind}`, 0, [text])
  for (const [kind, all] of kinds) {
    if (alarmsElsewhere.includes(kind)) continue
    if (singleAlarms.includes(kind)) {
      await compare(parts, `alarms ${kind}`, all.length, [alarmFigures[kind]])
      continue
    }
    for (const alarm of all) {
      await compare(parts, `alarm ${kind}`, alarm['count'], [alarmFigures[kind]])
      const listed = { count: Math.min(200, Number(alarm['count'])), to: String(alarm['to']), most: 200 }
      await checkList(parts, `alarm ${kind}`, listed)
      const title = String(Object(alarm['title']).zh)
      if (!title.includes(Number(alarm['count']).toLocaleString('en-US')))
        parts.wrong.push({ figure: `title of ${kind}`, shown: title, is: alarm['count'] })
    }
  }
}

async function checkShipBy(parts: Parts, shown: Row): Promise<void> {
  for (const key of ['today', 'over'] as const) {
    const { count, to } = Object(shown[key])
    await compare(parts, `to ship: ${key}`, count, [shipByFigures[key]])
    await checkList(parts, `to ship: ${key}`, { count, to: String(to) })
  }
}

/** Checks the sums of today, their hours, those of the week, and the documents that the reports open for them. */
async function checkSales(parts: Parts, sales: Row, week: Row): Promise<void> {
  const { rows: hours } = await parts.client.query<{ n: number }>(hourFigures)
  same(
    parts,
    'paid by the hour',
    sales['today'],
    hours.map(({ n }) => n),
  )
  const { rows: found } = await parts.client.query<Row>(salesFigures)
  const { count, amountFen, refundFen, ...is } = found[0] ?? {}
  same(parts, 'sales of today', sales['now'], { count, amountFen, refundFen })
  const days = rows(week['days'])
  const sum = (key: string) => days.reduce((total, day) => total + Number(day[key]), 0)
  if (days.every((day) => day['due'] === false))
    same(
      parts,
      'sales of the week',
      { weekCount: sum('count'), weekFen: sum('amountFen'), weekRefundFen: sum('refundFen') },
      is,
    )
}

async function checkCoverage(parts: Parts): Promise<void> {
  const { rows: shops } = await parts.client.query<{ name: string; complete: Date | null } & Row>(
    coverageFigures,
  )
  const shown = rows((await parts.ask('/api/coverage?stream=shop'))['rows'])
  const names = new Map(rows((await parts.ask('/api/shops'))['rows']).map((shop) => [shop['id'], shop]))
  for (const row of shown) {
    const shop = names.get(row['shopId'])
    const is = shops.find(({ name }) => name === shop?.['name'])
    const name = `coverage of ${is?.name}`
    for (const figure of ['waiting', 'parked', 'seen', 'created', 'updated'])
      same(parts, `${name}: ${figure}`, row[figure], is?.[figure])
    same(parts, `${name}: said to be late`, Number(row['lateMs']) > 0, is?.['late'])
    same(parts, `${name}: complete to`, row['completeTo'], is?.complete?.toISOString() ?? null)
    same(parts, `${name}: in the list of shops`, Object(shop?.['coverage']).completeTo, row['completeTo'])
    if (row['state'] === 'complete' && is?.['waiting'] !== 0)
      parts.wrong.push({ figure: `${name}: called complete`, shown: row['state'], is: is?.['waiting'] })
  }
  same(parts, 'shops of the coverage', shown.length, shops.length)
}

/** Checks every list that counts tabs: each tab, and the rows behind it. */
async function checkTabs(parts: Parts): Promise<void> {
  const contract = Object((await parts.ask('/api/openapi.json'))['paths'])
  const lists = Object.keys(contract).flatMap((path) => /^\/api\/(.+)\/counts$/.exec(path)?.[1] ?? [])
  const counted = lists.filter((list) => list !== 'task-runs')
  same(parts, 'lists that count their tabs', counted.toSorted(), Object.keys(tabFigures).toSorted())
  for (const list of counted) {
    const tabs = Object((await parts.ask(`/api/${list}/counts`))['tabs'])
    same(
      parts,
      `tabs of ${list}`,
      Object.keys(tabs).toSorted(),
      Object.keys(tabFigures[list] ?? {}).toSorted(),
    )
    for (const [tab, sum] of Object.entries(tabs)) {
      const count: unknown = Object(sum).count
      await compare(parts, `tab ${tab} of ${list}`, count, [tabFigures[list]?.[tab]])
      same(parts, `rows in tab ${tab} of ${list}`, await rowsBehind(parts, list, inTab(list, tab)), count)
    }
  }
}

/** A list with only one tab has no tab parameter. */
function inTab(list: string, tab: string): Record<string, string> {
  if (Object.keys(tabFigures[list] ?? {}).length === 1) return {}
  if (/^(platform-actions|webhook-messages)$/.test(list)) return { state: tab }
  return /^(extra-refunds|stock-documents)$/.test(list) ? { status: tab } : { tab }
}

async function checkBatches(parts: Parts): Promise<void> {
  const { rows: found } = await parts.client.query<Row>(batchFigures)
  const shown = await allRows(parts, '/api/batches', {})
  same(parts, 'batches', shown.length, found.length)
  for (const batch of shown) {
    const is = found.find(({ no }) => no === batch['no'])
    const name = `batch ${batch['no']}`
    for (const figure of ['succeeded', 'refused'])
      same(parts, `${name}: ${figure}`, batch[figure], is?.[figure])
    const [total, succeeded, refused, taken] = ['total', 'succeeded', 'refused', 'taken'].map((sum) =>
      Number(batch[sum]),
    )
    if (batch['state'] === 'done')
      same(parts, `${name}: its sums`, total, (succeeded ?? 0) + (refused ?? 0) + (taken ?? 0))
    const items = await allRows(parts, `/api/batches/${batch['id']}/items`, {})
    same(parts, `${name}: rows done`, items.filter((item) => item['done']).length, is?.['succeeded'])
    same(parts, `${name}: rows refused`, items.filter((item) => !item['done']).length, is?.['refused'])
  }
}

/** Checks that a run started by the schedule reports as many as its task's events during the run. */
async function checkRuns(parts: Parts): Promise<void> {
  const { rows: sums } = await parts.client.query<Row>(runSums)
  const { day: _day, states, ...today } = await parts.ask('/api/task-runs/counts')
  same(parts, 'runs of today', { states, ...today }, sums[0])
  const runs = await allRows(parts, '/api/task-runs', {})
  same(parts, 'runs', runs.length, await numberOf(parts, 'select count(*)::int as n from task_run'))
  for (const [kind, { made, sees }] of Object.entries(runDeeds)) {
    const { rows: found } = await parts.client.query<{ id: string; n: number }>(made)
    for (const { id, n } of found) {
      const run = runs.find((one) => one['id'] === id)
      same(parts, `run ${id} of ${kind}: created`, run?.['created'], n)
      const sum = ['created', 'updated', 'failed'].reduce((all, key) => all + Number(run?.[key]), 0)
      const skipped = Object.values(Object(run?.['skipped'])).reduce<number>((all, n) => all + Number(n), 0)
      const parked = Number(Object(run?.['report']).parked ?? 0)
      if (sees) same(parts, `run ${id} of ${kind}: seen`, run?.['seen'], sum + skipped + parked)
    }
  }
}

async function numberOf({ client }: Parts, text: string): Promise<number | undefined> {
  return (await client.query<{ n: number }>(text)).rows[0]?.n
}

/** Checks that a link of the overview leads to exactly the rows that its figure counts. */
async function checkList(
  parts: Parts,
  name: string,
  { count, to, most = Infinity }: { count: unknown; to: string; most?: number },
): Promise<void> {
  const { pathname, searchParams } = new URL(to, 'http://sanyi')
  // The desk shows the list of deliveries by its tabs.
  const list = pathname.slice(1).replace('print-desk', 'deliveries')
  if (!(list in tabFigures)) return
  const { tab, sort: _sort, ...filter } = Object.fromEntries(searchParams)
  const asked = {
    ...(list === 'platform-actions' && filter['stock'] === undefined ? { stock: 'without' } : {}),
    ...filter,
    ...(tab === undefined ? {} : inTab(list, tab)),
  }
  same(
    parts,
    `${name}: rows behind ${to.slice(0, 80)}`,
    Math.min(most, await rowsBehind(parts, list, asked)),
    count,
  )
}

async function rowsBehind(
  parts: Parts,
  list: string,
  filter: Readonly<Record<string, string>>,
): Promise<number> {
  return (await allRows(parts, `/api/${list}`, filter)).length
}

async function allRows(parts: Parts, path: string, filter: Readonly<Record<string, string>>): Promise<Row[]> {
  const all: Row[] = []
  for (let after = '', page = 0; page < 200; page += 1) {
    const query = new URLSearchParams({ ...filter, limit: '200', ...(after === '' ? {} : { after }) })
    const answer = await parts.ask(`${path}?${query}`)
    all.push(...rows(answer['rows']))
    if (typeof answer['next'] !== 'string') return all
    after = answer['next']
  }
  throw new Error(`${path} does not end`)
}

async function compare(
  parts: Parts,
  figure: string,
  shown: unknown,
  [text, values = []]: readonly [text: string | undefined, values?: readonly string[]],
): Promise<void> {
  if (text === undefined) {
    parts.wrong.push({ figure, shown, is: 'nobody has said what it must be' })
    return
  }
  const { rows: found } = await parts.client.query<{ n: number }>(text, [...values])
  same(parts, figure, shown, found[0]?.n)
}

function same({ wrong }: Parts, figure: string, shown: unknown, is: unknown): void {
  if (JSON.stringify(shown) !== JSON.stringify(is)) wrong.push({ figure, shown, is })
}

const rows = (value: unknown): Row[] => (Array.isArray(value) ? value : [])
