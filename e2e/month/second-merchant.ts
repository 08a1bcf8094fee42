import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { startPostgres } from '../../server/core/embedded/postgres.ts'
import { until } from '../../server/testing/until.ts'
import { compareBooks } from './books.ts'
import { isComplete, tradeFor } from './first-week.ts'
import type { Env, Machine } from './machine.ts'
import { connectShop, hurryTasks, setUp, stockUp } from './merchant.ts'
import { anotherMachine, type Month, openPlatform } from './month.ts'

/** Friends of the merchant join: one set of processes for many merchants on a machine of its own. Each sees its own trades only. */
export async function secondMerchant(month: Month): Promise<string> {
  const machine = await anotherMachine(month, 'provider')
  await month.install(machine)
  await mkdir(join(month.folder, 'provider-server'), { mode: 0o755 })
  const server = await startPostgres({ dataDir: join(month.folder, 'provider-server', 'postgres') })
  month.defer(() => server.stop())
  const port = new URL(machine.url).port
  const env = {
    DIRECTORY_URL: await emptyDatabase(server.url, 'directory'),
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    LISTEN_HOST: '0.0.0.0',
  }
  await machine.sanyi(['merchant', 'server', 's1', server.url], { env })
  // The addresses of this machine stand for host names: 127.0.0.2 and 127.0.0.3.
  const merchants = []
  for (const [at, key] of ['north', 'south'].entries()) {
    const host = `127.0.0.${at + 2}`
    const said = await machine.sanyi(['merchant', 'add', key, '--server', 's1', '--host', host], { env })
    merchants.push({ key, said, url: `http://${host}:${port}`, platform: await openPlatform(month, key) })
  }
  await machine.start([], env, 'merchants')
  const counts: string[] = []
  for (const { key, said, url, platform } of merchants) {
    const boss = await setUp(url, said)
    const one = { boss, sandbox: platform, shopKeys: month.shopKeys.slice(0, 1) }
    await stockUp(boss, platform, one.shopKeys)
    for (const shop of one.shopKeys) await connectShop(boss, platform, shop)
    await hurryTasks(boss)
    await until(() => isComplete(boss), 120_000)
    await tradeFor(one, 2)
    const databaseUrl = databaseOf(server.url, `sanyi_${key}`)
    const books = await compareBooks({ who: boss, sandbox: platform, databaseUrl, machines: [machine] })
    counts.push(`${key} ${books.trades} trades, ${books.shipped} parcels`)
  }
  const list = await machine.sanyi(['merchant', 'list'], { env })
  for (const { key } of merchants) assert.match(list, new RegExp(`^${key}  active  s1  127`, 'm'))
  await assertApart(machine, env)
  return `two merchants in one set of processes; books equal: ${counts.join('; ')}`
}

/** Commands of one installation see that merchant alone. */
async function assertApart(machine: Machine, env: Env): Promise<void> {
  for (const key of ['north', 'south']) {
    const doctor = await machine.sanyi(['merchant', 'run', key, 'doctor'], { env, codes: [0, 1] })
    assert.doesNotMatch(doctor, /^✗/m, doctor)
    const said = await machine.sanyi(
      ['merchant', 'run', key, 'psql', '-Atc', 'select current_database(), count(*) from app_user'],
      { env, codes: [0, 1] },
    )
    // A machine of a merchant may have no psql, and is told how to get it.
    assert.match(said, new RegExp(`^sanyi_${key}\\|1$|has no psql: install it`, 'm'))
  }
}

async function emptyDatabase(serverUrl: string, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: serverUrl })
  await client.connect()
  await client.query(`create database ${client.escapeIdentifier(name)}`)
  await client.end()
  return databaseOf(serverUrl, name)
}

function databaseOf(serverUrl: string, name: string): string {
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return url.href
}
