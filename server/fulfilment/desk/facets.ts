import { sql } from 'kysely'
import { skuNames } from '../../catalog/names.ts'
import type { Database } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import type { Walkable } from '../../core/lists/define.ts'
import type { Asking, Filter } from '../../core/lists/define-query.ts'
import { split, wrong } from '../../core/lists/define-query.ts'
import { rowsOf } from '../../core/lists/list.ts'
import { toDo } from '../lifecycle.ts'
import { courierShown } from '../queries.ts'
import type { DeskFacetsOut } from './contract.ts'

const waitingTabs: ReadonlySet<string> = new Set(['pending', ...toDo])
/** How many of the commonest goods are named. */
const mostSame = 6

type Counted = Row<'delivery', 'skuId'> &
  Record<'kind', 'courier' | 'shape' | 'same'> &
  Record<'code', string> &
  Record<'amount' | 'count', number>

/**
 * Counts the deliveries of a tab by courier, shape and goods, in one pass over the tab. One click on a count makes a batch. Only tabs of
 * waiting deliveries are counted: they have as many as the warehouse has work.
 */
export async function deskFacets(
  list: Walkable,
  asking: Asking,
  { courier, shape, same: _same, ...rest }: Filter,
): Promise<DeskFacetsOut> {
  if (!waitingTabs.has(String(rest['tab'] ?? 'pending'))) wrong('tab')
  const query = await list.ask(rest, asking)
  const couriers = split(courier)
  const shapes = split(shape)
  const found = await sql<Counted>`
    with part as (
      select ${courierShown} as courier, t.shape, t.sku_id, t.piece_count, count(*) as count from ${rowsOf(list.table, query)}
      group by 1, 2, 3, 4
    ), own as (
      select * from part where ${couriers.length === 0} or courier = any(${couriers}::text[])
    )
    select 'courier' as kind, courier as code, null::bigint as "skuId", 0 as amount, sum(count)::int as count from part group by courier
    union all
    select 'shape', shape, null, 0, sum(count)::int from own group by shape
    union all
    select * from (
      select 'same', '', sku_id, piece_count, sum(count)::int from own
      where sku_id is not null and (${shapes.length === 0} or shape = any(${shapes}::text[]))
      group by sku_id, piece_count having sum(count) > 1 order by 5 desc, sku_id, piece_count limit ${mostSame}
    ) same
    order by kind, count desc, code`.execute(asking.db)
  const of = (kind: Counted['kind']) =>
    found.rows.filter((row) => row.kind === kind).map(({ code, count }) => ({ code, count }))
  return {
    couriers: of('courier'),
    shapes: of('shape'),
    same: await named(
      asking.db,
      found.rows.filter(({ kind }) => kind === 'same'),
    ),
  }
}

async function named(db: Database, rows: readonly Counted[]): Promise<DeskFacetsOut['same']> {
  const ids = rows.flatMap(({ skuId }) => skuId ?? [])
  const names = ids.length === 0 ? new Map<string, never>() : await skuNames(db, ids)
  return rows.flatMap(({ skuId, amount: pieces, count }) => {
    if (skuId === null) return []
    const { name = '', spec = '', pictureUrl = '' } = names.get(skuId) ?? {}
    return [{ skuId, pieces, count, name, spec, pictureUrl }]
  })
}
