import { sql } from 'kysely'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'

/** The last order that was looked at, in the order of the index `sales_order_ended`. */
type Place = Row<'sales_order', 'id'> & Record<'changed', string>

/** Orders that did not change for `months`. `settledOnly`: orders of which money is not settled stay live. */
type Wanted = { months: number; settledOnly: boolean }
/** `batchSize`: the number of orders that one transaction looks at. */
type Run = { batchSize?: number; signal: AbortSignal; progress: (updated: number) => void }

/**
 * Archives orders that ended and did not change for `months`, and returns how many. An order stays live while something of it is open. Orders
 * that another transaction has locked wait for the next run.
 */
export async function archiveOrders(
  db: Database,
  { batchSize = 1000, signal, progress, ...wanted }: Wanted & Run,
): Promise<{ seen: number; updated: number }> {
  let [seen, updated] = [0, 0]
  for (let after: Place | undefined; ; ) {
    signal.throwIfAborted()
    const found = await oldOrders(db, { ...wanted, batchSize }, after)
    after = found.at(-1)
    seen += found.length
    const ids = found.map(({ id }) => id)
    if (ids.length > 0) updated += await db.transaction().execute((tx) => archive(tx, ids, wanted))
    progress(updated)
    if (found.length < batchSize) return { seen, updated }
  }
}

async function oldOrders(
  db: Database,
  { months, batchSize }: Wanted & { batchSize: number },
  after: Place | undefined,
): Promise<Place[]> {
  const found = await sql<Place>`
    select o.id, o.updated_at::text as changed from sales_order o
    where ${ended(months)} and (${after?.id ?? null}::bigint is null or (o.updated_at, o.id) > (${after?.changed ?? null}::timestamptz, ${after?.id ?? null}::bigint))
    order by o.updated_at, o.id limit ${batchSize}`.execute(db)
  return found.rows
}

const ended = (months: number) => sql`
  o.archived_at is null and o.status in ('completed', 'voided') and o.updated_at < now() - ${months}::int * interval '1 month'`

/**
 * The orders are locked in the order of their ids, as by every verb, and conditions on their columns are asked again of the locked rows. Only the
 * column `archived_at` is written, so that neither version nor time of change say that a person did something.
 */
async function archive(tx: Tx, ids: readonly string[], { months, settledOnly }: Wanted): Promise<number> {
  const done = await sql`
    with locked as (
      select o.id from sales_order o
      where o.id = any(${[...ids]}::bigint[]) and ${ended(months)} and ${nothingOpen}
        and (${!settledOnly} or not exists (select from settlement s where s.order_id = o.id and s.status in ('draft', 'approved', 'posted')))
      order by o.id for update of o skip locked
    )
    update sales_order o set archived_at = now() from locked l where o.id = l.id`.execute(tx)
  return Number(done.numAffectedRows ?? 0)
}

/** Nothing of the order waits: no hold, no difference, no refund, no return. */
const nothingOpen = sql`
  o.open_holds = 0 and o.differences = 0
  and not exists (select from order_refund r where r.order_id = o.id and r.refund_status in ('applied', 'agreed', 'unknown'))
  and not exists (select from staged_refund r where r.tid = o.tid and r.shop_id = o.shop_id and r.state <> 'processed'
    and (r.state = 'refusing' or r.status in ('applied', 'agreed', 'unknown')))
  and not exists (select from return_order r where r.order_id = o.id and r.status not in ('settled', 'voided'))
  and not exists (select from extra_refund x where x.order_id = o.id and x.status = 'draft')
  and not exists (select from intercept i where i.order_id = o.id and i.ended_at is null)`
