import { woocommerce as shop } from '../../../sandbox/testing.ts'
import { onSimulator } from '../conformance/simulator.ts'
import { woocommerce } from './index.ts'

onSimulator(woocommerce, [
  {
    shop,
    credentials: (url) => ({ siteUrl: url, consumerKey: shop.appKey, consumerSecret: shop.appSecret }),
    tid: (nth) => String(979_000_000 + nth),
    linesOfTrade: 1,
    unknownStatus: { garbage: { status: '"vip-review"' }, word: 'vip-review' },
    takesNoSerials: true,
    refundsAreFinal: true,
    takesAnyWaybill: true,
    callsForShip: 5,
  },
])
