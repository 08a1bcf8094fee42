import { type RawBuilder, sql } from 'kysely'
import type { Database, Tx } from '../../core/db/db.ts'
import { unnestRows } from '../../lib/unnest.ts'
import { accountFactsOf } from '../../orders/holds/shipping.ts'
import { usableAccounts } from '../waybills/account-queries.ts'
import { ownOrders } from '../waybills/account-rules.ts'
import { reachOf } from '../waybills/choose-account.ts'
import { leadOf } from '../waybills/number-queries.ts'

/**
 * Returns SQL over a delivery: an account would give it a number, as `decideAccount` says. Accounts are read once, and those that serve the
 * same parcels count once, so a row costs its own facts alone, however many accounts there are. Accounts that serve their own shop only are
 * compared by the shop first.
 */
export async function servedBy(db: Database | Tx): Promise<(d: string) => RawBuilder<boolean>> {
  const reaches = (await usableAccounts(db))
    .map(reachOf)
    .flatMap(({ prints, ...reach }) => prints.map((platform) => ({ ...reach, platform })))
  const once = [...new Map(reaches.map((one) => [JSON.stringify(one), one])).values()]
  const accounts = unnestRows('a', once, [
    ['only_shop_id', 'int8', ({ onlyShopId }) => onlyShopId],
    ['platform', 'text', ({ platform }) => platform],
    ['courier', 'text', ({ courier }) => courier],
    ['warehouse_id', 'int8', ({ warehouseId }) => warehouseId],
    ['to_door', 'bool', ({ toDoor }) => toDoor],
    ['insures_fen', 'int8', ({ insuresFen }) => String(insuresFen)],
    ['packages', 'bool', ({ packages }) => packages],
  ])
  return (d) => sql<boolean>`exists (
    select from ${leadOf(d)} l cross join lateral ${accountFactsOf('l.order_id')} f join ${accounts}
      on (a.only_shop_id is null or a.only_shop_id = l.shop_id)
      and a.platform = case when f.plain then ${ownOrders} else (select platform from shop where id = l.shop_id) end
      and (a.warehouse_id is null or a.warehouse_id = f.warehouse_id) and f.courier in ('', a.courier)
      and (f.designated = '{}' or a.courier = any(f.designated)) and (a.to_door or not f.to_door)
      and f.insured_fen <= a.insures_fen and (a.packages or ${sql.ref(`${d}.package_count`)} = 1))`
}
