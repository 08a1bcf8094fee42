import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import type { RunningSandbox } from '../../sandbox/server.ts'
import { type Database, openDatabase } from '../../server/core/db/db.ts'
import type { Caller } from '../../server/testing/app.ts'
import { type Checked, check, describe } from '../checker.ts'
import { behind, whatWaits } from '../settle.ts'
import type { Machine } from './machine.ts'
import { runTasks } from './merchant.ts'

type Reading = {
  who: Caller
  sandbox: RunningSandbox
  databaseUrl: string
  /** Their logs may have no personal data. */
  machines: readonly Machine[]
  /** What the platform was told meanwhile is known to it alone: it was after the backup from which we were restored. */
  forgotten?: Span | undefined
}
/** By numbers of the platform's events. */
export type Span = { from: number; to: number }

/**
 * Lets the platform rest, waits until all that it has is here and nothing is on its way, and compares the books: nothing may be lost, doubled or
 * different. No parcel was reported twice.
 */
export async function compareBooks(reading: Reading): Promise<Checked> {
  const { sandbox, databaseUrl, machines, forgotten } = reading
  await control(sandbox, 'rate', { newTradesPerMinute: 0, eventsPerMinute: 0 })
  const { db, close } = openDatabase(databaseUrl, { max: 1, name: 'e2e' })
  try {
    let since = new Date()
    // What is written back changes the platform, and its lists show that later.
    for (let round = 1; round <= 4; round += 1) {
      since = new Date()
      await untilRest(reading, async () => [...(await behind(db, since)), ...(await whatWaits(db))])
      const told = await sql`select from platform_action where ended_at > ${since} limit 1`.execute(db)
      if (told.rows.length === 0) break
    }
    const logs = await Promise.all(machines.map(logsOf))
    const checked = await check({ databaseUrl, sandboxUrl: sandbox.url, logs: logs.flat() })
    const { tids, reports } = forgottenIn(sandbox, forgotten)
    await assertElsewhere(db, tids)
    const differences = checked.differences.filter((one) => !isForgotten(one, tids, reports))
    assert.deepEqual(differences, [], describe(checked))
    assert.deepEqual(shippedTwice(sandbox), [])
    return checked
  } finally {
    await close()
  }
}

/** What a person who looks for a fault would ask the database. */
export async function stateOf(databaseUrl: string): Promise<string> {
  const { db, close } = openDatabase(databaseUrl, { max: 1, name: 'e2e' })
  const found = await sql<{ line: string }>`
    select row_to_json(g)::text as line from shop_gate g
    union all select row_to_json(c)::text from stream_cursor c
    union all select row_to_json(f)::text from trade_fetch f
    union all (select concat_ws(' ', requested_at, shop_id, kind, state, error, worker) from task_run order by id desc limit 30)`
    .execute(db)
    .finally(close)
  return found.rows.map(({ line }) => line).join('\n')
}

async function untilRest({ who }: Reading, waiting: () => Promise<string[]>): Promise<void> {
  await runTasks(who, 'trade_catch_up')
  let rest: string[] = []
  for (const deadline = Date.now() + 120_000; Date.now() < deadline; await sleep(1500)) {
    rest = await waiting()
    if (rest.length === 0) return
    // A list that messages make needless rests; its button reads it nevertheless.
    for (const kind of ['trade_list', 'refund_list']) await runTasks(who, kind)
  }
  assert.deepEqual(rest, [])
}

/** Trades whose parcels left in this span, and what else the platform was told then. */
function forgottenIn({ world }: RunningSandbox, span: Span = { from: 0, to: 0 }) {
  const deeds = world.deeds.slice(span.from, span.to).filter(({ accepted }) => accepted)
  const shipped = deeds.filter(({ action }) => action === 'ship').map(({ key }) => key.split(' ')[0] ?? '')
  return { tids: new Set(shipped), reports: new Set(deeds.map(({ key }) => key)) }
}

/** Throws unless each of these trades is shipped here too, or waits as shipped elsewhere, so that nobody ships it again. */
async function assertElsewhere(db: Database, tids: ReadonlySet<string>): Promise<void> {
  const { rows } = await sql<{ tid: string }>`
    select t.tid from staged_trade t left join sales_order o on o.id = t.order_id
    where t.tid = any(${[...tids]}::text[]) and not (t.order_id is null and t.reason = 'shipped_elsewhere' or o.status in ('shipped', 'completed', 'voided')
      or exists (select from order_hold h where h.order_id = o.id and h.reason = 'shipped_elsewhere' and h.released_at is null))`.execute(
    db,
  )
  assert.deepEqual(rows, [])
}

const parcelRules = [
  'each intent took effect at most once',
  'what the platform shipped left us, under the number that the platform has',
]

function isForgotten(
  { rule, id, found }: Checked['differences'][number],
  tids: ReadonlySet<string>,
  reports: ReadonlySet<string>,
): boolean {
  if (parcelRules.includes(rule)) return tids.has(id.replace(/^ship /, '').split(' ')[0] ?? '')
  if (rule !== 'no report more often than it was sent') return false
  const deeds: readonly { key: string }[] = Object(found).deeds
  return deeds.every(({ key }) => reports.has(key))
}

/** Lines of trades that the platform was told of twice. */
function shippedTwice({ world }: RunningSandbox): string[] {
  const keys = world.deeds.filter((one) => one.action === 'ship' && one.accepted).map(({ key }) => key)
  return keys.filter((key, at) => keys.indexOf(key) !== at)
}

export const shippedOf = ({ world }: RunningSandbox): number =>
  world.deeds.filter((one) => one.action === 'ship' && one.accepted).length

/** Returns the logs of a machine, whose processes write into one folder, or each into its own. */
async function logsOf(machine: Machine): Promise<{ name: string; text: string }[]> {
  const folders = ['logs', 'web/logs', 'worker/logs'].map((name) => machine.data(name)).filter(existsSync)
  const paths = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.log'))
      .map((name) => join(folder, name)),
  )
  assert.ok(paths.length > 0, machine.name)
  return Promise.all(paths.map(async (name) => ({ name, text: await readFile(name, 'utf8') })))
}

export async function control(sandbox: RunningSandbox, path: string, body: object): Promise<unknown> {
  const answer = await fetch(`${sandbox.url}/control/${path}`, { method: 'POST', body: JSON.stringify(body) })
  const text = await answer.text()
  assert.ok(answer.ok, `control/${path}: ${answer.status} ${text}`)
  return JSON.parse(text)
}
