import { paipai as shop } from '../../../sandbox/testing.ts'
import { onSimulator } from '../conformance/simulator.ts'
import { paipai } from './index.ts'

onSimulator(paipai, [
  {
    shop,
    credentials: (url) => ({
      uin: shop.appKey,
      appOAuthID: shop.appKey,
      oauthSecret: shop.appSecret,
      accessToken: shop.sessionKey,
      apiUrl: url,
    }),
    tid: (nth) => `855000188-20261124-${String(nth).padStart(10, '0')}`,
    linesOfTrade: 1,
    unknownStatus: { garbage: { dealState: '"DS_NEWLY_INVENTED"' }, word: 'DS_NEWLY_INVENTED' },
    takesNoSerials: true,
  },
])
