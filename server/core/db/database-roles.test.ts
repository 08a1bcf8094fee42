import assert from 'node:assert/strict'
import { test } from 'node:test'
import type pg from 'pg'
import { testApp } from '../../testing/app.ts'
import { connected, ordinaryDatabase, testDatabase, testRole } from '../../testing/database.ts'
import { migrate } from './migrate.ts'

/** Returns the error code of a statement, or 'done'. */
async function codeOf(client: pg.Client, text: string): Promise<string> {
  return client.query(text).then(
    () => 'done',
    (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : 'no code'),
  )
}

const forbidden = '42501'
const addRow = (columns: string, values: string) =>
  `insert into audit_log (actor_kind, actor_id, actor_name, action, subject_type, subject_id${columns})
   values ('user', '7', '林晓', 'order.reveal', 'order', '1'${values})`

test("the program's role adds and reads audit rows, and cannot change, backdate or remove one", async () => {
  await using base = await testDatabase()
  await using client = await connected(base.url)
  assert.equal(await codeOf(client, addRow('', '')), 'done')
  for (const text of [
    `update audit_log set action = 'nothing'`,
    'delete from audit_log',
    'truncate audit_log',
    `alter table audit_log disable trigger user`,
    addRow(', at', ", '2020-01-01'"),
    addRow(', xid', ", '1'"),
    `insert into audit_seal (ids, row_count, last_xid, last_id, previous, hash) values ('{}', 1, '1', 1, '', '')`,
    'delete from audit_seal',
    'delete from migration',
  ])
    assert.equal(await codeOf(client, text), forbidden, text)
  const { rows } = await client.query('select actor_name, action from audit_log')
  assert.deepEqual(rows, [{ actor_name: '林晓', action: 'order.reveal' }])
})

test("the program's role is no superuser, makes nothing, and reads no file of the server", async () => {
  await using base = await testDatabase()
  await using client = await connected(base.url)
  const { rows } = await client.query(
    'select rolsuper, rolcreatedb, rolcreaterole, rolbypassrls from pg_roles where rolname = current_user',
  )
  assert.deepEqual(rows, [{ rolsuper: false, rolcreatedb: false, rolcreaterole: false, rolbypassrls: false }])
  for (const text of [
    'create table mine (id int)',
    'drop table audit_log',
    `select pg_read_file('/etc/passwd')`,
    `copy app_user to program 'cat'`,
    `copy app_user from '/etc/passwd'`,
    'create role other superuser',
  ])
    assert.equal(await codeOf(client, text), forbidden, text)
})

test('what runs with the rights of the owner looks up no name that somebody else made', async () => {
  await using base = await testDatabase()
  await using client = await connected(base.url)
  await client.query(`
    create function pg_temp.told() returns oid language plpgsql as $$
      begin raise exception 'reached as %', current_user; end $$;
    create temporary view pg_class as select pg_temp.told() as oid, 'i'::"char" as relkind, 0::oid as relam, 0::oid as relnamespace`)
  assert.equal(await codeOf(client, 'select take_in_pending_list_rows()'), 'done')
})

test('a role that was given everything by hand keeps no more than it may have', async () => {
  await using base = await testDatabase()
  await base.owner(`grant all on all tables in schema public to ${testRole}`)
  await migrate(base.ownerUrl, { application: testRole })
  await using client = await connected(base.url)
  for (const text of [
    addRow(', xid', ", '1'"),
    'delete from audit_seal',
    'delete from migration',
    'truncate job',
  ])
    assert.equal(await codeOf(client, text), forbidden, text)
  assert.equal(await codeOf(client, addRow('', '')), 'done')
})

test('with one role for everything what was written into the audit log stays all the same', async () => {
  await using base = await testDatabase()
  await using owner = await connected(base.ownerUrl)
  await owner.query(addRow('', ''))
  for (const text of [
    `update audit_log set action = 'nothing'`,
    'delete from audit_log',
    'truncate audit_log',
  ])
    assert.equal(await codeOf(owner, text), forbidden, text)
  assert.equal((await owner.query('select from audit_log')).rowCount, 1)
})

test('an ordinary role that owns its tables can migrate, and every list of the house answers to it', async () => {
  await using house = await testApp({}, () => {}, ordinaryDatabase())
  const { rows } = await house.pool.query(
    'select rolsuper, pg_get_userbyid(relowner) = current_user as owns from pg_roles, pg_class where rolname = current_user and relname = $1',
    ['sales_order'],
  )
  assert.deepEqual(rows, [{ rolsuper: false, owns: true }])
  const clerk = await house.as(['*'])
  for (const list of [
    'staged-trades',
    'orders',
    'staged-refunds',
    'deliveries',
    'returns',
    'listings',
    'skus',
    'stock',
  ])
    for (const path of [`/api/${list}`, `/api/${list}/counts`])
      assert.equal((await clerk.call('GET', path)).status, 200, path)
})
