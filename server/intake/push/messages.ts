import { type RawBuilder, sql } from 'kysely'
import type { PushedMessage } from '../../connectors/push.ts'
import { type SealedPlace, sealedColumn } from '../../core/access/reseal.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { NotNull, Row } from '../../core/db/rows.ts'
import { type KeyRing, seal } from '../../lib/seal.ts'
import { arrayText, unnestRows } from '../../lib/unnest.ts'

export const pushSealed: SealedPlace = sealedColumn({
  table: 'push_message',
  column: 'sealed',
  key: [['id', 'int8']],
  boundTo: sql`t.channel`,
})

export type Outcome = 'fetched' | 'processed' | 'not_found' | 'parked' | 'failed' | 'left'

/**
 * Stores messages of a channel, each once, in one statement. After it they may be acknowledged. A message that names no shop of the channel,
 * or nothing that we fetch, is kept and needs no handling.
 */
export async function storeMessages(
  db: Database | Tx,
  ring: KeyRing,
  channel: string,
  messages: readonly PushedMessage[],
): Promise<void> {
  const rows = unnestRows('d', messages, [
    ['message_id', 'text', (row) => row.id],
    ['topic', 'text', (row) => row.topic],
    ['shops', 'text', (row) => arrayText(row.shops)],
    ['kind', 'text', ({ hint }) => hint.kind],
    ['tid', 'text', ({ hint }) => (hint.kind === 'other' ? '' : hint.tid)],
    ['refund_no', 'text', ({ hint }) => (hint.kind === 'refund' ? hint.refundId : '')],
    ['sealed', 'bytea', (row) => seal(ring, channel, row.raw)],
  ])
  await sql`
    with said as (
      select d.*, p.shop_id, case when p.shop_id is null then 'no_shop' when d.kind = 'other' then 'other' else '' end as outcome
      from ${rows} left join lateral (
        -- Rows name a shop by its seller's name alone.
        select p.shop_id from push_shop p join shop s on s.id = p.shop_id
        where p.channel = ${channel} and (s.platform_shop_id = any(d.shops::text[]) or s.seller_nick = any(d.shops::text[]))
        order by s.platform_shop_id = any(d.shops::text[]) desc limit 1
      ) p on true
    ), kept as (
      insert into push_message (channel, message_id, topic, shop_id, kind, tid, refund_no, sealed, outcome, handled_at)
      select ${channel}, message_id, topic, shop_id, kind, tid, refund_no, sealed, outcome, case when outcome <> '' then now() end
      from said
      on conflict (message_id, channel) do nothing
      returning shop_id
    )
    update push_shop set heard_at = now()
    where shop_id in (select shop_id from kept) and (heard_at is null or heard_at < now() - interval '5 seconds')`.execute(
    db,
  )
}

/** The most hints of one shop that are handled together. They must be fetched before the claim ends. */
const hintsOfShop = 40
/** Seconds for which hints are claimed. Forty details take at most this long; if the worker dies, the lists are faster. */
const claimSeconds = 300

/** `t`: which kinds of hints the tasks of the shop take. */
const isDue = (
  shopId: RawBuilder<unknown>,
) => sql`shop_id = ${shopId} and handled_at is null and due_at <= now()
  and case kind when 'refund' then t.refunds else t.trades end`

export type ClaimedHint = NotNull<Row<'push_message', 'shopId'>> &
  Row<'push_message', 'id' | 'tid' | 'refundNo' | 'tries'> & { kind: 'trade' | 'refund' }

/**
 * Claims hints that are due, of at most `mostShops` shops that are not in `busy`, whose tasks are enabled and not paused; the shop that waits
 * longest comes first. `tries` counts this claim too.
 */
export async function claimHints(
  db: Database,
  busy: readonly string[],
  mostShops: number,
): Promise<ClaimedHint[]> {
  const claimed = await sql<ClaimedHint>`
    with chosen as (
      select p.shop_id, t.* from push_shop p
      cross join lateral (
        select coalesce(bool_and(enabled) filter (where kind <> 'refund_list'), true) as trades,
          coalesce(bool_and(enabled) filter (where kind = 'refund_list'), true) as refunds
        from task where shop_id = p.shop_id and kind in ('trade_list', 'trade_detail', 'refund_list') and name = ''
      ) t
      cross join lateral (select due_at from push_message where ${isDue(sql.ref('p.shop_id'))} order by due_at limit 1) m
      where p.shop_id <> all(${[...busy]}::bigint[])
        and not exists (select from shop_gate g where g.shop_id = p.shop_id and (g.paused <> '{}' or g.ban_until > now()))
      order by m.due_at limit ${mostShops}
    ), due as (
      select m.id from chosen t cross join lateral (
        select id from push_message where ${isDue(sql.ref('t.shop_id'))}
        order by due_at, id limit ${hintsOfShop} for update skip locked
      ) m
    )
    update push_message m set tries = m.tries + 1, due_at = now() + make_interval(secs => ${claimSeconds})
    from due where m.id = due.id
    returning m.id, m.shop_id as "shopId", m.kind, m.tid, m.refund_no as "refundNo", m.tries`.execute(db)
  return claimed.rows
}

/** Writes the outcomes of hints. One that ended in another worker meanwhile keeps its outcome. */
export async function endHints(
  tx: Tx | Database,
  ended: readonly { id: string; outcome: Outcome }[],
): Promise<void> {
  if (ended.length === 0) return
  await sql`
    update push_message m set handled_at = now(), outcome = d.outcome
    from ${unnestRows('d', ended, [
      ['id', 'int8', (row) => row.id],
      ['outcome', 'text', (row) => row.outcome],
    ])} where m.id = d.id and m.handled_at is null`.execute(tx)
}

/** Puts hints back: they are due again after some seconds, the later the more often they were tried. */
export function delayHints(tx: Tx | Database, ids: readonly string[]): Promise<unknown> {
  return putBack(
    tx,
    ids,
    sql`make_interval(secs => least(300, 3 * 2 ^ least(tries, 8)) * (0.5 + random() / 2))`,
  )
}

/** Puts hints back that were not tried, for example because the process stops. */
export function returnHints(tx: Tx | Database, ids: readonly string[]): Promise<unknown> {
  return putBack(tx, ids, sql`interval '5 seconds'`)
}

function putBack(tx: Tx | Database, ids: readonly string[], pause: RawBuilder<unknown>): Promise<unknown> {
  return sql`
    update push_message set due_at = now() + ${pause} where id = any(${[...ids]}::bigint[]) and handled_at is null`.execute(
    tx,
  )
}

/** After an hour the lists have shown the same changes, so old hints cost no calls. */
export async function leaveOldHints(db: Database): Promise<void> {
  await sql`
    update push_message set handled_at = now(), outcome = 'left'
    where id in (
      select m.id from (select distinct shop_id from push_message where handled_at is null) p cross join lateral (
        select id from push_message
        where shop_id = p.shop_id and handled_at is null and due_at <= now() and heard_at < now() - interval '1 hour'
        limit 1000 for update skip locked
      ) m)`.execute(db)
}
