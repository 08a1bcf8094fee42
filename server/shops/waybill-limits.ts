import { sql } from 'kysely'
import type { Connector } from '../connectors/connector.ts'
import { connectorFor } from '../connectors/index.ts'
import type { WaybillLimit } from '../connectors/parcels.ts'
import type { Tx } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'

/** Returns `trade` or `line` if the platform shows only one waybill for each: `trade` if it ships whole trades. `none`: no limit. */
export function waybillLimitOf(connector: Connector | undefined): WaybillLimit {
  if (!connector?.shipping?.oneWaybill) return 'none'
  return connector.shipping.byLine ? 'line' : 'trade'
}

export async function waybillLimits(tx: Tx, shopIds: readonly string[]): Promise<Map<string, WaybillLimit>> {
  const found = await sql<Row<'shop', 'id' | 'platform'>>`
    select id, platform from shop where id = any(${[...new Set(shopIds)]}::bigint[])`.execute(tx)
  return new Map(found.rows.map(({ id, platform }) => [id, waybillLimitOf(connectorFor(platform))]))
}
