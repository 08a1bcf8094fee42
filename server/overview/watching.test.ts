import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { testApp } from '../testing/app.ts'

// deploy/alerts.yml and deploy/board.json are for programs that ask /metrics: a metric or label that is not there would be silence and no fault.

const textOf = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../../deploy/${name}`, import.meta.url)), 'utf8')

type Asked = { metric: string; selectors: Map<string, string> }
type Panel = {
  title: string
  gridPos: { x: number; y: number; w: number; h: number }
  targets: { expr: string }[]
}
type Board = { panels: Panel[] }

const rules = [...textOf('alerts.yml').matchAll(/^ +expr: (.+)$/gm)].map(([, expression = '']) => expression)
const board: Board = JSON.parse(textOf('board.json'))
const queries = board.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))

/** The labels that Prometheus gives to each metric, by which it is scraped. */
const ofPrometheus = ['job', 'instance']

/** The metrics of an expression, each with the values that it wants of labels. */
function metricsOf(expression: string): Asked[] {
  return [...expression.matchAll(/\b(sanyi_\w+)(?:\{([^}]*)\})?/g)].map(([, metric = '', inside = '']) => ({
    metric,
    selectors: new Map(
      [...inside.matchAll(/(\w+)="([^"]*)"/g)]
        .map(([, label = '', value = '']) => [label, value] as const)
        .filter(([label]) => !ofPrometheus.includes(label)),
    ),
  }))
}

/** The answer of /metrics of an installation in which something of everything happens. */
async function metricsNow(): Promise<string[]> {
  await using house = await testApp()
  await sql`
    with shops as (insert into shop (platform, variant, name) values ('taobao', 'taobao', '店') returning id),
    cursors as (
      insert into stream_cursor (shop_id, stream, complete_to) select id, 'trades', now() - interval '1000 seconds' from shops
    ),
    tasks as (
      insert into task (kind, shop_id, interval_seconds, next_run_at)
      select 'trade_list', id, 60, now() from shops returning id, shop_id
    ), actions as (
      insert into platform_action (shop_id, kind, subject_type, subject_id, idempotency_key, payload, state, created_by)
      select id, 'x', 'y', '1', 'a', '{}', 'failed', '{}' from shops
    ), processes as (
      insert into house_process (name, kind, version, ahead_ms, free_bytes, size_bytes) values ('host:1', 'worker', '1', 0, 1, 2)
    )
    insert into task_run (task_id, kind, shop_id, trigger, state) select id, 'trade_list', shop_id, 'schedule', 'failed' from tasks`.execute(
    house.db,
  )
  await house.anonymous.call('GET', '/api/setup')
  const { body } = await (await house.as(['overview.read'])).call('GET', '/metrics')
  return String(body)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
}

test('each metric, label and value that the rules and the board ask for is in the answer of /metrics', async () => {
  assert.ok(rules.length >= 8 && queries.length >= 22, `${rules.length} rules, ${queries.length} queries`)
  const lines = await metricsNow()
  const lost = [...rules, ...queries].flatMap((expression) => {
    const asked = metricsOf(expression)
    const samples = (metric: string) =>
      lines.filter((line) => line.startsWith(`${metric}{`) || line.startsWith(`${metric} `))
    const missing = asked.filter(({ metric, selectors }) => {
      const labels = [...selectors].map(([label, value]) => `${label}="${value}"`)
      return !samples(metric).some((line) => labels.every((each) => line.includes(each)))
    })
    const grouped = [...expression.matchAll(/\bby \(([^)]+)\)/g)].flatMap(([, names = '']) =>
      names.split(', '),
    )
    const unknown = grouped.filter(
      (label) =>
        !ofPrometheus.includes(label) &&
        asked.some(({ metric }) => !samples(metric).some((line) => line.includes(`${label}="`))),
    )
    return missing.length + unknown.length === 0 ? [] : [expression]
  })
  assert.deepEqual(lost, [])
})

test('the board asks one Prometheus for one job, and each panel has a title of its own and a place where no other is', () => {
  assert.deepEqual(
    queries.filter((expression) => !/\{[^}]*job="\$job"/.test(expression)),
    [],
  )
  assert.equal(new Set(board.panels.map(({ title }) => title)).size, board.panels.length)
  const cells = board.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, at) => `${x + (at % w)} ${y + Math.floor(at / w)}`),
  )
  assert.equal(new Set(cells).size, cells.length)
  // The board is 24 columns wide and has no hole.
  assert.equal(cells.length, 24 * Math.max(...board.panels.map(({ gridPos: { y, h } }) => y + h)))
})
