import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import { type RunningSandbox, startSandbox } from '../../../sandbox/server.ts'
import { NOON } from '../../../sandbox/testing.ts'
import { labelBook, setBalance } from '../../../sandbox/world/labels.ts'
import type { ShopOptions } from '../../../sandbox/world/model.ts'
import { manualClock } from '../../../sandbox/world/world.ts'
import type { Call, Connector } from '../../connectors/connector.ts'
import type { ParcelAsked, WaybillSource } from '../carrier.ts'
import { conformance, type LabelService } from './conformance.ts'

type OnSimulator = Pick<LabelService, 'weighedBy' | 'refusesSingly' | 'hasNoAreas'> & {
  shop: ShopOptions
  /** The credentials of the shop, for the simulator at this address. */
  credentials: (url: string) => Record<string, string>
  tid: (nth: number) => string
  /** True: the platform has cash on delivery. */
  hasCod?: true
  /** The call of the simulator that gives numbers. */
  takes: string
}

/** Tests a source of waybill numbers that is called with a shop's own credentials against the simulator of its platform. */
export function onSimulator(source: WaybillSource, connector: Connector, of: OnSimulator): void {
  const clock = manualClock(NOON * 1000)
  let running: RunningSandbox
  /** Our key of each parcel, by its trade. A source may send another text that it makes of the key. */
  const keys = new Map<string, string>()
  before(async () => {
    running = await startSandbox({ port: 0, seed: 'labels', shops: [of.shop], clock })
  })
  after(() => running.close())

  const control = async (path: string, body: object) => {
    const answer = await fetch(`${running.url}/control/${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
    })
    assert.equal(answer.status, 200, await answer.text())
  }
  const call = (): Call => ({
    ...{ credentials: of.credentials(running.url), session: of.shop.sessionKey },
    ...{ variant: connector.variants[0]?.id ?? '', now: () => new Date(clock.now()) },
  })
  /** A trade that may be shipped as our own connector reads it, with its masked receiver. */
  const aParcel = async (spec = {}): Promise<ParcelAsked> => {
    const nth = keys.size + 1
    const [key, tid] = [`p${nth}_1`, of.tid(nth)]
    keys.set(tid, key)
    await control('trades', { shop: of.shop.key, tid, status: 'WAIT_SELLER_SEND_GOODS', ...spec })
    const detail = (await connector.trades.detail(call(), tid)) ?? assert.fail('no detail')
    assert.ok('trade' in detail)
    const { receiver, lines, cod, paymentFen } = detail.trade
    assert.ok(receiver.name.includes('*'))
    return {
      ...{ key, platform: connector.id, tids: [tid], receiverTid: tid, receiver, weightG: null },
      ...{ codFen: cod ? paymentFen : null, insuredFen: null, toDoor: false, packages: 1 },
      goods: lines.map(({ title, quantity }) => ({ name: title, quantity })),
    }
  }
  const open = (): LabelService => {
    clock.advance(3000)
    running.sandbox.board.faults = []
    const shop = running.world.shops[0] ?? assert.fail()
    return {
      ...{ ...of, call, sellerId: '' },
      parcels: (count) => Promise.all(Array.from({ length: count }, () => aParcel())),
      given: () =>
        labelBook(running.world.labels, shop).map(({ tids, waybill, cancelled, weight, services }) => ({
          ...{ key: keys.get(tids[0] ?? '') ?? '', waybillNo: waybill, cancelled, weight, services },
        })),
      ...(of.hasCod ? { cashOnDelivery: () => aParcel({ type: 'cod' }) } : {}),
      loseAnswer: () =>
        control('faults', { kind: 'timeout-after', ms: 20, shop: of.shop.key, method: of.takes, count: 1 }),
      setBalance: (courier, balance) => setBalance(running.world.labels, shop, courier, balance),
    }
  }
  conformance(source, open, source.unclear)
}
