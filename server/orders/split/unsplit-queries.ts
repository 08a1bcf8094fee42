import { sql } from 'kysely'
import { num, type Tx } from '../../core/db/db.ts'
import type { Rows } from '../../core/db/rows.ts'
import { unnestRows } from '../../lib/unnest.ts'
import { holdReasons } from '../order/lifecycle.ts'

/**
 * Copies the open holds of the child orders that a person must lift to their parent orders, so that putting the order together again lifts
 * none of them.
 */
export async function carryHolds(
  tx: Tx,
  pairs: readonly { partId: string; rootId: string }[],
): Promise<void> {
  await sql`
    insert into order_hold (order_id, reason, source, note, held_by, held_at, until)
    select d.root_id, h.reason, h.source, h.note, h.held_by, h.held_at, h.until
    from ${unnestRows('d', pairs, [
      ['part_id', 'int8', (row) => row.partId],
      ['root_id', 'int8', (row) => row.rootId],
    ])}
    join order_hold h on h.order_id = d.part_id and h.released_at is null and h.reason = any(${personHoldNames}::text[])
    order by d.root_id, h.id
    on conflict (order_id, reason, source) where released_at is null do nothing`.execute(tx)
}

const personHoldNames = Object.entries(holdReasons).flatMap(([name, { by }]) =>
  by === 'person' ? [name] : [],
)

const kindColumns = [
  'tid',
  'oid',
  'sku_id',
  'item_id',
  'platform_sku_id',
  'outer_item_id',
  'outer_sku_id',
  'title',
  'spec',
  'picture_url',
  'price_fen',
  'gift',
  'gift_rule_id',
  'gift_off_by',
  'substitute_for',
  'substitute_diff_fen',
]
/** What pieces of one row have in common. Pieces that differ in any of it come back as rows of their own. */
const kindOf = (table: string) => sql.join(kindColumns.map((column) => sql.ref(`${table}.${column}`)))

export type MovedToParent = {
  partId: string
  goodsFen: number
  discountFen: number
  paymentFen: number
  quantity: number
}

/**
 * Moves the lines of child orders back to their parents: added to the line that they were split from if they are of its kind, else under their
 * own line number, or under the next free one if the parent has a different line there. Returns the sums that each child order gave.
 */
export async function moveLinesToParent(
  tx: Tx,
  pairs: readonly { partId: string; rootId: string }[],
): Promise<MovedToParent[]> {
  const found = await sql<
    { partId: Rows['sales_order']['id'] } & Record<'goods' | 'discount' | 'payment', string> &
      Record<'quantity', number>
  >`
    with taken as (
      delete from order_line l
      using ${unnestRows('d', pairs, [
        ['part_id', 'int8', (row) => row.partId],
        ['root_id', 'int8', (row) => row.rootId],
      ])}
      where l.order_id = d.part_id
      returning d.part_id, d.root_id, l.*
    ), together as (
      select root_id, line_no, ${kindOf('taken')}, max(plan_at) as plan_at, sum(quantity)::int as quantity, sum(discount_fen)::bigint as discount_fen, sum(payment_fen)::bigint as payment_fen
      from taken
      group by root_id, line_no, ${kindOf('taken')}
    ), placed as (
      select t.*, own.order_id is not null and (${kindOf('own')}) is not distinct from (${kindOf('t')}) as same,
        own.order_id is not null or row_number() over (partition by t.root_id, t.line_no order by t.oid, t.sku_id) > 1 as taken
      from together t left join order_line own on own.order_id = t.root_id and own.line_no = t.line_no
    ), grown as (
      update order_line l
      set quantity = l.quantity + p.quantity, discount_fen = l.discount_fen + p.discount_fen, payment_fen = l.payment_fen + p.payment_fen
      from placed p where p.same and l.order_id = p.root_id and l.line_no = p.line_no
    ), added as (
      insert into order_line (order_id, line_no, tid, oid, sku_id, item_id, platform_sku_id, outer_item_id, outer_sku_id, title, spec,
        picture_url, quantity, price_fen, discount_fen, payment_fen, gift, gift_rule_id, gift_off_by, plan_at,
        substitute_for, substitute_diff_fen)
      select root_id,
        case when not taken then line_no
             else greatest((select max(line_no) from order_line where order_id = p.root_id),
                 (select max(o.line_no) from placed o where o.root_id = p.root_id))
               + row_number() over (partition by root_id, taken order by line_no, oid, sku_id) end,
        tid, oid, sku_id, item_id, platform_sku_id, outer_item_id, outer_sku_id, title, spec, picture_url, quantity, price_fen,
        discount_fen, payment_fen, gift, gift_rule_id, gift_off_by, plan_at, substitute_for, substitute_diff_fen
      from placed p where not same
    )
    select part_id as "partId", sum(price_fen * quantity)::bigint as goods, sum(discount_fen)::bigint as discount,
      sum(payment_fen)::bigint as payment, coalesce(sum(quantity) filter (where not gift), 0)::int as quantity
    from taken group by part_id order by part_id`.execute(tx)
  return found.rows.map(({ partId, goods, discount, payment, quantity }) => ({
    partId,
    goodsFen: num(goods),
    discountFen: num(discount),
    paymentFen: num(payment),
    quantity,
  }))
}
