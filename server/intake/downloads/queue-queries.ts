import { sql } from 'kysely'
import type { TradeBrief } from '../../connectors/connector.ts'
import { type Database, preparedStatement, type Tx } from '../../core/db/db.ts'
import type { Row, Rows } from '../../core/db/rows.ts'
import { idFacet } from '../../lib/facets.ts'
import { maskName } from '../../lib/mask.ts'
import { type KeyRing, searchHash } from '../../lib/seal.ts'
import { unnestRows } from '../../lib/unnest.ts'
import { isOverdue } from '../push-state.ts'
import {
  tradeReasonFacet,
  tradeRefundFacet,
  tradeStateFacet,
  tradeStatusFacet,
} from '../staged/trade-columns.ts'
import { lockTrades } from '../staged/trade-queries.ts'

/** A detail that was requested within this time after a change may not show it: platforms count whole seconds, and clocks differ. */
const modifiedGraceSeconds = 5

/** True if a list shows a newer version than our detail. `d`: the list's row; `t`: our trade. */
const overtaken = sql`(t.detail_at is null or t.detail_at < d.modified_at
  or (t.detail_at = d.modified_at and t.fetched_at < d.modified_at + make_interval(secs => ${modifiedGraceSeconds})))`

/** Returns the hash by which users find a row: of the nick or name as the platform's list writes it. */
const personHash = (ring: KeyRing, kind: 'nick' | 'name', text: string) =>
  text === '' ? null : searchHash(ring, kind, text)

const sightings = (briefs: readonly TradeBrief[], ring?: KeyRing) =>
  unnestRows('d', briefs, [
    ['tid', 'text', (row: TradeBrief) => row.tid],
    ['modified_at', 'timestamptz', (row) => row.modifiedAt],
    ['platform_status', 'text', (row) => row.platformStatus],
    ['trade_type', 'text', (row) => row.type],
    ['payment_fen', 'int8', (row) => row.paymentFen],
    ['buyer_masked', 'text', (row) => maskName(row.buyerNick)],
    ['receiver_masked', 'text', (row) => maskName(row.receiverName)],
    ['buyer_hash', 'int8', (row) => (ring ? personHash(ring, 'nick', row.buyerNick) : null)],
    ['receiver_hash', 'int8', (row) => (ring ? personHash(ring, 'name', row.receiverName) : null)],
  ])

/** The facets of a trade that is known only from the list. */
const fetchingFacets = (shopId: string) =>
  sql`${[
    tradeRefundFacet(false, false),
    tradeStatusFacet('unknown'),
    tradeReasonFacet('fetching'),
    tradeStateFacet('fetching'),
    idFacet('shop', shopId),
  ]}::int[]`

/**
 * Trades of a list by result. `missed`: those of the created that push should have brought. `earliest`: the earliest change that neither a
 * list nor a detail had shown before; null: none.
 */
type Queued = Record<'created' | 'updated' | 'same' | 'processed' | 'missed', number> & {
  earliest: Date | null
}

/** True for a change of a list that neither a list nor a detail had shown before. `d`: the list's row; `t`: our trade; `m`: its mark. */
const isFirstSeen = (shopId: string) => sql`(m.tid is null and (t.id is null or t.modified_at < d.modified_at)
  and not exists (select from parked_item p
    where p.shop_id = ${shopId}::bigint and p.kind = 'trade' and p.fingerprint = 'number ' || d.tid))`

/** Returns the newest row of each trade, because a page may show a trade twice. */
export function newestOf(briefs: readonly TradeBrief[]): TradeBrief[] {
  const newest = new Map<string, TradeBrief>()
  for (const brief of briefs) {
    const other = newest.get(brief.tid)
    if (!other || other.modifiedAt <= brief.modifiedAt) newest.set(brief.tid, brief)
  }
  return [...newest.values()]
}

/**
 * Puts those trades of a platform's list into the download queue that are unknown, newer there than with us, or removed. Trades that a
 * person marked processed are only counted. The queue has one row for each trade; a newer list raises the modified time of the row. Returns
 * the number of trades by result.
 */
export async function queueTrades(
  tx: Tx,
  shopId: string,
  briefs: readonly TradeBrief[],
  /** Undefined: the rows cannot be found by buyer or receiver. */
  ring?: KeyRing,
): Promise<Queued> {
  const answer = await sql<Queued>`${preparedStatement}
    with seen as materialized (
      select d.tid, d.modified_at, d.platform_status, d.trade_type, d.payment_fen,
        case when e.tid is null then d.buyer_masked else '' end as buyer_masked,
        case when e.tid is null then d.receiver_masked else '' end as receiver_masked,
        case when e.tid is null then d.buyer_hash end as buyer_hash,
        case when e.tid is null then d.receiver_hash end as receiver_hash,
        t.id is null as is_new,
        t.state = 'processed' and t.note = '' and m.tid is null as is_processed,
        t.id is null or m.tid is not null or ${overtaken} as is_wanted, ${isFirstSeen(shopId)} as is_first
      from ${sightings(newestOf(briefs), ring)}
      left join staged_trade t on t.tid = d.tid and t.shop_id = ${shopId}
      left join removed_mark m on m.kind = 'trade' and m.tid = d.tid and m.shop_id = ${shopId}
      left join erased_trade e on e.tid = d.tid and e.shop_id = ${shopId}
    ), queued as (
      insert into download_queue (shop_id, tid, modified_at, platform_status, trade_type, payment_fen, buyer_masked, receiver_masked,
        buyer_hash, receiver_hash, is_new)
      select ${shopId}, tid, modified_at, platform_status, trade_type, payment_fen, buyer_masked, receiver_masked, buyer_hash, receiver_hash,
        is_new
      from seen
      where is_wanted and is_processed is not true
      order by tid
      on conflict (tid, shop_id) do update
        set modified_at = excluded.modified_at, platform_status = excluded.platform_status, payment_fen = excluded.payment_fen
        where download_queue.modified_at < excluded.modified_at
      -- One that waits in the queue already was counted as new when it came.
      returning tid, is_new and xmax = 0 as is_new, modified_at
    )
    select (select min(seen.modified_at) from queued join seen using (tid) where is_first) as earliest, count(*) filter (where is_new)::int as created,
      count(*) filter (where is_new and ${isOverdue(shopId, sql.ref('queued.modified_at'))})::int as missed, count(*) filter (where not is_new)::int as updated,
      (select count(*) filter (where is_processed)::int from seen) as processed,
      (select count(*) filter (where is_processed is not true)::int from seen) - count(*)::int as same
    from queued`.execute(tx)
  const row = answer.rows[0]
  if (!row) throw new Error('an aggregate without a row')
  return row
}

/**
 * Moves up to `limit` rows of the queue to the staged trades: inserts missing trades and their detail requests. Several workers may do this
 * at once.
 */
export async function moveQueue(
  tx: Tx,
  shopId: string,
  limit: number,
  { onlyUrgent = false } = {},
): Promise<number> {
  const chosen = onlyUrgent ? sql`and urgent` : sql``
  const next = await sql<Row<'download_queue', 'id' | 'tid'>>`${preparedStatement}
    select id, tid from download_queue where shop_id = ${shopId} ${chosen}
    order by urgent desc, id limit ${limit}`.execute(tx)
  if (next.rows.length === 0) return 0
  await lockTrades(
    tx,
    shopId,
    next.rows.map((row) => row.tid),
  )
  const moved = await sql<{ moved: number }>`${preparedStatement}
    with row as materialized (
      select id from download_queue where id = any(${next.rows.map((row) => row.id)}::bigint[])
      order by tid for update skip locked
    ), taken as (
      delete from download_queue q using row where q.id = row.id returning q.*
    ), known as (
      insert into staged_trade (shop_id, tid, state, modified_at, status, platform_status, trade_type, payment_fen, reason, facets,
        buyer_masked, receiver_masked)
      select shop_id, tid, 'fetching', modified_at, 'unknown', platform_status, trade_type, coalesce(payment_fen, 0), 'fetching',
        ${fetchingFacets(shopId)},
        buyer_masked, receiver_masked
      from taken order by tid
      on conflict (tid, shop_id) do update set modified_at = greatest(staged_trade.modified_at, excluded.modified_at)
      returning id, tid
    ), wished as (
      insert into trade_fetch (trade_id, shop_id, tid, wanted_at, urgent)
      select known.id, ${shopId}, tid, taken.modified_at, taken.urgent from known join taken using (tid) order by known.id
      on conflict (trade_id) do update
        set wanted_at = greatest(trade_fetch.wanted_at, excluded.wanted_at), urgent = trade_fetch.urgent or excluded.urgent,
            next_at = now(), claim = trade_fetch.claim + 1, lease_until = null
    )
    select count(*)::int as moved from taken`.execute(tx)
  return moved.rows[0]?.moved ?? 0
}

/**
 * Requests the details of removed trades again, even if no list shows a change. Only the number is known, so any version is new enough. A
 * trade that was removed only from the queue still exists. Returns the number of requests.
 */
export async function requestRemoved(tx: Tx, shopId: string): Promise<number> {
  const wished = await sql<{ wished: number }>`
    with marked as materialized (
      select m.tid from removed_mark m
      where m.kind = 'trade' and m.shop_id = ${shopId}
        and not exists (select from download_queue q where q.tid = m.tid and q.shop_id = m.shop_id)
    ), held as materialized (
      select t.id, t.tid from staged_trade t join marked using (tid) where t.shop_id = ${shopId}
      order by t.id for update of t
    ), made as (
      insert into staged_trade (shop_id, tid, state, modified_at, status, platform_status, trade_type, payment_fen, reason, facets)
      select ${shopId}, tid, 'fetching', to_timestamp(0), 'unknown', '', 'other', 0, 'fetching',
        ${fetchingFacets(shopId)}
      from marked where tid not in (select tid from held) order by tid
      on conflict (tid, shop_id) do nothing
      returning id, tid
    ), wish as (
      insert into trade_fetch (trade_id, shop_id, tid, wanted_at)
      select id, ${shopId}, tid, to_timestamp(0) from (select id, tid from held union all select id, tid from made) known order by id
      on conflict (trade_id) do nothing
      returning trade_id
    )
    select count(*)::int as wished from wish`.execute(tx)
  return wished.rows[0]?.wished ?? 0
}

export type FetchClaim = Row<'trade_fetch', 'tid' | 'claim' | 'tries'> & {
  trade_id: Rows['trade_fetch']['tradeId']
}

/**
 * Claims detail requests that are due, for `leaseSeconds`; of those that came together, the oldest change first. After that time another worker
 * may claim them.
 */
export async function claimFetches(
  db: Database,
  shopId: string,
  { limit, leaseSeconds, onlyUrgent = false }: { limit: number; leaseSeconds: number; onlyUrgent?: boolean },
): Promise<FetchClaim[]> {
  const claimed = await sql<FetchClaim>`
    with due as materialized (
      select trade_id from trade_fetch
      where shop_id = ${shopId} and next_at <= now() and (lease_until is null or lease_until < now())
        ${onlyUrgent ? sql`and urgent` : sql``}
      order by urgent desc, next_at, wanted_at limit ${limit} for update skip locked
    ), claimed as (
      update trade_fetch f set lease_until = now() + make_interval(secs => ${leaseSeconds}), claim = f.claim + 1
      from due where f.trade_id = due.trade_id
      returning f.*
    )
    select trade_id, tid, claim, tries from claimed order by urgent desc, next_at, wanted_at`.execute(db)
  return claimed.rows
}

/**
 * Frees the claims of an earlier run. Only one run at a time fetches a shop's details, so older claims are of a process that died or
 * stalled. If it only stalled, its answers are dropped, because its claims are outdated.
 */
export async function freeFetches(db: Database, shopId: string): Promise<void> {
  await sql`
    update trade_fetch set lease_until = null
    where trade_id in (
      select trade_id from trade_fetch where shop_id = ${shopId} and lease_until is not null
      order by trade_id for update skip locked)`.execute(db)
}

/** Locks those of these claims that are still the newest and returns their trade numbers. Removed trades are missing. */
export async function liveClaims(tx: Tx, claims: readonly FetchClaim[]): Promise<Set<string>> {
  const live = await sql<Row<'trade_fetch', 'tid'>>`${preparedStatement}
    select f.tid from trade_fetch f
    join ${unnestRows('d', claims, [
      ['trade_id', 'int8', (row) => row.trade_id],
      ['claim', 'int4', (row) => row.claim],
    ])} on d.trade_id = f.trade_id and d.claim = f.claim
    order by f.trade_id
    for update of f`.execute(tx)
  return new Set(live.rows.map((row) => row.tid))
}

/** Records failed detail requests with their error. Each next try is later, at a random moment, at most after an hour. */
export async function failFetches(
  tx: Tx,
  failures: readonly (FetchClaim & { error: string; waitMs?: number })[],
): Promise<void> {
  await sql`${preparedStatement}
    update trade_fetch f
    set tries = f.tries + 1, error = d.error, lease_until = null,
        next_at = now() + case when d.wait_ms > 0 then make_interval(secs => d.wait_ms / 1000.0)
          else make_interval(secs => least(3600, 5 * 2 ^ least(f.tries, 12)) * (0.5 + random() / 2)) end
    from ${unnestRows('d', failures, [
      ['trade_id', 'int8', (row) => row.trade_id],
      ['claim', 'int4', (row) => row.claim],
      ['error', 'text', (row) => row.error],
      ['wait_ms', 'int4', (row) => row.waitMs ?? 0],
    ])}
    where f.trade_id = d.trade_id and f.claim = d.claim`.execute(tx)
}

/** Frees these claims without counting a try, because the authorisation ended or the process stops. */
export async function unclaimFetches(db: Database, claims: readonly FetchClaim[]): Promise<void> {
  await sql`
    update trade_fetch set lease_until = null
    where trade_id in (
      select f.trade_id from trade_fetch f
      join ${unnestRows('d', claims, [
        ['trade_id', 'int8', (row) => row.trade_id],
        ['claim', 'int4', (row) => row.claim],
      ])} on d.trade_id = f.trade_id and d.claim = f.claim
      order by f.trade_id for update of f skip locked)`.execute(db)
}

/**
 * Returns the trades of a list that are to be requested: unknown, newer than ours, or removed. Trades that a person marked processed are
 * only counted. `changedBefore`: the list does not say when they changed, but that it was before this time; a detail that was requested
 * after it shows the change. `missed`: those that push should have brought. `unknown`: those of which nothing is here. `earliest`: the
 * earliest change that is new to us; null if the list does not say when.
 */
export async function wantedTids(
  db: Database,
  shopId: string,
  briefs: readonly TradeBrief[],
  changedBefore?: Date,
): Promise<{
  tids: Set<string>
  unknown: Set<string>
  processed: number
  missed: number
  earliest: Date | null
}> {
  const isNewer = changedBefore
    ? sql`t.fetched_at is null or t.fetched_at < ${changedBefore}::timestamptz + make_interval(secs => ${modifiedGraceSeconds})`
    : overtaken
  const found = await sql<
    Row<'removed_mark', 'tid'> & { processed: boolean; missed: boolean; unknown: boolean; first: Date | null }
  >`
    select d.tid, t.id is null and m.tid is null as unknown, case when ${isFirstSeen(shopId)} then d.modified_at end as first, coalesce(t.state = 'processed' and t.note = '' and m.tid is null, false) as processed,
      t.id is null and m.tid is null and ${isOverdue(shopId, sql.ref('d.modified_at'))} as missed
    from ${sightings(briefs)}
    left join staged_trade t on t.tid = d.tid and t.shop_id = ${shopId}
    left join removed_mark m on m.kind = 'trade' and m.tid = d.tid and m.shop_id = ${shopId}
    where t.id is null or m.tid is not null or ${isNewer}`.execute(db)
  return {
    tids: new Set(found.rows.filter((row) => !row.processed).map((row) => row.tid)),
    unknown: new Set(found.rows.filter((row) => row.unknown).map((row) => row.tid)),
    processed: found.rows.filter((row) => row.processed).length,
    missed: found.rows.filter((row) => row.missed).length,
    earliest: changedBefore ? null : earliestOf(found.rows.flatMap(({ first }) => first ?? [])),
  }
}

const earliestOf = (times: readonly Date[]): Date | null =>
  times.reduce<Date | null>((first, at) => (first && first <= at ? first : at), null)

/** Seconds after which a detail that failed is requested again. */
export const retrySeconds = 5

/** Inserts detail requests for trades whose detail failed, on platforms without a download queue. */
export async function requestFailedDetails(
  tx: Tx,
  shopId: string,
  briefs: readonly (TradeBrief & { error: string })[],
): Promise<void> {
  if (briefs.length === 0) return
  await sql`
    with d as materialized (select * from ${unnestRows('d', briefs, [
      ['tid', 'text', (row) => row.tid],
      ['modified_at', 'timestamptz', (row) => row.modifiedAt],
      ['platform_status', 'text', (row) => row.platformStatus],
      ['trade_type', 'text', (row) => row.type],
      ['buyer_masked', 'text', (row) => maskName(row.buyerNick)],
      ['receiver_masked', 'text', (row) => maskName(row.receiverName)],
      ['payment_fen', 'int8', (row) => row.paymentFen],
      ['error', 'text', (row) => row.error],
    ])}),
    known as (
      insert into staged_trade (shop_id, tid, state, modified_at, status, platform_status, trade_type, payment_fen, reason, facets,
        buyer_masked, receiver_masked)
      select ${shopId}, tid, 'fetching', modified_at, 'unknown', platform_status, trade_type, coalesce(payment_fen, 0), 'fetching',
        ${fetchingFacets(shopId)}, buyer_masked, receiver_masked
      from d order by tid
      on conflict (tid, shop_id) do update set modified_at = greatest(staged_trade.modified_at, excluded.modified_at)
      returning id, tid
    )
    insert into trade_fetch (trade_id, shop_id, tid, wanted_at, tries, error, next_at)
    select known.id, ${shopId}, tid, d.modified_at, 1, d.error, now() + make_interval(secs => ${retrySeconds}) from known join d using (tid) order by known.id
    on conflict (trade_id) do update set wanted_at = greatest(trade_fetch.wanted_at, excluded.wanted_at), error = excluded.error`.execute(
    tx,
  )
}
