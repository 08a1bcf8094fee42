import { kuaishou as shop } from '../../../sandbox/testing.ts'
import { kuaishou } from '../../connectors/kuaishou/index.ts'
import { onSimulator } from '../conformance/simulator.ts'
import { kuaishouWaybills } from './index.ts'

onSimulator(kuaishouWaybills, kuaishou, {
  shop,
  credentials: (url) => ({
    appKey: shop.appKey,
    appSecret: shop.appSecret,
    signSecret: shop.signSecret ?? '',
    gatewayUrl: url,
    sfClientCode: 'SY0571',
  }),
  tid: (nth) => `25321057339${String(nth).padStart(8, '0')}`,
  takes: 'open.express.ebill.get',
  refusesSingly: true,
})
