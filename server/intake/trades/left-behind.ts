import { sql } from 'kysely'
import type { Tx } from '../../core/db/db.ts'
import type { Rows } from '../../core/db/rows.ts'
import type { recordPlatformChanges } from '../../orders/platform-changes/differences.ts'
import { linesOnOrders } from '../../orders/platform-changes/left-lines.ts'
import { converts, type TradeRest } from '../lifecycle.ts'
import type { TradeColumns } from '../staged/trade-columns.ts'
import type { LockedTrade } from '../staged/trade-queries.ts'

type PlatformChange = Parameters<typeof recordPlatformChanges>[1][number]

/** True for a line of `staged_trade_lines` that conversion takes, as `converts` in `../lifecycle.ts`. */
export const lineConverts = sql`line ->> 'refund' <> 'succeeded' and line ->> 'status' in ('paid', 'unpaid', 'partly_shipped')`
const kept = sql`line ->> 'refund' <> 'succeeded' and line ->> 'status' not in ('closed_unpaid', 'closed_refunded')`

/** The `TradeRest` of a row `g` of `staged_trade_lines`, as `restOf` in `../lifecycle.ts`. */
export const restOfTrade = sql<TradeRest>`
  case when exists (select from jsonb_array_elements(g.lines) line where ${lineConverts}) then 'some'
    when exists (select from jsonb_array_elements(g.lines) line where ${kept} and line ->> 'status' <> 'unknown') then 'shipped'
    when exists (select from jsonb_array_elements(g.lines) line where ${kept}) or jsonb_array_length(g.lines) = 0 then 'unknown'
    else 'over' end`

/**
 * Returns the lines of converted trades that conversion would have taken, before newer versions are written. Trades whose new version has
 * no such line are left out.
 */
export async function shippableBefore(
  tx: Tx,
  held: ReadonlyMap<string, LockedTrade>,
  rows: readonly TradeColumns[],
): Promise<Map<string, ReadonlySet<string>>> {
  const converted = rows.flatMap(({ tid, lines }) => {
    const trade = held.get(tid)
    return trade?.order_id && lines.some(converts) ? [trade.id] : []
  })
  if (converted.length === 0) return new Map()
  const found = await sql<{ id: Rows['staged_trade_lines']['tradeId']; oids: string[] }>`
    select g.trade_id as id, array(
      select line ->> 'oid' from jsonb_array_elements(g.lines) line where ${lineConverts}) as oids
    from staged_trade_lines g where g.trade_id = any(${converted}::bigint[])`.execute(tx)
  return new Map(found.rows.map(({ id, oids }) => [id, new Set(oids)]))
}

/**
 * Returns the platform changes for lines that conversion left out (unknown status, refunded or closed) and that conversion would take in
 * the newer version: these are paid goods that no order ships. One change lists all such lines of a trade, because a later change of the
 * same kind replaces an earlier one.
 */
export async function linesNotConverted(
  tx: Tx,
  held: ReadonlyMap<string, LockedTrade>,
  rows: readonly TradeColumns[],
  before: ReadonlyMap<string, ReadonlySet<string>>,
): Promise<PlatformChange[]> {
  const suspects = rows.flatMap((row) => {
    const trade = held.get(row.tid)
    const known = before.get(trade?.id ?? '')
    if (!trade?.order_id || !known) return []
    const lines = row.lines.filter(converts)
    return lines.some(({ oid }) => !known.has(oid)) ? [{ orderId: trade.order_id, row, lines }] : []
  })
  const onOrders = await linesOnOrders(
    tx,
    suspects.map(({ orderId }) => orderId),
  )
  return suspects.flatMap(({ orderId, row, lines }) => {
    const missing = lines.filter(({ oid }) => !onOrders.get(orderId)?.has(oid))
    if (missing.length === 0) return []
    const goods = missing.map(
      ({ title, spec, quantity }) => `${[title, spec].filter(Boolean).join(' ')} × ${quantity}`,
    )
    return [{ orderId, kind: 'left_line', old: '', new: goods.join('；'), tradeVersion: row.modifiedAt }]
  })
}
