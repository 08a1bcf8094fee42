import { sql } from 'kysely'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { unnestRows } from '../../lib/unnest.ts'

export type Subscription = Row<
  'parcel_subscription',
  'id' | 'accountId' | 'courier' | 'waybillNo' | 'orderId' | 'shopId' | 'state' | 'times'
>

const columns = sql`id, account_id as "accountId", courier, waybill_no as "waybillNo", order_id as "orderId", shop_id as "shopId", state, times`

/** Makes a subscription for each parcel of these accounts that is due and has none; a merged shipment gets one. Returns them. */
export async function insertSubscriptions(
  tx: Tx,
  accountIds: readonly string[],
  most: number,
): Promise<Subscription[]> {
  const made = await sql<Subscription>`
    insert into parcel_subscription (account_id, courier, waybill_no, order_id, shop_id)
    select distinct on (t.waybill_no, t.courier, t.account_id) t.account_id, t.courier, t.waybill_no, d.order_id, a.shop_id
    from parcel_track t join waybill_account a on a.id = t.account_id
    join delivery d on d.id = t.delivery_id and d.status = 'shipped' and d.waybill_no = t.waybill_no
    where t.account_id = any(${[...accountIds]}::bigint[]) and t.next_at <= now()
      and not exists (select from parcel_subscription s
        where s.waybill_no = t.waybill_no and s.courier = t.courier and s.account_id = t.account_id)
    order by t.waybill_no, t.courier, t.account_id, t.delivery_id limit ${most}
    on conflict on constraint parcel_subscription_once do nothing
    returning ${columns}`.execute(tx)
  return made.rows
}

/** Begins the subscriptions again whose time has come. Returns them. */
export async function beginAgain(tx: Tx, most: number): Promise<Subscription[]> {
  const begun = await sql<Subscription>`
    update parcel_subscription set state = 'asked', times = times + 1, asked_at = now(), again_at = null
    where id in (
      select id from parcel_subscription where again_at <= now() order by again_at limit ${most} for update skip locked)
    returning ${columns}`.execute(tx)
  return begun.rows
}

export async function subscriptionById(db: Database, id: string): Promise<Subscription | undefined> {
  const found =
    await sql<Subscription>`select ${columns} from parcel_subscription where id = ${id}::bigint`.execute(db)
  return found.rows[0]
}

/** Writes the results of requests. Only those that are still asked for change. */
export async function writeSubscribed(
  tx: Tx,
  rows: readonly { id: string; state: 'live' | 'failed'; reason: string }[],
): Promise<string[]> {
  const written = await sql<Row<'parcel_subscription', 'accountId'>>`
    update parcel_subscription s set state = d.state, reason = d.reason
    from ${unnestRows('d', rows, [
      ['id', 'int8', (row) => row.id],
      ['state', 'text', (row) => row.state],
      ['reason', 'text', (row) => row.reason],
    ])}
    where s.id = d.id and s.state in ('asked', 'failed')
    returning s.account_id as "accountId"`.execute(tx)
  return [...new Set(written.rows.map(({ accountId }) => accountId))]
}

/** Locks the subscription of an account for this waybill. If several couriers have the number, it is the one of `courier`. */
export async function lockSubscription(
  tx: Tx,
  { accountId, waybillNo, courier }: { accountId: string; waybillNo: string; courier: string | undefined },
): Promise<Subscription | undefined> {
  const found = await sql<Subscription>`
    select ${columns} from parcel_subscription
    where waybill_no = ${waybillNo} and account_id = ${accountId}::bigint
    order by courier = ${courier ?? ''} desc, id limit 1 for update`.execute(tx)
  return found.rows[0]
}

/** `againInMinutes`: the source gave it up without a scan, and is asked again after this time; null: it is over. */
export async function writeEnd(
  tx: Tx,
  id: string,
  { reason, againInMinutes }: { reason: string; againInMinutes: number | null },
): Promise<void> {
  await sql`
    update parcel_subscription set state = ${againInMinutes === null ? 'ended' : 'live'}, reason = ${reason},
      again_at = now() + ${againInMinutes}::int * interval '1 minute'
    where id = ${id}::bigint`.execute(tx)
}
