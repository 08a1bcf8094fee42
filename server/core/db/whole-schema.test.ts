import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import pg from 'pg'
import { connected, emptyDatabase, type TestDatabase, testRole } from '../../testing/database.ts'
import { firstRows } from '../../testing/schema/first-rows.ts'
import { wordsOf } from '../../testing/schema/row-types.ts'
import { everyRow, wholeCatalogue } from '../../testing/schema/whole-catalogue.ts'
import { assertWritten } from '../../testing/surface.ts'
import { until } from '../../testing/until.ts'
import { readCatalogue } from './catalogue.ts'
import { migrate } from './migrate.ts'
import { rowsHead, wholeSchema } from './whole-schema.ts'

// `0001_schema.sql` is the sum of the migrations in before-1. A database that began with those runs the files that it lacks and then
// continues like a new one.

const older = new URL('../../../migrations/before-1/', import.meta.url)
const filesOf = (place: URL) =>
  readdirSync(place)
    .filter((name) => /^\d.*\.sql$/.test(name))
    .sort()
const olderFiles = filesOf(older)
/** `0001_schema.sql` and the files after it. */
const newFiles = filesOf(new URL('../', older))

/** Two states that real installations have: the last file of each. */
const known = { early: '0035_calmer_analyze.sql', late: '0096_comments.sql' }

test('migrations/0001_schema.sql is what the older migrations add up to, with the rows that they insert', async () => {
  await using base = await databaseUpTo('9')
  await using client = await connected(base.ownerUrl)
  const rows = await firstRows(client, await readCatalogue(client))
  const text = `${await wholeSchema(client)}\n${rowsHead}\n${rows}\n`
  assertWritten('migrations/0001_schema.sql', text, process.env['SCHEMA'] === 'write')
})

test('a database that begins with it is in every part like one that went through the older migrations', async () => {
  await using long = await databaseUpTo(known.late)
  await using short = await emptyDatabase()
  for (const { ownerUrl } of [long, short]) await migrate(ownerUrl, { application: testRole })
  await using one = await connected(long.ownerUrl)
  await using other = await connected(short.ownerUrl)
  assert.deepEqual(await wholeCatalogue(other), await wholeCatalogue(one))
  assert.deepEqual(await everyRow(other), await everyRow(one))
  assert.deepEqual(await journal(other), newFiles)
  assert.deepEqual(await journal(one), [...newFiles, ...olderFiles].sort())
})

for (const last of Object.values(known))
  test(`a database of ${last} with rows in every table goes on, keeps them, and is asked no more`, async () => {
    await using base = await databaseUpTo(last)
    await using client = await connected(base.ownerUrl)
    const { main, count } = await fill(client)
    assert.ok(count > 80)
    await migrate(base.ownerUrl)
    assert.deepEqual(await mainRows(client), main)
    assert.deepEqual(await journal(client), [...newFiles, ...olderFiles].sort())
    const times = await client.query('select max(applied_at) from migration')
    await migrate(base.ownerUrl)
    assert.deepEqual((await client.query('select max(applied_at) from migration')).rows, times.rows)
  })

test('a migrator that is killed between files, within one, or while it compares, leaves nothing of it; the next one goes on', async () => {
  await using base = await databaseUpTo(known.early)
  await using client = await connected(base.ownerUrl)
  const { main } = await fill(client)
  // A migrator that records the chosen file waits before its first statement, or at the end of its transaction.
  await client.query(`create schema stops; create table stops.at (name text, place text);
    create function stops.wait() returns trigger language plpgsql as $$ begin
      perform pg_advisory_xact_lock_shared(${stop}) where exists (select from stops.at where name = new.name and place = tg_argv[0]);
      return new; end $$;
    create trigger stops_first before insert on migration for each row execute function stops.wait('first');
    create constraint trigger stops_last after insert on migration deferrable initially deferred
      for each row execute function stops.wait('last')`)
  await client.query('select pg_advisory_lock($1)', [stop])
  const files = [...olderFiles.filter((name) => name > known.early), whole]
  // For each file one of the two places. After the kill nothing of the file may be stored. `npm test` takes one file in six, and the whole.
  const everywhere = process.env['DEATHS'] === 'all'
  const killing = [...files.entries()].filter(([at, name]) => everywhere || at % 6 === 1 || name === whole)
  assert.ok(killing.length >= 5, `${killing.length} files`)
  for (const [at, name] of killing)
    for (const place of name === whole ? ['first', 'last'] : [at % 2 === 0 ? 'last' : 'first']) {
      await client.query(`delete from stops.at; insert into stops.at values ('${name}', '${place}')`)
      await killedMigrator(base.ownerUrl, client)
      const has = await journal(client)
      assert.deepEqual(
        files.filter((file) => has.includes(file)),
        files.slice(0, at),
        name,
      )
    }
  await client.query(
    'drop trigger stops_first on migration; drop trigger stops_last on migration; drop schema stops cascade',
  )
  await migrate(base.ownerUrl)
  assert.deepEqual(await mainRows(client), main)
  assert.deepEqual(await journal(client), [...newFiles, ...olderFiles].sort())
})

test('both ways make the same in a schema of another name', async () => {
  const [long, short] = [await inAnotherSchema(), await inAnotherSchema()]
  await using _one = long
  await using _other = short
  await databaseUpTo(known.late, long)
  for (const { ownerUrl } of [long, short]) await migrate(ownerUrl, { application: testRole })
  await using one = await connected(long.ownerUrl)
  await using other = await connected(short.ownerUrl)
  const made = await wholeCatalogue(other)
  assert.ok(made.columns.length > 1000)
  assert.deepEqual(made, await wholeCatalogue(one))
})

test('several migrators at once apply each file once, to a new database and to an older one', async () => {
  await using fresh = await emptyDatabase()
  await using aged = await databaseUpTo(known.early)
  for (const { ownerUrl } of [fresh, aged]) await Promise.all([1, 2, 3].map(() => migrate(ownerUrl)))
  await using one = await connected(fresh.ownerUrl)
  await using other = await connected(aged.ownerUrl)
  assert.deepEqual(await journal(one), newFiles)
  assert.deepEqual(await journal(other), [...newFiles, ...olderFiles].sort())
})

test('an older database whose schema is another is refused with what differs, and goes on once that is gone', async () => {
  await using base = await databaseUpTo(known.late)
  for (const [change, back, differs] of [
    ['create index of_mine on shop (name)', 'drop index of_mine', /has "create index of_mine/],
    [
      'alter table task alter failures drop not null',
      'alter table task alter failures set not null',
      /at "create table task .*failures integer/,
    ],
    ['drop trigger audit_log_stays on audit_log', keepRows, /at "create .*audit_log_stays/],
  ] as const) {
    await base.owner(change)
    const error = await migrate(base.ownerUrl).then(
      () => undefined,
      (thrown: Error) => thrown,
    )
    assert.match(String(error?.message), /0001_schema\.sql failed; nothing of it was kept/)
    assert.equal(Object(error?.cause).code, 'schema_differs')
    assert.match(String(Object(error?.cause).message), differs)
    await base.owner(back)
  }
  // Storage parameters are the operator's choice and are not compared.
  await base.owner('alter table staged_trade set (autovacuum_enabled = false)')
  await migrate(base.ownerUrl)
})

const whole = '0001_schema.sql'
const stop = 7_214_099
const keepRows = `create trigger audit_log_stays before update or delete on audit_log for each row execute function keep_audit_rows()`

/** Creates a database as an earlier version of the program left it. */
async function databaseUpTo(last: string, emptied?: TestDatabase): Promise<TestDatabase> {
  const base = emptied ?? (await emptyDatabase())
  await using client = await connected(base.ownerUrl)
  await client.query(
    'create table migration (name text primary key, applied_at timestamptz not null default now())',
  )
  for (const name of olderFiles.filter((one) => one <= last)) {
    const text = readFileSync(new URL(name, older), 'utf8')
    await client.query(
      `begin; insert into migration (name) values (${pg.escapeLiteral(name)}); ${text}; commit`,
    )
  }
  return base
}

async function inAnotherSchema(): Promise<TestDatabase> {
  const base = await emptyDatabase()
  await base.owner('create schema "Elsewhere"')
  const url = new URL(base.ownerUrl)
  url.searchParams.set('options', '-c search_path="Elsewhere"')
  return { ...base, ownerUrl: url.href }
}

async function journal(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    'select name from migration order by name collate "C"',
  )
  return rows.map(({ name }) => name)
}

/** Starts a process that migrates until it waits at the chosen place, and kills it there. */
async function killedMigrator(url: string, client: pg.Client): Promise<void> {
  const waiting = async () =>
    (
      await client.query(`select from pg_stat_activity where application_name = 'killed' and wait_event = 'advisory'
      and datname = current_database() and query ~ '^(commit|insert into migration)'`)
    ).rowCount === 1
  const own = new URL(url)
  own.searchParams.set('application_name', 'killed')
  // The server then notices a closed connection also while a statement waits.
  own.searchParams.set('options', '-c client_connection_check_interval=50')
  const code = `import { migrate } from ${JSON.stringify(new URL('./migrate.ts', import.meta.url).href)}; await migrate(${JSON.stringify(own.href)})`
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', code],
    { stdio: 'ignore' },
  )
  const ended = once(child, 'exit')
  await until(waiting)
  child.kill('SIGKILL')
  await ended
  await until(
    async () =>
      (
        await client.query(
          `select from pg_stat_activity where application_name = 'killed' and datname = current_database()`,
        )
      ).rowCount === 0,
  )
}

/** Values that CHECK constraints of later files accept. */
const words: Record<string, string> = {
  'staged_trade.status': 'paid',
  'staged_refund.status': 'applied',
  'staged_refund.kind': 'refund_only',
  'order_refund.refund_status': 'applied',
  'order_refund.kind': 'refund_only',
  'refund_notice.refund_status': 'applied',
  'refund_notice.kind': 'refund_only',
  'refund_waiver.refund_status': 'applied',
  'refund_waiver.kind': 'refund_only',
  'order_hold.reason': 'other',
  'house_process.kind': 'web',
  // Values of nullable columns that a CHECK constraint requires.
  'task.interval_seconds': '60',
}

/** Inserts one row into each empty table. Numbers are 1, also as references to other rows. Returns the main rows. */
async function fill(client: pg.Client) {
  const { tables } = await readCatalogue(client)
  await client.query('set session_replication_role = replica')
  for (const { name, columns, constraints } of tables) {
    const own = columns.filter(
      ({ name: column, notNull, rest }) =>
        words[`${name}.${column}`] !== undefined || (notNull && (rest === '' || rest.includes('identity'))),
    )
    const values = own.map(({ name: column, type }) => {
      const allowed = constraints.map(({ definition }) => wordsOf(column, definition)).find(Boolean)
      return pg.escapeLiteral(
        sampleOf(type, words[`${name}.${column}`] ?? (column === 'actor_kind' ? 'user' : allowed?.[0])),
      )
    })
    await client.query(
      `insert into ${name} (${own.map((one) => one.name).join(', ')}) overriding system value
       select ${values.join(', ')} where not exists (select from ${name})`,
    )
  }
  await client.query('set session_replication_role = origin')
  const count = tables.length
  return { main: await mainRows(client), count }
}

function sampleOf(type: string, word: string | undefined): string {
  if (word !== undefined) return word
  if (type === 'integer[]') return '{1,2,3,4,5,6,7,8}'
  if (type.endsWith('[]')) return '{1}'
  if (type === 'int8multirange') return '{[1,2)}'
  if (/^(date|timestamp)/.test(type)) return '2026-03-04T05:06:07Z'
  if (type === 'jsonb') return '{}'
  return type === 'boolean' ? 'true' : type === 'bytea' ? '\\x01' : '1'
}

/** Returns some columns of the only row of each main table. */
async function mainRows(client: pg.Client): Promise<Record<string, unknown[]>> {
  const columns = {
    shop: 'id, platform, name',
    app_user: 'id, email, name',
    staged_trade: 'id, shop_id, tid, status, modified_at',
    staged_trade_lines: 'trade_id, lines',
    staged_refund: 'id, refund_no, tid, amount_fen',
    sales_order: 'id, no, tid, status, payment_fen, ordered_at',
    order_line: 'order_id, line_no, oid, quantity, price_fen, payment_fen',
    order_hold: 'order_id, reason',
    delivery: 'id, no, order_no, status',
    return_order: 'id, no, order_no, kind, status',
    listing: 'id, item_id, platform_sku_id',
    sku: 'id, code',
    stock: 'warehouse_id, sku_id',
    reservation: 'order_id, sku_id, wanted, reserved',
    settlement: 'id, no, kind, amount_fen',
    bill_line: 'id, serial_no, amount_fen',
    platform_action: 'id, kind, idempotency_key, state',
    audit_log: 'id, actor_name, action, detail',
  }
  const found: Record<string, unknown[]> = {}
  for (const [name, list] of Object.entries(columns)) {
    const { rows } = await client.query(`select ${list} from ${name}`)
    assert.equal(rows.length, 1, name)
    found[name] = rows
  }
  return found
}
