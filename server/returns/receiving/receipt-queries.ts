import { sql } from 'kysely'
import type { Actor } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Row as TableRow } from '../../core/db/rows.ts'
import { unnestRows } from '../../lib/unnest.ts'
import { addReturnEvents } from '../queries.ts'

/** The result of one receipt. `short`: missing pieces of each line, 0 if it is complete. */
export type Arrived = {
  lines: readonly { lineNo: number; good: number; defective: number }[]
  wrong: readonly { skuId: string; quantity: number; note: string }[]
  short: readonly { lineNo: number; quantity: number }[]
}
type Row = Arrived & { returnId: string; warehouseId: string }

const sum = (row: Row, of: 'good' | 'defective') => row.lines.reduce((total, line) => total + line[of], 0)

/** Inserts receipts of locked returns and adds their pieces to the lines. Returns the number of the receipt by return. */
export async function writeReceipts(
  tx: Tx,
  rows: readonly Row[],
  by: string,
): Promise<ReadonlyMap<string, number>> {
  const lines = rows.flatMap(({ returnId, lines: some }) => some.map((line) => ({ ...line, returnId })))
  await sql`
    update return_line l set good = l.good + d.good, defective = l.defective + d.defective
    from ${unnestRows('d', lines, [
      ['return_id', 'int8', (row) => row.returnId],
      ['line_no', 'int2', (row) => row.lineNo],
      ['good', 'int4', (row) => row.good],
      ['defective', 'int4', (row) => row.defective],
    ])}
    where l.return_id = d.return_id and l.line_no = d.line_no`.execute(tx)
  const made = await sql<TableRow<'return_receipt', 'returnId' | 'step'>>`
    with given as materialized (
      select * from ${unnestRows('d', rows, [
        ['return_id', 'int8', (row) => row.returnId],
        ['warehouse_id', 'int8', (row) => row.warehouseId],
        ['good', 'int4', (row) => sum(row, 'good')],
        ['defective', 'int4', (row) => sum(row, 'defective')],
      ])}
    ), summed as (
      update return_order t set good = t.good + d.good, defective = t.defective + d.defective,
        warehouse_id = case when t.good + t.defective = 0 then d.warehouse_id else t.warehouse_id end, version = t.version + 1
      from given d where t.id = d.return_id
    )
    insert into return_receipt (return_id, step, by, warehouse_id, good, defective)
    select d.return_id, 1 + coalesce((select max(step) from return_receipt r where r.return_id = d.return_id), 0), ${by},
      d.warehouse_id, d.good, d.defective
    from given d
    returning return_id as "returnId", step`.execute(tx)
  return new Map(made.rows.map(({ returnId, step }) => [returnId, step]))
}

/**
 * Writes the discrepancies of these receipts. A shortage gets the number of pieces that are still missing; at 0 it is resolved. Wrong
 * pieces are added to the open discrepancy of the same SKU.
 */
export async function writeDiscrepancies(tx: Tx, rows: readonly Row[], actor: Actor): Promise<void> {
  const short = rows.flatMap(({ returnId, short: some }) => some.map((one) => ({ ...one, returnId })))
  const shorts = unnestRows('d', short, [
    ['return_id', 'int8', (row) => row.returnId],
    ['line_no', 'int2', (row) => row.lineNo],
    ['quantity', 'int4', (row) => row.quantity],
  ])
  await sql`
    update return_problem p
    set quantity = d.quantity, settled_at = case when d.quantity = 0 then now() end,
      settled_by = case when d.quantity = 0 then ${actor.name} end, settled_note = case when d.quantity = 0 then '补收' else '' end
    from ${shorts}
    where p.return_id = d.return_id and p.kind = 'short' and p.line_no = d.line_no and p.settled_at is null`.execute(
    tx,
  )
  await sql`
    insert into return_problem (return_id, kind, line_no, quantity, found_by)
    select return_id, 'short', line_no, quantity, ${actor.name} from ${shorts} where quantity > 0
    on conflict (return_id, kind, line_no, coalesce(sku_id, 0)) where settled_at is null do nothing`.execute(
    tx,
  )
  const wrong = rows.flatMap(({ returnId, wrong: some }) => some.map((one) => ({ ...one, returnId })))
  await sql`
    insert into return_problem as p (return_id, kind, sku_id, quantity, note, found_by)
    select return_id, 'wrong', sku_id, sum(quantity), max(note), ${actor.name}
    from ${unnestRows('d', wrong, [
      ['return_id', 'int8', (row) => row.returnId],
      ['sku_id', 'int8', (row) => row.skuId],
      ['quantity', 'int4', (row) => row.quantity],
      ['note', 'text', (row) => row.note],
    ])}
    group by return_id, sku_id
    on conflict (return_id, kind, line_no, coalesce(sku_id, 0)) where settled_at is null
    do update set quantity = p.quantity + excluded.quantity`.execute(tx)
  const found = rows.filter(({ short: some, wrong: more }) => more.length > 0 || some.some(isShort))
  await addReturnEvents(
    tx,
    found.map(({ returnId, short: some, wrong: more }) => ({
      returnId,
      event: 'problem',
      detail: { short: total(some), wrong: total(more) },
    })),
    actor,
  )
  await countProblems(
    tx,
    rows.map(({ returnId }) => returnId),
  )
}

const isShort = ({ quantity }: { quantity: number }) => quantity > 0
const total = (rows: readonly { quantity: number }[]) => rows.reduce((all, { quantity }) => all + quantity, 0)

export async function addClosedProblems(tx: Tx, returnIds: readonly string[], by: string): Promise<void> {
  if (returnIds.length === 0) return
  await sql`
    insert into return_problem (return_id, kind, quantity, found_by)
    select id, 'refund_closed', 0, ${by} from unnest(${[...returnIds]}::bigint[]) d (id)
    on conflict (return_id, kind, line_no, coalesce(sku_id, 0)) where settled_at is null do nothing`.execute(
    tx,
  )
  await countProblems(tx, returnIds)
}

export type DiscrepancyRow = TableRow<'return_problem', 'id' | 'returnId' | 'kind'> & { open: boolean }

/** Returns discrepancies with their returns. The return of a discrepancy never changes, so it can be read before the return is locked. */
export async function discrepanciesById(tx: Tx, ids: readonly string[]): Promise<DiscrepancyRow[]> {
  const found = await sql<DiscrepancyRow>`
    select id, return_id as "returnId", kind, settled_at is null as open from return_problem
    where id = any(${[...ids]}::bigint[]) order by id`.execute(tx)
  return found.rows
}

export async function writeDiscrepanciesResolved(
  tx: Tx,
  rows: readonly DiscrepancyRow[],
  note: string,
  by: string,
): Promise<void> {
  await sql`
    update return_problem set settled_at = now(), settled_by = ${by}, settled_note = ${note}
    where id = any(${rows.map(({ id }) => id)}::bigint[]) and settled_at is null`.execute(tx)
  await countProblems(
    tx,
    rows.map(({ returnId }) => returnId),
  )
}

async function countProblems(tx: Tx, returnIds: readonly string[]): Promise<void> {
  await sql`
    update return_order t set open_problems = p.open, version = t.version + 1
    from (
      select d.id, (select count(*)::int from return_problem p where p.return_id = d.id and p.settled_at is null) as open
      from (select distinct unnest(${[...returnIds]}::bigint[]) as id) d
    ) p
    where t.id = p.id and t.open_problems <> p.open`.execute(tx)
}
