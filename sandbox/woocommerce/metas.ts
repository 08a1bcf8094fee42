import type { Json } from '../json-parts.ts'
import { keptMap } from '../kept-map.ts'
import type { Trade } from '../world/model.ts'

/** Fields of an order besides the platform's own, as clients and plugins leave them: WooCommerce itself has none for parcels. */
const written = keptMap<Trade, Map<string, unknown>>('woocommerce metas')

/** The field of the plugin for tracking numbers, which is also there for parcels that the shop sent by itself. */
const TRACKING = '_wc_shipment_tracking_items'

export function writeMeta(trade: Trade, key: string, value: unknown): void {
  const own = written.get(trade) ?? new Map<string, unknown>()
  written.set(trade, own.set(key, value))
}

export function sentMeta(trade: Trade): Json[] {
  const own = new Map(written.get(trade))
  const waybills = [...new Set(trade.lines.map(({ waybill }) => waybill).filter((number) => number !== ''))]
  if (!own.has(TRACKING) && waybills.length > 0)
    own.set(
      TRACKING,
      waybills.map((number) => ({
        tracking_provider: '',
        custom_tracking_provider: trade.lines.find(({ waybill }) => waybill === number)?.company ?? '',
        custom_tracking_link: '',
        tracking_number: number,
        date_shipped: String(trade.consigned),
        tracking_id: `t${number}`,
      })),
    )
  return [...own].map(([key, value], index) => ({ id: index + 1, key, value }))
}

/** The parcel that a client has just written: the last one of the field. */
export function writtenParcel(trade: Trade): { courier: string; waybill: string } {
  const value = written.get(trade)?.get(TRACKING)
  const last: unknown = Array.isArray(value) ? value.at(-1) : undefined
  const text = (name: string) =>
    typeof last === 'object' && last !== null && name in last ? String(Reflect.get(last, name)) : ''
  return { courier: text('custom_tracking_provider'), waybill: text('tracking_number') }
}
