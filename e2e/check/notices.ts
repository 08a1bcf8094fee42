/**
 * Whether a refund (by status, kind, phase, and whether we agreed) stops its goods from leaving. Refunded goods and refunds of money only
 * are checked separately.
 */
const stops = (status: string, kind: string, phase: string, agreed: string) => `(
  ${agreed}
  or ${status} = 'unknown'
  or ${status} in ('applied', 'agreed') and ${phase} = 'onsale' and ${kind} <> 'money_only'
  or ${status} = 'succeeded' and ${kind} in ('refund_only', 'return'))`

/** Every shipping of an order. */
const left = `
  select e.order_id, e.id, e.at, o.no, o.tid, o.shop_id from order_event e join sales_order o on o.id = e.order_id
  where e.event = 'ship' and o.origin in ('trade', 'split')`

/** The order \`o\` still has goods of the refund's line; line "" means every line. */
const hasGoods = (order: string, oid: string) => `exists (
  select from order_line l where l.order_id = ${order} and not l.gift and l.quantity > l.refunded_quantity and ${oid} in ('', l.oid))`

/** A user with the permission let the order leave in spite of at least this refund, of the same kind, and the audit log has it. */
type Over = { refundNo: string; kind: string; status: string; amount: string }
const letThrough = (order: string, at: string, { refundNo, kind, status, amount }: Over) => `exists (
  select from refund_waiver w
  join audit_log a on a.action = 'order.ship_over_refund' and a.subject_id = w.order_id::text and a.detail -> 'refunds' ? w.refund_no
    and a.actor_name = w.given_by
  where w.order_id = ${order} and w.refund_no = ${refundNo} and w.given_at <= ${at} and (w.ended_at is null or w.ended_at >= ${at})
    and w.reason <> '' and ${status} in ('applied', w.refund_status) and w.refund_status <> 'unknown' and w.kind = ${kind}
    and w.amount_fen >= ${amount})`

/** Rules: orders are informed of refunds, and nothing leaves in spite of them. */
export const noticeRules: Readonly<Record<string, string>> = {
  'each refund that was staged is noted for its order as it is': `
    select r.refund_no as id, concat_ws(' ', r.status, r.version, r.amount_fen, 'noted', n.refund_status, n.version, n.amount_fen) as found
    from staged_refund r left join refund_notice n on n.shop_id = r.shop_id and n.refund_no = r.refund_no
    where n.refund_no is null
      or (r.tid, r.oid, r.kind, r.phase, r.status, r.version, r.modified_at, r.amount_fen, r.quantity)
        is distinct from (n.tid, n.oid, n.kind, n.phase, n.refund_status, n.version, n.modified_at, n.amount_fen, n.quantity)`,

  'what we agree to and the platform has not answered is noted': `
    select r.refund_no as id, concat_ws(' ', a.state, 'noted', coalesce(n.agreeing, 'none')) as found
    from platform_action a join staged_refund r on a.subject_type = 'staged_refund' and a.subject_id = r.id::text
    left join refund_notice n on n.shop_id = r.shop_id and n.refund_no = r.refund_no
    where a.kind = 'refund.agree' and a.state in ('pending', 'sending', 'unknown') and n.agreeing is distinct from 'asked'`,

  // The order's events tell what was known before it left, in the order of its locks.
  'no line ships over a refund that we had staged or agreed to, unless a person let it': `
    select concat_ws('/', s.no, said.refund_no) as id, said.detail::text as found
    from (${left}) s
    cross join lateral (
      select distinct on (1) e.detail ->> 'refundNo' as refund_no, e.detail, e.id from order_event e
      where e.order_id = s.order_id and e.event = 'refund_noted' and e.id < s.id order by 1, e.id desc
    ) said
    where ${stops(`said.detail ->> 'status'`, `said.detail ->> 'kind'`, `said.detail ->> 'phase'`, `said.detail ? 'agreeing'`)}
      and ${hasGoods('s.order_id', `said.detail ->> 'oid'`)}
      -- A line's word of a refund ends with the refund itself, which is asked for by its own number.
      and not (said.refund_no = '' and exists (
        select from order_event e where e.order_id = s.order_id and e.event = 'refund_noted' and e.id > said.id and e.id < s.id
          and e.detail ->> 'refundNo' <> '' and e.detail ->> 'oid' in ('', said.detail ->> 'oid')))
      -- Converting had taken its goods off, or booked its money, before.
      and not (said.detail ->> 'status' = 'succeeded' and exists (
        select from order_event e where e.order_id = s.order_id and e.id < s.id and e.event in ('refund_reduce', 'refund_money')
          and e.detail ->> 'status' = 'succeeded' and (e.detail ->> 'refundNo' = said.refund_no
            -- A line's word may come after the refund that it tells of.
            or said.refund_no = '' and e.detail ->> 'oid' in ('', said.detail ->> 'oid'))))
      and not ${letThrough('s.order_id', 's.at', {
        refundNo: 'said.refund_no',
        kind: `said.detail ->> 'kind'`,
        status: `said.detail ->> 'status'`,
        amount: `(said.detail ->> 'amountFen')::bigint`,
      })}
    union
    -- Independent of the events: a refund that was noted before the shipping began and has not changed since.
    select concat_ws('/', s.no, n.refund_no), concat_ws(' ', n.refund_status, n.agreeing, n.amount_fen, 'noted', n.noted_at, 'left', s.at)
    from (${left}) s join refund_notice n on n.tid = s.tid and n.shop_id = s.shop_id
    where n.source = 'refund' and n.noted_at < s.at and ${stops('n.refund_status', 'n.kind', 'n.phase', `n.agreeing <> ''`)}
      and ${hasGoods('s.order_id', 'n.oid')}
      and not (n.refund_status = 'succeeded' and exists (
        select from order_refund r join sales_order o on o.id = r.order_id
        where o.tid = s.tid and o.shop_id = s.shop_id and r.refund_no = n.refund_no and r.fact is not null))
      -- If several orders of a trade have the line, only those that take a share of the refund are stopped.
      and not exists (
        select from order_hold h join sales_order part on part.id = h.order_id
        where part.tid = s.tid and part.shop_id = s.shop_id and part.id <> s.order_id and h.reason = 'refund_open' and h.source = n.refund_no)
      and not ${letThrough('s.order_id', 's.at', {
        refundNo: 'n.refund_no',
        kind: 'n.kind',
        status: 'n.refund_status',
        amount: 'n.amount_fen',
      })}`,
}
