import type { WaybillLimit } from '../../connectors/parcels.ts'
import type { LocalizedText } from '../../lib/localized-text.ts'

/** Returns a warning if the platform cannot show the waybills of all parcels after the split; null: it can. */
export function waybillWarning(
  limit: WaybillLimit,
  lines: readonly { lineNo: number; quantity: number }[],
  parts: readonly { lines: readonly { lineNo: number; quantity: number }[] }[],
): LocalizedText | null {
  if (limit === 'none' || parts.length === 0) return null
  if (limit === 'trade') return oneOfTrade
  const cut = lines.some(({ lineNo, quantity }) => {
    const leaving = parts.flatMap((part) => part.lines.filter((line) => line.lineNo === lineNo))
    return leaving.length > 1 || leaving.some((line) => line.quantity < quantity)
  })
  return cut ? oneOfLine : null
}

const oneOfLine: LocalizedText = {
  zh: '平台上一行商品只能有一个运单：同一行拆成几个包裹，只有先发的写得上，其余要人核对后记为手工完成',
  en: 'The platform takes one waybill a line: of a line in several parcels only the first is told, the others wait for a person',
}
const oneOfTrade: LocalizedText = {
  zh: '平台上一笔交易只能有一个运单：拆成几个包裹，写不上的要人核对后记为手工完成',
  en: 'The platform takes one waybill a trade: in several parcels, what cannot be told waits for a person',
}
