import type { Connector } from '../connectors/connector.ts'
import { connectorFor } from '../connectors/index.ts'
import type { WaybillLimit } from '../connectors/parcels.ts'
import type { Tx } from '../core/db/db.ts'
import { platformsOf } from './platforms.ts'

/** Returns `trade` or `line` if the platform shows only one waybill for each: `trade` if it ships whole trades. `none`: no limit. */
export function waybillLimitOf(connector: Connector | undefined): WaybillLimit {
  if (!connector?.shipping?.oneWaybill) return 'none'
  return connector.shipping.byLine ? 'line' : 'trade'
}

export async function waybillLimits(tx: Tx, shopIds: readonly string[]): Promise<Map<string, WaybillLimit>> {
  const platforms = await platformsOf(tx, shopIds)
  return new Map([...platforms].map(([id, platform]) => [id, waybillLimitOf(connectorFor(platform))]))
}
