import { sql } from 'kysely'
import type { Refund, RefundId, RefundRef } from '../../connectors/connector.ts'
import { type Database, preparedStatement, type Tx } from '../../core/db/db.ts'
import type { Row, RowFor, Rows } from '../../core/db/rows.ts'
import { idFacet } from '../../lib/facets.ts'
import { maskName } from '../../lib/mask.ts'
import { arrayText, type Column, unnestRows } from '../../lib/unnest.ts'
import { isOpen } from '../../orders/order/open-refund-rules.ts'
import { doubtsToKeep } from '../doubt-rules.ts'
import type { RefundState } from '../lifecycle.ts'
import { isDoubtful } from './doubt-queries.ts'
import { type DecidedOn, type RefundColumns, refundReasonFacet, refundStateFacet } from './refund-columns.ts'

export type LockedRefund = Row<
  'staged_refund',
  'id' | 'tid' | 'state' | 'version' | 'status' | 'deadline'
> & {
  amount_fen: Rows['staged_refund']['amountFen']
  detail_missing: Rows['staged_refund']['detailMissing']
  waybill_no: Rows['staged_refund']['waybillNo']
  refund_no: Rows['staged_refund']['refundNo']
  modified_at: Rows['staged_refund']['modifiedAt']
  decided_on: DecidedOn | null
  order_id: Rows['staged_refund']['orderId']
}

/** Locks these refunds and all others of the same trades, in the order of their ids. No later step locks a further refund. */
export async function lockRefunds(
  tx: Tx,
  shopId: string,
  refundNos: readonly string[],
  tids: readonly string[],
): Promise<LockedRefund[]> {
  const found = await sql<LockedRefund>`${preparedStatement}
    select id, refund_no, tid, state, modified_at, version, status, amount_fen, deadline, detail_missing, waybill_no, decided_on, order_id
    from staged_refund
    where (refund_no = any(${refundNos}::text[]) or tid = any(${tids}::text[])) and shop_id = ${shopId}
    order by id for update`.execute(tx)
  return found.rows
}

type Shown = { refund: Refund; detailMissing: boolean }

/** What a platform shows of a refund and may change. */
const shown: readonly Column<Shown>[] = [
  ['tid', 'text', ({ refund }) => refund.tid],
  ['oid', 'text', ({ refund }) => refund.oid],
  ['modified_at', 'timestamptz', ({ refund }) => refund.modifiedAt],
  ['version', 'text', ({ refund }) => refund.version],
  ['status', 'text', ({ refund }) => refund.status],
  ['platform_status', 'text', ({ refund }) => refund.platformStatus],
  ['kind', 'text', ({ refund }) => refund.refundKind],
  ['phase', 'text', ({ refund }) => refund.phase],
  ['amount_fen', 'int8', ({ refund }) => refund.amountFen],
  ['quantity', 'int4', ({ refund }) => refund.quantity],
  ['title', 'text', ({ refund }) => refund.title],
  ['spec', 'text', ({ refund }) => refund.spec],
  ['outer_id', 'text', ({ refund }) => refund.outerId],
  ['buyer_reason', 'text', ({ refund }) => refund.reason],
  ['description', 'text', ({ refund }) => refund.description],
  ['goods_received', 'text', ({ refund }) => refund.goodsReceived],
  ['carrier', 'text', ({ refund }) => refund.carrier],
  ['waybill_no', 'text', ({ refund }) => refund.waybillNo],
  ['constraint_word', 'text', ({ refund }) => refund.constraint],
  ['detail_missing', 'bool', ({ detailMissing }) => detailMissing],
]
const number: Column<Shown> = ['refund_no', 'text', ({ refund }) => refund.refundId]
// Platforms send a deadline even after a decision. It is stored only for an open refund, because the list is sorted by it.
const deadline: Column<Shown> = [
  'deadline',
  'timestamptz',
  ({ refund }) => (isOpen(refund.status) ? refund.deadline : null),
]

/**
 * Returns the numbers of those refunds that we do not have exactly like this. Lists show a refund again and again, and writing and applying an
 * equal one changes nothing. A decided one is always returned, because it can be open again without a change.
 */
export async function changedRefunds(
  tx: Tx,
  shopId: string,
  refunds: readonly Shown[],
): Promise<Set<string>> {
  const of = (table: string) => sql.join(shown.map(([name]) => sql.ref(`${table}.${name}`)))
  const found = await sql<{ refund_no: Rows['staged_refund']['refundNo'] }>`
    select d.refund_no
    from ${unnestRows('d', refunds, [
      number,
      ...shown,
      deadline,
      ['buyer_masked', 'text', ({ refund }) => maskName(refund.buyerNick)],
      ['doubts', 'text', ({ refund }) => doubtsText(doubtsToKeep(refund.doubts))],
    ])}
    left join staged_refund r on r.refund_no = d.refund_no and r.shop_id = ${shopId}
    where r.id is null or r.state in ('processed', 'refused') or (${of('r')}) is distinct from (${of('d')})
      or r.deadline <> d.deadline or (r.deadline is null and d.deadline is not null)
      or r.buyer_masked <> d.buyer_masked or r.doubts is distinct from d.doubts::jsonb`.execute(tx)
  return new Set(found.rows.map((row) => row.refund_no))
}

const doubtsText = (doubts: RefundColumns['doubts']) => (doubts ? JSON.stringify(doubts) : null)

/**
 * Writes refund versions; the newest modified time wins. `state`: the state after writing. `held`: ids of the refunds that the caller has
 * read under its locks. Any other refund that is there already was staged meanwhile: it is locked, but not written.
 */
export async function upsertRefunds(
  tx: Tx,
  shopId: string,
  rows: readonly (RefundColumns & { state: RefundState; detailMissing: boolean })[],
  { by, held }: { by: string; held: readonly string[] },
): Promise<{ id: string; refundNo: string; tid: string; doubtful: boolean }[]> {
  const written = await sql<Row<'staged_refund', 'id' | 'refundNo' | 'tid'> & { doubtful: boolean }>`
    insert into staged_refund (shop_id, refund_no, tid, oid, state, state_by, modified_at, version, status, platform_status, kind, phase,
      amount_fen, quantity, deadline, created_on_platform, facets, people, title, spec, outer_id, buyer_reason, description, goods_received,
      carrier, waybill_no, constraint_word, buyer_masked, personal, detail_missing, doubts)
    select ${shopId}, refund_no, tid, oid, state, ${by}, modified_at, version, status, platform_status, kind, phase,
      amount_fen, quantity, deadline, created_on_platform, facets::int[], people::bigint[], title, spec, outer_id, buyer_reason, description, goods_received,
      carrier, waybill_no, constraint_word, buyer_masked, personal, detail_missing, doubts::jsonb
    from ${unnestRows('d', rows, [
      number,
      ...shown,
      deadline,
      ['created_on_platform', 'timestamptz', ({ refund }) => refund.createdAt],
      ['state', 'text', ({ state }) => state],
      ['facets', 'text', ({ facets, state }) => arrayText([refundStateFacet(state), ...facets.slice(1)])],
      ['people', 'text', ({ people }) => arrayText(people)],
      ['buyer_masked', 'text', ({ buyerMasked }) => buyerMasked],
      ['personal', 'bytea', ({ personal }) => personal],
      ['doubts', 'text', ({ doubts }) => doubtsText(doubts)],
    ])}
    order by refund_no
    on conflict (refund_no, shop_id) do update set
      state = excluded.state,
      state_at = case when staged_refund.state = excluded.state then staged_refund.state_at else now() end,
      state_by = case when staged_refund.state = excluded.state then staged_refund.state_by else excluded.state_by end,
      decided_on = case when excluded.state = 'staged' then null else staged_refund.decided_on end,
      tid = excluded.tid, oid = excluded.oid, modified_at = excluded.modified_at, version = excluded.version, status = excluded.status,
      platform_status = excluded.platform_status, kind = excluded.kind, phase = excluded.phase, amount_fen = excluded.amount_fen,
      quantity = excluded.quantity, deadline = case when excluded.status not in ('applied', 'agreed') then null
        -- A list, or a detail in peak hours, leaves the deadline out. That of another version does not apply to this one.
        when excluded.version in (staged_refund.version, '') then coalesce(excluded.deadline, staged_refund.deadline)
        else excluded.deadline end,
      facets = excluded.facets[1:1] || staged_refund.facets[2:2] || excluded.facets[3:], people = excluded.people, title = excluded.title, spec = excluded.spec,
      outer_id = excluded.outer_id, buyer_reason = excluded.buyer_reason, description = excluded.description,
      goods_received = excluded.goods_received, carrier = excluded.carrier, waybill_no = excluded.waybill_no,
      constraint_word = excluded.constraint_word, buyer_masked = excluded.buyer_masked, personal = excluded.personal,
      detail_missing = excluded.detail_missing,
      -- A version without unclear values ends the acceptance, so that later ones wait for a person again.
      doubts = excluded.doubts, doubts_taken = case when excluded.doubts is null then null else staged_refund.doubts_taken end
    where staged_refund.id = any(${[...held]}::bigint[]) and (
      staged_refund.modified_at < excluded.modified_at
      or staged_refund.modified_at = excluded.modified_at and (
        staged_refund.version = '' or excluded.version = ''
        or (length(staged_refund.version), staged_refund.version) <= (length(excluded.version), excluded.version)))
    returning id, refund_no as "refundNo", tid, ${isDoubtful(sql.ref('staged_refund'))} as doubtful`.execute(
    tx,
  )
  return written.rows
}

/**
 * Updates the reason of refunds: an unknown status, no trade, a trade without detail, unclear values, or none. It runs when refunds are
 * written and when trades are written, so the later write sets the reason. A converted refund has a reason only while its trade is not here.
 * `of`: updates only these refunds, and only these trades count as existing.
 */
export async function updateRefundReasons(
  tx: Tx,
  shopId: string,
  tids: readonly string[],
  of?: { trades: readonly string[]; refunds: readonly string[] },
): Promise<void> {
  await sql`${preparedStatement}
    with row as materialized (
      select r.id, now.reason
      from staged_refund r
      left join staged_trade t on t.tid = r.tid and t.shop_id = r.shop_id
        and ${of ? sql`t.id = any(${[...of.trades]}::bigint[])` : sql`true`}
      cross join lateral (
        select case when r.status = 'unknown' and r.state <> 'converted' then 'unknown_status' when t.id is null then 'no_original'
                    when t.state = 'fetching' then 'original_fetching'
                    when ${isDoubtful(sql.ref('r'))} and r.state <> 'converted' then 'doubtful' else '' end as reason
      ) now
      where r.tid = any(${tids}::text[]) and r.shop_id = ${shopId} and (r.state = 'staged' or r.reason <> now.reason)
        and ${of ? sql`r.refund_no = any(${[...of.refunds]}::text[])` : sql`true`}
      order by r.id for update of r
    )
    update staged_refund r
    set reason = row.reason,
        facets = r.facets[1:1] || array[case row.reason
          when 'no_original' then ${refundReasonFacet('no_original')}::int
          when 'original_fetching' then ${refundReasonFacet('original_fetching')}::int
          when 'unknown_status' then ${refundReasonFacet('unknown_status')}::int
          when 'doubtful' then ${refundReasonFacet('doubtful')}::int
          else ${refundReasonFacet('')}::int end] || r.facets[3:]
    from row where r.id = row.id and (r.reason <> row.reason or r.facets[2] is null)`.execute(tx)
}

/**
 * Returns the trades of refunds that were written while their trade was staged, by two transactions that did not see each other. Such a
 * refund still has the reason "no original" or "original without detail" although the trade is here (with its detail). The
 * trade may not count it as it is now, in any state.
 */
export async function relinkable(db: Database, shopId: string, limit: number): Promise<string[]> {
  const found = await sql<Row<'staged_refund', 'tid'>>`
    select distinct r.tid from staged_refund r
    join staged_trade t on t.tid = r.tid and t.shop_id = r.shop_id
    where r.facets @> array[${idFacet('shop', shopId)}::int]
      and r.facets && array[${refundReasonFacet('no_original')}::int, ${refundReasonFacet('original_fetching')}::int]
      and (r.reason = 'no_original' or (r.reason = 'original_fetching' and t.state <> 'fetching'))
    limit ${limit}`.execute(db)
  return found.rows.map((row) => row.tid)
}

/**
 * Returns the numbers of refunds of a list that are new, newer than ours, different from ours at one time, or whose detail is missing. With
 * `detailHasDeadline` also open refunds without a deadline, because the platform agrees at the deadline and leaves it out of details in
 * peak hours.
 */
export async function wantedRefunds(
  db: Database,
  shopId: string,
  refunds: readonly Refund[],
  detailHasDeadline: boolean,
): Promise<Set<string>> {
  const found = await sql<{ refund_no: Rows['staged_refund']['refundNo'] }>`
    select d.refund_no
    from ${unnestRows('d', refunds, [
      ['refund_no', 'text', (row) => row.refundId],
      ['modified_at', 'timestamptz', (row) => row.modifiedAt],
      ['version', 'text', (row) => row.version],
      ['status', 'text', (row) => row.status],
      ['amount_fen', 'int8', (row) => row.amountFen],
    ])}
    left join staged_refund r on r.refund_no = d.refund_no and r.shop_id = ${shopId}
    where r.id is null or r.detail_missing or r.modified_at < d.modified_at
      or (r.modified_at = d.modified_at and (r.version, r.status, r.amount_fen) is distinct from (d.version, d.status, d.amount_fen))
      or (${detailHasDeadline} and r.deadline is null and r.status in ('applied', 'agreed'))`.execute(db)
  return new Set(found.rows.map((row) => row.refund_no))
}

/** Returns the numbers of those of these refunds that are unknown or newer than ours. */
export async function newerRefunds(
  db: Database,
  shopId: string,
  refunds: readonly Pick<Refund, 'refundId' | 'modifiedAt'>[],
): Promise<Set<string>> {
  const found = await sql<{ refund_no: Rows['staged_refund']['refundNo'] }>`
    select d.refund_no
    from ${unnestRows('d', refunds, [
      ['refund_no', 'text', (row) => row.refundId],
      ['modified_at', 'timestamptz', (row) => row.modifiedAt],
    ])}
    left join staged_refund r on r.refund_no = d.refund_no and r.shop_id = ${shopId}
    where r.id is null or r.modified_at < d.modified_at`.execute(db)
  return new Set(found.rows.map((row) => row.refund_no))
}

/**
 * Returns those of these numbers whose refunds we have as ended, in the version that the list shows or a later one. An open one is requested
 * again even so, because money can go back without a new time of change.
 */
export async function endedRefunds(
  db: Database,
  shopId: string,
  numbers: readonly RefundId[],
): Promise<Set<string>> {
  const dated = numbers.filter(({ modifiedAt }) => modifiedAt)
  if (dated.length === 0) return new Set()
  const found = await sql<{ refund_no: Rows['staged_refund']['refundNo'] }>`
    select d.refund_no from ${unnestRows('d', dated, [
      ['refund_no', 'text', ({ refundId }) => refundId],
      ['modified_at', 'timestamptz', ({ modifiedAt }) => modifiedAt ?? null],
    ])}
    join staged_refund r on r.refund_no = d.refund_no and r.shop_id = ${shopId}
    where r.status in ('succeeded', 'closed') and r.modified_at >= d.modified_at and not r.detail_missing`.execute(
    db,
  )
  return new Set(found.rows.map((row) => row.refund_no))
}

export async function unfinishedRefunds(db: Database, shopId: string, limit: number): Promise<RefundRef[]> {
  const found = await sql<RowFor<'staged_refund', RefundRef>>`
    select refund_no as "refundId", tid, oid, phase, version from staged_refund
    where shop_id = ${shopId} and detail_missing order by id limit ${limit}`.execute(db)
  return found.rows
}

export type Deadline = Pick<Refund, 'refundId' | 'version' | 'deadline'>

/** Writes the deadlines of refunds whose detail gives nothing else that the list lacks. A refund of a newer version keeps its own. */
export async function setDeadlines(
  db: Database,
  shopId: string,
  deadlines: readonly Deadline[],
): Promise<void> {
  if (deadlines.length === 0) return
  await sql`
    update staged_refund r
    set deadline = case when r.status in ('applied', 'agreed') then d.deadline end, detail_missing = false
    from ${unnestRows('d', deadlines, [
      ['refund_no', 'text', (row) => row.refundId],
      ['version', 'text', (row) => row.version],
      ['deadline', 'timestamptz', (row) => row.deadline],
    ])}
    where r.refund_no = d.refund_no and r.shop_id = ${shopId} and r.version = d.version and r.detail_missing`.execute(
    db,
  )
}
