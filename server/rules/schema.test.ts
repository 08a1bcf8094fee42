import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refundKinds, refundStatuses, tradeStatuses } from '../connectors/connector.ts'
import { holdReasons, orderStatuses, origins } from '../orders/order/lifecycle.ts'
import { testDatabase } from '../testing/database.ts'
import { readCatalogue } from '../testing/schema/catalogue.ts'
import { rowTypes, wordsOf } from '../testing/schema/row-types.ts'
import { schemaSql } from '../testing/schema/schema-sql.ts'
import { assertWritten } from '../testing/surface.ts'

// The schema that the migrations made, written to files that a person reads. `SCHEMA=write` writes them again.

const write = process.env['SCHEMA'] === 'write'

test('migrations/schema.sql is the catalogue of a migrated database, and makes the same one', async () => {
  await using migrated = await testDatabase()
  const text = schemaSql(await readCatalogue(migrated.ownerUrl))
  assertWritten('migrations/schema.sql', text, write)
  await migrated.owner(`drop schema public cascade; create schema public; ${text}`)
  const again = schemaSql(await readCatalogue(migrated.ownerUrl))
  // PostgreSQL writes `a or b or c` with fewer parentheses when it has read it once more.
  const bare = (one: string) => one.replaceAll(/[()]/g, '').split('\n')
  assert.deepEqual(bare(again), bare(text))
})

test('server/core/db/rows.ts has the type of each table’s row', async () => {
  await using migrated = await testDatabase()
  assertWritten('server/core/db/rows.ts', rowTypes(await readCatalogue(migrated.ownerUrl)), write)
})

test('a column of few words allows those that the code knows, and no others', async () => {
  await using migrated = await testDatabase()
  const { tables } = await readCatalogue(migrated.ownerUrl)
  const actors = ['user', 'api_key', 'task', 'system']
  const known: Record<string, readonly string[]> = {
    'staged_trade.status': tradeStatuses,
    'staged_refund.status': refundStatuses,
    'staged_refund.kind': refundKinds,
    'refund_notice.refund_status': refundStatuses,
    'refund_notice.kind': refundKinds,
    'order_refund.refund_status': refundStatuses,
    'order_refund.kind': refundKinds,
    'refund_waiver.refund_status': refundStatuses,
    'refund_waiver.kind': ['', ...refundKinds],
    'return_order.refund_status': ['', ...refundStatuses],
    'order_hold.reason': Object.keys(holdReasons),
    'order_event.actor_kind': actors,
    'trade_event.actor_kind': actors,
    'refund_event.actor_kind': actors,
    'return_event.actor_kind': actors,
    'audit_log.actor_kind': actors,
    'sales_order.status': orderStatuses,
    'sales_order.origin': origins,
  }
  const allowed = Object.keys(known).map((place) => {
    const [name = '', column = ''] = place.split('.')
    const table = tables.find((one) => one.name === name)
    const words = table?.constraints.map(({ definition }) => wordsOf(column, definition)).find(Boolean)
    return [place, words?.toSorted()]
  })
  assert.deepEqual(
    Object.fromEntries(allowed),
    Object.fromEntries(Object.entries(known).map(([place, words]) => [place, [...words].sort()])),
  )
})
