import { shopify as shop } from '../../../sandbox/testing.ts'
import { onSimulator } from '../conformance/simulator.ts'
import { shopify } from './index.ts'
import { sizes } from './sizes.ts'

onSimulator(shopify, [
  {
    shop,
    credentials: (url) => ({
      ...{ shopUrl: url, clientId: shop.appKey, clientSecret: shop.appSecret },
      locationId: '0',
    }),
    tid: (nth) => String(5_990_000_000_000 + nth),
    linesOfTrade: 2,
    unknownStatus: { garbage: { displayFinancialStatus: '"IN_DISPUTE"' }, word: 'IN_DISPUTE' },
    takesNoSerials: true,
    refundsAreFinal: true,
    takesAnyWaybill: true,
    callsForStock: 2,
    stockAtOnce: sizes.levelsAtOnce,
    callsForShip: 2,
    callsForChange: 2,
  },
])
