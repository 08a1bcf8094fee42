import { sql } from 'kysely'
import type { TradeLine } from '../../connectors/connector.ts'
import type { Scope } from '../../core/access/actor.ts'
import { scopeSql } from '../../core/access/scope.ts'
import { type Database, num, preparedStatement } from '../../core/db/db.ts'
import type { Nullable, Row, RowFor, Rows } from '../../core/db/rows.ts'
import type { TradeOut, TradeRow } from '../contract.ts'
import { doubtsShown } from '../staged/doubt-queries.ts'

type Raw = RowFor<'staged_trade', Omit<TradeRow, 'fetch'>> &
  Nullable<Row<'trade_fetch', 'tries' | 'nextAt'>> & { fetchError: Rows['trade_fetch']['error'] | null }

const columns = sql`
  t.id, t.shop_id as "shopId", t.tid, t.state, t.state_at as "stateAt", t.state_by as "stateBy", t.status,
  t.platform_status as "platformStatus", t.trade_type as type, t.reason, t.holds, ${doubtsShown(sql.ref('t'))} as doubts, t.ordered_at as "orderedAt", t.paid_at as "paidAt",
  t.ship_by as "shipBy", t.modified_at as "modifiedAt", t.cod, t.flag, t.payment_fen as "paymentFen", t.post_fee_fen as "postFeeFen",
  t.quantity, t.line_count as "lineCount", t.open_refunds as "openRefunds", t.lines_applied as "linesApplied",
  t.lines_refunded as "linesRefunded", t.buyer_message as "buyerMessage", t.seller_memo as "sellerMemo", t.buyer_masked as "buyerMasked",
  t.receiver_masked as "receiverMasked", t.region, t.note, t.order_id as "orderId", t.order_no as "orderNo",
  f.tries, f.error as "fetchError", f.next_at as "nextAt"`

/** Returns the rows of the list of staged trades, in the order of the ids. */
export async function tradeRows(db: Database, ids: readonly string[]): Promise<TradeRow[]> {
  const found = await sql<Raw>`${preparedStatement}
    select ${columns},
      (select coalesce(jsonb_agg(jsonb_build_object('title', l ->> 'title', 'spec', l ->> 'spec', 'pictureUrl', l ->> 'pictureUrl',
         'quantity', l -> 'quantity', 'refund', l ->> 'refund')), '[]')
       from (select l from jsonb_array_elements(g.lines) with ordinality x (l, n) order by n limit 2) l) as lines
    from unnest(${[...ids]}::bigint[]) with ordinality i (id, n)
    join staged_trade t on t.id = i.id
    left join staged_trade_lines g on g.trade_id = t.id
    left join trade_fetch f on f.trade_id = t.id
    order by i.n`.execute(db)
  return found.rows.map(toRow)
}

/** Returns the rows of a sheet, with all goods, in the order of the ids. */
export async function tradesOut(db: Database, ids: readonly string[]): Promise<TradeOut[]> {
  type Found = Row<'staged_trade', 'id' | 'discountFen'> & Pick<TradeOut, 'goods'>
  const found = await sql<Found>`
    select t.id, t.discount_fen as "discountFen", coalesce(g.lines, '[]') as goods
    from staged_trade t left join staged_trade_lines g on g.trade_id = t.id
    where t.id = any(${[...ids]}::bigint[])`.execute(db)
  const more = new Map(found.rows.map((row) => [row.id, row]))
  return (await tradeRows(db, ids)).map((row) => {
    const { discountFen, goods } = more.get(row.id) ?? { discountFen: 0, goods: [] }
    return { ...row, discountFen: num(discountFen), goods }
  })
}

export type WholeTrade = Omit<TradeRow, 'lines'> & { lines: TradeLine[]; discountFen: number }

export async function wholeTrade(db: Database, id: string, scope: Scope): Promise<WholeTrade | undefined> {
  const found = await sql<Raw & Row<'staged_trade', 'discountFen'> & { allLines: TradeLine[] }>`
    select ${columns}, '[]'::jsonb as lines, coalesce(g.lines, '[]') as "allLines", t.discount_fen as "discountFen"
    from staged_trade t left join staged_trade_lines g on g.trade_id = t.id left join trade_fetch f on f.trade_id = t.id
    where t.id = ${id}::bigint and ${scopeSql(scope, sql.ref('t.shop_id'))}`.execute(db)
  return found.rows.map(({ allLines, discountFen, ...raw }) => ({
    ...toRow(raw),
    lines: allLines,
    discountFen: num(discountFen),
  }))[0]
}

/** Returns the sealed personal data of a trade. The caller must have checked the permission. */
export async function sealedPersonal(
  db: Database,
  id: string,
  scope: Scope,
): Promise<{ shopId: string; personal: Buffer | null } | undefined> {
  const found = await sql<Row<'staged_trade', 'shopId' | 'personal'>>`
    select shop_id as "shopId", personal from staged_trade t
    where id = ${id}::bigint and ${scopeSql(scope, sql.ref('t.shop_id'))}`.execute(db)
  return found.rows[0]
}

type KnownTrade = Row<'staged_trade', 'tid' | 'stateBy'> & {
  /** True: a person marked the trade processed. If the system marked it, downloads still update it. */
  processedByHand: boolean
}

export async function tradesByNumber(
  db: Database,
  shopId: string,
  tids: readonly string[],
): Promise<KnownTrade[]> {
  const found = await sql<KnownTrade>`
    select tid, state = 'processed' and note = '' as "processedByHand", state_by as "stateBy" from staged_trade
    where tid = any(${[...tids]}::text[]) and shop_id = ${shopId}`.execute(db)
  return found.rows
}

function toRow({ tries, fetchError, nextAt, paymentFen, postFeeFen, ...raw }: Raw): TradeRow {
  return {
    ...raw,
    paymentFen: num(paymentFen),
    postFeeFen: num(postFeeFen),
    fetch: tries === null || nextAt === null ? null : { tries, error: fetchError ?? '', nextAt },
  }
}
