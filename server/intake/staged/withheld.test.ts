import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Trade } from '../../connectors/connector.ts'
import { withheldText } from '../../lib/mask.ts'
import { buyerSearchKeys } from '../../lib/people.ts'
import { memoryKeyRing } from '../../lib/seal.ts'
import { aTrade } from '../testing.ts'
import { tradeColumns } from './trade-columns.ts'

// What a relay withholds is equal for all buyers. It must not make two strangers one.

const ring = memoryKeyRing()
const shop = { id: '7', facts: { goLiveAt: new Date('2026-01-01'), convertUnpaid: false } }
const hashesOf = (trade: Trade) => tradeColumns(ring, shop, trade).receiverHashes
const hashOf = (trade: Trade) => hashesOf(trade)[0] ?? assert.fail()

const buyer = { nick: withheldText, openId: '' }
const hidden = { name: withheldText, mobile: withheldText, address: withheldText }
const withheld = (parts: Partial<Trade['receiver']>, tid = aTrade().tid) =>
  aTrade({ tid, buyer, receiver: { ...aTrade().receiver, ...parts } })

test('two trades are of one receiver only if the platform names it, once a part of it is withheld', () => {
  for (const parts of [
    hidden,
    { mobile: withheldText, address: '文一西路1号' },
    { ...hidden, token: 'oaid' },
  ])
    assert.notEqual(hashOf(withheld(parts)), hashOf(withheld(parts)))
  const named = { ...hidden, token: '合单', identity: '合单 1' }
  assert.equal(hashOf(withheld(named)), hashOf(withheld(named)))
  const plain = { mobile: '13800000001', address: '文一西路1号' }
  assert.equal(hashOf(withheld(plain)), hashOf(withheld(plain)), 'only the nickname is withheld')
  const masked = { name: '王**', mobile: '138****0001', address: '文一西路*', token: 'oaid' }
  assert.notEqual(hashOf(withheld(masked)), hashOf(withheld(masked)), 'masks without a nickname')
})

test('a trade that is read again has the receiver that it had, until another region shows', () => {
  const trade = withheld(hidden)
  assert.ok(hashesOf(withheld(hidden, trade.tid)).includes(hashOf(trade)))
  const moved = withheld({ ...hidden, district: '西湖区' }, trade.tid)
  assert.equal(hashesOf(moved).includes(hashOf(trade)), false)
})

test('no buyer is found by what is withheld', () => {
  const { people } = tradeColumns(ring, shop, withheld(hidden))
  for (const kind of ['nick', 'name', 'mobile'] as const) {
    const keys = buyerSearchKeys(ring, kind, withheldText)
    assert.deepEqual(
      people.filter((key) => keys.includes(key)),
      [],
    )
  }
})
