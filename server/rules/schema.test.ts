import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { before, test } from 'node:test'
import { root } from '../../scripts/steps.ts'
import { refundKinds, refundStatuses, tradeStatuses } from '../connectors/connector.ts'
import { type Catalogue, readCatalogue } from '../core/db/catalogue.ts'
import { schemaSql } from '../core/db/schema-sql.ts'
import { refundReasons, tradeReasons } from '../intake/lifecycle.ts'
import { holdReasons, orderStatuses, origins } from '../orders/order/lifecycle.ts'
import { syncFailures } from '../stock-sync/lifecycle.ts'
import { connected, testDatabase } from '../testing/database.ts'
import { rowTypes, wordsOf } from '../testing/schema/row-types.ts'
import { relationsOf, schemaPage } from '../testing/schema/schema-page.ts'
import { assertWritten } from '../testing/surface.ts'

// The schema that the migrations made, written to files that a person reads. `SCHEMA=write` writes them again.

const head =
  '-- The tables that the migrations of this folder make. Generated: SCHEMA=write node --test server/rules/schema.test.ts'
const write = process.env['SCHEMA'] === 'write'

let catalogue: Catalogue

before(async () => {
  await using migrated = await testDatabase()
  catalogue = await catalogueAt(migrated.ownerUrl)
})

test('migrations/schema.sql is the catalogue of a migrated database, and makes the same one', async () => {
  const text = schemaSql(catalogue, head)
  assertWritten('migrations/schema.sql', text, write)
  await using other = await testDatabase()
  await other.owner(`drop schema public cascade; create schema public; ${text}`)
  const again = schemaSql(await catalogueAt(other.ownerUrl), head)
  // PostgreSQL writes `a or b or c` with fewer parentheses when it has read it once more.
  const bare = (one: string) => one.replaceAll(/[()]/g, '').split('\n')
  assert.deepEqual(bare(again), bare(text))
})

test('server/core/db/rows.ts has the type of each table’s row', () => {
  assertWritten('server/core/db/rows.ts', rowTypes(catalogue), write)
})

test('docs/schema.md draws the tables of each slice and explains their columns', () => {
  assertWritten('docs/schema.md', schemaPage(catalogue, roomsOfTables()), write)
})

test('each table has a comment and belongs to one room', () => {
  const names = catalogue.tables.map(({ name }) => name)
  assert.deepEqual(
    catalogue.tables.filter(({ comment }) => comment === '').map(({ name }) => name),
    [],
  )
  assert.deepEqual(
    owned()
      .map(({ table }) => table)
      .sort(),
    names.toSorted(),
  )
})

test('each arrow of a comment names a column of a table that is there', () => {
  const places = catalogue.tables.flatMap(({ name, columns }) => columns.map((one) => `${name}.${one.name}`))
  const pointed = catalogue.tables.flatMap(relationsOf).map(({ target, key }) => `${target}.${key}`)
  assert.deepEqual(
    pointed.filter((place) => !places.includes(place)),
    [],
  )
})

test('a column of few words allows those that the code knows, and no others', () => {
  const actors = ['user', 'api_key', 'task', 'system']
  const known: Record<string, readonly string[]> = {
    'staged_trade.status': tradeStatuses,
    'staged_trade.reason': ['', ...tradeReasons],
    'staged_refund.status': refundStatuses,
    'staged_refund.reason': ['', ...refundReasons],
    'stock_upload.problem': ['', ...syncFailures],
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
    const table = catalogue.tables.find((one) => one.name === name)
    const words = table?.constraints.map(({ definition }) => wordsOf(column, definition)).find(Boolean)
    return [place, words?.toSorted()]
  })
  assert.deepEqual(
    Object.fromEntries(allowed),
    Object.fromEntries(Object.entries(known).map(([place, words]) => [place, [...words].sort()])),
  )
})

async function catalogueAt(url: string): Promise<Catalogue> {
  await using client = await connected(url)
  return await readCatalogue(client)
}

/** Each table that a README says its room owns, in the line that begins with **Owns**. */
function owned(): { table: string; room: string }[] {
  return readdirSync(join(root, 'server'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('README.md'))
    .flatMap((path) => {
      const [line = ''] = /^\*\*Owns\*\*: .*$/m.exec(readFileSync(join(root, 'server', path), 'utf8')) ?? []
      return [...line.matchAll(/`(\w+)`/g)].map(([, table = '']) => ({ table, room: dirname(path) }))
    })
}

const roomsOfTables = () => new Map(owned().map(({ table, room }) => [table, room]))
