import type { Tx } from '../../core/db/db.ts'
import { sendEvent } from '../../events.ts'
import { type ShownWaybills, tradesWithFormer } from '../../fulfilment/write-back/shown-waybills.ts'
import type { TradeColumns } from '../staged/trade-columns.ts'

/** Returns the waybills that the platform shows for goods of these trades. */
function waybillsOf({ lines }: TradeColumns): string[] {
  const numbers = lines.flatMap(({ waybillNo = '', waybills = [] }) => [waybillNo, ...waybills])
  return [...new Set(numbers)].filter(Boolean)
}

/**
 * Sends the waybills of newer details whose parcels got another waybill (改运单), if the platform may show it now. The trades are converted.
 */
export async function noteShownWaybills(
  tx: Tx,
  shopId: string,
  rows: readonly TradeColumns[],
): Promise<void> {
  const shipped = rows.filter((row) => waybillsOf(row).length > 0)
  if (shipped.length === 0) return
  const former = await tradesWithFormer(
    tx,
    shopId,
    shipped.map(({ tid }) => tid),
  )
  const shown: ShownWaybills[] = shipped
    .filter(({ tid }) => former.has(tid))
    .map((row) => ({ shopId, tid: row.tid, waybills: waybillsOf(row) }))
  if (shown.length > 0) await sendEvent(tx, 'fulfilment.waybills_shown', [{ shown }])
}
