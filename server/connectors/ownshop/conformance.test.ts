import { mallBooks, ownshop as shop } from '../../../sandbox/testing.ts'
import { onSimulator } from '../conformance/simulator.ts'
import { ownshop } from './index.ts'

onSimulator(ownshop, [
  {
    shop,
    credentials: (url) => ({ webhookUrl: url, webhookSecret: shop.appSecret }),
    tid: (nth) => `7300${String(nth).padStart(10, '0')}`,
    linesOfTrade: 2,
    unknownStatus: { garbage: { status: '"teleported"' }, word: 'teleported' },
    books: mallBooks,
    knowsParcels: true,
  },
])
