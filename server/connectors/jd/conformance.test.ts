import { jd as shop } from '../../../sandbox/testing.ts'
import { onSimulator } from '../conformance/simulator.ts'
import { jd } from './index.ts'

onSimulator(jd, [
  {
    shop,
    credentials: (url) => ({
      appKey: shop.appKey,
      appSecret: shop.appSecret,
      gatewayUrl: `${url}/routerjson`,
      oauthUrl: `${url}/oauth2/`,
    }),
    tid: (nth) => `39000${String(nth).padStart(7, '0')}`,
    linesOfTrade: 1,
    unknownStatus: { garbage: { orderState: '"TELEPORTED"' }, word: 'TELEPORTED' },
    takesNoSerials: true,
  },
])
