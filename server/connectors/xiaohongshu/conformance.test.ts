import { xiaohongshu as shop } from '../../../sandbox/testing.ts'
import { onSimulator } from '../conformance/simulator.ts'
import { xiaohongshu } from './index.ts'

onSimulator(xiaohongshu, [
  {
    shop,
    credentials: (url) => ({
      appId: shop.appKey,
      appSecret: shop.appSecret,
      gatewayUrl: `${url}/ark/open_api/v3/common_controller`,
      authorizeUrl: `${url}/ark/authorization`,
    }),
    tid: (nth) => `P79000${String(nth).padStart(8, '0')}`,
    linesOfTrade: 2,
    unknownStatus: { garbage: { orderStatus: '77' }, word: '77' },
    takesNoSerials: true,
    callsForStock: 2,
    callsForChange: 2,
  },
])
