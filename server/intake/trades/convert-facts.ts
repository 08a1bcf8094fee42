import { openDoubts } from '../doubt-rules.ts'
import type { ShopFacts, TradeFacts } from '../lifecycle.ts'
import type { ConvertFacts } from './convertible.ts'

export function factsOf(row: ConvertFacts): TradeFacts {
  return {
    status: row.status,
    cod: row.cod,
    finalUnpaid: row.final_unpaid,
    holds: row.holds,
    linesApplied: row.lines_applied,
    linesRefunded: row.lines_refunded,
    lineCount: row.line_count,
    openRefunds: row.open_refunds,
    rest: row.rest,
    doubts: openDoubts(row.doubts, row.doubts_taken),
    paidAt: row.paid_at,
    orderedAt: row.ordered_at,
  }
}

export function settingsOf(row: ConvertFacts): ShopFacts {
  return { goLiveAt: row.go_live_at, convertUnpaid: row.convert_unpaid }
}
