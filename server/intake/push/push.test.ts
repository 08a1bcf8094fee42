import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { pino } from 'pino'
import { alarmsNow } from '../../alarms/alarms.ts'
import { readQueueCounts } from '../../alarms/queue-counts.ts'
import { connectors } from '../../connectors/index.ts'
import { wholeScope } from '../../core/access/actor.ts'
import type { Running } from '../../core/jobs/engine.ts'
import { createLimiter } from '../../lib/limiter.ts'
import { unseal } from '../../lib/seal.ts'
import { aShippingHouse, type ShippingHouse } from '../../testing/shipping.ts'
import { until } from '../../testing/until.ts'
import { giveShopTasks } from '../../worker.ts'
import { sumsOfToday } from '../coverage/coverage.ts'
import { pushServes, pushStates } from '../push-state.ts'
import { endSilent } from './channels.ts'
import { startPush } from './loop.ts'
import { claimHints } from './messages.ts'

const quiet = pino({ level: 'silent' })
type Message = { kind: string; topic: string; outcome: string; tid: string; refundNo: string }

async function aPushHouse(platform: 'tmall' | 'pinduoduo'): Promise<ShippingHouse> {
  const house = await aShippingHouse(platform)
  const connector = connectors.find(({ id }) => id === (platform === 'tmall' ? 'taobao' : platform))
  assert.ok(connector)
  await house.run((tx) => giveShopTasks(tx, { id: house.shopId }, connector))
  return house
}

/** Every loop that a test began, so that one that failed leaves none behind. Stopping twice changes nothing. */
const started: Running[] = []

function start({ db, ring }: ShippingHouse, leaseMs = 9000): Running {
  const deps = { db, ring, connectors, simulator: true, limiter: createLimiter() }
  const push = startPush({ deps, log: quiet, everyMs: 50, leaseMs })
  started.push(push)
  return push
}

const served = ({ db, shopId }: ShippingHouse) => until(() => pushServes(db, shopId))
const stateOf = async ({ db }: ShippingHouse) => (await pushStates(db, wholeScope))[0]
const messages = async ({ db }: ShippingHouse) =>
  (
    await sql<Message>`
      select kind, topic, outcome, tid, refund_no as "refundNo" from push_message order by id`.execute(db)
  ).rows
const countedToday = async ({ db }: ShippingHouse) =>
  (await sumsOfToday(db, wholeScope)).find(({ kind }) => kind === 'trade_list') ?? { created: 0, updated: 0 }
const books = ({ sandbox }: ShippingHouse) => sandbox.sandbox.push
const staged = async ({ db }: ShippingHouse) =>
  (
    await sql<{ tid: string }>`select tid from staged_trade where detail_at is not null order by tid`.execute(
      db,
    )
  ).rows.map(({ tid }) => tid)
const settled = (house: ShippingHouse) =>
  until(async () => (await messages(house)).every(({ outcome }) => outcome !== ''))
const keyOf = ({ sandbox }: ShippingHouse) => sandbox.world.shops[0]?.key ?? ''
async function made(house: ShippingHouse, spec: Record<string, unknown> = {}): Promise<string[]> {
  const type = { type: 'fixed', status: 'WAIT_SELLER_SEND_GOODS', hold: '' }
  const answer = JSON.parse(await house.control('trades', { shop: keyOf(house), ...type, ...spec }))
  return [...answer.tids].toSorted()
}
const say = (house: ShippingHouse, topic: string, content: object, id?: string) =>
  house.control('push-say', {
    shop: keyOf(house),
    topic,
    content: JSON.stringify(content),
    ...(id ? { id } : {}),
  })

for (const platform of ['tmall', 'pinduoduo'] as const)
  describe(`push of ${platform}`, () => {
    let house: ShippingHouse
    let push: Running | undefined
    before(async () => {
      house = await aPushHouse(platform)
    })
    beforeEach(async () => {
      await house.control('push', {
        lose: 0,
        double: 0,
        late: 0,
        shuffle: 0,
        mute: false,
        refuse: false,
        resendMs: 300_000,
      })
      push = start(house)
      await served(house)
    })
    afterEach(async () => {
      await push?.stop()
      await sql`delete from push_message`.execute(house.db)
    })
    after(() => house[Symbol.asyncDispose]())

    test('a trade is staged with its detail within three seconds, while no list is read', async () => {
      const began = performance.now()
      const [tid = ''] = await made(house)
      await until(async () => (await staged(house)).includes(tid), 3000)
      assert.ok(performance.now() - began < 3000)
      await settled(house)
      assert.deepEqual(
        (await messages(house)).map(({ outcome, tid }) => [outcome, tid]),
        [['fetched', tid]],
      )
    })

    test('a refund is staged as soon as the platform tells of it', async () => {
      const [tid = ''] = await made(house)
      const refund = JSON.parse(await house.control('refunds', { tid, kind: 'REFUND' }))
      const id = String(refund.id ?? refund.refund_id)
      await until(async () => {
        const found = await sql`select from staged_refund where tid = ${tid}`.execute(house.db)
        return found.rows.length === 1
      }, 3000)
      await settled(house)
      assert.ok(id)
      assert.ok(
        (await messages(house)).some(({ kind, outcome }) => kind === 'refund' && outcome === 'fetched'),
      )
    })

    test('doubled, late and reordered messages stage each trade once', async () => {
      await house.control('push', { double: 0.5, shuffle: 0.5, late: 0.2, lateMs: 300 })
      const before = await countedToday(house)
      const tids = await made(house, { count: 40 })
      await until(async () => (await messages(house)).length >= 40)
      await settled(house)
      const found = await staged(house)
      assert.deepEqual(
        tids.filter((tid) => !found.includes(tid)),
        [],
      )
      assert.equal(new Set(found).size, found.length)
      assert.equal((await messages(house)).length, 40)
      assert.ok(books(house).counts.sent > 40)
      // No list run counts them, so today's downloads are 40 more by push alone.
      const today = await countedToday(house)
      assert.deepEqual([today.created - before.created, today.updated - before.updated], [40, 0])
    })

    test('a dropped connection comes back, and what was not confirmed comes again', async () => {
      await house.control('push', { mute: true })
      const tids = await made(house, { count: 3 })
      await house.control('push', { drop: true })
      await house.control('push', { mute: false })
      await until(async () => (await messages(house)).length === 3)
      await settled(house)
      const found = await staged(house)
      assert.ok(tids.every((tid) => found.includes(tid)))
    })

    test('a forged number stages nothing, an unknown topic is kept, and both are confirmed', async () => {
      const before = await staged(house)
      const [topic, forged] =
        platform === 'tmall'
          ? ['taobao_trade_TradeBuyerPay', { tid: '999999999999999999' }]
          : ['pdd_trade_TradeConfirmed', { mall_id: 1, tid: '991124-999999999999999' }]
      await say(house, topic, forged)
      await say(house, 'something_new', { tid: '1' })
      await until(async () => (await messages(house)).some(({ outcome }) => outcome === 'other'))
      await until(async () => {
        await sql`update push_message set due_at = now() where handled_at is null and tries > 0 and due_at < now() + interval '100 seconds'`.execute(
          house.db,
        )
        return (await messages(house)).every(({ outcome }) => outcome !== '')
      })
      assert.deepEqual(
        (await messages(house)).map(({ kind, outcome }) => [kind, outcome]),
        [
          ['trade', 'not_found'],
          ['other', 'other'],
        ],
      )
      assert.deepEqual(await staged(house), before)
      const fetching = await sql`select from staged_trade where detail_at is null`.execute(house.db)
      assert.equal(fetching.rows.length, 0)
      await until(() => [...books(house).owed.values()].every((owed) => owed.size === 0))
    })

    test('a message is stored sealed, and what comes again with its number changes nothing', async () => {
      const [tid = ''] = await made(house)
      await settled(house)
      const content = platform === 'tmall' ? { tid } : { mall_id: 1, tid }
      const topic = platform === 'tmall' ? 'taobao_trade_TradeClose' : 'pdd_trade_TradeSuccess'
      await say(house, topic, content, '42')
      await until(async () => (await messages(house)).length === 2)
      await say(house, 'other', {}, '42')
      await until(() => [...books(house).owed.values()].every((owed) => owed.size === 0))
      const found = await sql<{ sealed: Buffer; channel: string }>`
        select sealed, channel from push_message where message_id = '42'`.execute(house.db)
      const [row] = found.rows
      assert.ok(row && found.rows.length === 1)
      assert.ok(unseal(house.ring, row.channel, row.sealed).toString('utf8').includes(tid))
      assert.equal(row.sealed.includes(tid), false)
    })
  })

test('a change of a known refund, whose detail does not say when it came, brings the list forward', async () => {
  await using house = await aPushHouse('pinduoduo')
  const push = start(house)
  await served(house)
  const [tid = ''] = await made(house)
  await house.control('refunds', { tid, kind: 'REFUND' })
  const refundNo = async () =>
    (
      await sql<{ no: string }>`select refund_no as no from staged_refund where tid = ${tid}`.execute(
        house.db,
      )
    ).rows[0]?.no
  await until(async () => (await refundNo()) !== undefined)
  await settled(house)
  // The list has told a later time since.
  await sql`update staged_refund set modified_at = now() + interval '1 hour' where tid = ${tid}`.execute(
    house.db,
  )
  await sql`update task set next_run_at = now() + interval '1 hour'`.execute(house.db)
  await say(house, 'pdd_refund_RefundAgreeAgreement', { mall_id: 1, tid, refund_id: await refundNo() })
  const due = async () =>
    (
      await sql<{ kind: string }>`
        select kind from task where next_run_at < now() + interval '5 minutes' order by kind`.execute(
        house.db,
      )
    ).rows.map(({ kind }) => kind)
  await until(async () => (await due()).length > 0)
  assert.deepEqual(await due(), ['refund_list'])
  await push.stop()
})

describe('a message of a process that dies', () => {
  for (const platform of ['tmall', 'pinduoduo'] as const)
    test(`between its storing and its acknowledgement comes again, and its trade is staged once: ${platform}`, async () => {
      await using house = await aPushHouse(platform)
      const first = start(house)
      await served(house)
      await first.stop()
      const folder = await mkdtemp(join(tmpdir(), 'push-'))
      const keys = join(folder, 'keys.json')
      const { number, seal, hash } = house.ring.current
      const key = { number, seal: seal.toString('base64'), hash: hash.toString('base64') }
      await writeFile(keys, JSON.stringify({ keys: [key] }))
      const script = fileURLToPath(new URL('../../testing/push/push-worker.ts', import.meta.url))
      const child = fork(script, [house.databaseUrl, keys], {
        execArgv: ['--disable-warning=ExperimentalWarning'],
      })
      const gone = once(child, 'exit')
      const [tid = ''] = await made(house)
      assert.deepEqual(await gone, [null, 'SIGKILL'])
      await rm(folder, { recursive: true })
      assert.deepEqual(
        (await messages(house)).map(({ outcome, ...message }) => [outcome, message.tid]),
        [['', tid]],
      )
      const owed = () => [...books(house).owed.values()].reduce((sum, some) => sum + some.size, 0)
      assert.equal(owed(), 1)
      assert.equal(books(house).counts.confirmed, 0)
      assert.deepEqual(await staged(house), [])
      const second = start(house)
      await until(() => owed() === 0)
      await settled(house)
      assert.ok(books(house).counts.sent >= 2)
      assert.deepEqual(
        (await messages(house)).map(({ outcome, ...message }) => [outcome, message.tid]),
        [['fetched', tid]],
      )
      assert.deepEqual(await staged(house), [tid])
      await second.stop()
    })
})

describe('a channel', () => {
  let house: ShippingHouse
  before(async () => {
    house = await aPushHouse('tmall')
  })
  after(() => house[Symbol.asyncDispose]())
  afterEach(async () => {
    for (const one of started.splice(0)) await one.stop()
    await house.control('push', { refuse: false, mute: false })
    for (const table of ['push_message', 'push_shop', 'push_channel'])
      await sql`delete from ${sql.table(table)}`.execute(house.db)
    await sql`update shop set settings = settings - 'push'`.execute(house.db)
  })

  test('whose login is refused says why, and is an alarm after five minutes', async () => {
    await house.control('push', { refuse: true })
    const push = start(house)
    await until(async () => (await stateOf(house))?.errorCode === 'login_refused')
    await push.stop()
    const now = new Date()
    const alarms = async () =>
      (
        await alarmsNow(
          { db: house.db, scope: wholeScope, now },
          await readQueueCounts({ db: house.db, scope: wholeScope, now }),
        )
      ).filter(({ kind }) => kind === 'push_silent')
    assert.deepEqual(await alarms(), [])
    await sql`update push_channel set silent_since = now() - interval '6 minutes'`.execute(house.db)
    const [alarm, ...others] = await alarms()
    assert.equal(others.length, 0)
    assert.equal(alarm?.tone, 'warn')
    assert.match(alarm?.title.zh ?? '', /推送中断：平台不接受登录/)
    assert.equal(alarm?.to, `/shops/${house.shopId}`)
    assert.equal(await pushServes(house.db, house.shopId), false)
  })

  test('that becomes silent makes the lists due at once', async () => {
    const push = start(house)
    await served(house)
    await push.stop()
    await sql`update task set next_run_at = now() + interval '1 hour'`.execute(house.db)
    assert.deepEqual(await endSilent(house.db), [])
    await sql`update push_channel set heard_at = now() - interval '31 seconds'`.execute(house.db)
    assert.equal(await pushServes(house.db, house.shopId), false)
    assert.equal((await endSilent(house.db)).length, 1)
    assert.deepEqual(await endSilent(house.db), [])
    const due = await sql<{
      kind: string
    }>`select kind from task where next_run_at <= now() order by kind`.execute(house.db)
    assert.deepEqual(
      due.rows.map(({ kind }) => kind),
      ['refund_list', 'trade_list'],
    )
    assert.equal((await stateOf(house))?.code, 'silent')
  })

  test('is held by one worker, and by the next when that one is gone', async () => {
    const [one, other] = [start(house, 400), start(house, 400)]
    await served(house)
    const links = () => [...books(house).links.values()].reduce((sum, some) => sum + some.size, 0)
    await until(() => links() === 1)
    await Promise.all([one.stop(), other.stop()])
    await until(() => links() === 0)
    const held = await sql`select from push_channel where worker is not null`.execute(house.db)
    assert.equal(held.rows.length, 0)
    // A worker that died holds the channel until its lease ends.
    await sql`update push_channel set worker = 'dead', lease_until = now() + interval '500 milliseconds'`.execute(
      house.db,
    )
    const third = start(house, 400)
    await until(() => links() === 1)
    await third.stop()
  })

  test('is left when the shop switches push off, and hints of its shop are kept as of no shop', async () => {
    const push = start(house)
    await served(house)
    await sql`update shop set settings = settings || '{"push": false}'`.execute(house.db)
    await until(async () => (await stateOf(house)) === undefined)
    await until(() => [...books(house).links.values()].every((some) => some.size === 0))
    assert.equal(await pushServes(house.db, house.shopId), false)
    await push.stop()
  })

  test('of which the platform does not permit the messages says so', async () => {
    await house.control('faults', { kind: 'forbidden', shop: keyOf(house), method: 'taobao.tmc.user.permit' })
    const push = start(house)
    await until(async () => (await stateOf(house))?.code === 'not_permitted')
    assert.equal((await stateOf(house))?.errorCode, 'isv.permission-api-package-limit')
    await push.stop()
    await fetch(`${house.sandbox.url}/control/faults`, { method: 'DELETE' })
  })

  test('of many shops has only some of them fetched at once, first the one that waits longest', async () => {
    await sql`insert into push_channel (channel, platform) values ('taobao:9', 'taobao')`.execute(house.db)
    const shops = await sql<{ id: string }>`
      with made as (
        insert into shop (platform, variant, name) select 'taobao', 'tmall', 'push ' || n from generate_series(1, 3) n returning id
      ), told as (insert into push_shop (shop_id, channel) select id, 'taobao:9' from made)
      select id from made order by id`.execute(house.db)
    const ids = shops.rows.map(({ id }) => id)
    await sql`
      insert into push_message (channel, message_id, topic, shop_id, kind, tid, sealed, due_at)
      select 'taobao:9', id::text || ' ' || n, '', id, 'trade', n::text, '', now() - id * interval '1 second'
      from unnest(${ids}::bigint[]) id, generate_series(1, 2) n`.execute(house.db)
    const claimed = async (busy: string[], most: number) => [
      ...new Set((await claimHints(house.db, busy, most)).map(({ shopId }) => shopId)),
    ]
    assert.deepEqual((await claimed([], 2)).toSorted(), [ids[1], ids[2]])
    assert.deepEqual(await claimed([], 2), [ids[0]])
    assert.deepEqual(await claimed([], 2), [])
  })

  test('is opened although the credentials of another shop cannot be unsealed', async () => {
    const broken = await sql<{ id: string }>`
      insert into shop (platform, variant, name, auth_state, credentials)
      values ('taobao', 'tmall', 'unreadable', 'live', '\\x00') returning id`.execute(house.db)
    const push = start(house)
    await served(house)
    const told = await sql<{ shopId: string }>`select shop_id as "shopId" from push_shop`.execute(house.db)
    assert.deepEqual(told.rows, [{ shopId: house.shopId }])
    await push.stop()
    await sql`delete from shop where id = ${broken.rows[0]?.id}`.execute(house.db)
  })

  test('does not fetch for a shop whose downloads are switched off', async () => {
    const push = start(house)
    await served(house)
    await sql`update task set enabled = false where kind = 'trade_list'`.execute(house.db)
    const [tid = ''] = await made(house)
    await until(async () => (await messages(house)).length === 1)
    assert.equal((await staged(house)).includes(tid), false)
    await sql`update task set enabled = true where kind = 'trade_list'`.execute(house.db)
    await until(async () => (await staged(house)).includes(tid))
    await push.stop()
  })
})
