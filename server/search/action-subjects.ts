import { sql } from 'kysely'
import type { Database } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import { unnestRows } from '../lib/unnest.ts'

export type ActionSubject = {
  id: string
  subjectType: string
  subjectId: string
  shopId: string
  result: unknown
}
type Named = Record<'no' | 'detail', string>

/**
 * Returns the number of each platform action's document, with further facts, for the list of actions. For a stock sync: the listing with
 * its SKUs and the sent quantities.
 */
export async function subjectsOf(
  db: Database,
  rows: readonly ActionSubject[],
): Promise<ReadonlyMap<string, Named>> {
  const found = await sql<Row<'platform_action', 'id'> & Named>`
    select a.id, coalesce(s.no, '') as no, coalesce(s.detail, '') as detail
    from ${unnestRows('a', rows, [
      ['id', 'int8', (row) => row.id],
      ['type', 'text', (row) => row.subjectType],
      ['subject', 'text', (row) => row.subjectId],
      ['shop_id', 'int8', (row) => row.shopId],
      ['told', 'jsonb', (row) => JSON.stringify(toldOf(row.result))],
    ])}
    cross join lateral (
      select refund_no as no, tid as detail from staged_refund where a.type = 'staged_refund' and id = ${idOf('staged_refund')}
      union all select no, tid from sales_order where id = ${idOf('sales_order')}
      union all select no, waybill_no from delivery where id = ${idOf('delivery')}
      union all select no, waybill_no from return_order where id = ${idOf('return')}
      union all select d.no, w.waybill_no from waybill w join delivery d on d.id = w.delivery_id where w.id = ${idOf('waybill')}
      union all select delivery_no, waybill_no from intercept where id = ${idOf('intercept')}
      union all select waybill_no, courier from parcel_subscription where id = ${idOf('parcel_subscription')}
      union all
      select title, string_agg(concat_ws(' ', nullif(sku, ''), '→ ' || quantity), '、' order by sku) from (
        select min(l.title) over () as title, coalesce(k.code, nullif(l.outer_sku_id, ''), l.outer_item_id) as sku, a.told ->> l.id::text as quantity
        from listing l left join sku k on k.id = l.sku_id
        where a.type = 'listing_item' and l.shop_id = a.shop_id and l.item_id = a.subject
          and (a.told = '{}' or a.told ? l.id::text)
      ) listed group by title
    ) s`.execute(db)
  return new Map(found.rows.map(({ id, ...named }) => [id, named]))
}

/** Returns SQL for the subject's id if the subject is of this type. Ids of other types may not be numbers. */
function idOf(type: string) {
  return sql`(case when a.type = ${type} then a.subject end)::bigint`
}

/** Returns the quantities that were sent to the platform, by listing id. */
function toldOf(result: unknown): Record<string, number> {
  const items: unknown = new Map<string, unknown>(Object.entries(Object(result))).get('items')
  if (!Array.isArray(items)) return {}
  return Object.fromEntries(
    items.flatMap((item: unknown) => {
      const { id, quantity } = Object(item)
      return typeof id === 'string' && typeof quantity === 'number' ? [[id, quantity]] : []
    }),
  )
}
