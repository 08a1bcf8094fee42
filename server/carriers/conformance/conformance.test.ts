import assert from 'node:assert/strict'
import { after, before } from 'node:test'
import { kuaidi100Demo } from '../../../sandbox/kuaidi100/labels.ts'
import { mallId } from '../../../sandbox/pinduoduo/call.ts'
import { type RunningSandbox, startSandbox } from '../../../sandbox/server.ts'
import { aTrade, pdd, taobao } from '../../../sandbox/testing.ts'
import { LABEL_MODES, type LabelMode, labelBook, setBalance } from '../../../sandbox/world/labels.ts'
import type { Shop } from '../../../sandbox/world/model.ts'
import { manualClock } from '../../../sandbox/world/world.ts'
import type { Call } from '../../connectors/connector.ts'
import { connectors } from '../../connectors/index.ts'
import { cainiao } from '../cainiao/index.ts'
import type { ParcelAsked, WaybillSource } from '../carrier.ts'
import { kuaidi100 } from '../kuaidi100/index.ts'
import { pinduoduoWaybills } from '../pinduoduo/index.ts'
import { conformance, type LabelService } from './conformance.ts'
import { control, parcelOf } from './simulator.ts'

/** The first sources of waybill numbers against the simulators of their services. Each later source has this suite in its own folder. */
let running: RunningSandbox
const startMs = Math.floor(Date.now() / 1000) * 1000
const clock = manualClock(startMs)

before(async () => {
  running = await startSandbox({ port: 0, seed: 'labels', shops: [taobao, pdd], clock })
})
after(() => running.close())

for (const source of [cainiao, pinduoduoWaybills, kuaidi100])
  for (const mode of modesOf(source))
    conformance(source, () => (source.credentials ? ownService(mode) : labelService(source, mode)), mode)

/** What the simulator does with a repeated request. A source that counts on nothing must bear each of them. */
function modesOf({ unclear }: WaybillSource): LabelMode[] {
  return unclear === 'neither' ? [...LABEL_MODES] : [unclear]
}

function labelService({ platforms: [platform = ''] }: WaybillSource, mode: LabelMode): LabelService {
  clock.advance(3000)
  const { board, world } = running.sandbox
  board.faults = []
  const shop = world.shops.find((one) => one.platform === platform) ?? assert.fail()
  world.labels.modes.set(shop.key, mode)
  const gateway = { taobao: '/router/rest', pinduoduo: '/api/router' }[platform] ?? assert.fail()
  const { appKey, appSecret, sessionKey } = shop.options
  const urls = { gatewayUrl: `${running.url}${gateway}`, tokenUrl: `${running.url}/token` }
  const app =
    platform === 'pinduoduo'
      ? { clientId: appKey, clientSecret: appSecret, gatewayUrl: urls.gatewayUrl }
      : { appKey, appSecret, ...urls }
  const call = (): Call => ({
    ...{ credentials: app, session: sessionKey, variant: platform, now: () => new Date(clock.now()) },
  })
  return {
    call,
    sellerId: platform === 'pinduoduo' ? String(mallId(shop)) : '2200000000001',
    parcels: (count) => Promise.all(Array.from({ length: count }, () => aParcel(shop, call()))),
    given: () =>
      labelBook(running.world.labels, shop).map(({ objectId, waybill, cancelled, weight, services }) => ({
        key: objectId,
        waybillNo: waybill,
        ...{ cancelled, weight, services },
      })),
    ...(platform === 'taobao' ? { cashOnDelivery: () => aParcel(shop, call(), { type: 'cod' }) } : {}),
    loseAnswer: () => loseAnswer({ shop: shop.key }),
    setBalance: (courier, balance) => setBalance(running.world.labels, shop, courier, balance),
  }
}

/** 快递100, with an account of its own. */
function ownService(mode: LabelMode): LabelService {
  clock.advance(3000)
  const { board, kuaidi100 } = running.sandbox
  board.faults = []
  kuaidi100.mode = mode
  const { key, secret, partnerId, partnerKey } = kuaidi100Demo
  const credentials = { key, secret, partnerId, partnerKey, labelUrl: `${running.url}/label/order` }
  const address = {
    province: '浙江省',
    city: '杭州市',
    district: '余杭区',
    town: '',
    detail: '文一西路 1 号',
  }
  return {
    call: () => ({ credentials, session: '', variant: '', now: () => new Date(clock.now()) }),
    sellerId: '',
    sender: { name: '发货员', mobile: '13900001111', phone: '', address },
    parcels: async (count) => Array.from({ length: count }, () => aPlainParcel()),
    given: () =>
      kuaidi100.given.flatMap(({ orderId, waybill, children, cancelled, weight, collection, insured }) =>
        [waybill, ...children].map((waybillNo) => ({
          ...{
            key: orderId.replace(/_[0-9a-f]{8}$/, ''),
            waybillNo,
            cancelled,
            weight: weight && String(Number(weight) * 1000),
          },
          services: collection || insured,
        })),
      ),
    loseAnswer: () => loseAnswer({ shop: 'kuaidi100', method: 'label.order' }),
    setBalance(_courier, balance) {
      for (const enterprise of kuaidi100.enterprises.values()) enterprise.left = balance
    },
  }
}

let made = 0

function aPlainParcel(): ParcelAsked {
  made += 1
  const tid = `own-${made}`
  const receiver = {
    ...{
      name: '王一',
      mobile: '13800001234',
      phone: '',
      province: '浙江省',
      city: '杭州市',
      district: '西湖区',
    },
    ...{ town: '', address: '文三路 1 号', zip: '', token: '' },
  }
  return {
    ...{
      key: `p${made}_1`,
      platform: '',
      tids: [tid],
      receiverTid: tid,
      receiver,
      weightG: null,
      codFen: null,
      insuredFen: null,
      toDoor: false,
      packages: 1,
    },
    goods: [{ name: '毛巾', quantity: 2 }],
  }
}

/** Makes a trade that may be shipped, and returns its parcel. */
async function aParcel({ key: shop, platform }: Shop, call: Call, spec = {}): Promise<ParcelAsked> {
  made += 1
  const key = `p${made}_1`
  const connector = connectors.find(({ id }) => id === platform) ?? assert.fail()
  return parcelOf(connector, call, { key, tid: await aTrade(running, shop, spec) })
}

const loseAnswer = (fault: object) =>
  control(running, 'faults', { kind: 'timeout-after', ms: 20, count: 1, ...fault })
