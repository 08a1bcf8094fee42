import { kuaishou as shop } from '../../../sandbox/testing.ts'
import { onSimulator } from '../conformance/simulator.ts'
import { kuaishou } from './index.ts'

onSimulator(kuaishou, [
  {
    shop,
    credentials: (url) => ({
      appKey: shop.appKey,
      appSecret: shop.appSecret,
      signSecret: shop.signSecret ?? '',
      gatewayUrl: url,
      authorizeUrl: `${url}/oauth/authorize`,
    }),
    tid: (nth) => `25321057339${String(nth).padStart(8, '0')}`,
    linesOfTrade: 2,
    unknownStatus: { garbage: { status: '77' }, word: '77' },
    callsForStock: 2,
    callsForChange: 2,
  },
])
