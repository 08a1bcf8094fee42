import { type RawBuilder, sql } from 'kysely'
import type { Scope } from '../../core/access/actor.ts'
import { warehouseSql } from '../../core/access/scope.ts'
import { type Database, preparedStatement, type Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { binNames } from '../../inventory/bins/relations.ts'
import { unnestRows } from '../../lib/unnest.ts'
import { stopsOf } from '../../orders/holds/shipping.ts'
import { type Line, linesNow, type Member, type Piece } from './needs.ts'
import { neededPieces } from './plan-queries.ts'

export type WaveRow = Row<
  'wave',
  | 'id'
  | 'no'
  | 'warehouseId'
  | 'ruleName'
  | 'sorting'
  | 'courier'
  | 'status'
  | 'orderCount'
  | 'pieceCount'
  | 'shipBy'
  | 'createdAt'
  | 'createdBy'
  | 'claimedAt'
  | 'claimedBy'
  | 'claimedById'
  | 'pickedAt'
  | 'doneAt'
  | 'doneBy'
>

export const waveColumns = sql`
  w.id, w.no, w.warehouse_id as "warehouseId", w.rule_name as "ruleName", w.sorting, w.courier, w.status, w.order_count as "orderCount", w.piece_count as "pieceCount",
  w.ship_by as "shipBy", w.created_at as "createdAt", w.created_by as "createdBy", w.claimed_at as "claimedAt",
  w.claimed_by as "claimedBy", w.claimed_by_id as "claimedById", w.picked_at as "pickedAt", w.done_at as "doneAt", w.done_by as "doneBy"`

/** Over `wave w`: true if the scope has its warehouse and the shops of all its deliveries. */
export function waveSeen(scope: Scope): RawBuilder<boolean> {
  const shops =
    scope.shops === 'all'
      ? sql`true`
      : sql`not exists (
          select from wave_delivery m where m.wave_id = w.id and m.shop_id <> all(${[...scope.shops]}::bigint[]))`
  return sql<boolean>`${warehouseSql(scope, sql.ref('w.warehouse_id'))} and ${shops}`
}

/** Locks waves in the order of their ids; after orders, before stock. */
export async function lockWaves(tx: Tx, ids: readonly string[], scope: Scope): Promise<WaveRow[]> {
  const found = await sql<WaveRow>`
    select ${waveColumns} from wave w where w.id = any(${[...ids]}::bigint[]) and ${waveSeen(scope)} order by w.id for update of w`.execute(
    tx,
  )
  return found.rows
}

export async function waveById(db: Database | Tx, id: string, scope: Scope): Promise<WaveRow | undefined> {
  const found = await sql<WaveRow>`
    select ${waveColumns} from wave w where w.id = ${id}::bigint and ${waveSeen(scope)}`.execute(db)
  return found.rows[0]
}

type MemberRow = Row<'wave_delivery', 'deliveryId' | 'orderId' | 'basket' | 'live' | 'keeps' | 'leftReason'> &
  Row<'delivery', 'status' | 'no' | 'orderNo'>
export type WaveMember = Member & MemberRow & { stop: { zh: string; en: string } | undefined }
export type WaveLine = Line &
  Row<'wave_line', 'binId' | 'picked' | 'missing' | 'doneBy'> & { bin: string; route: number | null }
export type WaveWork = { members: WaveMember[]; pieces: Piece[]; lines: WaveLine[] }

/** Reads what there is to pick and sort in a wave, with the stops of its orders as they are now. */
export async function workOf(tx: Tx, waveId: string): Promise<WaveWork> {
  const members = await sql<MemberRow>`
    select m.delivery_id as "deliveryId", m.order_id as "orderId", m.basket, m.live, m.keeps, m.left_reason as "leftReason",
      d.status, d.no, d.order_no as "orderNo"
    from wave_delivery m join delivery d on d.id = m.delivery_id
    where m.wave_id = ${waveId}::bigint order by m.basket, m.delivery_id`.execute(tx)
  const stops = await stopsOf(
    tx,
    members.rows.filter(({ status }) => status === 'pending').map(({ orderId }) => orderId),
  )
  const work = {
    members: members.rows.map((row) => {
      const stop = stops.get(row.orderId)?.message
      return { ...row, stop, stopped: stop !== undefined }
    }),
    pieces: await piecesOf(tx, [waveId]),
    lines: await linesOf(tx, waveId),
  }
  return { ...work, lines: linesNow(work) }
}

type PieceRow = Row<'wave_piece', 'waveId' | 'deliveryId' | 'skuId' | 'wanted' | 'picked' | 'sorted'> & {
  now: number
}

/** Returns the pieces of waves with what their deliveries need now. */
export async function piecesOf(db: Database | Tx, waveIds: readonly string[]): Promise<PieceRow[]> {
  const ids = sql`${[...waveIds]}::bigint[]`
  const members = sql`(select delivery_id as id, order_id from wave_delivery where wave_id = any(${ids}))`
  const found = await sql<PieceRow>`${preparedStatement}
    with needed as materialized (select * from ${neededPieces(members)} n)
    select p.wave_id as "waveId", p.delivery_id as "deliveryId", p.sku_id as "skuId", p.wanted, p.picked, p.sorted, coalesce(n.wanted, 0) as now
    from wave_piece p left join needed n on n.delivery_id = p.delivery_id and n.sku_id = p.sku_id
    where p.wave_id = any(${ids}) order by p.wave_id, p.delivery_id, p.sku_id`.execute(db)
  return found.rows
}

async function linesOf(tx: Tx, waveId: string): Promise<WaveLine[]> {
  const found = await sql<
    Row<'wave_line', 'seq' | 'skuId' | 'binId' | 'picked' | 'missing' | 'doneBy'> & {
      bin: string
      isDone: boolean
    } & Record<'route', number | null>
  >`
    select l.seq, l.sku_id as "skuId", l.bin_id as "binId", l.picked, l.missing, l.done_by as "doneBy", l.done_at is not null as "isDone",
      coalesce(b.code, '') as bin, b.route
    from wave_line l left join ${binNames} b on b.id = l.bin_id
    where l.wave_id = ${waveId}::bigint order by b.route nulls last, l.seq`.execute(tx)
  return found.rows
}

export async function membersOf(tx: Tx, waveIds: readonly string[]): Promise<string[]> {
  const found = await sql<Row<'wave_delivery', 'deliveryId'>>`
    select delivery_id as "deliveryId" from wave_delivery
    where wave_id = any(${[...waveIds]}::bigint[]) and live`.execute(tx)
  return found.rows.map(({ deliveryId }) => deliveryId)
}

type Picked = { deliveryId: string; pieces: number }

export async function writePicked(
  tx: Tx,
  { waveId, seq, skuId }: { waveId: string; seq: number; skuId: string },
  given: readonly Picked[],
  { isDone, by }: { isDone: boolean; by: string },
): Promise<void> {
  await sql`
    update wave_piece p set picked = p.picked + d.pieces
    from ${unnestRows('d', given, [
      ['delivery_id', 'int8', (row) => row.deliveryId],
      ['pieces', 'int4', (row) => row.pieces],
    ])}
    where p.wave_id = ${waveId}::bigint and p.sku_id = ${skuId}::bigint and p.delivery_id = d.delivery_id`.execute(
    tx,
  )
  const pieces = given.reduce((sum, one) => sum + one.pieces, 0)
  await sql`
    update wave_line set picked = picked + ${pieces}, done_by = ${by}, done_at = case when ${isDone} then now() end
    where wave_id = ${waveId}::bigint and seq = ${seq}`.execute(tx)
}

export type RestPicked = {
  pieces: readonly (Picked & { skuId: string })[]
  lines: readonly { seq: number; pieces: number }[]
}

/** Writes that all open lines of a wave were picked, with what each delivery got. */
export async function writeRestPicked(
  tx: Tx,
  waveId: string,
  { pieces, lines }: RestPicked,
  by: string,
): Promise<void> {
  await sql`
    update wave_piece p set picked = p.picked + d.pieces
    from ${unnestRows('d', pieces, [
      ['delivery_id', 'int8', (row) => row.deliveryId],
      ['sku_id', 'int8', (row) => row.skuId],
      ['pieces', 'int4', (row) => row.pieces],
    ])}
    where p.wave_id = ${waveId}::bigint and p.sku_id = d.sku_id and p.delivery_id = d.delivery_id`.execute(tx)
  await sql`
    update wave_line l set picked = l.picked + d.pieces, done_by = ${by}, done_at = now()
    from ${unnestRows('d', lines, [
      ['seq', 'int4', (row) => row.seq],
      ['pieces', 'int4', (row) => row.pieces],
    ])}
    where l.wave_id = ${waveId}::bigint and l.seq = d.seq`.execute(tx)
}

/** Ends a line whose pieces were not all there. `elsewhere`: the bin at which the rest is looked for, as a new line. */
export async function writeMissing(
  tx: Tx,
  { waveId, seq }: { waveId: string; seq: number },
  { missing, elsewhere, by }: { missing: number; elsewhere: string | null; by: string },
): Promise<void> {
  await sql`
    update wave_line set missing = ${missing}, done_at = now(), done_by = ${by} where wave_id = ${waveId}::bigint and seq = ${seq}`.execute(
    tx,
  )
  if (elsewhere === null) return
  await sql`
    insert into wave_line (wave_id, seq, sku_id, bin_id)
    select l.wave_id, (select max(seq) + 1 from wave_line where wave_id = l.wave_id), l.sku_id, ${elsewhere}::bigint
    from wave_line l where l.wave_id = ${waveId}::bigint and l.seq = ${seq}`.execute(tx)
}

export async function writeSorted(
  tx: Tx,
  { waveId, deliveryId, skuId }: { waveId: string; deliveryId: string; skuId: string },
): Promise<void> {
  await sql`
    update wave_piece set sorted = sorted + 1
    where wave_id = ${waveId}::bigint and delivery_id = ${deliveryId}::bigint and sku_id = ${skuId}::bigint`.execute(
    tx,
  )
}

export type Leaving = { deliveryId: string; reason: string; keeps: boolean }

/** Takes deliveries out of their wave. */
export async function writeLeft(tx: Tx, waveId: string, leaving: readonly Leaving[]): Promise<void> {
  await sql`
    update wave_delivery m set live = false, left_at = now(), left_reason = d.reason, keeps = d.keeps
    from ${unnestRows('d', leaving, [
      ['delivery_id', 'int8', (row) => row.deliveryId],
      ['reason', 'text', (row) => row.reason],
      ['keeps', 'bool', (row) => row.keeps],
    ])}
    where m.wave_id = ${waveId}::bigint and m.delivery_id = d.delivery_id and m.live`.execute(tx)
}

/** Takes all deliveries out of waves that are cancelled. */
export async function writeAllLeft(tx: Tx, waveIds: readonly string[]): Promise<void> {
  await sql`
    update wave_delivery set live = false, left_at = now(), left_reason = 'cancelled', keeps = false
    where wave_id = any(${[...waveIds]}::bigint[]) and live`.execute(tx)
}

/** Returns the last wave and basket that keeps goods of each of these deliveries, with the number of the wave. */
export async function keptBaskets(
  tx: Tx,
  deliveryIds: readonly string[],
): Promise<(Row<'wave_delivery', 'deliveryId' | 'orderId' | 'waveId' | 'basket'> & Row<'wave', 'no'>)[]> {
  const found = await sql<
    Row<'wave_delivery', 'deliveryId' | 'orderId' | 'waveId' | 'basket'> & Row<'wave', 'no'>
  >`
    select distinct on (m.delivery_id) m.delivery_id as "deliveryId", m.order_id as "orderId", m.wave_id as "waveId", m.basket, w.no
    from wave_delivery m join wave w on w.id = m.wave_id
    where m.delivery_id = any(${[...deliveryIds]}::bigint[]) and m.keeps and exists (
      select from wave_piece p where p.wave_id = m.wave_id and p.delivery_id = m.delivery_id and p.picked > 0)
    order by m.delivery_id, m.wave_id desc`.execute(tx)
  return found.rows
}

/** Writes on the deliveries that their goods were picked, in which wave and basket. The caller has locked their orders. */
export async function writeDeliveriesPicked(
  tx: Tx,
  picked: readonly { deliveryId: string; waveId: string; basket: number | null }[],
  by: string,
): Promise<void> {
  await sql`
    update delivery t set picked_at = now(), picked_by = ${by}, wave_id = d.wave_id, basket = d.basket
    from ${unnestRows('d', picked, [
      ['delivery_id', 'int8', (row) => row.deliveryId],
      ['wave_id', 'int8', (row) => row.waveId],
      ['basket', 'int4', (row) => row.basket],
    ])}
    where t.id = d.delivery_id and t.status = 'pending'`.execute(tx)
}
