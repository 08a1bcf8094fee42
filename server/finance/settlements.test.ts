import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { type Actor, wholeScope } from '../core/access/actor.ts'
import { type OpenDatabase, openDatabase, type Tx } from '../core/db/db.ts'
import { type TestDatabase, testDatabase } from '../testing/database.ts'
import { anOrder, aShop } from '../testing/orders.ts'
import type { SettlementEvent } from './lifecycle.ts'
import { moveSettlements } from './settlement-verbs.ts'
import { oweSettlements } from './settlements.ts'

let database: TestDatabase
let open: OpenDatabase
let shopId: string
const clerk: Actor = { kind: 'user', id: '7', name: '林晓' }
const other: Actor = { kind: 'user', id: '8', name: '王敏' }

before(async () => {
  database = await testDatabase()
  open = openDatabase(database.url)
  shopId = await aShop(open.db)
})
after(async () => {
  await open.close()
  await database[Symbol.asyncDispose]()
})

const run = <T>(work: (tx: Tx) => Promise<T>) => open.db.transaction().execute(work)

/** Returns a refund of an order, whose documents follow the amount that is owed. */
async function aRefunded() {
  const { id, no, tid } = await anOrder(open.db, { shopId })
  const source = `r${tid}`
  const documents = async () =>
    (
      await sql<{ id: string; no: string; text: string }>`
        select id, no, amount_fen || ' ' || status as text from settlement where source = ${source} order by version`.execute(
        open.db,
      )
    ).rows
  return {
    documents,
    texts: async () => (await documents()).map(({ text }) => text),
    owe: (amountFen: number) => {
      const of = { shopId, orderId: id, orderNo: no, tid, kind: 'refund_only', source } as const
      return run((tx) => oweSettlements(tx, [{ ...of, amountFen }], clerk.name))
    },
    move: async (event: SettlementEvent, actor = clerk) => {
      const last = (await documents()).at(-1)
      const [outcome] = await run((tx) =>
        moveSettlements(tx, [last?.id ?? ''], { event }, { actor, scope: wholeScope }),
      )
      return outcome?.done ?? assert.fail()
    },
  }
}

test('a correction that a person voided prevents one of the same amount, until a later one is approved', async () => {
  const { owe, move, texts } = await aRefunded()
  await owe(-4000)
  assert.ok(await move('approve'))
  await owe(-3500)
  assert.ok(await move('void'))
  await owe(-3500)
  assert.deepEqual(await texts(), ['-4000 approved', '500 voided'])
  await owe(-3000)
  assert.ok(await move('approve'))
  await owe(-2500)
  assert.deepEqual(await texts(), ['-4000 approved', '500 voided', '1000 approved', '500 draft'])
  assert.ok(await move('void'))
  await owe(-2500)
  assert.deepEqual(await texts(), ['-4000 approved', '500 voided', '1000 approved', '500 voided'])
})

test('who takes an approval back or revives a document is in the audit log, with the person whose step it was', async () => {
  const { owe, move, documents } = await aRefunded()
  await owe(-4000)
  assert.ok(await move('approve'))
  assert.ok(await move('unapprove', other))
  assert.ok(!(await move('unapprove', other)))
  assert.ok(await move('void'))
  assert.ok(await move('revive', other))
  const [{ id, no } = assert.fail()] = await documents()
  const noted = await sql`
    select action, actor_name as who, shop_id as shop, detail from audit_log
    where subject_type = 'settlement' and subject_id = ${id} order by id`.execute(open.db)
  const by = { who: '王敏', shop: shopId }
  assert.deepEqual(noted.rows, [
    { action: 'settlement.unapprove', ...by, detail: { no, approvedBy: '林晓' } },
    { action: 'settlement.revive', ...by, detail: { no, voidedBy: '林晓' } },
  ])
})
