import { sql } from 'kysely'
import type { Database, Tx } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import type { TradeKey } from '../shops/erased.ts'
import type { OpenDocument } from './contract.ts'
import { asRelation, ordersOf } from './documents.ts'

/** No more are named: a person ends these first. */
const mostNamed = 50

/**
 * Returns the documents of the trades that are not ended yet, so that their buyer's data is still needed: orders that may still leave or are on
 * their way, trades that may become orders, refunds, returns, and write-backs that carry the data.
 */
export async function openDocuments(db: Database | Tx, keys: readonly TradeKey[]): Promise<OpenDocument[]> {
  const found = await sql<
    Pick<OpenDocument, 'kind'> & Row<'sales_order', 'id' | 'no'> & Record<'state', string>
  >`
    with d as (select * from ${asRelation(keys)}),
    o as (select s.* from sales_order s where s.id = any(array(select id from (${ordersOf(keys)}) found)))
    select * from (
      select 'order' as kind, o.id, o.no, o.status as state from o where o.status not in ('completed', 'voided')
      union all
      select 'trade', t.id, t.tid, t.status from d join staged_trade t using (tid, shop_id)
      where t.state <> 'processed' and t.status not in ('finished', 'closed_unpaid', 'closed_refunded')
        and not exists (select from o where o.tid = t.tid and o.shop_id = t.shop_id and o.status = 'completed')
      union all
      select 'queue', q.id, q.tid, 'waiting' from d join download_queue q using (tid, shop_id)
      union all
      select 'refund', r.id, r.refund_no, r.status from d join staged_refund r using (tid, shop_id)
      where r.state = 'refusing' or r.state <> 'processed' and r.status in ('applied', 'agreed', 'unknown')
      union all
      select 'extra_refund', x.id, x.no, x.status from o join extra_refund x on x.order_id = o.id where x.status = 'draft'
      union all
      select 'return', r.id, r.no, r.status from o join return_order r on r.order_id = o.id
      where r.status not in ('settled', 'voided')
      union all
      select 'action', a.id, o.no, a.state from o
      join platform_action a on a.subject_type = 'sales_order' and a.subject_id = o.id::text
      where a.state in ('pending', 'sending', 'unknown') and a.secret is not null
    ) found order by kind, id limit ${mostNamed}`.execute(db)
  return found.rows
}
