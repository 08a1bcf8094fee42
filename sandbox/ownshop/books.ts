import type { Shop } from '../world/model.ts'
import { refundDocument, tradeDocument } from './documents.ts'

type Window = { from: Date; to: Date }
type Page = { number: number; size: number; mode: string }

/**
 * The books of a mall that has posted everything at the second in which it happened, as a connector reads them. What is written into them
 * counts in the mall as shipped.
 */
export function mallBooks(mall: Shop) {
  const revised = new Map<string, string>()
  const documents = (kind: string) => (kind === 'trade' ? mall.trades : mall.refunds)
  const tradeText = (tid: string) => {
    const trade = mall.trades.get(tid)
    return revised.get(tid) ?? (trade && JSON.stringify(tradeDocument(trade)))
  }
  const refundTexts = (tid: string) =>
    (mall.trades.get(tid)?.refunds ?? []).map((refund) => JSON.stringify(refundDocument(refund)))
  return {
    async received(kind: string, { from, to }: Window, { number, size, mode }: Page) {
      const found = [...documents(kind).entries()]
        .filter(([, { modified }]) => modified * 1000 >= from.getTime() && modified * 1000 < to.getTime())
        .sort(([, one], [, other]) => other.modified - one.modified)
      const page = mode === 'count' ? [] : found.slice((number - 1) * size, number * size)
      return { total: found.length, numbers: page.map(([id]) => id) }
    },
    async document(kind: string, number: string) {
      if (kind === 'trade') return tradeText(number)
      const refund = mall.refunds.get(number)
      return refund && JSON.stringify(refundDocument(refund))
    },
    refundsOf: async (tid: string) => refundTexts(tid),
    async revise(tid: string, change: (trade: string, refunds: readonly string[], at: Date) => string) {
      const trade = mall.trades.get(tid)
      const text = tradeText(tid)
      if (!trade || text === undefined) return false
      const after = change(text, refundTexts(tid), new Date((trade.modified + 1) * 1000))
      revised.set(tid, after)
      const { lines } = JSON.parse(after) as { lines: { oid: string; waybillNos?: string[] }[] }
      for (const line of trade.lines)
        line.shipments = lines.find(({ oid }) => oid === line.oid)?.waybillNos?.length ?? 0
      return true
    },
  }
}
