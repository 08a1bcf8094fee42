import { sql } from 'kysely'
import { pino } from 'pino'
import Type from 'typebox'
import { defineBatchAction } from '../core/batches/batch.ts'
import { startBatches } from '../core/batches/loop.ts'
import { openDatabase } from '../core/db/db.ts'
import { defineJob, startJobs } from '../core/jobs/job.ts'
import { startOutbox } from '../core/outbox/loop.ts'
import { defineInstallationTaskKind } from '../core/tasks/kinds.ts'
import { startTasks } from '../core/tasks/loop.ts'
import { loadKeyRing } from '../lib/seal.ts'

// A worker process for tests to kill: node engine-worker.ts <database> <platform URL> <key file>
const [databaseUrl = '', platformUrl = '', keyFile = ''] = process.argv.slice(2)

const { db, pool } = openDatabase(databaseUrl, { max: 8 })
const log = pino({ level: 'silent' })

/** Adds one to each row, slowly. */
export const slowCount = defineBatchAction({
  action: 'kill.count',
  name: { zh: '计数', en: 'Count' },
  permission: 'trades.convert',
  filter: Type.Object({}),
  input: Type.Object({}),
  count: async () => ({ total: 0, upTo: null }),
  async resolve(tx, _filter, _scope, { cap, after }) {
    const found = await sql<{ id: string }>`
      select id from counted where id > coalesce(${after}::bigint, 0) order by id limit ${cap}`.execute(tx)
    const ids = found.rows.map(({ id }) => id)
    return { ids, after: ids.at(-1) ?? null }
  },
  async run(tx, ids) {
    const done = await sql<{ id: string }>`
      update counted set times = times + 1 where id = any(${[...ids]}::bigint[]) and id % 7 <> 0
      returning id`.execute(tx)
    await sql`select pg_sleep(0.1)`.execute(tx)
    const known = new Set(done.rows.map(({ id }) => id))
    return ids.map((id) => (known.has(id) ? { id, done: true } : { id, done: false, code: 'seventh' }))
  },
})

export const slowJob = defineJob({
  name: 'kill.job',
  payload: Type.Object({ id: Type.String() }),
  async run(_context, payloads) {
    for (const { id } of payloads) await post(`/job/${id}`)
  },
})

async function post(path: string): Promise<string> {
  const response = await fetch(`${platformUrl}${path}`, { method: 'POST' })
  return response.text()
}

if (import.meta.main) {
  const ring = await loadKeyRing(keyFile)
  startBatches({
    db,
    ring,
    authorise: async (_actor, _permission, scope) => scope,
    log,
    actions: [slowCount],
  })
  startOutbox({
    db,
    openShop: async () => ({}),
    log,
    handlers: [
      {
        kind: 'kill.send',
        name: { zh: '发送', en: 'Send' },
        lookAfterSeconds: 0,
        send: (_shop, action) => post(`/send/${action.idempotencyKey}`),
        look: async (_shop, action) =>
          (await post(`/look/${action.idempotencyKey}`)) === 'yes' ? 'done' : 'not_done',
        rank: 0,
        onResults: async () => {},
      },
    ],
  })
  startTasks<object>({
    db,
    openShop: async () => ({}),
    log,
    kinds: [
      defineInstallationTaskKind({
        kind: 'kill.task',
        name: { zh: '任务', en: 'Task' },
        params: Type.Object({}),
        defaultSchedule: { everySeconds: 3600 },
        async run({ signal }) {
          await post('/task')
          await new Promise((settle) => signal.addEventListener('abort', settle))
          return undefined
        },
      }),
    ],
  })
  await startJobs({ db, pool, log, jobs: [slowJob] })
  process.on('disconnect', () => process.exit())
}
