import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { until } from '../server/testing/until.ts'
import { anAppShop, foundAfterLostAnswer, madeTrade, writtenBackOnce } from './app-shop.ts'
import { pushThrough, relayOf } from './relays/relay-process.ts'

// A shop of Pinduoduo that is called through a relay, which holds its connection of messages (PMC) too.
const shop = await anAppShop('pinduoduo')
const { house } = shop
const relay = await relayOf(shop)

test('an order is shipped and written back through the relay, once', async () => {
  await writtenBackOnce(house)
})

test('a write-back whose answer the relay never got is found, and not sent again', async () => {
  await foundAfterLostAnswer(house, 'pdd.logistics.online.send')
})

test('messages of PMC come through the relay, and what they name is fetched', async () => {
  await using _push = await pushThrough(house, 'pinduoduo')
  const holders = await sql<{ worker: string }>`select worker from push_channel`.execute(house.db)
  assert.deepEqual(holders.rows, [{ worker: `relay:${relay.relayId}` }])
  const tid = await madeTrade(house, {})
  await until(async () => {
    const staged = await sql`select from staged_trade where tid = ${tid} and detail_at is not null`.execute(
      house.db,
    )
    return staged.rows.length === 1
  }, 20_000)
  const messages = await sql<{ n: number }>`
    select count(*)::int as n from push_message where tid = ${tid} group by message_id`.execute(house.db)
  assert.deepEqual(
    messages.rows.filter(({ n }) => n !== 1),
    [],
  )
})
