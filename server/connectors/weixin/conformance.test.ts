import { weixin as shop } from '../../../sandbox/testing.ts'
import { onSimulator } from '../conformance/simulator.ts'
import { weixin } from './index.ts'

onSimulator(weixin, [
  {
    shop,
    credentials: (url) => ({ appId: shop.appKey, appSecret: shop.appSecret, apiUrl: url }),
    tid: (nth) => `37051057339${String(nth).padStart(8, '0')}`,
    linesOfTrade: 2,
    unknownStatus: { garbage: { status: '99' }, word: '99' },
    takesNoSerials: true,
    unsettable: 'never_on_shelf',
  },
])
