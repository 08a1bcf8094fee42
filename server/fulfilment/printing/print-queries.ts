import { sql } from 'kysely'
import type { Actor, Scope } from '../../core/access/actor.ts'
import { grantedSql } from '../../core/access/scope.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { unnestRows } from '../../lib/unnest.ts'
import { ordersToPick } from '../../orders/order/relations.ts'
import type { OverLabel } from '../papers/custom-area.ts'
import { goodsKey } from '../queries.ts'
import { droppedFor } from './contract.ts'

export type Printable = Row<'waybill', 'id' | 'deliveryId'> & {
  /** The package whose label it is, from 1. */
  n: number
  /** True if this label was printed, may have been, or waits in a job. */
  printed: boolean
  /** The place of its goods among the others: the same SKU in the same quantity has the same place. */
  place: number
}

/**
 * Returns the labels of the taken number of each of these deliveries, one for each package in its order; for a merged shipment, of the
 * delivery that has it.
 */
export async function printableOf(tx: Tx, deliveryIds: readonly string[]): Promise<Printable[]> {
  const found = await sql<Printable>`
    select w.id, t.id as "deliveryId", l.n, p.nth is not null as printed, (rank() over (order by ${goodsKey}))::int as place
    from delivery t join waybill w on w.courier = t.courier and w.waybill_no = t.waybill_no and w.waybill_no <> '' and w.state = 'taken'
    cross join generate_series(1, w.package_count) l (n)
    left join lateral (
      select nth from print_document
      where waybill_id = w.id and nth = l.n and state in ('waiting', 'spooled', 'printed') limit 1
    ) p on true
    where t.id = any(${[...deliveryIds]}::bigint[]) order by t.id, l.n`.execute(tx)
  return found.rows
}

export async function insertJob(
  tx: Tx,
  { printer, reason }: { printer: string; reason: string },
  labels: readonly Pick<Printable, 'id' | 'n'>[],
  actor: Actor,
): Promise<string> {
  const made = await sql<Row<'print_job', 'id'>>`
    insert into print_job (printer, reason, created_by, created_by_id)
    values (${printer}, ${reason}, ${actor.name}, ${actor.id}) returning id`.execute(tx)
  const id = made.rows[0]?.id ?? ''
  const rows = labels.map((label, at) => ({ ...label, seq: at + 1 }))
  await sql`
    insert into print_document (job_id, seq, waybill_id, nth, state)
    select ${id}::bigint, d.seq, d.waybill_id, d.nth, 'waiting' from ${unnestRows('d', rows, [
      ['seq', 'int4', (row) => row.seq],
      ['waybill_id', 'int8', (row) => row.id],
      ['nth', 'int4', (row) => row.n],
    ])}`.execute(tx)
  return id
}

/** Locks the job and returns it; undefined: there is none, or it is another user's. */
export async function lockJob(
  tx: Tx,
  id: string,
  userId: string,
): Promise<Row<'print_job', 'id' | 'printer'> | undefined> {
  const found = await sql<Row<'print_job', 'id' | 'printer'>>`
    select id, printer from print_job where id = ${id}::bigint and created_by_id = ${userId} for update`.execute(
    tx,
  )
  return found.rows[0]
}

export type PrintResult = { seq: number; printed: boolean; message: string }

/**
 * Writes what the print client said of spooled documents; a second word about the same document changes nothing. Returns the waybills
 * whose labels are printed.
 */
export async function writeResults(
  tx: Tx,
  jobId: string,
  results: readonly PrintResult[],
): Promise<string[]> {
  const ended = await sql<Row<'print_document', 'waybillId' | 'state'>>`
    update print_document p set state = case when d.printed then 'printed' else 'failed' end, message = d.message, ended_at = now()
    from ${unnestRows('d', results, [
      ['seq', 'int4', (row) => row.seq],
      ['printed', 'bool', (row) => row.printed],
      ['message', 'text', (row) => row.message],
    ])}
    where p.job_id = ${jobId}::bigint and p.seq = d.seq and p.state = 'spooled'
    returning p.waybill_id as "waybillId", p.state`.execute(tx)
  return printedOf(ended.rows)
}

const printedOf = (ended: readonly Row<'print_document', 'waybillId' | 'state'>[]) =>
  ended.flatMap(({ waybillId, state }) => (state === 'printed' ? [waybillId] : []))

type Label = Row<'waybill', 'waybillNo' | 'printData'> &
  Row<'waybill_account', 'source'> &
  OverLabel & { accountShopId: Row<'waybill_account', 'shopId'>['shopId'] }
export type Spooled = Row<'print_document', 'seq'> & Label

/** `k`: the package of the label, if it has a number of its own. */
const labelColumns = sql`coalesce(k.waybill_no, w.waybill_no) as "waybillNo", coalesce(k.print_data, w.print_data) as "printData",
  a.source, a.shop_id as "accountShopId", w.id as "waybillId", a.custom_area_url as "customAreaUrl", a.custom_area as "customArea"`

/**
 * Returns the label of the number that an account gave for the `n`th package of this delivery; undefined: none did, or the delivery is outside
 * the scope.
 */
export async function labelOf(
  tx: Database | Tx,
  { deliveryId, n }: { deliveryId: string; n: number },
  scope: Scope,
): Promise<Label | undefined> {
  const found = await sql<Label>`
    select ${labelColumns}
    from delivery t join waybill w on w.courier = t.courier and w.waybill_no = t.waybill_no and w.waybill_no <> '' and w.state = 'taken'
    join waybill_account a on a.id = w.account_id
    left join waybill_package k on k.waybill_id = w.id and k.nth = ${n}::int
    where t.id = ${deliveryId}::bigint and w.package_count >= ${n}::int and ${grantedSql(scope, 't')}`.execute(
    tx,
  )
  return found.rows[0]
}

/**
 * SQL: one of the pending deliveries that leave with the number of waybill `w` is stopped: a merged shipment is stopped as a whole. `message` of a
 * document that is dropped for it says so (`droppedFor`).
 */
const isStopped = sql`exists (
  select from delivery v where v.courier = w.courier and v.waybill_no = w.waybill_no and v.waybill_no <> '' and v.status = 'pending'
    and not exists (select from ${ordersToPick} as pickable where pickable.id = v.order_id))`

/**
 * Makes the next waiting documents `spooled` and returns them in their order. Documents of orders that are stopped are dropped, of numbers that were
 * given back, and of buyers who are erased.
 */
export async function spoolNext(tx: Tx, jobId: string, most: number): Promise<Spooled[]> {
  await sql`
    update print_document p set state = 'dropped', ended_at = now(), message = ${droppedFor.stopped} from waybill w
    where p.job_id = ${jobId}::bigint and p.state = 'waiting' and w.id = p.waybill_id and w.state = 'taken' and ${isStopped}`.execute(
    tx,
  )
  await sql`
    update print_document p set state = 'dropped', ended_at = now() from waybill w
    where p.job_id = ${jobId}::bigint and p.state = 'waiting' and w.id = p.waybill_id and (w.state <> 'taken'
      or exists (select from delivery v join erased_trade e on e.tid = v.tid and e.shop_id = v.shop_id where v.id = w.delivery_id))`.execute(
    tx,
  )
  const taken = await sql<Spooled>`
    with next as (
      select seq from print_document where job_id = ${jobId}::bigint and state = 'waiting' order by seq limit ${most}
    ), spooled as (
      update print_document p set state = 'spooled', spooled_at = now() from next
      where p.job_id = ${jobId}::bigint and p.seq = next.seq returning p.seq, p.waybill_id, p.nth
    )
    select s.seq, ${labelColumns}
    from spooled s join waybill w on w.id = s.waybill_id join waybill_account a on a.id = w.account_id
    left join waybill_package k on k.waybill_id = w.id and k.nth = s.nth order by s.seq`.execute(tx)
  return taken.rows
}

/**
 * The spooled documents up to `last` are printed. Other spooled ones, and those that failed after it, wait again, unless a later job prints
 * their labels by now: such a spooled one is dropped. Returns the waybills whose labels are printed.
 */
export async function settleSpooled(tx: Tx, jobId: string, last: number): Promise<string[]> {
  await sql`
    update print_document p set state = 'dropped', message = ${droppedFor.elsewhere}, ended_at = now()
    where job_id = ${jobId}::bigint and state = 'spooled' and seq > ${last} and ${isPrintedLater}`.execute(tx)
  const settled = await sql<Row<'print_document', 'waybillId' | 'state'>>`
    update print_document p set state = case when seq <= ${last} then 'printed' else 'waiting' end, message = '',
      ended_at = case when seq <= ${last} then now() end, spooled_at = case when seq <= ${last} then spooled_at end
    where job_id = ${jobId}::bigint and (state = 'spooled' or (state = 'failed' and seq > ${last} and not ${isPrintedLater}))
    returning waybill_id as "waybillId", state`.execute(tx)
  return printedOf(settled.rows)
}

/** SQL: a later job prints the label of document `p`, or has printed it. An earlier one is the reason why it is printed again. */
const isPrintedLater = sql`exists (
  select from print_document other where other.waybill_id = p.waybill_id and other.nth = p.nth and other.job_id > p.job_id
    and other.state in ('waiting', 'spooled', 'printed'))`

export async function dropWaiting(tx: Tx, jobId: string): Promise<void> {
  await sql`
    update print_document set state = 'dropped', ended_at = now() where job_id = ${jobId}::bigint and state = 'waiting'`.execute(
    tx,
  )
}

export type DocumentRow = Row<'print_document', 'seq' | 'state' | 'message'> &
  Row<'delivery', 'no' | 'packageCount'> & {
    /** The package whose label it is, from 1. */
    n: number
  } & Row<'waybill', 'waybillNo'>

export async function documentsOf(db: Database | Tx, jobId: string): Promise<DocumentRow[]> {
  const found = await sql<DocumentRow>`
    select p.seq, p.state, p.message, d.no, p.nth as n, w.package_count as "packageCount", coalesce(k.waybill_no, w.waybill_no) as "waybillNo"
    from print_document p join waybill w on w.id = p.waybill_id join delivery d on d.id = w.delivery_id
    left join waybill_package k on k.waybill_id = w.id and k.nth = p.nth
    where p.job_id = ${jobId}::bigint order by p.seq`.execute(db)
  return found.rows
}
