import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../../core/access/actor.ts'
import { type Database, preparedStatement, startOfToday } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { ordersToPick } from '../../orders/order/relations.ts'
import { type Members, openPieces, stoppedBaskets, unsorted } from './needs.ts'
import { piecesOf, type WaveRow, waveColumns, waveSeen } from './wave-queries.ts'

export type WaveTab = 'running' | 'today' | 'stopped' | 'all'
export type WaveFilter = {
  scope: Scope
  warehouse: readonly string[] | null
  courier: readonly string[] | null
  q: string | null
}

/** Over `wave w`: baskets whose order is stopped now, of waves that are not done. */
const stoppedNow = sql`(
  select count(distinct m.basket)::int from wave_delivery m join delivery d on d.id = m.delivery_id
  where m.wave_id = w.id and (m.live or m.keeps) and d.status = 'pending' and w.status in ('open', 'picking', 'picked', 'sorting')
    and not exists (select from ${ordersToPick} as pickable where pickable.id = m.order_id))`

const running = sql`w.status in ('open', 'picking', 'picked', 'sorting')`
const inTab: Record<WaveTab, RawBuilder<unknown>> = {
  running,
  today: sql`w.status = 'done' and w.done_at >= ${startOfToday}`,
  stopped: sql`${running} and ${stoppedNow} > 0`,
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

type MemberRow = Row<'wave_delivery', 'waveId' | 'deliveryId' | 'orderId' | 'basket' | 'live' | 'keeps'> &
  Row<'delivery', 'status'> & { stopped: boolean }

/** Returns the deliveries of those waves among these that run. */
async function runningMembers(db: Database, ids: readonly string[]): Promise<MemberRow[]> {
  const found = await sql<MemberRow>`${preparedStatement}
    select m.wave_id as "waveId", m.delivery_id as "deliveryId", m.order_id as "orderId", m.basket, m.live, m.keeps, d.status,
      not exists (select from ${ordersToPick} as pickable where pickable.id = m.order_id) as stopped
    from wave w join wave_delivery m on m.wave_id = w.id join delivery d on d.id = m.delivery_id
    where w.id = any(${[...ids]}::bigint[]) and ${running}`.execute(db)
  return found.rows
}

export type WaveSummary = WaveRow & {
  picked: number
  toPick: number
  sorted: number
  toSort: number
  stopped: number
} & Record<'firstSku', string | null>

/**
 * Returns these waves in the order of `ids`. The pieces that remain are counted from rows by the rules of needs.ts, as on the page of one wave:
 * one statement that counted all took 20 ms to plan, and read the parcels again for each piece.
 */
export async function waveSummaries(db: Database, ids: readonly string[]): Promise<WaveSummary[]> {
  const found = await sql<WaveRow & Record<'firstSku', string | null>>`${preparedStatement}
    select ${waveColumns}, (select l.sku_id from wave_line l where l.wave_id = w.id order by l.seq limit 1) as "firstSku"
    from unnest(${[...ids]}::bigint[]) with ordinality i (id, n) join wave w on w.id = i.id
    order by i.n`.execute(db)
  const members = Map.groupBy(await runningMembers(db, ids), ({ waveId }) => waveId)
  const pieces = Map.groupBy(await piecesOf(db, ids), ({ waveId }) => waveId)
  return found.rows.map((wave) => ({
    ...wave,
    ...progressOf(wave, { members: members.get(wave.id) ?? [], pieces: pieces.get(wave.id) ?? [] }),
  }))
}

function progressOf({ status, pieceCount }: WaveRow, work: Members) {
  const picked = work.pieces.reduce((sum, piece) => sum + piece.picked, 0)
  const sorted = work.pieces.reduce((sum, piece) => sum + piece.sorted, 0)
  const toPick = picked + (status === 'open' || status === 'picking' ? openPieces(work) : 0)
  return {
    picked,
    toPick: status === 'cancelled' ? pieceCount : toPick,
    sorted,
    toSort: sorted + (status === 'sorting' ? unsorted(work) : 0),
    stopped: stoppedBaskets(work.members),
  }
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
