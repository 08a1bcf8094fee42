import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { ReceiverSource } from '../receivers.ts'
import { failureOf } from './checks.ts'
import type { Marketplace } from './conformance.ts'

/** Tests the receiver check of a marketplace with masked receivers: which trades have the same receiver. */
export function receivers({ together, most }: ReceiverSource, open: () => Marketplace): void {
  const trades = async (market: Marketplace, ...names: string[]) => {
    const made: { tid: string; token: string }[] = []
    for (const receiver of names)
      made.push({ tid: (await market.paidTrade({ receiver })).tid, token: 'oaid' })
    return made
  }

  it('says which trades go to one receiver, however alike the others look', async () => {
    const market = open()
    const asked = await trades(market, '王小明', '王大明', '王小明')
    const [one, other, again] = asked.map(({ tid }) => tid)
    const groups = await together(market.call(), asked)
    assert.deepEqual(groups.map((group) => group.toSorted()).toSorted(), [[one, again], [other]].toSorted())
    assert.deepEqual(await together(market.call(), []), [])
  })

  it('is refused for a trade that the shop does not have, and for more than one call takes', async () => {
    const market = open()
    const [known = assert.fail()] = await trades(market, '王小明')
    for (const asked of [
      [known, { tid: '1', token: 'oaid' }],
      Array.from({ length: most + 1 }, () => known),
    ]) {
      const error = await failureOf(together(market.call(), asked))
      assert.deepEqual([error.kind, error.unclear], ['rejected', false])
    }
  })

  it('calls an answer that lost its rows broken, and takes it for no group', async () => {
    const market = open()
    const asked = await trades(market, '王小明', '王小明')
    await market.failNext('rows missing')
    const error = await failureOf(together(market.call(), asked))
    assert.deepEqual([error.kind, error.code], ['retry', 'bad_answer'])
  })
}
