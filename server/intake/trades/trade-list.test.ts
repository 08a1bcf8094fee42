import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { type Scope, systemActor, wholeScope } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { countRows, listIds } from '../../core/lists/list.ts'
import { convertTrades } from '../../flows/convert-trade.ts'
import { aLine, aTrade, count, type IntakeFixture, intakeFixture, stage, tradeOf } from '../testing.ts'
import type { TradeFilter, TradeTab } from './lists-contract.ts'
import { tradeQuery, tradeTable } from './trade-list.ts'
import { processTrades, removeTrades, unprocessTrades } from './trades.ts'

const tabs = ['staged', 'fetching', 'processed', 'history'] as const satisfies readonly TradeTab[]

async function idsOf(pool: IntakeFixture, filter: TradeFilter, scope: Scope = wholeScope): Promise<string[]> {
  const query = await tradeQuery(pool.db, pool.ring, filter, { scope, sort: '-paidAt' })
  const page = await listIds(pool.db, tradeTable, query, { limit: 50, after: undefined })
  const counted = await countRows(pool.db, tradeTable, query)
  assert.deepEqual(counted, { count: page.ids.length, capped: false })
  return page.ids
}

/** Returns the tabs in which a filter on the trade's shop finds it; a filter on another shop must find it in none. */
async function placesOf(pool: IntakeFixture, id: string): Promise<TradeTab[]> {
  const places: TradeTab[] = []
  for (const tab of tabs) {
    if ((await idsOf(pool, { tab, shop: pool.shopId })).includes(id)) places.push(tab)
    assert.deepEqual(await idsOf(pool, { tab, shop: '77' }), [])
  }
  return places
}

test('a trade is found by its shop in every state that it comes into, and in no other', async () => {
  await using pool = await intakeFixture()
  const trade = aTrade()
  await stage(pool, trade)
  const id = (await tradeOf(pool, trade.tid))?.id ?? ''
  const run = (verb: (tx: Tx, ids: readonly string[]) => Promise<unknown>) =>
    pool.db.transaction().execute((tx) => verb(tx, [id]))
  assert.deepEqual(await placesOf(pool, id), ['staged'])
  await run((tx, ids) => processTrades(tx, ids, { actor: systemActor, scope: wholeScope }))
  assert.deepEqual(await placesOf(pool, id), ['processed'])
  await run((tx, ids) => unprocessTrades(tx, ids, { actor: systemActor, scope: wholeScope }))
  assert.deepEqual(await placesOf(pool, id), ['fetching'])
  await stage(pool, trade)
  assert.deepEqual(await placesOf(pool, id), ['staged'])
  await run((tx, ids) => convertTrades(tx, ids, { actor: systemActor, scope: wholeScope }))
  assert.deepEqual(await placesOf(pool, id), ['history'])
  await stage(pool, { ...trade, modifiedAt: new Date(trade.modifiedAt.getTime() + 1000) })
  assert.deepEqual(await placesOf(pool, id), ['history'])
})

test('a buyer is found by phone, tail, name and nick, whenever the trade was', async () => {
  await using pool = await intakeFixture()
  const old = aTrade({ createdAt: new Date('2018-03-01T00:00:00Z') })
  const { buyer, receiver } = old
  const next = aTrade({ createdAt: new Date(Date.now() + 400 * 86_400_000), buyer, receiver })
  const nobody = aTrade({
    buyer: { ...buyer, nick: '别人' },
    receiver: { ...receiver, name: '赵无', mobile: '13900000000' },
  })
  await stage(pool, old, next, nobody)
  const wanted = [(await tradeOf(pool, old.tid))?.id, (await tradeOf(pool, next.tid))?.id].toSorted()
  const { mobile, name } = receiver
  for (const q of [mobile, mobile.slice(-4), name, buyer.nick])
    assert.deepEqual((await idsOf(pool, { tab: 'staged', q })).toSorted(), wanted, q)
  assert.deepEqual(await idsOf(pool, { tab: 'staged', q: '13911112222' }), [])
})

test('a text finds goods of this code and buyers of this name', async () => {
  await using pool = await intakeFixture()
  const [goods, other] = [
    aTrade({ lines: [aLine({ outerSkuId: 'NEU-7' })] }),
    aTrade({ lines: [aLine({ outerSkuId: 'NEU-8' })] }),
  ]
  await stage(pool, goods, other)
  const idOf = async (tid: string) => (await tradeOf(pool, tid))?.id
  assert.deepEqual(await idsOf(pool, { tab: 'staged', q: 'NEU-7' }), [await idOf(goods.tid)])
  const named = aTrade({ buyer: { ...other.buyer, nick: 'NEU-7' }, lines: [aLine({ outerSkuId: 'NEU-8' })] })
  await stage(pool, named)
  const both = [await idOf(goods.tid), await idOf(named.tid)]
  assert.deepEqual((await idsOf(pool, { tab: 'staged', q: 'NEU-7' })).toSorted(), both.toSorted())
})

test('a removed trade leaves no lines behind', async () => {
  await using pool = await intakeFixture()
  const [gone, kept] = [aTrade(), aTrade()]
  await stage(pool, gone, kept)
  const id = (await tradeOf(pool, gone.tid))?.id ?? ''
  await pool.db
    .transaction()
    .execute((tx) => removeTrades(tx, [id], { actor: systemActor, scope: wholeScope }))
  assert.equal(await count(pool, 'staged_trade'), 1)
  assert.equal(await count(pool, 'staged_trade_lines'), 1)
})

test('a filter by platform finds the trades of its shops that are in the scope, also beside a filter by shop', async () => {
  await using pool = await intakeFixture()
  const onPinduoduo = await anotherShop(pool, 'pinduoduo', '拼多多店')
  const [own, theirs] = [aTrade(), aTrade()]
  await stage(pool, own)
  await stage({ ...pool, shopId: onPinduoduo }, theirs)
  const [first, second] = [(await tradeOf(pool, own.tid))?.id, (await tradeOf(pool, theirs.tid))?.id]
  const tab = 'staged'
  assert.deepEqual(await idsOf(pool, { tab, platform: 'taobao' }), [first])
  assert.deepEqual(await idsOf(pool, { tab, platform: 'pinduoduo' }), [second])
  assert.deepEqual((await idsOf(pool, { tab, platform: 'pinduoduo,taobao' })).toSorted(), [first, second])
  assert.deepEqual(await idsOf(pool, { tab, platform: 'nowhere' }), [])
  assert.deepEqual(await idsOf(pool, { tab, platform: 'pinduoduo', shop: pool.shopId }), [])
  assert.deepEqual(await idsOf(pool, { tab, platform: 'pinduoduo', shop: onPinduoduo }), [second])
  const scope = { ...wholeScope, shops: [pool.shopId] }
  assert.deepEqual(await idsOf(pool, { tab, platform: 'pinduoduo' }, scope), [])
  assert.deepEqual(await idsOf(pool, { tab, platform: 'taobao' }, scope), [first])
})

test('the next page of a platform is the next one, also if one of its shops was changed in between', async () => {
  await using pool = await intakeFixture()
  const platform = 'taobao'
  const other = await anotherShop(pool, platform, '第二家店')
  for (const shopId of [pool.shopId, other]) await stage({ ...pool, shopId }, aTrade())
  const ask = async (after: string | undefined) => {
    const filter = { tab: 'staged', platform } as const
    const query = await tradeQuery(pool.db, pool.ring, filter, { scope: wholeScope, sort: '-paidAt' })
    return listIds(pool.db, tradeTable, query, { limit: 1, after })
  }
  const first = await ask(undefined)
  await sql`update shop set auth_error = 'x' where id = ${pool.shopId}::bigint`.execute(pool.db)
  const second = await ask(first.next ?? undefined)
  assert.deepEqual([first.ids.length, second.ids.length, second.next], [1, 1, null])
  assert.notEqual(first.ids[0], second.ids[0])
})

test('the next page of a platform is the next one, also if a shop of it was connected in between', async () => {
  await using pool = await intakeFixture()
  const at = Date.now()
  for (const ago of [1000, 2000]) await stage(pool, aTrade({ paidAt: new Date(at - ago) }))
  const ask = async (after: string | undefined, platform = 'taobao') => {
    const filter = { tab: 'staged', platform } as const
    const query = await tradeQuery(pool.db, pool.ring, filter, { scope: wholeScope, sort: '-paidAt' })
    return listIds(pool.db, tradeTable, query, { limit: 1, after })
  }
  const first = await ask(undefined)
  const later = await anotherShop(pool, 'taobao', '新接入的店')
  const [newest, oldest] = [aTrade({ paidAt: new Date(at) }), aTrade({ paidAt: new Date(at - 3000) })]
  await stage({ ...pool, shopId: later }, newest, oldest)
  const second = await ask(first.next ?? undefined)
  const third = await ask(second.next ?? undefined)
  assert.deepEqual([first.ids.length, second.ids.length, third.next], [1, 1, null])
  assert.notEqual(first.ids[0], second.ids[0])
  assert.deepEqual(third.ids, [(await tradeOf(pool, oldest.tid))?.id])
  await assert.rejects(ask(first.next ?? undefined, 'pinduoduo'), { code: 'invalid_cursor' })
})

async function anotherShop({ db }: IntakeFixture, platform: string, name: string): Promise<string> {
  const made = await sql<Row<'shop', 'id'>>`
    insert into shop (platform, variant, name, go_live_at, auth_state)
    values (${platform}, '', ${name}, '2020-01-01', 'live') returning id`.execute(db)
  return made.rows[0]?.id ?? ''
}
