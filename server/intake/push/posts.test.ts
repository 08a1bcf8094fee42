import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { sql } from 'kysely'
import { pino } from 'pino'
import { demoShops } from '../../../sandbox/demo-shops.ts'
import { type RunningSandbox, startSandbox } from '../../../sandbox/server.ts'
import { control } from '../../../sandbox/testing.ts'
import { alarmsNow } from '../../alarms/alarms.ts'
import { readQueueCounts } from '../../alarms/queue-counts.ts'
import { connectors } from '../../connectors/index.ts'
import { postPath } from '../../connectors/push.ts'
import { wholeScope } from '../../core/access/actor.ts'
import type { Running } from '../../core/jobs/engine.ts'
import { createLimiter } from '../../lib/limiter.ts'
import { connectDemoShops } from '../../shops/demo.ts'
import { type TestApp, testApp } from '../../testing/app.ts'
import { until } from '../../testing/until.ts'
import { giveShopTasks } from '../../worker.ts'
import { pushServes, pushStates, pushWords } from '../push-state.ts'
import { startPush } from './loop.ts'

/** The platforms that post their messages. */
const posting = connectors.filter(({ push }) => push && 'readPost' in push)

for (const { id: platform, name, push: source } of posting)
  describe(`messages that ${name.zh} posts`, () => {
    const once = source && 'once' in source && source.once && 'It sends each message once.'
    const tradesOnly =
      source && 'tradesOnly' in source && source.tradesOnly && 'No message of it names a refund.'
    const [shop] = demoShops.filter((one) => one.platform === platform)
    const path = postPath(platform, shop?.appKey ?? '')
    let house: TestApp
    let sandbox: RunningSandbox
    let push: Running
    let shopId = ''
    before(async () => {
      assert.ok(shop)
      house = await testApp({ SIMULATOR: '1' })
      sandbox = await startSandbox({ port: 0, seed: 'posts', shops: [{ ...shop, trades: 0 }] })
      const deps = { db: house.db, ring: house.ring, connectors, onShopConnected: giveShopTasks }
      const ids = await connectDemoShops(deps, sandbox.url, [shop])
      shopId = ids[0] ?? ''
      push = startPush({
        deps: { ...deps, simulator: true, limiter: createLimiter() },
        log: pino({ level: 'silent' }),
        everyMs: 50,
      })
      // The worker writes the channel.
      await until(async () => (await pushStates(house.db, wholeScope)).length === 1)
    })
    after(async () => {
      await push.stop()
      await sandbox.close()
      await house[Symbol.asyncDispose]()
    })

    const kept = async () =>
      (
        await sql<{ kind: string; outcome: string; tid: string; refundNo: string }>`
          select kind, outcome, tid, refund_no as "refundNo" from push_message order by id`.execute(house.db)
      ).rows
    const madeMany = async (count: number) => {
      const type = { type: 'fixed', status: 'WAIT_SELLER_SEND_GOODS', hold: '' }
      const { tids }: { tids: string[] } = JSON.parse(
        await control(sandbox, 'trades', { shop: shop?.key, count, ...type }),
      )
      return tids
    }
    const made = async () => (await madeMany(1))[0] ?? ''
    const address = (url: string) => control(sandbox, 'push-to', { shop: shop?.key, url: url + path })
    const post = (body: string) =>
      fetch(house.url + path, { method: 'POST', body, headers: { 'content-type': 'application/json' } })

    test('until the platform has posted, push is not set up, which is no alarm', async () => {
      const [state] = await pushStates(house.db, wholeScope)
      assert.ok(state)
      assert.deepEqual([state.code, pushWords(state).zh], ['not_set_up', '推送还没开通'])
      assert.equal(await pushServes(house.db, shopId), false)
      const asked = { db: house.db, scope: wholeScope, now: new Date(Date.now() + 600_000) }
      const alarms = await alarmsNow(asked, await readQueueCounts(asked))
      assert.deepEqual(
        alarms.filter(({ kind }) => kind === 'push_silent'),
        [],
      )
    })

    test('a test of the address that proves nothing is answered at most, and opens nothing', async () => {
      assert.equal((await post('webhook_id=3')).status, once ? 200 : 403)
      assert.deepEqual(await kept(), [])
      assert.equal((await pushStates(house.db, wholeScope))[0]?.code, 'not_set_up')
    })

    test('a trade is staged with its detail within three seconds of its change, while no list is read', async () => {
      await address(house.url)
      const began = performance.now()
      const tid = await made()
      await until(async () => {
        const found = await sql`
          select from staged_trade where tid = ${tid} and detail_at is not null`.execute(house.db)
        return found.rows.length === 1
      }, 3000)
      assert.ok(performance.now() - began < 3000)
      await until(async () => (await kept()).every(({ outcome }) => outcome !== ''))
      assert.deepEqual(await kept(), [{ kind: 'trade', outcome: 'fetched', tid, refundNo: '' }])
      assert.equal(await pushServes(house.db, shopId), true)
      assert.equal((await pushStates(house.db, wholeScope))[0]?.code, 'live')
    })

    test('a refund is staged when the platform tells of it, and a message that comes twice is one', {
      skip: tradesOnly,
    }, async () => {
      await control(sandbox, 'push', { double: 1 })
      const tid = await made()
      await control(sandbox, 'refunds', { tid, kind: 'REFUND' })
      const staged = async () =>
        (
          await sql<{ no: string }>`
            select refund_no as no from staged_refund where tid = ${tid} and not detail_missing`.execute(
            house.db,
          )
        ).rows.map(({ no }) => no)
      await until(async () => (await staged()).length === 1, 3000)
      await until(async () => (await kept()).every(({ outcome }) => outcome !== ''))
      const numbers = (await kept()).map(({ kind, refundNo }) => [kind, refundNo])
      assert.deepEqual(
        numbers.filter(([kind]) => kind === 'refund'),
        (await staged()).map((no) => ['refund', no]),
      )
      await control(sandbox, 'push', { double: 0 })
    })

    test('posts that are doubled, late, out of order, or found no house at first, stage each trade once', {
      skip: once,
    }, async () => {
      await control(sandbox, 'push', { double: 0.5, shuffle: 0.5, late: 0.2, lateMs: 300, resendMs: 500 })
      await address('http://127.0.0.1:9')
      const early = await madeMany(10)
      await address(house.url)
      const tids = [...early, ...(await madeMany(30))]
      const staged = async () =>
        (
          await sql<{ tid: string }>`
            select tid from staged_trade where tid = any(${tids}::text[]) and detail_at is not null`.execute(
            house.db,
          )
        ).rows.map(({ tid }) => tid)
      await until(async () => (await staged()).length >= 40, 10_000)
      assert.deepEqual((await staged()).toSorted(), tids.toSorted())
      await control(sandbox, 'push', { double: 0, shuffle: 0, late: 0 })
    })

    test('a post that could not be stored is not acknowledged, and comes again', { skip: once }, async () => {
      await control(sandbox, 'push', { resendMs: 300 })
      await house.owner('alter table push_message rename to push_message_away')
      const refused = sandbox.sandbox.push.counts.refused
      const tid = await made()
      await until(async () => sandbox.sandbox.push.counts.refused > refused)
      await house.owner('alter table push_message_away rename to push_message')
      const named = async () => (await kept()).filter((message) => message.tid === tid)
      await until(
        async () => (await named()).length > 0 && (await named()).every(({ outcome }) => outcome !== ''),
      )
      assert.deepEqual(await named(), [{ kind: 'trade', outcome: 'fetched', tid, refundNo: '' }])
    })

    test('a post without the platform’s proof is refused and not kept; thirty of them end the patience with strangers, not with the platform at the same address', async () => {
      const before = (await kept()).length
      const forged = await post('[{"tag":"101","msg_id":"1","data":"{\\"p_id\\":1}"}]')
      assert.equal(forged.status, 403, house.logged.slice(-3).join('\n'))
      assert.equal(JSON.parse(await forged.text()).code, 'forbidden')
      const elsewhere = await fetch(`${house.url}${postPath(platform, 'nobody')}`, {
        method: 'POST',
        body: '{}',
      })
      assert.equal(elsewhere.status, 403)
      for (let times = 0; times < 27; times += 1) assert.equal((await post('{}')).status, 403)
      assert.equal((await post('{}')).status, 429)
      assert.equal((await kept()).length, before)
      const tid = await made()
      await until(async () => (await kept()).some((message) => message.tid === tid), 3000)
      assert.equal((await post('{}')).status, 429)
    })
  })
