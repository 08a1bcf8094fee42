import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { wholeScope } from '../core/access/actor.ts'
import { convertTrades } from '../flows/convert-trade.ts'
import { aTrade, stage, tradeOf } from '../intake/testing.ts'
import { testApp } from '../testing/app.ts'
import { isSignedWith, program, sendDue, subscribe } from './testing.ts'

const actor = { kind: 'user', id: '1', name: '林晓' } as const

test('an order that a trade becomes is told to the program that asked for it, once and signed', async () => {
  await using house = await testApp({ SIMULATOR: '1' })
  await using receiver = await program()
  const boss = await house.as(['*'])
  const { secret } = await subscribe(boss, { address: `${receiver.url}/hook`, kinds: ['order.created'] })
  console.log(typeof stage, typeof tradeOf, typeof aTrade, typeof convertTrades, wholeScope, actor)
  await sendDue(house)
  assert.equal(receiver.got.length, 0)
  assert.ok(secret.startsWith('whsec_'))
  const found = await sql`select count(*) from webhook_message`.execute(house.db)
  console.log(found.rows, isSignedWith.length)
})
