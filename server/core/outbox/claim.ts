import { sql } from 'kysely'
import { unnestRows } from '../../lib/unnest.ts'
import type { Database } from '../db/db.ts'
import type { Row } from '../db/rows.ts'
import { actionColumns, type ClaimedAction } from './queries.ts'

/** Priority and times of each kind of action that this process can send. */
export type KindTimes = {
  kind: string
  rank: number
  leaseMs: number
  lookAfterMs: number
  canLook: boolean
}

export type Room = { shopId: string; room: number }

/**
 * Marks actions with an expired lease as unclear: their process died while it sent or verified them, so the platform may have done them.
 * Kinds that can be verified are verified; the others wait for a user. An action whose answer is known already is due at once, to store the
 * answer.
 */
export async function endLostSends(db: Database, kinds: readonly KindTimes[]): Promise<string[]> {
  const lost = await sql<Row<'platform_action', 'id'>>`
    with lost as (
      select id from platform_action where lease_until < now() order by id for update skip locked
    )
    update platform_action set state = 'unknown', unclear = true, worker = null, lease_until = null,
      error_code = case when state = 'sending' then 'lost' else error_code end,
      next_at = case when answer is not null then now()
        when known.can_look then now() + known.look_after * interval '1 millisecond' end
    from lost, ${kindRows(kinds)}
    where platform_action.id = lost.id and known.kind = platform_action.kind
    returning platform_action.id`.execute(db)
  return lost.rows.map((row) => row.id)
}

/** The lease of the right to probe. If the probing worker dies, another may probe after this time. */
const probeLeaseSeconds = 90

/**
 * Claims the due actions of each shop, the most urgent first, and commits them as `sending` before anything is sent.
 * Every shop gets its first action before any shop gets its second. A paused or banned shop gets none; a shop whose platform does not
 * answer gets one when a probe is due, and a shop that was not read again since the database was restored gets none. An action waits for earlier actions on the same subject. Actions whose answer is known and only has
 * to be stored are always claimed.
 * The query skips from shop to shop through the index and reads only the first actions of each kind, so a large backlog costs nothing. Its
 * whole order is written out, because the planner would otherwise use an index over all past actions.
 */
export async function claimActions(
  db: Database,
  worker: string,
  kinds: readonly KindTimes[],
  { limit, usualRoom, rooms }: { limit: number; usualRoom: number; rooms: readonly Room[] },
): Promise<ClaimedAction[]> {
  const claimed = await sql<ClaimedAction & { due: number }>`
    with recursive waiting (shop_id) as (
      (select shop_id from platform_action where next_at is not null order by shop_id, kind, deadline, id limit 1)
      union all
      select (select a.shop_id from platform_action a where a.next_at is not null and a.shop_id > waiting.shop_id
        order by a.shop_id, a.kind, a.deadline, a.id limit 1) from waiting where waiting.shop_id is not null
    ), open as (
      select waiting.shop_id, gate.away_since is not null as away,
        case when gate.away_since is null then coalesce(hand.room, ${usualRoom}::int) else least(1, coalesce(hand.room, 1)) end as room
      from waiting
      left join ${unnestRows('hand', rooms, [
        ['shop_id', 'int8', ({ shopId }) => shopId],
        ['room', 'int4', ({ room }) => room],
      ])} on hand.shop_id = waiting.shop_id
      left join shop_gate gate on gate.shop_id = waiting.shop_id
      where waiting.shop_id is not null and coalesce(hand.room, 1) > 0 and (gate.shop_id is null or (gate.paused = '{}' and gate.restored_at is null
        and coalesce(gate.ban_until, '-infinity') <= now() and coalesce(gate.probe_at, '-infinity') <= now()))
    ), ranked as (
      select first.id, open.shop_id, open.away, open.room,
        row_number() over (partition by open.shop_id order by known.rank, first.deadline, first.id) as turn
      from open cross join ${kindRows(kinds)} cross join lateral (
        select action.id, action.deadline from platform_action action
        where action.shop_id = open.shop_id and action.kind = known.kind and action.next_at <= now()
          and action.answer is null and ${isFirstOfSubject}
        order by action.deadline, action.id limit open.room
      ) first
    ), chosen as (
      select id, shop_id, away from ranked where turn <= room order by turn, id limit ${limit}
    ), due as (
      select action.id from platform_action action
      where action.next_at <= now() and action.lease_until is null and action.state in ('pending', 'unknown')
        and action.id = any(array(
          select id from chosen
          union all
          (select id from platform_action where next_at <= now() and answer is not null order by next_at limit ${limit})))
      order by action.id for update of action skip locked
    ), probing as (
      -- Only with a claimed action: without one no probe is sent, and the shop would wait for the whole lease of the probe.
      update shop_gate gate set probe_at = now() + ${probeLeaseSeconds}::int * interval '1 second'
      from chosen join due using (id) where chosen.away and gate.shop_id = chosen.shop_id and gate.probe_at <= now()
      returning gate.shop_id
    )
    update platform_action set claim = claim + 1, worker = ${worker}, next_at = null, away = false,
      lease_until = now() + known.lease_ms * interval '1 millisecond',
      attempt = attempt + case when state = 'pending' then 1 else 0 end,
      looks = looks + case when state = 'unknown' and answer is null then 1 else 0 end,
      sent_at = case when state = 'pending' then clock_timestamp() else sent_at end,
      state = case when state = 'pending' then 'sending' else state end
    from due, ${kindRows(kinds)}
    where platform_action.id = due.id and known.kind = platform_action.kind
      and (platform_action.answer is not null
        or due.id not in (select id from chosen where away and shop_id not in (select shop_id from probing)))
    returning ${actionColumns}, platform_action.claim, platform_action.looks, platform_action.state,
      platform_action.answer, extract(epoch from platform_action.deadline)::float8 as due,
      platform_action.shop_id in (select shop_id from probing) as probe`.execute(db)
  const rankOf = new Map(kinds.map(({ kind, rank }) => [kind, rank]))
  const order = (one: ClaimedAction & { due: number }) => [rankOf.get(one.kind) ?? 0, one.due, Number(one.id)]
  return claimed.rows.toSorted((a, b) => compare(order(a), order(b)))
}

function compare(a: readonly number[], b: readonly number[]): number {
  const at = a.findIndex((value, index) => value !== b[index])
  return (a[at] ?? 0) < (b[at] ?? 0) ? -1 : 1
}

const isFirstOfSubject = sql`not exists (
  select from platform_action earlier
  where earlier.shop_id = action.shop_id and earlier.subject_type = action.subject_type
    and earlier.subject_id = action.subject_id and earlier.id < action.id
    and earlier.state in ('pending', 'sending', 'unknown'))`

function kindRows(kinds: readonly KindTimes[]) {
  return unnestRows('known', kinds, [
    ['kind', 'text', ({ kind }) => kind],
    ['rank', 'int4', ({ rank }) => rank],
    ['lease_ms', 'int4', ({ leaseMs }) => leaseMs],
    ['look_after', 'int4', ({ lookAfterMs }) => lookAfterMs],
    ['can_look', 'bool', ({ canLook }) => canLook],
  ])
}
