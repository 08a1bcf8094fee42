import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../../core/access/actor.ts'
import { type Database, startOfToday } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { ordersToPick } from '../../orders/order/relations.ts'
import { neededPieces } from './plan-queries.ts'
import { type WaveRow, waveColumns, waveSeen } from './wave-queries.ts'

export type WaveTab = 'running' | 'today' | 'stopped' | 'all'
export type WaveFilter = {
  scope: Scope
  warehouse: readonly string[] | null
  courier: readonly string[] | null
  q: string | null
}

/** Over `wave w`: baskets whose order is stopped now, of waves that are not done. */
const stoppedBaskets = sql`(
  select count(distinct m.basket)::int from wave_delivery m join delivery d on d.id = m.delivery_id
  where m.wave_id = w.id and (m.live or m.keeps) and d.status = 'pending' and w.status in ('open', 'picking', 'picked', 'sorting')
    and not exists (select from ${ordersToPick} as pickable where pickable.id = m.order_id))`

const running = sql`w.status in ('open', 'picking', 'picked', 'sorting')`
const inTab: Record<WaveTab, RawBuilder<unknown>> = {
  running,
  today: sql`w.status = 'done' and w.done_at >= ${startOfToday}`,
  stopped: sql`${running} and ${stoppedBaskets} > 0`,
  all: sql`true`,
}

const matching = ({ scope, warehouse, courier, q }: WaveFilter) => sql`${waveSeen(scope)}
  and (${warehouse ? [...warehouse] : null}::bigint[] is null or w.warehouse_id = any(${warehouse ? [...warehouse] : null}::bigint[]))
  and (${courier ? [...courier] : null}::text[] is null or w.courier = any(${courier ? [...courier] : null}::text[]))
  and (${q}::text is null or w.no ilike ${q === null ? null : `${q.replace(/[\\%_]/g, '\\$&')}%`}::text)`

/** The most urgent come first; in the tab of all waves the newest. */
export async function waveIds(
  db: Database,
  tab: WaveTab,
  filter: WaveFilter,
  { after, limit }: { after: string | null; limit: number },
): Promise<string[]> {
  const urgent = sql`coalesce(w.ship_by, 'infinity'::timestamptz)`
  const isByTime = tab === 'running' || tab === 'stopped'
  const place = sql`(
    select coalesce(l.ship_by, 'infinity'::timestamptz), l.id from wave l where l.id = ${after}::bigint)`
  const beyond = isByTime ? sql`(${urgent}, w.id) > ${place}` : sql`w.id < ${after}::bigint`
  const found = await sql<Row<'wave', 'id'>>`
    select w.id from wave w where ${inTab[tab]} and ${matching(filter)} and (${after}::bigint is null or ${beyond})
    order by ${isByTime ? sql`${urgent}, w.id` : sql`w.id desc`} limit ${limit}`.execute(db)
  return found.rows.map(({ id }) => id)
}

export async function waveCounts(
  db: Database,
  filter: WaveFilter,
  cap: number,
): Promise<Record<WaveTab, number>> {
  const count = (tab: WaveTab) => sql`(
    select count(*)::int from (select from wave w where ${inTab[tab]} and ${matching(filter)} limit ${cap + 1}) capped)`
  const found = await sql<Record<WaveTab, number>>`
    select ${count('running')} as running, ${count('today')} as today, ${count('stopped')} as stopped, ${count('all')} as "all"`.execute(
    db,
  )
  return found.rows[0] ?? { running: 0, today: 0, stopped: 0, all: 0 }
}

/** Pieces that open waves among these still pick, as `openPieces` of needs.ts counts them: (wave_id, pieces). */
const stillToPick = (ids: readonly string[]) => {
  const members = sql`(
    select m.delivery_id as id, m.order_id from wave_delivery m
      join wave w on w.id = m.wave_id and w.status in ('open', 'picking')
      join delivery d on d.id = m.delivery_id and d.status = 'pending'
      join ${ordersToPick} as pickable on pickable.id = m.order_id
    where m.wave_id = any(${[...ids]}::bigint[]) and m.live)`
  return sql`(
    select p.wave_id, sum(greatest(0, least(p.wanted, n.wanted) - p.picked)) as pieces
    from ${neededPieces(members)} n join wave_piece p on p.delivery_id = n.delivery_id and p.sku_id = n.sku_id
    join wave_delivery m on m.wave_id = p.wave_id and m.delivery_id = p.delivery_id and m.live
    group by p.wave_id)`
}

/** Pieces that waves among these still sort into baskets, as `unsorted` of needs.ts counts them: (wave_id, pieces). */
const stillToSort = (ids: readonly string[]) => {
  const members = sql`
    wave_delivery m join wave w on w.id = m.wave_id and w.status = 'sorting'
      join delivery d on d.id = m.delivery_id and d.status = 'pending' and m.wave_id = any(${[...ids]}::bigint[]) and (m.live or m.keeps)`
  const deliveries = sql`(select m.delivery_id as id, m.order_id from ${members})`
  return sql`(
    select p.wave_id, sum(greatest(0, case when m.live then least(p.picked, coalesce(n.wanted, 0)) else p.picked end - p.sorted)) as pieces
    from ${members} join wave_piece p on p.wave_id = m.wave_id and p.delivery_id = m.delivery_id
    left join ${neededPieces(deliveries)} n on n.delivery_id = p.delivery_id and n.sku_id = p.sku_id
    group by p.wave_id)`
}

export type WaveSummary = WaveRow & {
  picked: number
  toPick: number
  sorted: number
  toSort: number
  stopped: number
} & Record<'firstSku', string | null>

export async function waveSummaries(db: Database, ids: readonly string[]): Promise<WaveSummary[]> {
  const found = await sql<
    WaveRow &
      Record<'picked' | 'sorted', number> & {
        toPick: number
        toSort: number
        stopped: number
        firstSku: string | null
      }
  >`
    select ${waveColumns}, coalesce(p.picked, 0)::int as picked,
      case when w.status = 'cancelled' then w.piece_count else coalesce(p.picked, 0) + coalesce(rest.pieces, 0) end::int as "toPick", coalesce(p.sorted, 0)::int as sorted,
      (coalesce(p.sorted, 0) + coalesce(baskets.pieces, 0))::int as "toSort", ${stoppedBaskets} as stopped,
      (select l.sku_id from wave_line l where l.wave_id = w.id order by l.seq limit 1) as "firstSku"
    from unnest(${[...ids]}::bigint[]) with ordinality i (id, n) join wave w on w.id = i.id
    left join lateral (
      select sum(picked) as picked, sum(sorted) as sorted from wave_piece where wave_id = w.id
    ) p on true
    left join ${stillToPick(ids)} rest on rest.wave_id = w.id
    left join ${stillToSort(ids)} baskets on baskets.wave_id = w.id
    order by i.n`.execute(db)
  return found.rows
}

export type WorkRow = { name: string; pieces: number; stops: number; waves: number }

/** Returns who picked how much today in a warehouse, the most first. */
export async function workToday(db: Database, warehouseId: string, scope: Scope): Promise<WorkRow[]> {
  const found = await sql<
    Record<'name', string> & Record<'pieces', number> & { stops: number; waves: number }
  >`
    select l.done_by as name, sum(l.picked)::int as pieces, count(*)::int as stops, count(distinct l.wave_id)::int as waves
    from wave_line l join wave w on w.id = l.wave_id
    where l.done_at >= ${startOfToday} and w.warehouse_id = ${warehouseId}::bigint and ${waveSeen(scope)}
    group by l.done_by order by 2 desc, 1`.execute(db)
  return found.rows
}
