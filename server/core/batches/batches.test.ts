import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { pino } from 'pino'
import Type from 'typebox'
import { AppError } from '../../errors.ts'
import { memoryKeyRing } from '../../lib/seal.ts'
import { type TestDatabase, testDatabase } from '../../testing/database.ts'
import { until } from '../../testing/until.ts'
import { type Actor, type Scope, wholeScope } from '../access/actor.ts'
import { type OpenDatabase, openDatabase } from '../db/db.ts'
import { type BatchAction, defineBatchAction } from './batch.ts'
import { type BatchTarget, createBatch, retryBatch, stopBatch } from './batches.ts'
import { batchById, listItems, refusalGroups } from './lists.ts'
import { startBatches } from './loop.ts'
import type { BatchRunner } from './runs.ts'

let database: TestDatabase
let open: OpenDatabase
const ring = memoryKeyRing()
const actor: Actor = { kind: 'user', id: '7', name: '林晓' }

before(async () => {
  database = await testDatabase()
  open = openDatabase(database.url, { max: 12 })
  await database.owner(`
    create table thing (id bigint primary key, shop_id bigint not null, colour text not null,
      times integer not null default 0, check (id <> 777 or times = 0));
    grant all on thing to public`)
})
after(async () => {
  await open.close()
  await database[Symbol.asyncDispose]()
})

test('does every row that a filter matches exactly once, and counts what was refused', async () => {
  await things(1, 1300)
  const { id, no } = await start(paint(), { filter: { colour: 'red' } })
  assert.match(no, /^B\d{6}-\d{4}$/)
  const ended = await withWorkers(2, paint(), () => endOf(id))
  assert.deepEqual(ended, {
    state: 'done',
    total: 1300,
    done: 1300,
    succeeded: 1169,
    refused: 131,
    reasons: { not_a_tenth: 130, failed: 1 },
    errorCode: '',
  })
  assert.deepEqual(await timesDone(), { once: 1169, more: 0 })
  const poisoned = await sql<{ id: string; ref: string }>`
    select id, ref from batch_refusal where batch_id = ${id}::bigint and code = 'failed'`.execute(open.db)
  assert.deepEqual(poisoned.rows, [{ id: '777', ref: '23514' }])
})

test('leaves rows alone that came after the batch was started', async () => {
  await things(1, 600)
  const { id } = await start(paint(), { filter: { colour: 'red' } })
  await sql`insert into thing select n, 1, 'red' from generate_series(601, 900) n`.execute(open.db)
  const ended = await withWorkers(1, paint(), () => endOf(id))
  assert.equal(ended.total, 600)
  assert.equal(ended.done, 600)
  const late = await sql<{
    times: number
  }>`select sum(times)::int as times from thing where id > 600`.execute(open.db)
  assert.deepEqual(late.rows, [{ times: 0 }])
})

test('rows that others took meanwhile are named, so that the sums add up', async () => {
  await things(1, 600)
  const { id } = await start(paint(), { filter: { colour: 'red' } })
  await sql`update thing set colour = 'green' where id > 450`.execute(open.db)
  await withWorkers(1, paint(), () => endOf(id))
  const told = await batchById(open.db, [paint()], id, { actor, scope: wholeScope, permissions: new Set() })
  assert.deepEqual(
    [told.total, told.succeeded, told.refused, told.taken, told.reasons],
    [600, 405, 45, 150, [{ code: 'not_a_tenth', count: 45, message: null, messages: [] }]],
  )
})

test('a reason shows what its refusals say with counts, up to three texts of a batch of a thousand refusals', async () => {
  await things(1, 30)
  const { id } = await start(paint(), { filter: { colour: 'red' } })
  await withWorkers(1, paint(), () => endOf(id))
  const reasonsNow = async () =>
    (await batchById(open.db, [paint()], id, { actor, scope: wholeScope, permissions: new Set() })).reasons
  const say = (zh: string, ids: string[]) =>
    sql`update batch_refusal set message = ${JSON.stringify({ zh, en: zh })}::jsonb
      where batch_id = ${id}::bigint and id = any(${ids}::bigint[])`.execute(open.db)
  await say('不是第十个', ['10', '20', '30'])
  const text = (zh: string) => ({ zh, en: zh })
  const bare = { code: 'not_a_tenth', count: 3, message: null, messages: [] }
  const one = { ...bare, message: text('不是第十个'), messages: [{ message: text('不是第十个'), count: 3 }] }
  assert.deepEqual(await reasonsNow(), [one])
  const refusals = (count: number) =>
    sql`update batch set refused = ${count}::int, done = succeeded + ${count}::int, total = succeeded + ${count}::int
      where id = ${id}::bigint`.execute(open.db)
  await refusals(1001)
  assert.deepEqual(await reasonsNow(), [bare])
  await refusals(3)
  await sql`update batch_refusal set message = null where batch_id = ${id}::bigint and id = '10'`.execute(
    open.db,
  )
  assert.deepEqual(await reasonsNow(), [bare])
  await say('不是第十个', ['10'])
  await say('另一句', ['30'])
  const two = [
    { message: text('不是第十个'), count: 2 },
    { message: text('另一句'), count: 1 },
  ]
  assert.deepEqual(await reasonsNow(), [{ ...bare, messages: two }])
})

test('a reason with more than three texts shows its code alone', async () => {
  await things(1, 40)
  const { id } = await start(paint(), { filter: { colour: 'red' } })
  await withWorkers(1, paint(), () => endOf(id))
  await sql`update batch_refusal set message = jsonb_build_object('zh', '第' || id, 'en', 'No. ' || id)
    where batch_id = ${id}::bigint`.execute(open.db)
  const asker = { actor, scope: wholeScope, permissions: new Set<never>() }
  const { reasons } = await batchById(open.db, [paint()], id, asker)
  assert.deepEqual(reasons, [{ code: 'not_a_tenth', count: 4, message: null, messages: [] }])
})

test('answers what became of every row, in the order of the work', async () => {
  await things(1, 600)
  const { id } = await start(paint(), { ids: Array.from({ length: 600 }, (_, n) => String(n + 1)) })
  await withWorkers(1, paint(), () => endOf(id))
  const batch = { id, action: 'things.paint' }
  const first = await listItems(open.db, [paint()], batch, { limit: 501 })
  const second = await listItems(open.db, [paint()], batch, { limit: 501, after: first.next ?? '' })
  const all = [...first.rows, ...second.rows]
  assert.deepEqual(
    all.map((row) => row.id),
    Array.from({ length: 600 }, (_, n) => String(n + 1)),
  )
  assert.deepEqual(all.slice(8, 10), [
    { id: '9', no: '', done: true, code: '', message: null, ref: 'T9', reason: '' },
    { id: '10', no: '', done: false, code: 'not_a_tenth', message: null, ref: '', reason: '' },
  ])
  assert.equal(second.next, null)
})

test('takes each id of a list once, and one that nobody knows as not found', async () => {
  await things(1, 20)
  const { id } = await start(paint(), { ids: ['3', '4', '4', '10', '999'] })
  const ended = await withWorkers(1, paint(), () => endOf(id))
  assert.equal(ended.total, 4)
  assert.equal(ended.succeeded, 2)
  assert.deepEqual(ended.reasons, { not_a_tenth: 1, not_found: 1 })
  assert.deepEqual(await timesDone(), { once: 2, more: 0 })
})

test('retries what was refused, as a batch of its own', async () => {
  await things(1, 30)
  const first = await start(paint(), { filter: { colour: 'red' } })
  await withWorkers(1, paint(), () => endOf(first.id))
  await sql`update thing set shop_id = 2 where id = 20`.execute(open.db)
  const again = await open.db
    .transaction()
    .execute((tx) => retryBatch(tx, first.id, { actor, scope: wholeScope }))
  const ended = await withWorkers(1, paint(), () => endOf(again.id))
  assert.deepEqual([ended.total, ended.succeeded, ended.refused], [3, 1, 2])
  const linked = await sql<{ retryOf: string }>`
    select retry_of as "retryOf" from batch where id = ${again.id}::bigint`.execute(open.db)
  assert.deepEqual(linked.rows, [{ retryOf: first.id }])
})

test('stops within a chunk, keeps what is done, and does nothing more', async () => {
  await things(1, 5000)
  const slow = paint({ pauseSeconds: 0.05 })
  const { id } = await start(slow, { filter: { colour: 'red' } })
  const ended = await withWorkers(1, slow, async () => {
    await until(async () => (await row(id)).done > 0)
    await open.db.transaction().execute((tx) => stopBatch(tx, id))
    return endOf(id)
  })
  assert.equal(ended.state, 'stopped')
  assert.ok(ended.done >= 500 && ended.done < 5000)
  assert.equal((await timesDone()).once, ended.succeeded)
  await assert.rejects(
    open.db.transaction().execute((tx) => stopBatch(tx, id)),
    (error: AppError) => error.code === 'batch_finished',
  )
})

test('a batch that no worker has begun stops at once, and nothing of it is done', async () => {
  await things(1, 600)
  const { id } = await start(paint(), { ids: Array.from({ length: 600 }, (_, n) => String(n + 1)) })
  await open.db.transaction().execute((tx) => stopBatch(tx, id))
  const { state, done } = await row(id)
  assert.deepEqual([state, done], ['stopped', 0])
  const later = await start(paint(), { ids: ['3'] })
  await withWorkers(1, paint(), () => endOf(later.id))
  assert.deepEqual(await timesDone(), { once: 1, more: 0 })
})

test('a batch that was stopped while its worker died is taken up and does no further chunk', async () => {
  await things(1, 600)
  const { id } = await start(paint(), { ids: Array.from({ length: 600 }, (_, n) => String(n + 1)) })
  const hold = (until: string) =>
    sql`update batch set worker = 'gone', lease_until = now() + ${until}::interval where id = ${id}::bigint`
  await hold('1 hour').execute(open.db)
  await open.db.transaction().execute((tx) => stopBatch(tx, id))
  assert.equal((await row(id)).state, 'stopping')
  await hold('-1 second').execute(open.db)
  const ended = await withWorkers(1, paint(), () => endOf(id))
  assert.deepEqual([ended.state, ended.done], ['stopped', 0])
  assert.deepEqual(await timesDone(), { once: 0, more: 0 })
})

test('pressing stop once more ends a batch whose worker died', async () => {
  await things(1, 10)
  const { id } = await start(paint(), { ids: ['1', '2'] })
  await sql`update batch set state = 'stopping', worker = 'gone', lease_until = now() - interval '1 second'
    where id = ${id}::bigint`.execute(open.db)
  await open.db.transaction().execute((tx) => stopBatch(tx, id))
  const { rows } =
    await sql`select state, worker, ended_at is not null as ended from batch where id = ${id}::bigint`.execute(
      open.db,
    )
  assert.deepEqual(rows, [{ state: 'stopped', worker: null, ended: true }])
})

test('a chunk that breaks after its batch was stopped is not tried again', async () => {
  await things(1, 600)
  let runs = 0
  const breaking: BatchAction = {
    ...paint(),
    async run() {
      runs += 1
      await open.db.transaction().execute((tx) => stopBatch(tx, id))
      throw Object.assign(new Error('the server is in trouble'), { code: '57014' })
    },
  }
  const { id } = await start(breaking, { ids: ['1', '2'] })
  const ended = await withWorkers(1, breaking, () => endOf(id))
  assert.deepEqual([ended.state, ended.done, runs], ['stopped', 0, 1])
  assert.deepEqual(await timesDone(), { once: 0, more: 0 })
})

test('ends without doing anything when its actor may no longer do it', async () => {
  await things(1, 30)
  const { id } = await start(paint(), { filter: { colour: 'red' } })
  const refuse = async (): Promise<Scope> => {
    throw new AppError('forbidden', { permission: 'trades.convert' })
  }
  const ended = await withWorkers(1, paint(), () => endOf(id), { authorise: refuse })
  assert.deepEqual([ended.state, ended.errorCode, ended.done], ['stopped', 'forbidden', 0])
  assert.deepEqual(await timesDone(), { once: 0, more: 0 })
})

test('gives the verb the scope of now, not that of the start', async () => {
  await things(1, 9)
  await sql`update thing set shop_id = 5 where id <= 3`.execute(open.db)
  const { id } = await start(paint(), { ids: ['1', '2', '3', '4'] })
  const authorise = async (): Promise<Scope> => ({ shops: ['5'], warehouses: 'all' })
  const ended = await withWorkers(1, paint(), () => endOf(id), { authorise })
  assert.equal(ended.succeeded, 3)
  assert.deepEqual(ended.reasons, { not_found: 1 })
  const numbered = {
    ...paint(),
    numbers: async (_db: unknown, some: readonly string[]) => new Map(some.map((one) => [one, `N${one}`])),
  }
  const batch = { id, action: 'things.paint' }
  // The number of a row outside the scope would name a document of another shop.
  assert.deepEqual(
    (await listItems(open.db, [numbered], batch, {})).rows.map(({ no }) => no),
    ['N1', 'N2', 'N3', ''],
  )
  const [group] = await refusalGroups(open.db, [numbered], batch)
  assert.deepEqual([group?.ids, group?.nos], [['4'], []])
})

test('refuses a filter and an input that its action does not know', async () => {
  const wrong = start(paint(), { filter: { size: 3 } })
  await assert.rejects(
    wrong,
    (error: AppError) => error.code === 'invalid_input' && !!error.field?.startsWith('target'),
  )
})

test('a batch given back on shutdown goes on elsewhere', async () => {
  await things(1, 3000)
  const slow = paint({ pauseSeconds: 0.03 })
  const { id } = await start(slow, { filter: { colour: 'red' } })
  await withWorkers(1, slow, () => until(async () => (await row(id)).done > 0))
  const between = await row(id)
  assert.equal(between.state, 'running')
  assert.ok(between.done < 3000)
  const ended = await withWorkers(1, paint(), () => endOf(id))
  assert.equal(ended.done, 3000)
  assert.equal((await timesDone()).more, 0)
})

test('keeps no connection while it asks before a chunk, so that one connection is enough', async () => {
  await using one = await oneConnection()
  await things(1, 1300)
  const asked: number[] = []
  const asking: BatchAction = {
    ...paint({ pauseSeconds: 0.01 }),
    async before(db, ids) {
      await sql`select 1`.execute(db)
      asked.push(ids.length)
    },
  }
  const { id } = await start(asking, { filter: { colour: 'red' } })
  const ended = await withWorkers(1, asking, () => endOf(id), { db: one.db })
  assert.deepEqual([ended.state, ended.done], ['done', 1300])
  assert.ok(asked.length > 0)
  assert.deepEqual(await timesDone(), { once: 1169, more: 0 })
})

async function oneConnection(): Promise<OpenDatabase & AsyncDisposable> {
  const opened = openDatabase(database.url, { max: 1 })
  return { ...opened, [Symbol.asyncDispose]: opened.close }
}

function paint(options: { pauseSeconds?: number } = {}): BatchAction {
  return defineBatchAction({
    action: 'things.paint',
    name: { zh: '上色', en: 'Paint' },
    permission: 'trades.convert',
    filter: Type.Object({ colour: Type.String() }, { additionalProperties: false }),
    input: Type.Object({ to: Type.String({ default: 'blue' }) }),
    async count(tx, filter) {
      const found = await sql<{ total: number; upTo: string | null }>`
        select count(*)::int as total, max(id) as "upTo" from thing where colour = ${filter.colour}`.execute(
        tx,
      )
      return found.rows[0] ?? { total: 0, upTo: null }
    },
    async resolve(tx, filter, _scope, { cap, after }) {
      const found = await sql<{ id: string }>`
        select id from thing where colour = ${filter.colour} and id > coalesce(${after}::bigint, 0)
        order by id limit ${cap}`.execute(tx)
      const ids = found.rows.map(({ id }) => id)
      return { ids, after: ids.at(-1) ?? null }
    },
    async run(tx, ids, input, { scope }) {
      const granted = scope.shops === 'all' ? null : [...scope.shops]
      await sql`select pg_sleep(${options.pauseSeconds ?? 0})`.execute(tx)
      const done = await sql<{ id: string }>`
        update thing set times = times + 1, colour = ${input.to}
        where id = any(${[...ids]}::bigint[]) and (id % 10 <> 0 or shop_id = 2)
          and (${granted}::bigint[] is null or shop_id = any(${granted}::bigint[]))
        returning id`.execute(tx)
      const refused = await sql<{ id: string }>`
        select id from thing where id = any(${[...ids]}::bigint[]) and id % 10 = 0 and shop_id <> 2`.execute(
        tx,
      )
      return [
        ...done.rows.map(({ id }) => ({ id, done: true as const, ref: `T${id}` })),
        ...refused.rows.map(({ id }) => ({ id, done: false as const, code: 'not_a_tenth' })),
      ]
    },
  })
}

async function things(from: number, to: number): Promise<void> {
  await sql`delete from thing`.execute(open.db)
  await sql`insert into thing select n, 1, 'red' from generate_series(${from}::int, ${to}::int) n`.execute(
    open.db,
  )
}

function start(action: BatchAction, target: BatchTarget) {
  return open.db
    .transaction()
    .execute((tx) => createBatch(tx, ring, { action, target, input: {} }, { actor, scope: wholeScope }))
}

async function withWorkers<T>(
  count: number,
  action: BatchAction,
  work: () => Promise<T>,
  {
    authorise = async (_actor, _permission, scope) => scope,
    db = open.db,
  }: Partial<Pick<BatchRunner, 'authorise' | 'db'>> = {},
): Promise<T> {
  const workers = Array.from({ length: count }, () =>
    startBatches({
      ...{ db, ring, authorise },
      log: pino({ level: 'silent' }),
      actions: [action],
      pollMs: 20,
    }),
  )
  try {
    return await work()
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()))
  }
}

async function row(id: string) {
  const found = await sql<{
    state: string
    total: number
    done: number
    succeeded: number
    refused: number
    reasons: Record<string, number>
    errorCode: string
  }>`
    select state, total, done, succeeded, refused, reasons, error_code as "errorCode"
    from batch where id = ${id}::bigint`.execute(open.db)
  const [batch] = found.rows
  assert.ok(batch)
  return batch
}

async function endOf(id: string) {
  await until(async () => ['done', 'stopped'].includes((await row(id)).state))
  return row(id)
}

async function timesDone() {
  const found = await sql<{ once: number; more: number }>`
    select (count(*) filter (where times = 1))::int as once, (count(*) filter (where times > 1))::int as more
    from thing`.execute(open.db)
  return found.rows[0] ?? { once: 0, more: 0 }
}
