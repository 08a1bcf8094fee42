import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { connectors } from '../../connectors/index.ts'
import { connectorOf } from '../../shops/calls.ts'
import { type Caller, type TestApp, testApp } from '../../testing/app.ts'
import { giveShopTasks } from '../../worker.ts'
import { aTrade, type IntakeFixture, stage, tradeOf } from '../testing.ts'
import { parkItems } from '../trades/ingest.ts'

let house: TestApp
let clerk: Caller
let pool: IntakeFixture
let direct = ''

// The platform's own example, as a text that an older version could not read.
const good = JSON.stringify({
  trade_fullinfo_get_response: {
    trade: {
      tid_str: '2948105733000000777',
      tid: 1,
      status: 'WAIT_SELLER_SEND_GOODS',
      type: 'fixed',
      created: '2026-11-20 10:00:00',
      modified: '2026-11-20 10:05:00',
      pay_time: '2026-11-20 10:04:00',
      payment: '12.00',
      post_fee: '0.00',
      orders: {
        order: [
          {
            oid_str: '1',
            oid: 1,
            num: 1,
            price: '12.00',
            payment: '12.00',
            title: '四件套',
            status: 'WAIT_SELLER_SEND_GOODS',
            refund_status: 'NO_REFUND',
          },
        ],
      },
    },
  },
}).replace('"tid":1', '"tid":2948105733000000777')

before(async () => {
  house = await testApp()
  clerk = await house.as(['trades.read', 'trades.download'])
  pool = {
    db: house.db,
    ring: house.ring,
    shopId: await aShop('taobao', 'tmall', '甲'),
    [Symbol.asyncDispose]: async () => {},
  }
  direct = await aShop('pinduoduo', 'pinduoduo', '乙')
})
after(() => house[Symbol.asyncDispose]())

async function aShop(platform: string, variant: string, name: string): Promise<string> {
  const made = await sql<{ id: string }>`
    insert into shop (platform, variant, name, go_live_at, auth_state) values (${platform}, ${variant}, ${name}, '2026-01-01', 'live')
    returning id`.execute(house.db)
  const id = made.rows[0]?.id ?? ''
  await house.db.transaction().execute((tx) => giveShopTasks(tx, { id }, connectorOf(connectors, platform)))
  return id
}

async function park(
  raw: string,
  id: string | null,
  options: { kind?: 'trade' | 'refund'; shopId?: string; reason?: string } = {},
) {
  const { kind = 'trade', shopId = pool.shopId, reason = 'no lines' } = options
  await house.db
    .transaction()
    .execute((tx) => parkItems(tx, house.ring, { shopId, kind, items: [{ kind: 'bad', id, reason, raw }] }))
  const found = await sql<{
    id: string
  }>`select id from parked_item order by last_seen desc, id desc limit 1`.execute(house.db)
  return found.rows[0]?.id ?? ''
}

type Row = Record<string, unknown>
const rows = async (query = '', caller = clerk): Promise<Row[]> =>
  Object(await caller.call('GET', `/api/parked-items${query}`)).body.rows
const retry = async (...ids: string[]): Promise<Row[]> =>
  Object(await clerk.call('POST', '/api/parked-items/retry', { ids })).body.results
const runs = async () =>
  (
    await sql<{ kind: string; numbers: string[] }>`
    select kind, params -> 'numbers' as numbers from task_run where state = 'queued' order by id`.execute(
      house.db,
    )
  ).rows

test('an item shows its reason and how often it was seen, never its text', async () => {
  await park('{"secret":"王小明"}', null, { reason: 'no tid' })
  const id = await park('{"secret":"王小明"}', null, { reason: 'no tid' })
  const [row] = await rows()
  assert.deepEqual(
    [
      row?.['id'],
      row?.['shopId'],
      row?.['kind'],
      row?.['platformId'],
      row?.['reason'],
      row?.['times'],
      row?.['settledAt'],
    ],
    [id, pool.shopId, 'trade', '', 'no tid', 2, null],
  )
  assert.doesNotMatch(JSON.stringify(row), /王小明|sealed/)
  assert.deepEqual(await retry(id), [{ id, done: false, code: 'still_unreadable', detail: 'no tid' }])
  assert.deepEqual(await runs(), [])
  await sql`update parked_item set settled_at = now()`.execute(house.db)
})

test('a document is one row however many versions of it came, with the newest text, shown on demand and noted', async () => {
  await park('{"tid":91,"v":1}', '91')
  await park('{"tid":91,"v":2}', '91')
  const id = await park('{"tid":91,"v":2,"buyer":"王小明"}', '91', { reason: 'no modified time' })
  const mine = (await rows()).filter((row) => row['platformId'] === '91')
  assert.deepEqual(
    mine.map((row) => [row['id'], row['times'], row['reason'], row['documentId']]),
    [[id, 3, 'no modified time', null]],
  )
  const looks = () =>
    sql<{
      n: number
    }>`select count(*)::int as n from audit_log where action = 'parked.reveal' and subject_id = ${id}`
      .execute(house.db)
      .then(({ rows: [row] }) => row?.n)
  assert.equal((await clerk.call('POST', `/api/parked-items/${id}/reveal`)).status, 403)
  const elsewhere = await house.as(['personal.reveal'], [direct])
  assert.equal((await elsewhere.call('POST', `/api/parked-items/${id}/reveal`)).status, 404)
  assert.equal(await looks(), 0)
  const keeper = await house.as(['personal.reveal'], [pool.shopId])
  const shown = await keeper.call('POST', `/api/parked-items/${id}/reveal`)
  assert.deepEqual(shown.body, { text: '{"tid":91,"v":2,"buyer":"王小明"}' })
  assert.equal(await looks(), 1)
  await sql`update parked_item set settled_at = now() where id = ${id}`.execute(house.db)
})

test('rows that an older version made of each text of a document become one, with the sum of what was seen', async () => {
  const migration = new URL('../../../migrations/before-1/0055_parked_documents.sql', import.meta.url)
  const text = await readFile(migration, 'utf8')
  await house.db
    .transaction()
    .execute(async (tx) => {
      await sql`delete from parked_item`.execute(tx)
      await sql`insert into parked_item (shop_id, kind, platform_id, reason, sealed, first_seen, last_seen, times, fingerprint)
        select ${pool.shopId}::bigint, kind, number, reason, '', now() - make_interval(mins => first), now() - make_interval(mins => last), times, reason
        from (values ('trade', '5', 'a', 9, 8, 2), ('trade', '5', 'b', 7, 1, 1), ('trade', '5', 'c', 6, 5, 4), ('refund', '5', 'd', 3, 3, 1),
          ('trade', '', 'e', 2, 2, 1), ('trade', '', 'f', 2, 2, 1)) d (kind, number, reason, first, last, times)`.execute(
        tx,
      )
      await sql.raw(text).execute(tx)
      const left = await sql`
        select kind, reason, times, fingerprint, extract(epoch from now() - first_seen)::int / 60 as first from parked_item order by reason`.execute(
        tx,
      )
      assert.deepEqual(left.rows, [
        { kind: 'trade', reason: 'b', times: 7, fingerprint: 'number 5', first: 9 },
        { kind: 'refund', reason: 'd', times: 1, fingerprint: 'number 5', first: 3 },
        { kind: 'trade', reason: 'e', times: 1, fingerprint: 'e', first: 2 },
        { kind: 'trade', reason: 'f', times: 1, fingerprint: 'f', first: 2 },
      ])
      throw new Error('rolled back')
    })
    .catch((error: Error) => assert.equal(error.message, 'rolled back', error.message))
})

test('a text that is understood now is staged once, and its item settled', async () => {
  const id = await park(good, '2948105733000000777')
  assert.deepEqual(await retry(id), [{ id, done: true, ref: 'created' }])
  assert.equal((await tradeOf(pool, '2948105733000000777'))?.state, 'staged')
  assert.deepEqual(await retry(id), [{ id, done: false, code: 'settled_before' }])
  assert.deepEqual(
    (await rows()).map((row) => row['id']),
    [],
  )
  assert.deepEqual(
    (await rows('?tab=settled&kind=trade')).some((row) => row['id'] === id),
    true,
  )
  assert.deepEqual(await runs(), [])
})

test('an old text changes nothing of a newer trade', async () => {
  const tid = '2948105733000000777'
  await stage(pool, aTrade({ tid, modifiedAt: new Date('2026-11-21'), sellerMemo: '新' }))
  await sql`update staged_trade set fetched_at = '2026-11-01' where tid = ${tid}`.execute(house.db)
  const id = await park(good, tid)
  assert.deepEqual(await retry(id), [{ id, done: true, ref: 'older' }])
  const kept = await sql<{
    seller_memo: string
  }>`select seller_memo from staged_trade where tid = ${tid}`.execute(house.db)
  assert.deepEqual(kept.rows, [{ seller_memo: '新' }])
})

test('what is still not understood but has a number is downloaded anew, in one run for the shop', async () => {
  const one = await park('{"tid":31}', '31')
  const two = await park('{"tid":32}', '32')
  const far = await park('{"order_sn":"33"}', '33', { shopId: direct, reason: 'no goods' })
  const results = await retry(one, two, far, '999999')
  assert.deepEqual(
    results.map((result) => [result['id'], result['done'], result['code'], result['detail']]),
    [
      [one, false, 'asked_again', 'no modified time'],
      [two, false, 'asked_again', 'no modified time'],
      [far, false, 'asked_again', 'cannot_read_again'],
      ['999999', false, 'not_found', undefined],
    ],
  )
  assert.equal(results[0]?.['ref'], results[1]?.['ref'])
  assert.deepEqual(await runs(), [
    { kind: 'trade_pull', numbers: ['31', '32'] },
    { kind: 'trade_pull', numbers: ['33'] },
  ])
  assert.deepEqual(
    (await rows()).map((row) => [row['id'], row['reason']]),
    [
      [far, 'no goods'],
      [two, 'no modified time'],
      [one, 'no modified time'],
    ],
  )
})

test('an item whose trade came well since waits no more, without anybody’s doing', async () => {
  const trade = aTrade()
  const id = await park('{"tid":41}', trade.tid)
  assert.ok((await rows()).some((row) => row['id'] === id))
  await stage(pool, trade)
  assert.ok((await rows()).every((row) => row['id'] !== id))
  assert.ok((await rows('?tab=settled')).some((row) => row['id'] === id))
  await park('{"tid":41}', trade.tid)
  assert.ok(
    (await rows()).some((row) => row['id'] === id),
    'seen again, it waits again',
  )
})

test('counts by tab, pages by key, and keeps to granted shops', async () => {
  const { tabs } = Object(await clerk.call('GET', '/api/parked-items/counts')).body
  assert.equal(tabs.open.count, (await rows()).length)
  const first = Object(await clerk.call('GET', '/api/parked-items?limit=1')).body
  const second = Object(await clerk.call('GET', `/api/parked-items?limit=1&after=${first.next}`)).body
  assert.ok(Number(second.rows[0].id) < Number(first.rows[0].id))
  const elsewhere = await house.as(['trades.read', 'trades.download'], [direct])
  assert.ok((await rows('', elsewhere)).every((row) => row['shopId'] === direct))
  const mine = (await rows(`?shop=${pool.shopId}`))[0]?.['id']
  const refused = Object(await elsewhere.call('POST', '/api/parked-items/retry', { ids: [mine] })).body
    .results
  assert.deepEqual(refused, [{ id: mine, done: false, code: 'not_found' }])
  const reader = await house.as(['trades.read'])
  assert.equal((await reader.call('POST', '/api/parked-items/retry', { ids: [mine] })).status, 403)
  assert.equal((await clerk.call('GET', '/api/parked-items?after=x')).status, 400)
})
