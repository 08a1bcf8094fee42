import { sql } from 'kysely'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { unnestRows } from '../../lib/unnest.ts'
import type { DocumentKind, DocumentStatus, FreezeKind } from '../lifecycle.ts'
import { bumpChanges } from '../stock.ts'
import { noteArrivals } from './arrivals.ts'
import type { StockMove } from './posting.ts'

type By = 'approved' | 'sent' | 'posted' | 'voided' | 'released'

export type DocumentRow = Row<
  'stock_document',
  | 'id'
  | 'no'
  | 'kind'
  | 'status'
  | 'version'
  | 'warehouseId'
  | 'toWarehouseId'
  | 'lockKind'
  | 'startsAt'
  | 'endsAt'
  | 'note'
  | 'quantity'
  | 'lineCount'
  | 'createdBy'
  | 'createdAt'
  | `${By}By`
  | `${By}At`
> & { warehouseName: string; toWarehouseName: string | null; isLate: boolean }

const columns = sql`
  d.id, d.no, d.kind, d.status, d.version, d.warehouse_id as "warehouseId", w.name as "warehouseName",
  d.to_warehouse_id as "toWarehouseId", t.name as "toWarehouseName", d.lock_kind as "lockKind", d.starts_at as "startsAt",
  d.ends_at as "endsAt", d.note, d.quantity, d.line_count as "lineCount", d.created_by as "createdBy",
  d.created_at as "createdAt", d.approved_by as "approvedBy", d.approved_at as "approvedAt", d.sent_by as "sentBy",
  d.sent_at as "sentAt", d.posted_by as "postedBy", d.posted_at as "postedAt", d.voided_by as "voidedBy",
  d.voided_at as "voidedAt", d.released_by as "releasedBy", d.released_at as "releasedAt",
  coalesce(d.status = 'approved' and d.starts_at <= now() and d.ends_at > now(), false) as "isLate"`
const source = sql`
  stock_document d join warehouse w on w.id = d.warehouse_id left join warehouse t on t.id = d.to_warehouse_id`

/** Returns the documents in the order of the ids. */
export async function documentRows(db: Database, ids: readonly string[]): Promise<DocumentRow[]> {
  const found = await sql<DocumentRow>`
    select ${columns} from unnest(${[...ids]}::bigint[]) with ordinality i (id, n), ${source} where d.id = i.id
    order by i.n`.execute(db)
  return found.rows
}

export async function databaseNow(tx: Tx): Promise<Date> {
  const found = await sql<Record<'now', Date>>`select now() as now`.execute(tx)
  const [{ now } = {}] = found.rows
  if (!now) throw new Error('the database has no time')
  return now
}

/** Locks the documents in the order of their ids. Documents must be locked before balances. */
export async function lockDocuments(tx: Tx, ids: readonly string[]): Promise<DocumentRow[]> {
  const found = await sql<DocumentRow>`
    select ${columns} from ${source} where d.id = any(${ids}::bigint[]) order by d.id for update of d`.execute(
    tx,
  )
  return found.rows
}

export type DocumentLine = Row<
  'stock_document_line',
  'documentId' | 'lineNo' | 'skuId' | 'quantity' | 'book' | 'released'
>

export async function linesOf(db: Database, ids: readonly string[]): Promise<DocumentLine[]> {
  const found = await sql<DocumentLine>`
    select document_id as "documentId", line_no as "lineNo", sku_id as "skuId", quantity, book, released
    from stock_document_line where document_id = any(${ids}::bigint[]) order by document_id, line_no`.execute(
    db,
  )
  return found.rows
}

export type NewDocument = {
  kind: DocumentKind
  warehouseId: string
  toWarehouseId: string | null
  lockKind: FreezeKind | null
  startsAt: Date | null
  endsAt: Date | null
  note: string
}
export type NewLine = {
  skuId: string
  quantity: number
  /** When the pieces were counted, for a counting task; left out: when the line is written. */
  countedAt?: Date
}

const prefixes: Record<DocumentKind, string> = { adjustment: 'AD', transfer: 'TR', count: 'CN', lock: 'LK' }

export async function insertDocument(
  tx: Tx,
  row: NewDocument,
  lines: readonly NewLine[],
  by: string,
): Promise<string> {
  const [id] = await insertDocuments(tx, [{ row, lines }], by)
  if (id === undefined) throw new Error('insert returned no row')
  return id
}

/** Returns the ids of the new documents, in their order. */
export async function insertDocuments(
  tx: Tx,
  documents: readonly { row: NewDocument; lines: readonly NewLine[] }[],
  by: string,
): Promise<string[]> {
  if (documents.length === 0) return []
  const rows = unnestRows(
    'one',
    documents.map((document, at) => ({ ...document, at })),
    [
      ['n', 'int4', ({ at }) => at],
      ['prefix', 'text', ({ row }) => prefixes[row.kind]],
      ['kind', 'text', ({ row }) => row.kind],
      ['warehouse_id', 'int8', ({ row }) => row.warehouseId],
      ['to_warehouse_id', 'int8', ({ row }) => row.toWarehouseId],
      ['lock_kind', 'text', ({ row }) => row.lockKind],
      ['starts_at', 'timestamptz', ({ row }) => row.startsAt],
      ['ends_at', 'timestamptz', ({ row }) => row.endsAt],
      ['note', 'text', ({ row }) => row.note],
      ['quantity', 'int4', ({ lines }) => total(lines)],
      ['line_count', 'int4', ({ lines }) => lines.length],
    ],
  )
  // Ids are given in the order of the select, so that the lower id is the earlier document.
  const made = await sql<Row<'stock_document', 'id'>>`
    with made as (
      insert into stock_document (no, kind, status, warehouse_id, to_warehouse_id, lock_kind, starts_at, ends_at, note,
        quantity, line_count, created_by)
      select prefix || to_char(now(), 'YYMMDD') || to_char(nextval('stock_document_no'), 'FM9999999999000000'), kind,
        'draft', warehouse_id, to_warehouse_id, lock_kind, starts_at, ends_at, note, quantity, line_count, ${by}
      from ${rows} order by n
      returning id
    ) select id from made order by id`.execute(tx)
  const ids = made.rows.map(({ id }) => id)
  await insertLines(
    tx,
    documents.map((document, at) => ({ id: ids[at] ?? '', ...document })),
  )
  return ids
}

type Book = Row<'stock_document_line', 'book' | 'bookAfter'>

/** Replaces the content of a draft. A line of a count keeps its book quantity unless its SKU was counted again, since what moved meanwhile is no difference. */
export async function rewriteDraft(
  tx: Tx,
  { id, kind, warehouseId }: Pick<DocumentRow, 'id' | 'kind' | 'warehouseId'>,
  row: NewDocument,
  lines: readonly NewLine[],
): Promise<void> {
  const before = await sql<Book & Row<'stock_document_line', 'skuId' | 'quantity'>>`
    delete from stock_document_line where document_id = ${id}
    returning sku_id as "skuId", quantity, book, book_after as "bookAfter"`.execute(tx)
  const keepsBooks = kind === 'count' && warehouseId === row.warehouseId
  const kept = new Map(keepsBooks ? before.rows.map((line) => [`${line.skuId} ${line.quantity}`, line]) : [])
  await sql`
    update stock_document set version = version + 1, warehouse_id = ${row.warehouseId},
      to_warehouse_id = ${row.toWarehouseId}, lock_kind = ${row.lockKind}, starts_at = ${row.startsAt},
      ends_at = ${row.endsAt}, note = ${row.note}, quantity = ${total(lines)}, line_count = ${lines.length}
    where id = ${id}`.execute(tx)
  const written = lines.map((line) => ({ ...kept.get(`${line.skuId} ${line.quantity}`), ...line }))
  await insertLines(tx, [{ id, row, lines: written }])
}

/**
 * Inserts the lines of documents. Each line of a count also stores the quantity that is on hand when the count is written (`book`), and the
 * last movement that was counted (`book_after`), unless it keeps those of an earlier writing.
 */
async function insertLines(
  tx: Tx,
  documents: readonly { id: string; row: NewDocument; lines: readonly (NewLine & Partial<Book>)[] }[],
): Promise<void> {
  const rows = unnestRows(
    'line',
    documents.flatMap(({ id, row, lines }) =>
      lines.map((line, index) => ({ ...line, id, row, lineNo: index + 1 })),
    ),
    [
      ['document_id', 'int8', (line) => line.id],
      ['line_no', 'int2', (line) => line.lineNo],
      ['sku_id', 'int8', (line) => line.skuId],
      ['quantity', 'int4', (line) => line.quantity],
      ['book_of', 'int8', ({ row }) => (row.kind === 'count' ? row.warehouseId : null)],
      ['book', 'int4', ({ book }) => book ?? null],
      ['book_after', 'int8', ({ bookAfter }) => bookAfter ?? null],
      ['counted_at', 'timestamptz', ({ countedAt }) => countedAt ?? null],
    ],
  )
  await sql`
    insert into stock_document_line (document_id, line_no, sku_id, quantity, book, book_after)
    select line.document_id, line.line_no, line.sku_id, line.quantity,
      case when line.book_of is not null then coalesce(line.book, s.on_hand, 0) end,
      case when line.book is not null then line.book_after when line.book_of is not null then coalesce((
        select m.id from stock_movement m
        where m.warehouse_id = line.book_of and m.sku_id = line.sku_id
          and (line.counted_at is null or m.at <= line.counted_at)
        order by m.id desc limit 1), 0) end
    from ${rows} left join stock s on s.warehouse_id = line.book_of and s.sku_id = line.sku_id
    order by line.document_id, line.line_no`.execute(tx)
}

/** Returns the lines of counts whose SKU another count has changed since they were counted. The caller has locked the balances. */
export async function countedSince(
  tx: Tx,
  ids: readonly string[],
): Promise<Row<'stock_document_line', 'documentId' | 'skuId'>[]> {
  const found = await sql<Row<'stock_document_line', 'documentId' | 'skuId'>>`
    select l.document_id as "documentId", l.sku_id as "skuId"
    from stock_document d join stock_document_line l on l.document_id = d.id
    where d.id = any(${[...ids]}::bigint[]) and d.kind = 'count' and exists (
      select from stock_movement m
      where m.warehouse_id = d.warehouse_id and m.sku_id = l.sku_id and m.id > l.book_after and m.document_kind = 'count')
    order by l.document_id, l.line_no`.execute(tx)
  return found.rows
}

const total = (lines: readonly NewLine[]) => lines.reduce((sum, line) => sum + Math.abs(line.quantity), 0)

/** The only function that writes a document's status. */
export async function writeDocumentStatus(
  tx: Tx,
  ids: readonly string[],
  to: Exclude<DocumentStatus, 'draft'>,
  by: string,
): Promise<void> {
  if (ids.length === 0) return
  await sql`
    update stock_document set status = ${to}, version = version + 1, ${sql.ref(`${to}_by`)} = ${by},
      ${sql.ref(`${to}_at`)} = now()
    where id = any(${ids}::bigint[])`.execute(tx)
}

/**
 * Changes on-hand and frozen pieces of balances whose rows the caller has locked, and inserts a movement for each change of on-hand pieces.
 * If such a change is repeated, the unique index of movements refuses it; a change of frozen pieces alone has no movement.
 */
export async function applyMoves(tx: Tx, moves: readonly StockMove[], by: string): Promise<void> {
  if (moves.length === 0) return
  const rows = unnestRows('move', moves, [
    ['document_id', 'int8', (move) => move.documentId],
    ['kind', 'text', (move) => move.kind],
    ['line_no', 'int2', (move) => move.lineNo],
    ['step', 'int2', (move) => move.step],
    ['warehouse_id', 'int8', (move) => move.warehouseId],
    ['sku_id', 'int8', (move) => move.skuId],
    ['on_hand', 'int4', (move) => move.onHand],
    ['locked', 'int4', (move) => move.locked],
  ])
  await sql`
    with move as materialized (select * from ${rows}),
    written as (
      insert into stock_movement (warehouse_id, sku_id, quantity, document_kind, document_id, line_no, step, created_by)
      select warehouse_id, sku_id, on_hand, kind, document_id, line_no, step, ${by}
      from move where on_hand <> 0 order by document_id, line_no
    ), balances as (
      update stock s set on_hand = s.on_hand + m.on_hand, locked = s.locked + m.locked
      from (
        select warehouse_id, sku_id, sum(on_hand) as on_hand, sum(locked) as locked
        from move group by warehouse_id, sku_id
      ) m
      where s.warehouse_id = m.warehouse_id and s.sku_id = m.sku_id
    )
    ${bumpChanges(sql`select sku_id from move where on_hand <> 0 or locked <> 0`)}`.execute(tx)
  await noteArrivals(tx, moves)
}

export type Unfreezing = {
  documentId: string
  lineNo: number
  warehouseId: string
  skuId: string
  quantity: number
}

export async function writeUnfreezing(tx: Tx, rows: readonly Unfreezing[], by: string): Promise<void> {
  const parts = unnestRows('part', rows, [
    ['document_id', 'int8', (row) => row.documentId],
    ['line_no', 'int2', (row) => row.lineNo],
    ['warehouse_id', 'int8', (row) => row.warehouseId],
    ['sku_id', 'int8', (row) => row.skuId],
    ['quantity', 'int4', (row) => row.quantity],
  ])
  await sql`
    with part as materialized (select * from ${parts}),
    lines as (
      update stock_document_line l set released = l.released + part.quantity from part
      where l.document_id = part.document_id and l.line_no = part.line_no
    ), balances as (
      update stock s set locked = s.locked - p.quantity
      from (select warehouse_id, sku_id, sum(quantity) as quantity from part group by warehouse_id, sku_id) p
      where s.warehouse_id = p.warehouse_id and s.sku_id = p.sku_id
    )
    ${bumpChanges(sql`select sku_id from part`)}`.execute(tx)
  await sql`
    update stock_document d set version = d.version + 1, released_by = ended.by, released_at = ended.at
    from (
      select l.document_id, case when bool_and(l.released = l.quantity) then ${by}::text end as by,
        case when bool_and(l.released = l.quantity) then now() end as at
      from stock_document_line l where l.document_id = any(${rows.map((row) => row.documentId)}::bigint[])
      group by l.document_id
    ) ended
    where d.id = ended.document_id`.execute(tx)
}
