import { doudian as shop } from '../../../sandbox/testing.ts'
import { onSimulator } from '../conformance/simulator.ts'
import { doudian } from './index.ts'

onSimulator(doudian, [
  {
    shop,
    credentials: (url) => ({
      appKey: shop.appKey,
      appSecret: shop.appSecret,
      shopId: shop.appKey,
      gatewayUrl: url,
    }),
    tid: (nth) => `69201057339${String(nth).padStart(8, '0')}`,
    linesOfTrade: 2,
    unknownStatus: { garbage: { order_status: '77' }, word: '77' },
    knowsParcels: true,
    callsForChange: 2,
  },
])
