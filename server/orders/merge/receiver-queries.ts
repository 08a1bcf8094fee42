import { sql } from 'kysely'
import { type Database, num, type Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { unnestRows } from '../../lib/unnest.ts'
import { type ReceiverPage, receiversWhere } from '../shipments/merge-queries.ts'

/** An order to check; `personal`: the sealed receiver with the platform's token. */
export type OrderToCompare = Row<'sales_order', 'id' | 'receiverHash' | 'tid' | 'personal' | 'origin'>

/**
 * An order that was in no group of the platform's answer is checked again after this number of hours, since its token may have been
 * renewed.
 */
const againHours = 1

/**
 * Returns receivers of several open trades of the shop whose orders must be checked: not all were checked in one call, or one is due to be
 * checked again. Each receiver comes with the ids of its oldest open orders, at most `most`. One page reads a limited number of index rows.
 */
export function receiversToCompare(
  db: Database,
  { shopId, most, from, limit }: { shopId: string; most: number; from: number; limit: number },
): Promise<ReceiverPage> {
  const unknown = sql<boolean>`(
    select count(distinct o.tid) filter (where coalesce(a.asked, 0) >= 0) > 1 and (
      count(a.order_id) < count(*) or count(distinct a.asked) filter (where a.asked >= 0) > 1
      or bool_or(a.grp is null and a.at < now() - make_interval(hours => ${againHours})))
    from sales_order o
    left join receiver_answer a on a.order_id = o.id and a.receiver_hash = o.receiver_hash
    where o.id = any((s.ids::bigint[])[1:${most}]) and o.shop_id = ${shopId}::bigint)`
  return receiversWhere(db, { from, limit }, unknown)
}

export async function ordersToCompare(
  db: Database,
  shopId: string,
  ids: readonly string[],
): Promise<OrderToCompare[]> {
  const found = await sql<OrderToCompare>`
    select id, receiver_hash as "receiverHash", tid, personal, origin from sales_order
    where id = any(${[...ids]}::bigint[]) and shop_id = ${shopId}::bigint order by id`.execute(db)
  return found.rows
}

export type AnswerRow = { id: string; receiverHash: number; grp: number | null }

/**
 * How an answer came: `platform`: by one receiver check. `plain`: the receivers are plain, and the platform is not asked. `never`: masked
 * receivers of own orders, whose numbers the platform does not know. Each of them gets a number of its own, below 0, and compares with none.
 */
export type AnswerBy = 'platform' | 'plain' | 'never'

export async function writeAnswers(tx: Tx, rows: readonly AnswerRow[], by: AnswerBy): Promise<void> {
  if (rows.length === 0) return
  const asking =
    by === 'platform'
      ? num(
          (await sql<{ asking: string }>`select nextval('receiver_asking') as asking`.execute(tx)).rows[0]
            ?.asking ?? '0',
        )
      : 0
  await sql`
    insert into receiver_answer as a (order_id, receiver_hash, asked, grp)
    select d.order_id, d.receiver_hash, case when ${by === 'never'} then -d.order_id else ${asking}::bigint end, d.grp
    from ${unnestRows('d', rows, [
      ['order_id', 'int8', (row) => row.id],
      ['receiver_hash', 'int4', (row) => row.receiverHash],
      ['grp', 'int4', (row) => row.grp],
    ])}
    order by d.order_id
    on conflict (order_id) do update
    set receiver_hash = excluded.receiver_hash, asked = excluded.asked, grp = excluded.grp, at = now()
    -- An answer never replaces that of a later check.
    where a.asked <= excluded.asked or excluded.asked < 0 or a.receiver_hash <> excluded.receiver_hash`.execute(
    tx,
  )
}
