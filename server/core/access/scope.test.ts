import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { AppError } from '../../errors.ts'
import { testDatabase } from '../../testing/database.ts'
import { openDatabase } from '../db/db.ts'
import { assertInScope, intersect, scopeSql } from './scope.ts'

test('a query sees the granted shops, all with the whole scope, none with an empty one', async () => {
  await using database = await testDatabase()
  const { db, close } = openDatabase(database.url)
  const seen = async (shops: 'all' | string[]) => {
    const { rows } = await sql<{ id: string }>`
      select t.id from unnest('{7,8,9}'::bigint[]) t (id) where ${scopeSql({ shops, warehouses: 'all' }, sql.ref('t.id'))}
    `.execute(db)
    return rows.map(({ id }) => id)
  }
  assert.deepEqual(await seen('all'), ['7', '8', '9'])
  assert.deepEqual(await seen(['9', '7', '99']), ['7', '9'])
  assert.deepEqual(await seen([]), [])
  await close()
})

test('one shop outside the scope refuses the whole', () => {
  assertInScope({ shops: 'all', warehouses: 'all' }, ['1', '2'])
  assertInScope({ shops: ['1', '2'], warehouses: 'all' }, ['2', '2'])
  assert.throws(
    () => assertInScope({ shops: ['1'], warehouses: 'all' }, ['1', '2'], 'shopId'),
    (error) => error instanceof AppError && error.code === 'outside_scope' && error.field === 'shopId',
  )
})

test('two scopes allow what both allow', () => {
  assert.deepEqual(intersect({ shops: 'all', warehouses: 'all' }, { shops: ['1'], warehouses: 'all' }), {
    shops: ['1'],
    warehouses: 'all',
  })
  assert.deepEqual(
    intersect({ shops: ['1', '2'], warehouses: 'all' }, { shops: ['2', '3'], warehouses: 'all' }),
    { shops: ['2'], warehouses: 'all' },
  )
  assert.deepEqual(intersect({ shops: ['1'], warehouses: 'all' }, { shops: 'all', warehouses: 'all' }), {
    shops: ['1'],
    warehouses: 'all',
  })
})
