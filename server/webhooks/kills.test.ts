import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { openDatabase } from '../core/db/db.ts'
import { loadKeyRing } from '../lib/seal.ts'
import { testDatabase } from '../testing/database.ts'
import { dice } from '../testing/dice.ts'
import { anOrder, aShop } from '../testing/orders.ts'
import { until } from '../testing/until.ts'
import { sealReceiver } from './sealed.ts'
import { isSignedWith, program } from './testing.ts'

// Two workers send while orders change, the program fails now and then, and one worker after the other is killed with kill -9.
// WEBHOOK_KILLS=100 is the proof (npm run prove webhooks).

const kills = Number(process.env['WEBHOOK_KILLS'] ?? 6)
const orders = 40
const script = fileURLToPath(new URL('../testing/webhooks/webhook-worker.ts', import.meta.url))

test(`after ${kills} kills each event was taken at least once, those of an order in order, each signed`, async () => {
  await using database = await testDatabase()
  const { db, close } = openDatabase(database.url, { max: 6 })
  const folder = await mkdtemp(join(tmpdir(), 'webhook-kills-'))
  const keys = join(folder, 'sealing.json')
  const random = dice(Number(process.env['WEBHOOK_SEED'] ?? 1))
  const secret = `whsec_${Buffer.from('a secret of thirty-two characters').toString('base64')}`
  /** Taken ids by document, in the order of their first answer; and how often an id came. */
  const taken = new Map<string, number[]>()
  const times = new Map<string, number>()
  const wrong: string[] = []
  await using receiver = await program((got) => {
    const { sequence, data } = JSON.parse(got.text)
    const own = taken.get(data.id) ?? []
    taken.set(data.id, own)
    if (!isSignedWith(secret, got)) wrong.push(`${sequence} is not signed`)
    // One that was taken before may come again, but only the latest: those after it had to wait.
    if (own.includes(Number(sequence)) && own.at(-1) !== Number(sequence)) wrong.push(`${sequence} came late`)
    if (random.chance(0.01)) return { status: 500 }
    times.set(sequence, (times.get(sequence) ?? 0) + 1)
    if (!own.includes(Number(sequence))) own.push(Number(sequence))
    return { status: 204, afterMs: random.int(8) }
  })
  const ring = await loadKeyRing(keys)
  const shopId = await aShop(db)
  const ids: string[] = []
  for (let made = 0; made < orders; made += 1) ids.push((await anOrder(db, { shopId })).id)

  await sql`
    insert into webhook_subscription (name, credentials, kinds, created_by)
    values ('程序', ${sealReceiver(ring, { address: receiver.url, secrets: [{ secret }] })}, '{order.*}', '林晓')`.execute(
    db,
  )

  let producing = true
  let committed = 0
  /** Changes some orders at a time; one change in ten is rolled back, and must not be sent. */
  const produce = async () => {
    while (producing) {
      const some = ids.filter(() => random.chance(0.3))
      const rolledBack = random.chance(0.1)
      const changed = db.transaction().execute(async (tx) => {
        await sql`select from sales_order where id = any(${some}::bigint[]) order by id for update`.execute(
          tx,
        )
        await sql`update sales_order set version = version + 1 where id = any(${some}::bigint[])`.execute(tx)
        await sql`
          insert into order_event (order_id, event, actor_kind, actor_id, actor_name)
          select id, 'edit_courier', 'user', '1', '林晓' from unnest(${some}::bigint[]) id`.execute(tx)
        if (rolledBack) throw new Error('rolled back')
      })
      await changed.then(
        () => {
          committed += some.length
        },
        (error: Error) => assert.equal(error.message, 'rolled back'),
      )
      await sleep(200)
    }
  }
  const start = async () => {
    const child = fork(script, [database.url, keys])
    await once(child, 'message')
    return child
  }
  const workers: ChildProcess[] = [await start(), await start()]
  await using _ = {
    async [Symbol.asyncDispose]() {
      for (const child of workers) child.kill('SIGKILL')
    },
  }
  const producers = [produce(), produce()]
  for (let killed = 0; killed < kills; killed += 1) {
    await sleep(150 + random.int(500))
    const at = random.int(2)
    const child = workers[at] ?? assert.fail()
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
    workers[at] = await start()
  }
  producing = false
  await Promise.all(producers)
  const waiting = async () =>
    (
      await sql<{
        n: number
      }>`select count(*)::int as n from webhook_message where state <> 'delivered'`.execute(db)
    ).rows[0]?.n
  // A refused message waits for its second attempt, 5 s later; with it the later ones of its order.
  await until(async () => (await waiting()) === 0, 240_000)
  const { rows } = await sql<{
    id: string
    document: string
  }>`select id, document from webhook_message order by id`.execute(db)
  assert.deepEqual(wrong, [])
  assert.equal(rows.filter(({ document }) => document !== '').length, committed)
  for (const id of ids)
    assert.deepEqual(
      taken.get(id) ?? [],
      rows.flatMap((row) => (row.document === `order:${id}` ? [Number(row.id)] : [])),
      `order ${id}`,
    )
  const again = [...times.values()].filter((count) => count > 1).length
  console.log(
    `${kills} kills, ${committed} events of ${orders} orders, ${again} taken more than once, 0 lost, 0 out of order`,
  )
  await close()
  await rm(folder, { recursive: true })
})
