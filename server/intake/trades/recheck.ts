import { sql } from 'kysely'
import { preparedStatement, type Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { unnestRows } from '../../lib/unnest.ts'
import { liveOffPlatformOrders } from '../../orders/order/numbers.ts'
import { type ShopFacts, whyNotConvertible } from '../lifecycle.ts'
import { tradeReasonFacet, tradeRefundFacet } from '../staged/trade-columns.ts'
import { factsOf, settingsOf } from './convert-facts.ts'
import { convertsUnpaid, lockForConvert } from './convertible.ts'

/**
 * Determines again why these trades cannot be converted, after a refund or the shop's settings changed. A converted trade gets no reason, only
 * its refund state changes. A trade stays a duplicate while the order with its number lives. Trades without a detail are left out. Returns the number of changed trades.
 */
export async function updateTradeReasons(tx: Tx, ids: readonly string[]): Promise<number> {
  if (ids.length === 0) return 0
  // Locked by a statement of its own: one that waits for the lock counts the refunds as they were before.
  await sql`${preparedStatement} select from staged_trade where id = any(${ids}::bigint[]) order by id for update`.execute(
    tx,
  )
  const rows = (await lockForConvert(tx, ids)).filter((row) => row.state !== 'fetching')
  const marked = rows.filter(({ state, reason }) => state !== 'converted' && reason === 'duplicate')
  const taken = await liveOffPlatformOrders(tx, marked)
  const answers = rows.map((row) => {
    const reason = row.state === 'converted' ? '' : whyNotConvertible(factsOf(row), settingsOf(row))
    const isTaken = taken.some(({ shopId, tid }) => shopId === row.shop_id && tid === row.tid)
    return { row, reason: reason === '' && isTaken ? ('duplicate' as const) : reason }
  })
  const changed = await sql`${preparedStatement}
    update staged_trade t
    set reason = d.reason, open_refunds = d.open_refunds, facets[1] = d.refund_facet, facets[3] = d.reason_facet
    from ${unnestRows('d', answers, [
      ['id', 'int8', ({ row }) => row.id],
      ['reason', 'text', ({ reason }) => reason],
      ['reason_facet', 'int4', ({ reason }) => tradeReasonFacet(reason)],
      ['open_refunds', 'int4', ({ row }) => row.open_refunds],
      [
        'refund_facet',
        'int4',
        ({ row }) => tradeRefundFacet(row.lines_applied + row.open_refunds > 0, row.lines_refunded > 0),
      ],
    ])}
    where t.id = d.id and (t.reason, t.open_refunds, t.facets[1]) is distinct from (d.reason, d.open_refunds, d.refund_facet)`.execute(
    tx,
  )
  return Number(changed.numAffectedRows ?? 0n)
}

/**
 * Determines the reasons of these trades again if the settings of their shop are not those by which they were staged. The settings are locked
 * until the transaction ends: a change of them waits, and its recheck (`intake.recheck`) then finds these trades.
 */
export async function updateIfSettingsChanged(
  tx: Tx,
  shop: { id: string; facts: ShopFacts },
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return
  const found = await sql<Row<'shop', 'goLiveAt'> & { convertUnpaid: boolean }>`${preparedStatement}
    select go_live_at as "goLiveAt", ${convertsUnpaid('shop')} as "convertUnpaid" from shop where id = ${shop.id}::bigint for share`.execute(
    tx,
  )
  const [now] = found.rows
  const { goLiveAt, convertUnpaid } = shop.facts
  if (now?.goLiveAt.getTime() === goLiveAt.getTime() && now.convertUnpaid === convertUnpaid) return
  await updateTradeReasons(tx, ids)
}

export async function updateTradeReasonsOf(tx: Tx, shopId: string, tids: readonly string[]): Promise<number> {
  return updateTradeReasons(
    tx,
    await tradesOfNumbers(
      tx,
      tids.map((tid) => ({ shopId, tid })),
    ),
  )
}

/** Returns the ids of the trades with these numbers. */
export async function tradesOfNumbers(
  tx: Tx,
  numbers: readonly { shopId: string; tid: string }[],
): Promise<string[]> {
  const found = await sql<Row<'staged_trade', 'id'>>`
    select t.id from ${unnestRows('d', numbers, [
      ['shop_id', 'int8', (row) => row.shopId],
      ['tid', 'text', (row) => row.tid],
    ])}
    join staged_trade t on t.tid = d.tid and t.shop_id = d.shop_id order by t.id`.execute(tx)
  return found.rows.map((row) => row.id)
}
