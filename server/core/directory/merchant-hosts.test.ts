import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { connected, emptyDatabase } from '../../testing/database.ts'
import { until } from '../../testing/until.ts'
import { openDirectory } from './directory.ts'
import { enterMerchant, merchantOf, putHosts, putServer } from './merchants.ts'

/** A directory with merchants a and b, each with the host name KEY.example.com. */
async function twoMerchants() {
  await using stack = new AsyncDisposableStack()
  const database = stack.use(await emptyDatabase())
  const dataDir = await mkdtemp(join(tmpdir(), 'sanyi-directory-'))
  stack.defer(() => rm(dataDir, { recursive: true }))
  const sealingKeyPath = join(dataDir, 'sealing.json')
  const directory = await openDirectory({ directoryUrl: database.ownerUrl, sealingKeyPath, dataDir })
  stack.defer(() => directory.close())
  await putServer(directory, { name: 's1', ownerUrl: 'postgres://127.0.0.1:9/none', pooler: null })
  for (const key of ['a', 'b'])
    await enterMerchant(directory, { key, server: 's1', hosts: [`${key}.example.com`] })
  const owned = stack.move()
  return {
    directory,
    ownerUrl: database.ownerUrl,
    hostsOf: async (key: string) => (await merchantOf(directory, key)).hosts,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

test('a merchant that is given a host name of another keeps its own, and the other keeps it', async () => {
  await using many = await twoMerchants()
  const { directory, hostsOf } = many
  await assert.rejects(
    putHosts(directory, 'a', ['New.example.com', 'b.example.com']),
    /b\.example\.com belongs to b already/,
  )
  assert.deepEqual([await hostsOf('a'), await hostsOf('b')], [['a.example.com'], ['b.example.com']])

  await putHosts(directory, 'a', ['New.example.com', 'new.example.com'])
  await putHosts(directory, 'b', ['b.example.com', 'a.example.com'])
  assert.deepEqual(
    [await hostsOf('a'), await hostsOf('b')],
    [['new.example.com'], ['a.example.com', 'b.example.com']],
  )
})

test('of two merchants that are given one host name at once, the second is refused and keeps its own', async () => {
  await using many = await twoMerchants()
  const { directory, hostsOf } = many
  await using first = await connected(many.ownerUrl)
  await using watcher = await connected(many.ownerUrl)
  await first.query(`begin; insert into merchant_host (host, merchant) values ('new.example.com', 'b')`)
  const second = assert.rejects(
    putHosts(directory, 'a', ['new.example.com']),
    /new\.example\.com belongs to b already/,
  )
  await until(async () => {
    const { rowCount } = await watcher.query(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    )
    return rowCount === 1
  })
  await first.query('commit')
  await second
  assert.deepEqual(
    [await hostsOf('a'), await hostsOf('b')],
    [['a.example.com'], ['b.example.com', 'new.example.com']],
  )
})
