import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testDatabase } from '../testing/database.ts'
import { readCatalogue } from '../testing/schema/catalogue.ts'
import { rowTypes } from '../testing/schema/row-types.ts'
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
