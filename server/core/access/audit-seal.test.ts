import assert from 'node:assert/strict'
import { test } from 'node:test'
import type pg from 'pg'
import { connected, type TestDatabase, testDatabase } from '../../testing/database.ts'
import { until } from '../../testing/until.ts'
import { checkAudit, linkAuditRows } from './audit-seal.ts'

test('the chain links every audit row once, in order, and is whole', async () => {
  await using house = await aHouse()
  await house.add('a', 'b', 'c')
  assert.deepEqual(await house.sealed(2), ['a', 'b'])
  assert.deepEqual(await house.sealed(2), ['c'])
  assert.deepEqual(await house.sealed(2), [])
  const { seals, rows, findings, between, waiting } = await checkAudit(house.owner)
  assert.deepEqual(
    { seals, rows, findings, between, waiting },
    { seals: 2, rows: 3, findings: [], between: 0, waiting: 0 },
  )
})

test('a row whose transaction is still running is linked after it, and not passed by later ones', async () => {
  await using house = await aHouse()
  await house.add('early')
  await using slow = await connected(house.base.url)
  await slow.query('begin')
  await slow.query(addRow, ['slow'])
  await house.add('behind it')
  assert.deepEqual(await house.sealed(), ['early'])
  assert.deepEqual(await house.sealed(), [])
  assert.equal((await checkAudit(house.owner)).waiting, 1)
  await slow.query('commit')
  assert.deepEqual(await house.sealed(), ['slow', 'behind it'])
  assert.deepEqual(await house.sealed(), [])
})

test('who links at the same time makes one chain', async () => {
  await using house = await aHouse()
  await house.add(...Array.from({ length: 40 }, (_, n) => `row ${n}`))
  const others = await Promise.all([1, 2, 3, 4].map(() => connected(house.base.ownerUrl)))
  for (let links = 4; links > 0; )
    links = (await Promise.all(others.map((one) => linkAuditRows(one, 3)))).filter(Boolean).length
  await Promise.all(others.map((one) => one.end()))
  const { seals, rows, findings, waiting } = await checkAudit(house.owner)
  assert.deepEqual({ seals, rows, findings, waiting }, { seals: 14, rows: 40, findings: [], waiting: 0 })
})

test('a changed row, a missing row, a row put between, and a chain made anew are found', async () => {
  await using house = await aHouse()
  await house.add('a', 'b', 'c', 'd')
  for (let n = 0; n < 4; n++) await house.sealed(1)
  const { head } = await checkAudit(house.owner)
  const found = async () => {
    const { findings, between, knowsHead } = await checkAudit(house.owner, head)
    return { findings, between, knowsHead }
  }
  assert.deepEqual(await found(), { findings: [], between: 0, knowsHead: true })
  await house.spoil(`update audit_log set action = 'x' where action = 'b'`)
  assert.deepEqual(await found(), {
    findings: [{ seal: '2', wrong: 'content' }],
    between: 0,
    knowsHead: true,
  })
  await house.spoil(
    `update audit_log set action = 'b' where action = 'x'; delete from audit_log where action = 'c'`,
  )
  assert.deepEqual(await found(), { findings: [{ seal: '3', wrong: 'rows' }], between: 0, knowsHead: true })
  await house.spoil(`delete from audit_seal where id = 2`)
  assert.deepEqual((await found()).findings[0], { seal: '3', wrong: 'link' })
  await house.spoil('truncate audit_seal')
  while ((await house.sealed(1)).length > 0);
  assert.deepEqual(await found(), { findings: [], between: 0, knowsHead: false })
  await house.spoil(
    `insert into audit_log (actor_kind, actor_id, actor_name, action, subject_type, subject_id, xid) values ('user', '', '', 'e', '', '', '1')`,
  )
  assert.deepEqual(await found(), { findings: [], between: 1, knowsHead: false })
})

test('a database that came from another server, where more had happened, is linked on', async () => {
  await using house = await aHouse()
  await house.add('there', 'there too')
  await house.sealed(1)
  await house.spoil(
    `update audit_log set xid = '900000000000' where action = 'there'; update audit_log set xid = '900000000001' where action <> 'there';
     update audit_seal set last_xid = '900000000000'`,
  )
  await house.add('here')
  assert.deepEqual(await house.sealed(), ['there too', 'here'])
  await house.add('here again')
  assert.deepEqual(await house.sealed(), ['here again'])
  assert.deepEqual(await house.sealed(), [])
  const { rows, findings, between, waiting } = await checkAudit(house.owner)
  assert.deepEqual({ rows, findings, between, waiting }, { rows: 4, findings: [], between: 0, waiting: 0 })
})

const addRow = `
  insert into audit_log (actor_kind, actor_id, actor_name, action, subject_type, subject_id)
  values ('user', '7', '林晓', $1, 'order', '1')`

type House = AsyncDisposable & {
  base: TestDatabase
  owner: pg.Client
  /** Adds audit entries, each in its own transaction. */
  add(...actions: string[]): Promise<void>
  /** Links once; returns the actions of the rows in the new link. */
  sealed(limit?: number): Promise<string[]>
  /** Runs a statement with the owner's rights, which the program does not have. */
  spoil(text: string): Promise<void>
}

async function aHouse(): Promise<House> {
  const base = await testDatabase()
  const owner = await connected(base.ownerUrl)
  const program = await connected(base.url)
  return {
    base,
    owner,
    async add(...actions) {
      for (const action of actions) await program.query(addRow, [action])
      await strangersEnd(owner)
    },
    async sealed(limit) {
      const seal = await linkAuditRows(owner, limit)
      const { rows } = await owner.query<{ action: string }>(
        'select action from audit_log where id <@ (select ids from audit_seal where id = $1) order by id',
        [seal?.id ?? null],
      )
      return rows.map(({ action }) => action)
    },
    async spoil(text) {
      await owner.query(`set session_replication_role = replica; ${text}`)
      await owner.query('reset session_replication_role')
    },
    async [Symbol.asyncDispose]() {
      await program.end()
      await owner.end()
      await base[Symbol.asyncDispose]()
    },
  }
}

/** Waits until the transactions of tests on other databases of this server have ended, because linking waits for them too. */
async function strangersEnd(owner: pg.Client): Promise<void> {
  const { rows } = await owner.query<{ now: string }>('select pg_current_xact_id()::xid::text as now')
  await until(async () => {
    const older = await owner.query(
      'select from pg_stat_activity where datname is distinct from current_database() and age(backend_xid) > age($1::xid)',
      [rows[0]?.now],
    )
    return older.rows.length === 0
  })
}
