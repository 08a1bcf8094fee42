import assert from 'node:assert/strict'
import test from 'node:test'
import { sql } from 'kysely'
import { testDatabase } from '../../testing/database.ts'
import { type Database, openDatabase } from '../db/db.ts'
import { flushSearchIndexes } from './search-indexes.ts'

test('what waits beside the search indexes is taken in, by one process at a time', async () => {
  await using base = await testDatabase()
  const { db, close } = openDatabase(base.url)
  try {
    await base.owner(`
      create table searched (facets int[]);
      create index searched_facets on searched using gin (facets);
      grant all on searched to public`)
    await addSearched(db)
    await db.transaction().execute(async (tx) => {
      // Another process holds the lock, so this one does nothing.
      await sql`select pg_advisory_xact_lock(hashtextextended('search indexes of ' || current_schema(), 0))`.execute(
        tx,
      )
      await flushSearchIndexes(db)
    })
    assert.equal(await waiting(base.ownerUrl), 1, 'nothing was taken in meanwhile')
    await addSearched(db)
    await flushSearchIndexes(db)
    assert.equal(await waiting(base.ownerUrl), 0)
  } finally {
    await close()
  }
})

async function addSearched(db: Database): Promise<void> {
  await sql`insert into searched values ('{1,2,3}')`.execute(db)
}

/** Returns the number of pages in the pending list; reading it empties the list. */
async function waiting(ownerUrl: string): Promise<number> {
  const { db, close } = openDatabase(ownerUrl, { max: 1 })
  const found = await sql<{
    pages: string
  }>`select gin_clean_pending_list('searched_facets'::regclass) as pages`.execute(db)
  await close()
  return Number(found.rows[0]?.pages)
}
