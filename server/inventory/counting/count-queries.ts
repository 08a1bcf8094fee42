import { type RawBuilder, sql } from 'kysely'
import type { Actor, Scope } from '../../core/access/actor.ts'
import { warehouseSql } from '../../core/access/scope.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { unnestRows } from '../../lib/unnest.ts'
import type { DocumentStatus } from '../lifecycle.ts'
import type { CountStatus, Entry, Place } from './count-rules.ts'

export type TaskRow = Row<'count_task', 'id' | 'no' | 'warehouseId'> & { status: CountStatus }

/**
 * Returns the tasks of the scope. `lock`: their counts are taken one after another. They are locked in the order of their ids, before any
 * balance.
 */
export async function tasksById(
  db: Database | Tx,
  ids: readonly string[],
  scope: Scope,
  lock: 'lock' | 'read',
): Promise<TaskRow[]> {
  const locking: RawBuilder<unknown> = lock === 'lock' ? sql`for update of t` : sql``
  const found = await sql<TaskRow>`
    select t.id, t.no, t.warehouse_id as "warehouseId", t.status from count_task t
    where t.id = any(${[...ids]}::bigint[]) and ${warehouseSql(scope, sql.ref('t.warehouse_id'))} order by t.id ${locking}`.execute(
    db,
  )
  return found.rows
}

export type Sums = Record<'skus' | 'lines' | 'left' | 'seconds' | 'differing' | 'more' | 'less', number>

/** SQL: `gapOf` the counts of a round at all places of a SKU. */
const gap = (round: 'a' | 'b') => {
  const sum = (column: string) => sql.ref(`${round}.${column}`)
  const off = sql`sum(${sum('quantity')}) - min(${sum('expected')})`
  return sql`(greatest(${off}, 0) + least(${off} + min(${sum('maybe_packed')}), 0))`
}

/**
 * SQL (task_id, and `Sums`): `countOf` of each SKU of the tasks, added up. `off` is the difference of the first count, `again` that of the
 * second one; null: not all places are counted.
 */
const sumsOf = (taskIds: readonly string[]) => sql`
  select task_id, count(*)::int as skus, sum(places)::int as lines,
    sum(case when off is null then places - first when off <> 0 then places - second else 0 end)::int as left,
    count(*) filter (where off <> 0 and again is null)::int as seconds,
    count(*) filter (where off <> 0 and again <> 0)::int as differing,
    coalesce(sum(again) filter (where off <> 0 and again > 0), 0)::int as more,
    coalesce(-sum(again) filter (where off <> 0 and again < 0), 0)::int as less
  from (
    select l.task_id, count(*) as places, count(a.round) as first, count(b.round) as second,
      case when count(a.round) = count(*) then ${gap('a')} end as off,
      case when count(b.round) = count(*) then ${gap('b')} end as again
    from count_line l
    left join count_entry a on a.task_id = l.task_id and a.line_no = l.line_no and a.round = 1
    left join count_entry b on b.task_id = l.task_id and b.line_no = l.line_no and b.round = 2
    where l.task_id = any(${[...taskIds]}::bigint[]) group by l.task_id, l.sku_id
  ) sku group by task_id`

/** SQL: true if a SKU of the task `t` differs and waits for a second count. */
export const waitsForSecond = sql`exists (
  select from count_line l
  left join count_entry a on a.task_id = l.task_id and a.line_no = l.line_no and a.round = 1
  left join count_entry b on b.task_id = l.task_id and b.line_no = l.line_no and b.round = 2
  where l.task_id = t.id group by l.sku_id
  having count(a.round) = count(*) and ${gap('a')} <> 0 and count(b.round) < count(*))`

/** How many places of an open task are still to be counted. */
export async function leftOf(db: Database, taskId: string): Promise<number> {
  const found = await sql<Sums>`${sumsOf([taskId])}`.execute(db)
  return found.rows[0]?.left ?? 0
}

export type CountRow = Row<
  'count_task',
  'id' | 'no' | 'warehouseId' | 'documentId' | 'createdAt' | 'createdBy' | 'endedAt' | 'endedBy'
> & { status: CountStatus; documentStatus: DocumentStatus | null; counters: string[] } & Sums &
  Record<'warehouseName', string> &
  Record<'documentNo', string | null>

/** Returns the tasks with their sums, in the order of the ids. An ended task has nothing left to count. */
export async function countRows(db: Database, ids: readonly string[]): Promise<CountRow[]> {
  const found = await sql<CountRow>`
    select t.id, t.no, t.warehouse_id as "warehouseId", w.name as "warehouseName", t.status, s.skus, s.lines,
      case when t.status = 'open' then s.left else 0 end as left, case when t.status = 'open' then s.seconds else 0 end as seconds,
      s.differing, s.more, s.less, array(select distinct e.counted_by from count_entry e where e.task_id = t.id order by 1) as counters,
      t.document_id as "documentId", d.no as "documentNo", d.status as "documentStatus",
      t.created_at as "createdAt", t.created_by as "createdBy", t.ended_at as "endedAt", t.ended_by as "endedBy"
    from unnest(${[...ids]}::bigint[]) with ordinality i (id, n) join count_task t on t.id = i.id
    join warehouse w on w.id = t.warehouse_id join (${sumsOf(ids)}) s on s.task_id = t.id
    left join stock_document d on d.id = t.document_id order by i.n`.execute(db)
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

export type CountLine = Row<'count_line', 'taskId' | 'lineNo' | 'skuId'> & { bin: string }

/** The lines of tasks, along the route. */
export async function countLines(db: Database, taskIds: readonly string[]): Promise<CountLine[]> {
  const found = await sql<CountLine>`
    select l.task_id as "taskId", l.line_no as "lineNo", l.sku_id as "skuId", coalesce(b.code, '') as bin
    from count_line l left join bin b on b.id = l.bin_id
    where l.task_id = any(${[...taskIds]}::bigint[]) order by l.task_id, l.line_no`.execute(db)
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

export type CountEntry = Row<
  'count_entry',
  | 'taskId'
  | 'lineNo'
  | 'round'
  | 'quantity'
  | 'expected'
  | 'maybePacked'
  | 'countedAt'
  | 'countedBy'
  | 'countedById'
>

/** The counts of tasks, the oldest first. `lineNos`: at these lines only. */
export async function entriesOf(
  db: Database,
  taskIds: readonly string[],
  lineNos: readonly number[] | null = null,
): Promise<CountEntry[]> {
  const found = await sql<CountEntry>`
    select task_id as "taskId", line_no as "lineNo", round, quantity, expected, maybe_packed as "maybePacked", counted_at as "countedAt",
      counted_by as "countedBy", counted_by_id as "countedById"
    from count_entry
    where task_id = any(${[...taskIds]}::bigint[])
      and (${lineNos && [...lineNos]}::int[] is null or line_no = any(${lineNos && [...lineNos]}::int[]))
    order by counted_at`.execute(db)
  return found.rows
}

export async function insertEntry(
  tx: Tx,
  taskId: string,
  { lineNo, round, quantity, expected, maybePacked, countedBy, countedById }: Entry,
): Promise<void> {
  await sql`
    insert into count_entry (task_id, line_no, round, quantity, expected, maybe_packed, counted_by, counted_by_id)
    values (${taskId}, ${lineNo}, ${round}, ${quantity}, ${expected}, ${maybePacked}, ${countedBy}, ${countedById})`.execute(
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

/** Returns true if pieces of the SKU came or went in the last `ageMs` milliseconds. */
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

export type TaskEnd = { id: string; status: Exclude<CountStatus, 'open'>; documentId: string | null }

/** The only function that writes the status of a task. */
export async function writeTaskEnds(tx: Tx, ends: readonly TaskEnd[], actor: Actor): Promise<void> {
  const rows = unnestRows('one', ends, [
    ['id', 'int8', ({ id }) => id],
    ['status', 'text', ({ status }) => status],
    ['document_id', 'int8', ({ documentId }) => documentId],
  ])
  await sql`
    update count_task t set status = one.status, document_id = one.document_id, ended_at = now(), ended_by = ${actor.name}
    from ${rows} where t.id = one.id`.execute(tx)
}
