import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  createMerchantDatabase,
  dropMerchantDatabase,
} from '../../server/core/directory/merchant-database.ts'
import {
  applicationRoleOf,
  applicationUrlOf,
  databaseOf,
  enterMerchant,
  listMerchants,
  merchantOf,
  ownerUrlOf,
  putServer,
  serverOf,
} from '../../server/core/directory/merchants.ts'
import { suspendMerchant } from '../../server/merchants/suspend.ts'
import { freePort } from '../../server/testing/free-port.ts'
import { until } from '../../server/testing/until.ts'
import { connect, remainsOn, rolesOf, rows } from './ask-server.ts'
import { openMerchants } from './merchants-house.ts'

// Two servers, each also under a second name with an ordinary role that may create databases and roles: `h1` is s1, `h2` is s2.

const house = await openMerchants({ merchants: 1, servers: 2, trades: 1, pooler: false })
after(() => house[Symbol.asyncDispose]())
const { directory } = house
const [one] = house.merchants
if (!one) throw new Error('a merchant is needed')
const [s1, s2] = [await serverOf(directory, 's1'), await serverOf(directory, 's2')]
for (const [name, server] of [['h1', s1] as const, ['h2', s2] as const]) {
  await rows(server.ownerUrl, `create role provider login createdb createrole password 'of a test'`)
  const url = new URL(server.ownerUrl)
  url.username = 'provider'
  url.password = 'of a test'
  await putServer(directory, { name, ownerUrl: url.href, pooler: null })
}

test('a role that may create databases and roles, and no more, suspends a merchant once its work has ended, opens, moves and drops it', async () => {
  await add('plain', 'h1')
  const busy = await connect(await applicationUrl('plain'))
  await busy.query('begin; select from shop')
  const idle = await connect(await applicationUrl('plain'))
  const suspending = suspendMerchant(directory, 'plain')
  // No worker has it, so that only the transaction keeps it open for so long.
  await sleep(5000)
  assert.equal(await maySignIn('plain', 's1'), true)
  await busy.query('commit')
  await suspending
  assert.equal(await maySignIn('plain', 's1'), false)
  for (const client of [busy, idle]) await assert.rejects(client.query('select 1'))

  await house.command(['resume', 'plain'])
  assert.deepEqual(await rows(await applicationUrl('plain'), 'select id from shop'), [])
  assert.match(await house.command(['move', 'plain', '--to', 'h2']), /it is on h2 now/)
  assert.deepEqual(await rows(await applicationUrl('plain'), 'select id from shop'), [])
  await house.command(['clear', 'plain', '--server', 'h1'])
  assert.deepEqual(await remainsOn(s1, 'plain'), [])
  await house.command(['drop', 'plain', '--yes'])
  assert.deepEqual(await remainsOn(s2, 'plain'), [])
})

test('a move to the same PostgreSQL under another name is refused before anything is closed, and so is clear', async () => {
  const before = await shopsOf(one.key)
  await assert.rejects(house.command(['move', one.key, '--to', 'h1']), /s1 and h1 are one server/)
  await assert.rejects(house.command(['clear', one.key, '--server', 'h1']), /s1 and h1 are one server/)
  assert.equal((await merchantOf(directory, one.key)).state, 'active')
  assert.equal(await maySignIn(one.key, 's1'), true)
  assert.equal(before.length, 1)
  assert.deepEqual(await shopsOf(one.key), before)
})

test('a move whose target does not answer any more is called off, in the state from before', async () => {
  const move = ['move', one.key, '--to', 's2']
  const callOff = ['move', one.key, '--to', 's1']
  await house.command(move, 'MB → s2')
  await putServer(directory, { ...s2, ownerUrl: await noServer() })
  for (const command of [move, ['resume', one.key], ['drop', one.key, '--yes']])
    await assert.rejects(house.command(command), /ECONNREFUSED|move m1 --to s1$/m)
  assert.deepEqual(
    [(await merchantOf(directory, one.key)).state, await maySignIn(one.key, 's1')],
    ['moving', false],
  )
  assert.match(await house.command(callOff), /it stays on s1/)
  const { state, server, movingTo } = await merchantOf(directory, one.key)
  assert.deepEqual([state, server, movingTo], ['active', 's1', null])
  assert.equal((await rows(await applicationUrl(one.key), 'select id from shop')).length, 1)
  assert.match(await house.command(callOff), /is on s1 already/)

  await putServer(directory, s2)
  await suspendMerchant(directory, one.key)
  await house.command(move, 'closing it')
  await house.command(callOff)
  assert.equal((await merchantOf(directory, one.key)).state, 'suspended')
  assert.equal(await maySignIn(one.key, 's1'), false)
  await house.command(['clear', one.key, '--server', 's2'])
  await house.command(['resume', one.key])
  assert.equal((await shopsOf(one.key)).length, 1)
})

test('a move that is called off while it waits for work to end closes nothing', async () => {
  await add('undecided', 's1')
  const busy = await connect(await applicationUrl('undecided'))
  await busy.query('begin; select from shop')
  const moving = assert.rejects(
    house.command(['move', 'undecided', '--to', 's2']),
    /undecided was opened again while this command waited, and stays open/,
  )
  await until(async () => (await merchantOf(directory, 'undecided')).state === 'moving', 20_000)
  assert.match(await house.command(['move', 'undecided', '--to', 's1']), /it stays on s1/)
  await busy.query('commit')
  await moving
  const { state, server } = await merchantOf(directory, 'undecided')
  assert.deepEqual([state, server, await maySignIn('undecided', 's1')], ['active', 's1', true])
  assert.equal((await busy.query('select from shop')).rowCount, 0)
  await busy.end()
  assert.deepEqual(await remainsOn(s2, 'undecided'), [])
  await house.command(['drop', 'undecided', '--yes'])
})

test('drop of a merchant that was moved drops its former database too, no other, and is not complete while a server does not answer', async () => {
  await add('gone', 's1')
  await house.command(['move', 'gone', '--to', 's2'])
  assert.deepEqual(await remainsOn(s1, 'gone'), [databaseOf('gone'), ...rolesOf('gone')])
  const h1 = await serverOf(directory, 'h1')
  await putServer(directory, { ...h1, ownerUrl: await noServer() })
  const drop = ['drop', 'gone', '--yes']
  await assert.rejects(house.command(drop), /may still be at: h1 \(.*ECONNREFUSED/)
  assert.equal((await merchantOf(directory, 'gone')).state, 'suspended')
  await putServer(directory, h1)
  await house.command(drop)
  assert.deepEqual([await remainsOn(s1, 'gone'), await remainsOn(s2, 'gone')], [[], []])

  // The database of another directory, which has the same key for a merchant of its own, stays.
  await add('shared', 's1')
  await rows(s2.ownerUrl, `create role sanyi_shared_owner login password 'of another'`)
  await rows(s2.ownerUrl, 'create database sanyi_shared owner sanyi_shared_owner')
  for (const command of [
    ['move', 'shared', '--to', 's2'],
    ['clear', 'shared', '--server', 's2'],
  ])
    await assert.rejects(house.command(command), /database of shared on s2 was not made by this directory/)
  assert.deepEqual(
    [(await merchantOf(directory, 'shared')).state, await maySignIn('shared', 's1')],
    ['active', true],
  )
  await house.command(['drop', 'shared', '--yes'])
  assert.deepEqual(await remainsOn(s1, 'shared'), [])
  assert.deepEqual(await remainsOn(s2, 'shared'), ['sanyi_shared', 'sanyi_shared_owner'])
  assert.deepEqual(
    (await listMerchants(directory)).map(({ key }) => key),
    [one.key],
  )
})

test('add refuses a key whose former database has a shop, and completes a making that was killed', async () => {
  await add('former', 's1')
  const url = await ownerUrl('former')
  await rows(
    url,
    `insert into shop (platform, variant, name, go_live_at) values ('taobao', 'tmall', '从前的店', '2026-01-01')`,
  )
  await directory.pool.query(`delete from merchant where key = 'former'`)
  await assert.rejects(add('former', 's1'), /s1 has a database of former with users or shops/)
  assert.equal(
    (await listMerchants(directory)).some(({ key }) => key === 'former'),
    false,
  )
  assert.deepEqual(await rows(url, 'select name from shop'), [{ name: '从前的店' }])
  await dropMerchantDatabase(s1, 'former')
  assert.match(await add('former', 's1'), /It takes the former keys in \S+\/former\/sealing\.json/)

  const half = await enterMerchant(directory, { key: 'half', server: 's1', hosts: ['half.example.com'] })
  await createMerchantDatabase(directory, half, s1)
  const made = await add('half', 's1')
  assert.match(made, /half is ready/)
  assert.doesNotMatch(made, /former keys/)
  assert.equal((await merchantOf(directory, 'half')).state, 'active')
})

const add = (key: string, server: string) =>
  house.command(['add', key, '--server', server, '--host', `${key}.example.com`])

async function ownerUrl(key: string): Promise<string> {
  const merchant = await merchantOf(directory, key)
  return ownerUrlOf(directory, merchant, await serverOf(directory, merchant.server))
}

async function applicationUrl(key: string): Promise<string> {
  const merchant = await merchantOf(directory, key)
  return applicationUrlOf(directory, merchant, await serverOf(directory, merchant.server))
}

const shopsOf = async (key: string) => rows(await ownerUrl(key), 'select id, name from shop')

/** True if web and workers may sign in to the merchant's database. */
async function maySignIn(key: string, server: 's1' | 's2'): Promise<boolean> {
  const found = await rows<{ may: boolean }>(
    (server === 's1' ? s1 : s2).ownerUrl,
    'select rolcanlogin as may from pg_roles where rolname = $1',
    [applicationRoleOf(key)],
  )
  return found[0]?.may ?? false
}

/** The address of a server that does not answer. */
const noServer = async () => `postgres://provider@127.0.0.1:${await freePort()}/none`
