import { refundDocument, tradeDocument } from '../../../sandbox/ownshop/documents.ts'
import { ownshop as shop } from '../../../sandbox/testing.ts'
import type { Shop } from '../../../sandbox/world/model.ts'
import { onSimulator } from '../conformance/simulator.ts'
import type { PostedBooks } from '../posted.ts'
import { ownshop } from './index.ts'

/** The books of a mall that has posted everything at the second in which it happened. */
function booksOf(mall: Shop): PostedBooks {
  const documents = (kind: string) => (kind === 'trade' ? mall.trades : mall.refunds)
  return {
    async received(kind, { from, to }, { number, size, mode }) {
      const found = [...documents(kind).entries()]
        .filter(([, { modified }]) => modified * 1000 >= from.getTime() && modified * 1000 < to.getTime())
        .sort(([, one], [, other]) => other.modified - one.modified)
      const page = mode === 'count' ? [] : found.slice((number - 1) * size, number * size)
      return { total: found.length, numbers: page.map(([id]) => id) }
    },
    async document(kind, number) {
      const [trade, refund] = [mall.trades.get(number), mall.refunds.get(number)]
      if (kind === 'trade') return trade && JSON.stringify(tradeDocument(trade))
      return refund && JSON.stringify(refundDocument(refund))
    },
    refundsOf: async (tid) =>
      (mall.trades.get(tid)?.refunds ?? []).map((refund) => JSON.stringify(refundDocument(refund))),
  }
}

onSimulator(ownshop, [
  {
    shop,
    credentials: (url) => ({ webhookUrl: url, webhookSecret: shop.appSecret }),
    tid: (nth) => `7300${String(nth).padStart(10, '0')}`,
    linesOfTrade: 2,
    unknownStatus: { garbage: { status: '"teleported"' }, word: 'teleported' },
    books: booksOf,
    knowsParcels: true,
  },
])
