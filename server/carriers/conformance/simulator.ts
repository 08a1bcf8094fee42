import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import { type RunningSandbox, startSandbox } from '../../../sandbox/server.ts'
import { aTrade, NOON } from '../../../sandbox/testing.ts'
import { labelBook, setBalance } from '../../../sandbox/world/labels.ts'
import type { ShopOptions } from '../../../sandbox/world/model.ts'
import { manualClock, type World } from '../../../sandbox/world/world.ts'
import type { Call, Connector } from '../../connectors/connector.ts'
import { demoCredentials } from '../../shops/demo.ts'
import type { ParcelAsked, TakeRequest, WaybillSource } from '../carrier.ts'
import { conformance, fromBranch, type LabelService } from './conformance.ts'

type OnSimulator = Pick<LabelService, 'weighedBy' | 'refusesSingly' | 'hasNoAreas'> & {
  /** True: the platform has cash on delivery. */
  hasCod?: true
  /** The call of the simulator that gives numbers. */
  takes: string
}

type NumberInBook = ReturnType<typeof labelBook>[number]

/** A shop on the simulator of its platform, for tests of a source of numbers that is called with the shop's own credentials. */
export type LabelShop = {
  call(): Call
  world(): World
  control(path: string, body: object): Promise<void>
  /** Makes the next call of this method fail. */
  fail(kind: string, method: string): Promise<void>
  /** Ends the faults of the test before, and its limits, which are measured in the simulator's time. */
  calm(): void
  /** Makes a trade that may be shipped, and returns its parcel. */
  aParcel(spec?: object): Promise<ParcelAsked>
  /** The request for numbers of these parcels, from the shop's branch of 圆通. */
  request(parcels: readonly ParcelAsked[], templateUrl: string): Promise<TakeRequest>
  /** Every number that the shop got, in the order in which it got them. */
  given(): NumberInBook[]
  /** The numbers of the requests whose first trade is that of the parcel. */
  givenTo(parcel: ParcelAsked): NumberInBook[]
}

/** Starts the simulator with one shop, for the tests of a file. */
export function labelShop(source: WaybillSource, connector: Connector, shop: ShopOptions): LabelShop {
  const clock = manualClock(NOON * 1000)
  let running: RunningSandbox
  let made = 0
  before(async () => {
    running = await startSandbox({ port: 0, seed: 'labels', shops: [shop], clock })
  })
  after(() => running.close())

  const world = () => running.world
  const call = (): Call => ({
    ...{ credentials: demoCredentials(connector, running.url, shop), session: shop.sessionKey },
    ...{ variant: connector.variants[0]?.id ?? '', now: () => new Date(clock.now()) },
  })
  const given = () => labelBook(world().labels, world().shops[0] ?? assert.fail())
  return {
    ...{ call, world, given },
    control: (path, body) => control(running, path, body),
    fail: (kind, method) => control(running, 'faults', { kind, ms: 20, shop: shop.key, method, count: 1 }),
    calm() {
      clock.advance(3000)
      running.sandbox.board.faults = []
    },
    async aParcel(spec) {
      made += 1
      const key = `p${made}_1`
      return parcelOf(connector, call(), { key, tid: await aTrade(running, shop.key, spec) })
    },
    request: async (parcels, templateUrl) => ({
      ...(await fromBranch(source.service ?? assert.fail(), call())),
      ...{ templateUrl, sellerId: '', parcels },
    }),
    givenTo: ({ tids }) => given().filter((label) => label.tids[0] === tids[0]),
  }
}

/** Tests a source of waybill numbers that is called with a shop's own credentials against the simulator of its platform. */
export function onSimulator(
  source: WaybillSource,
  connector: Connector,
  shop: ShopOptions,
  of: OnSimulator,
): void {
  const labels = labelShop(source, connector, shop)
  /** Our key of each parcel, by its trade. A source may send another text that it makes of the key. */
  const keys = new Map<string, string>()
  const aParcel = async (spec?: object) => {
    const parcel = await labels.aParcel(spec)
    keys.set(parcel.receiverTid, parcel.key)
    return parcel
  }
  const open = (): LabelService => {
    labels.calm()
    const { labels: books, shops } = labels.world()
    return {
      ...{ ...of, call: labels.call, sellerId: '' },
      parcels: (count) => Promise.all(Array.from({ length: count }, () => aParcel())),
      given: () =>
        labels.given().map(({ tids, waybill, cancelled, weight, services }) => ({
          ...{ key: keys.get(tids[0] ?? '') ?? '', waybillNo: waybill, cancelled, weight, services },
        })),
      ...(of.hasCod ? { cashOnDelivery: () => aParcel({ type: 'cod' }) } : {}),
      loseAnswer: () => labels.fail('timeout-after', of.takes),
      setBalance: (courier, balance) => setBalance(books, shops[0] ?? assert.fail(), courier, balance),
    }
  }
  conformance(source, open, source.unclear)
}

/** The parcel of a trade as our own connector reads it, with its masked receiver. */
export async function parcelOf(
  connector: Connector,
  call: Call,
  { key, tid }: { key: string; tid: string },
): Promise<ParcelAsked> {
  const detail = (await connector.trades.detail(call, tid)) ?? assert.fail('no detail')
  assert.ok('trade' in detail)
  const { receiver, lines, cod, paymentFen } = detail.trade
  assert.ok(receiver.name.includes('*'))
  return {
    ...{ key, platform: connector.id, tids: [tid], receiverTid: tid, receiver, weightG: null },
    ...{ codFen: cod ? paymentFen : null, insuredFen: null, toDoor: false, packages: 1 },
    goods: lines.map(({ title, quantity }) => ({ name: title, quantity })),
  }
}

/** Changes the simulator, which must agree. */
export async function control({ url }: RunningSandbox, path: string, body: object): Promise<void> {
  const answer = await fetch(`${url}/control/${path}`, { method: 'POST', body: JSON.stringify(body) })
  assert.equal(answer.status, 200, await answer.text())
}
