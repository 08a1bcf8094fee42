import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import { type RunningSandbox, startSandbox } from '../../../sandbox/server.ts'
import { taobao } from '../../../sandbox/testing.ts'
import { labelBook, setBalance } from '../../../sandbox/world/labels.ts'
import { manualClock } from '../../../sandbox/world/world.ts'
import type { Call } from '../../connectors/connector.ts'
import { connectors } from '../../connectors/index.ts'
import type { ParcelAsked } from '../carrier.ts'
import { waybillSources } from '../index.ts'
import { conformance, type LabelService } from './conformance.ts'

/** Every source of waybill numbers against the simulator of its service. */
let running: RunningSandbox
const startMs = Math.floor(Date.now() / 1000) * 1000
const clock = manualClock(startMs)

before(async () => {
  running = await startSandbox({ port: 0, seed: 'labels', shops: [taobao], clock })
})
after(() => running.close())

for (const source of waybillSources) conformance(source, () => labelService())

function labelService(): LabelService {
  clock.advance(3000)
  running.sandbox.board.faults = []
  const shop = running.world.shops[0] ?? assert.fail()
  const call = (): Call => ({
    credentials: {
      appKey: shop.options.appKey,
      appSecret: shop.options.appSecret,
      gatewayUrl: `${running.url}/router/rest`,
      tokenUrl: `${running.url}/token`,
    },
    session: shop.options.sessionKey,
    variant: 'taobao',
    now: () => new Date(clock.now()),
  })
  return {
    call,
    parcels: (count) => Promise.all(Array.from({ length: count }, () => paidParcel(call()))),
    given: () =>
      labelBook(running.world.labels, shop).map(({ objectId, waybill, cancelled }) => ({
        key: objectId,
        waybillNo: waybill,
        cancelled,
      })),
    loseAnswer: () => control('faults', { kind: 'timeout-after', ms: 20, shop: shop.key, count: 1 }),
    setBalance: (courier, balance) => setBalance(running.world.labels, shop, courier, balance),
  }
}

let made = 0

/** A paid trade as our own connector reads it, with its masked receiver. */
async function paidParcel(call: Call): Promise<ParcelAsked> {
  made += 1
  const key = `p${made}_1`
  const tid = `29481057340${String(made).padStart(8, '0')}`
  await control('trades', { shop: taobao.key, tid, status: 'WAIT_SELLER_SEND_GOODS' })
  const connector = connectors.find(({ id }) => id === 'taobao') ?? assert.fail()
  const detail = (await connector.trades.detail(call, tid)) ?? assert.fail('no detail')
  assert.ok('trade' in detail)
  const { receiver, lines } = detail.trade
  assert.ok(receiver.name.includes('*') && receiver.token !== '')
  return {
    ...{ key, platform: 'taobao', tids: [tid], receiverTid: tid, receiver, weightG: null },
    goods: lines.map(({ title, quantity }) => ({ name: title, quantity })),
  }
}

async function control(path: string, body: object): Promise<void> {
  const answer = await fetch(`${running.url}/control/${path}`, { method: 'POST', body: JSON.stringify(body) })
  assert.equal(answer.status, 200, await answer.text())
}
