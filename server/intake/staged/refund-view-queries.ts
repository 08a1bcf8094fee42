import { type RawBuilder, sql } from 'kysely'
import type { TradeLine } from '../../connectors/connector.ts'
import type { Scope } from '../../core/access/actor.ts'
import { scopeSql } from '../../core/access/scope.ts'
import { type Database, num, preparedStatement } from '../../core/db/db.ts'
import type { Row, RowFor, Rows } from '../../core/db/rows.ts'
import type { RefundRow, TradeDetailView } from '../contract.ts'
import { doubtsShown } from './doubt-queries.ts'

type Raw = RowFor<'staged_refund', RefundRow>

// Some platforms send refunds without a picture, or with nothing of the goods but their number: then the values of the trade line are used.
const ofLine = (own: RawBuilder<unknown>, key: keyof TradeLine) =>
  sql`coalesce(nullif(${own}, ''), line.facts ->> ${key}::text, '')`
const line = sql`
  left join lateral (
    select facts from staged_trade t join staged_trade_lines g on g.trade_id = t.id, jsonb_array_elements(g.lines) facts
    where t.shop_id = r.shop_id and t.tid = r.tid and facts ->> 'oid' = r.oid and (r.title = '' or r.picture_url = '') limit 1
  ) line on true`

const columns = sql`
  r.id, r.shop_id as "shopId", r.refund_no as "refundNo", r.tid, r.oid, r.state, r.state_at as "stateAt", r.state_by as "stateBy", r.status,
  r.platform_status as "platformStatus", r.kind, r.phase, r.version, r.amount_fen as "amountFen", r.quantity, r.deadline,
  r.created_on_platform as "createdAt", r.modified_at as "modifiedAt", r.reason, r.error, r.outcome, r.order_id as "orderId",
  r.order_no as "orderNo", ${ofLine(sql`r.title`, 'title')} as title,
  case when r.title = '' then ${ofLine(sql`r.spec`, 'spec')} else r.spec end as spec, r.outer_id as "outerId",
  ${ofLine(sql`r.picture_url`, 'pictureUrl')} as "pictureUrl", r.buyer_reason as "buyerReason", r.description,
  r.goods_received as "goodsReceived", r.carrier, r.waybill_no as "waybillNo", r.constraint_word as "constraint",
  r.buyer_masked as "buyerMasked", ${doubtsShown(sql.ref('r'))} as doubts`

/** Returns the rows in the order of `ids`. */
export async function refundRows(db: Database, ids: readonly string[]): Promise<RefundRow[]> {
  const found = await sql<Raw>`${preparedStatement}
    select ${columns} from unnest(${[...ids]}::bigint[]) with ordinality i (id, n)
    join staged_refund r on r.id = i.id ${line} order by i.n`.execute(db)
  return found.rows.map(toRow)
}

export async function refundById(db: Database, id: string, scope: Scope): Promise<RefundRow | undefined> {
  return (await refundsWhere(db, sql`r.id = ${id}::bigint and ${scopeSql(scope, sql.ref('r.shop_id'))}`))[0]
}

async function refundsWhere(db: Database, condition: RawBuilder<unknown>): Promise<RefundRow[]> {
  const found = await sql<Raw>`
    select ${columns} from staged_refund r ${line} where ${condition} order by r.id limit 200`.execute(db)
  return found.rows.map(toRow)
}

export async function refundsOfTrade(
  db: Database,
  shopId: string,
  tid: string,
): Promise<TradeDetailView['refunds']> {
  const rows = await refundsWhere(db, sql`r.tid = ${tid} and r.shop_id = ${shopId}::bigint`)
  return rows.map(({ id, refundNo, oid, state, status, kind, amountFen, deadline }) => ({
    id,
    refundNo,
    oid,
    state,
    status,
    kind,
    amountFen,
    deadline,
  }))
}

const toRow = ({ amountFen, ...raw }: Raw): RefundRow => ({ ...raw, amountFen: num(amountFen) })

export async function originalOfRefund(db: Database, shopId: string, tid: string) {
  const found = await sql<
    Row<'staged_trade', 'state' | 'orderId' | 'orderNo' | 'paymentFen'> & {
      tradeId: Rows['staged_trade']['id']
      lines: TradeLine[]
    }
  >`
    select t.id as "tradeId", t.state, t.order_id as "orderId", t.order_no as "orderNo", t.payment_fen as "paymentFen",
      coalesce(g.lines, '[]') as lines
    from staged_trade t left join staged_trade_lines g on g.trade_id = t.id
    where t.tid = ${tid} and t.shop_id = ${shopId}::bigint`.execute(db)
  return found.rows.map((row) => ({ ...row, paymentFen: num(row.paymentFen) }))[0]
}
