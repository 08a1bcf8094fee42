import { EVERY_FIELD } from '../books.ts'
import type { Sandbox } from '../state.ts'
import { refundAnswer } from '../taobao/refunds.ts'
import { fullAnswer } from '../taobao/trades.ts'
import { platformTime } from '../wire.ts'
import type { Refund, Shop, Trade } from '../world/model.ts'
import { hash32 } from '../world/random.ts'
import { nowSeconds } from '../world/world.ts'

// 数据推送: what the platform writes into the database of an app, one row for each trade and refund, each version over the one before it.

export const TRADE_COLUMNS = [
  ...['tid', 'status', 'type', 'seller_nick', 'buyer_nick', 'created', 'modified'],
  ...['jdp_hashcode', 'jdp_response', 'jdp_created', 'jdp_modified'],
] as const
export const REFUND_COLUMNS = [
  ...['refund_id', 'seller_nick', 'buyer_nick', 'status', 'created', 'tid', 'oid', 'modified'],
  ...['jdp_hashcode', 'jdp_response', 'jdp_created', 'jdp_modified'],
] as const

export const COLUMNS: Readonly<Record<TableName, readonly string[]>> = {
  jdp_tb_trade: TRADE_COLUMNS,
  jdp_tb_refund: REFUND_COLUMNS,
}
export type TableName = 'jdp_tb_trade' | 'jdp_tb_refund'
export type RdsRow = Readonly<Record<string, string>>

export interface RdsFaults {
  /** The probability that a row is committed late: its time is the present one, and it is there after `lateMs`. */
  late: number
  lateMs: number
  /** The probability that a row is written again without a change, with a new time. */
  double: number
  /** True: nothing is written, as when the pusher has paused the shop. */
  paused: boolean
  /** True: every login is refused. */
  refuse: boolean
}

export interface Rds {
  faults: RdsFaults
  counts: { written: number; reads: number; rowsRead: number }
  /** The committed rows of a table, by their number. */
  rows: Readonly<Record<TableName, Map<string, RdsRow>>>
  /** Called with each row that is committed, for a real database. */
  onCommit?: (table: TableName, row: RdsRow) => void
  /** Writes the row of a document of a shop that was added. */
  write(change: Trade | Refund): void
}

export function createRds(sandbox: Sandbox): Rds {
  const { world, push } = sandbox
  const rds: Rds = {
    faults: { late: 0, lateMs: 0, double: 0, paused: false, refuse: false },
    counts: { written: 0, reads: 0, rowsRead: 0 },
    rows: { jdp_tb_trade: new Map(), jdp_tb_refund: new Map() },
    write(change) {
      const shop = 'trade' in change ? change.trade.shop : change.shop
      if (!push.rdsShops.has(shop.key) || rds.faults.paused) return
      const written = rowOf(sandbox, shop, change)
      if (push.random.next() < rds.faults.late)
        setTimeout(() => commit(...written), rds.faults.lateMs).unref()
      else commit(...written)
      if (push.random.next() < rds.faults.double) setTimeout(() => again(...written), 1100).unref()
    },
  }
  const commit = (table: TableName, key: string, row: RdsRow) => {
    const before = rds.rows[table].get(key)
    // A later version may have been committed meanwhile.
    if (before && (before['modified'] ?? '') > (row['modified'] ?? '')) return
    rds.counts.written++
    const kept = { ...row, jdp_created: before?.['jdp_created'] ?? row['jdp_modified'] ?? '' }
    rds.rows[table].set(key, kept)
    rds.onCommit?.(table, kept)
  }
  const again = (table: TableName, key: string, row: RdsRow) =>
    commit(table, key, { ...row, jdp_modified: platformTime(nowSeconds(world)) })
  return rds
}

function rowOf(sandbox: Sandbox, shop: Shop, change: Trade | Refund): [TableName, string, RdsRow] {
  const now = nowSeconds(sandbox.world)
  const shared = {
    ...{ status: change.status, seller_nick: shop.options.name, buyer_nick: 'm**' },
    ...{ created: platformTime(change.created), modified: platformTime(change.modified) },
  }
  const jdp = (response: string) => ({
    ...{ jdp_hashcode: String(hash32(response)), jdp_response: response },
    ...{ jdp_created: '', jdp_modified: platformTime(now) },
  })
  if ('trade' in change) {
    const { id, trade, line } = change
    const named = { refund_id: id, tid: trade.tid, oid: line.oid }
    return ['jdp_tb_refund', id, { ...shared, ...named, ...jdp(refundAnswer(shop, change)) }]
  }
  const { tid, type } = change
  const response = fullAnswer({ sandbox, shop, now }, change, EVERY_FIELD)
  return ['jdp_tb_trade', tid, { ...shared, tid, type, ...jdp(response) }]
}
