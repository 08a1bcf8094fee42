import { doudian as shop } from '../../../sandbox/testing.ts'
import { doudian } from '../../connectors/doudian/index.ts'
import { onSimulator } from '../conformance/simulator.ts'
import { doudianWaybills } from './index.ts'

onSimulator(doudianWaybills, doudian, {
  shop,
  credentials: (url) => ({
    appKey: shop.appKey,
    appSecret: shop.appSecret,
    shopId: shop.appKey,
    gatewayUrl: url,
  }),
  tid: (nth) => `69201057339${String(nth).padStart(8, '0')}`,
  takes: 'logistics.newCreateOrder',
  hasCod: true,
  weighedBy: 'SF',
  refusesSingly: true,
})
