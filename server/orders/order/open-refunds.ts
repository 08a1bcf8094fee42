import { type RawBuilder, sql } from 'kysely'
import type { RefundKind, RefundStatus } from '../../connectors/connector.ts'
import { aboutGoods, open } from './open-refund-rules.ts'

/** True if a refund is applied for or agreed and concerns goods. These goods are not shipped until the refund has ended. */
export const isOpenAboutGoods = ({ status, kind }: { status: RefundStatus; kind: RefundKind }): boolean =>
  open.includes(status) && aboutGoods.includes(kind)

export const openAboutGoods = (status: string, kind: string): RawBuilder<boolean> =>
  sql<boolean>`(${sql.ref(status)} in (${literals(open)}) and ${sql.ref(kind)} in (${literals(aboutGoods)}))`

/** Writes words into the SQL as literals and not as parameters, so that the planner knows them when it plans a prepared statement. */
const literals = (words: readonly string[]) => sql.join(words.map((word) => sql.lit(word)))

/**
 * Over `order_line l`: true if an applied refund is open about the line's goods, or a refund that is not converted yet holds the order
 * because of the line. A refund of the whole trade concerns every line.
 */
export const openRefund = sql<boolean>`(exists (
  select from order_refund r where r.order_id = l.order_id and r.oid in ('', l.oid) and ${openAboutGoods('r.refund_status', 'r.kind')}) or exists (
  select from order_hold h join sales_order o on o.id = h.order_id
    join refund_notice n on n.shop_id = o.shop_id and n.refund_no = h.source
  where h.order_id = l.order_id and h.reason = 'refund_open' and h.released_at is null and n.oid in ('', l.oid)))`
