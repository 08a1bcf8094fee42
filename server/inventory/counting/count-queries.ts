import { type RawBuilder, sql } from 'kysely'
import type { Actor, Scope } from '../../core/access/actor.ts'
import { warehouseSql } from '../../core/access/scope.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import type { CountStatus, Entry, Place } from './count-rules.ts'

export type TaskRow = Row<
  'count_task',
  'id' | 'no' | 'warehouseId' | 'documentId' | 'createdAt' | 'createdBy'
> & { status: CountStatus } & Record<'documentNo', string | null>

const columns = sql`
  t.id, t.no, t.warehouse_id as "warehouseId", t.status, t.document_id as "documentId", d.no as "documentNo",
  t.created_at as "createdAt", t.created_by as "createdBy"`

/** Returns a task of the scope. `lock`: its counts are taken one after another. It is locked before any balance. */
export async function taskById(
  db: Database | Tx,
  id: string,
  scope: Scope,
  lock: 'lock' | 'read',
): Promise<TaskRow | undefined> {
  const locking: RawBuilder<unknown> = lock === 'lock' ? sql`for update of t` : sql``
  const found = await sql<TaskRow>`
    select ${columns} from count_task t left join stock_document d on d.id = t.document_id
    where t.id = ${id}::bigint and ${warehouseSql(scope, sql.ref('t.warehouse_id'))} ${locking}`.execute(db)
  return found.rows[0]
}

const openMax = 50

/** Returns the ids of the open tasks of a warehouse, the newest first. */
export async function openTasks(db: Database, warehouseId: string, scope: Scope): Promise<TaskRow[]> {
  const found = await sql<TaskRow>`
    select ${columns} from count_task t left join stock_document d on d.id = t.document_id
    where t.status = 'open' and t.warehouse_id = ${warehouseId}::bigint and ${warehouseSql(scope, sql.ref('t.warehouse_id'))}
    order by t.id desc limit ${openMax}`.execute(db)
  return found.rows
}

/** The bins with these codes, and the SKUs that lie in them: (code, sku_id); a bin without goods has one row. */
export async function goodsOfBins(
  tx: Tx,
  warehouseId: string,
  codes: readonly string[],
): Promise<{ code: string; skuId: string | null }[]> {
  const found = await sql<Row<'bin', 'code'> & Record<'skuId', string | null>>`
    select b.code, s.sku_id as "skuId" from bin b
    left join sku_bin s on s.main_bin_id = b.id or s.spare_bin_id = b.id
    where b.warehouse_id = ${warehouseId}::bigint and b.active and b.code = any(${[...codes]}::text[])`.execute(
    tx,
  )
  return found.rows
}

/** Inserts a task for these SKUs, a line for each place of each, along the route. Returns how many lines it has. */
export async function insertTask(
  tx: Tx,
  warehouseId: string,
  skuIds: readonly string[],
  actor: Actor,
): Promise<{ id: string; lines: number }> {
  const made = await sql<Row<'count_task', 'id'>>`
    insert into count_task (no, warehouse_id, created_by)
    values ('PD' || to_char(now(), 'YYMMDD') || '-' || to_char(nextval('count_task_no'), 'FM999999999900'), ${warehouseId}, ${actor.name})
    returning id`.execute(tx)
  const id = made.rows[0]?.id
  if (id === undefined) throw new Error('insert returned no row')
  const lines = await sql`
    insert into count_line (task_id, line_no, sku_id, bin_id)
    select ${id}::bigint, row_number() over (order by b.route nulls last, b.code, place.sku_id), place.sku_id, b.id
    from (
      select sku.id as sku_id, place.bin_id from unnest(${[...skuIds]}::bigint[]) sku (id)
      left join lateral (
        select unnest(array_remove(array[s.main_bin_id, s.spare_bin_id], null)) as bin_id
        from sku_bin s where s.warehouse_id = ${warehouseId}::bigint and s.sku_id = sku.id
      ) place on true
    ) place left join bin b on b.id = place.bin_id`.execute(tx)
  return { id, lines: Number(lines.numAffectedRows) }
}

export type CountLine = Row<'count_line', 'lineNo' | 'skuId'> & { bin: string }

/** The lines of a task, along the route. */
export async function countLines(db: Database, taskId: string): Promise<CountLine[]> {
  const found = await sql<CountLine>`
    select l.line_no as "lineNo", l.sku_id as "skuId", coalesce(b.code, '') as bin
    from count_line l left join bin b on b.id = l.bin_id
    where l.task_id = ${taskId}::bigint order by l.line_no`.execute(db)
  return found.rows
}

/** The places of the SKU that this line counts; empty: the task has no such line. */
export async function placesOf(tx: Tx, taskId: string, lineNo: number): Promise<Place[]> {
  const found = await sql<Row<'count_line', 'lineNo' | 'skuId'>>`
    select l.line_no as "lineNo", l.sku_id as "skuId"
    from count_line asked join count_line l on l.task_id = asked.task_id and l.sku_id = asked.sku_id
    where asked.task_id = ${taskId}::bigint and asked.line_no = ${lineNo}::int order by l.line_no`.execute(tx)
  return found.rows
}

/** The counts of a task, the oldest first. `lineNos`: at these lines only. */
export async function entriesOf(
  db: Database,
  taskId: string,
  lineNos: readonly number[] | null = null,
): Promise<Entry[]> {
  const found = await sql<
    Row<'count_entry', 'lineNo' | 'round' | 'quantity' | 'expected' | 'countedBy' | 'countedById'>
  >`
    select line_no as "lineNo", round, quantity, expected, counted_by as "countedBy", counted_by_id as "countedById"
    from count_entry
    where task_id = ${taskId}::bigint and (${lineNos && [...lineNos]}::int[] is null or line_no = any(${lineNos && [...lineNos]}::int[]))
    order by counted_at`.execute(db)
  return found.rows
}

type Progress = Record<'lines' | 'left', number>

/** How many lines each task has, and how many of them are still to be counted: `countOf` of each SKU, added up. */
export async function progressOf(db: Database, taskIds: readonly string[]): Promise<Map<string, Progress>> {
  const found = await sql<Row<'count_line', 'taskId'> & Progress>`
    select task_id as "taskId", sum(places)::int as lines,
      sum(case when first < places then places - first when differs then places - second else 0 end)::int as left
    from (
      select l.task_id, count(*) as places, count(a.round) as first, count(b.round) as second, sum(a.quantity) <> min(a.expected) as differs
      from count_line l
      left join count_entry a on a.task_id = l.task_id and a.line_no = l.line_no and a.round = 1
      left join count_entry b on b.task_id = l.task_id and b.line_no = l.line_no and b.round = 2
      where l.task_id = any(${[...taskIds]}::bigint[]) group by l.task_id, l.sku_id
    ) sku group by task_id`.execute(db)
  return new Map(found.rows.map(({ taskId, lines, left }) => [taskId, { lines, left }]))
}

export async function insertEntry(
  tx: Tx,
  taskId: string,
  { lineNo, round, quantity, expected, countedBy, countedById }: Entry,
): Promise<void> {
  await sql`
    insert into count_entry (task_id, line_no, round, quantity, expected, counted_by, counted_by_id)
    values (${taskId}, ${lineNo}, ${round}, ${quantity}, ${expected}, ${countedBy}, ${countedById})`.execute(
    tx,
  )
}

/** Takes back a round of a SKU, because goods moved while it was counted. */
export async function deleteRound(
  tx: Tx,
  taskId: string,
  lineNos: readonly number[],
  round: number,
): Promise<void> {
  await sql`
    delete from count_entry where task_id = ${taskId}::bigint and round = ${round} and line_no = any(${[...lineNos]}::int[])`.execute(
    tx,
  )
}

/** Returns true if pieces of the SKU came or went in the last milliseconds. */
export async function hasMoved(
  tx: Tx,
  { warehouseId, skuId }: { warehouseId: string; skuId: string },
  ageMs: number,
): Promise<boolean> {
  const found = await sql<Record<'moved', boolean>>`
    select coalesce((
      select m.at > now() - ${ageMs}::float8 * interval '1 ms' from stock_movement m
      where m.warehouse_id = ${warehouseId}::bigint and m.sku_id = ${skuId}::bigint order by m.id desc limit 1
    ), false) as moved`.execute(tx)
  return found.rows[0]?.moved ?? false
}

/** The only function that writes the status of a task. */
export async function writeTaskEnd(
  tx: Tx,
  id: string,
  { status, documentId }: { status: Exclude<CountStatus, 'open'>; documentId: string | null },
  actor: Actor,
): Promise<void> {
  await sql`
    update count_task set status = ${status}, document_id = ${documentId}::bigint, ended_at = now(), ended_by = ${actor.name}
    where id = ${id}::bigint`.execute(tx)
}
