import { sql } from 'kysely'
import { unnestRows } from '../../lib/unnest.ts'
import type { Database } from '../db/db.ts'
import type { Row } from '../db/rows.ts'

/**
 * What the last calls of a shop show about its platform: it answers (here), it does not answer (away), it did not answer a probe
 * (still_away), or the probe went elsewhere or must wait (not_asked).
 */
export type Reachability = 'here' | 'away' | 'still_away' | 'not_asked'

// Pauses before a probe, in seconds. The first is short, so that the waiting actions leave soon after the platform is back; the longest
// spares a platform that is down.
const firstProbeSeconds = 1
const longestProbeSeconds = 15

/**
 * Stores whether the platforms answer. A shop whose platform is away sends only a probe now and then, in all workers together. Once the
 * platform answers, all waiting actions of the shop are due at once. Returns the shops that are back.
 */
export async function recordReachability(
  db: Database,
  words: ReadonlyMap<string, Reachability>,
): Promise<string[]> {
  const of = (wanted: Reachability) =>
    [...words].filter(([, word]) => word === wanted).map(([shopId]) => shopId)
  const away = [...of('away'), ...of('still_away')]
  if (away.length > 0) await closeShops(db, away, new Set(of('still_away')))
  const again = of('not_asked')
  if (again.length > 0) await probeAtOnce(db, again)
  const here = of('here')
  return here.length > 0 ? openShops(db, here) : []
}

/**
 * Marks the platform of these shops as away (the circuit breaker opens). If a shop is marked already, only a failed probe sets the time of
 * the next probe. Half of that pause is random, so that shops do not probe at the same moment.
 */
async function closeShops(
  db: Database,
  shopIds: readonly string[],
  probed: ReadonlySet<string>,
): Promise<void> {
  await sql`
    insert into shop_gate as gate (shop_id, away_since, probes, probe_at)
    select shop_id, now(), 0, now() + ${pause(sql`0`)} from ${unnestRows('d', shopIds, [
      ['shop_id', 'int8', (shopId) => shopId],
    ])} order by shop_id
    on conflict (shop_id) do update set away_since = coalesce(gate.away_since, now()), probes = gate.probes + 1,
      probe_at = now() + ${pause(sql`gate.probes + 1`)}
    where gate.away_since is null or gate.shop_id = any(${[...probed]}::bigint[])`.execute(db)
}

/** The next action of these shops is a probe without a pause: the last probe showed nothing and did not call the platform. */
async function probeAtOnce(db: Database, shopIds: readonly string[]): Promise<void> {
  await sql`
    update shop_gate set probe_at = now() where shop_id = any(${[...shopIds]}::bigint[]) and away_since is not null`.execute(
    db,
  )
}

const pause = (probes: ReturnType<typeof sql>) => sql`
  least(${longestProbeSeconds}::float8, ${firstProbeSeconds}::float8 * 2 ^ least(${probes}, 10))
    * (0.5 + random() / 2) * interval '1 second'`

async function openShops(db: Database, shopIds: readonly string[]): Promise<string[]> {
  const opened = await sql<Row<'put_back', 'shopId'>>`
    with back as (
      update shop_gate set away_since = null, probe_at = null, probes = 0
      where shop_id = any(${[...shopIds]}::bigint[]) and away_since is not null
      returning shop_id
    ), put_back as (
      select a.id from back join platform_action a using (shop_id) where a.away order by a.id for update of a skip locked
    ), woken as (
      update platform_action a set next_at = now(), away = false from put_back
      where a.id = put_back.id and a.next_at is not null
    )
    select shop_id as "shopId" from back`.execute(db)
  return opened.rows.map(({ shopId }) => shopId)
}
