import type { LocalizedText } from '../../lib/localized-text.ts'
import { holdReasons } from '../order/lifecycle.ts'
import type { Detail } from './check.ts'

export const listed = (value: unknown) => (Array.isArray(value) ? value.join('、') : String(value))

export function mergeableWords({ orders, unpaid, minutes }: Detail): LocalizedText {
  if (orders)
    return {
      zh: `可与 ${listed(orders)} 合单：先合单，要分开发就放行`,
      en: `Could leave with ${listed(orders)}: merge them, or waive this to ship apart`,
    }
  if (unpaid)
    return {
      zh: `同一收件人的 ${listed(unpaid)} 未付款，等它`,
      en: `Waits for the payment of ${listed(unpaid)}`,
    }
  return {
    zh: `付款未满 ${minutes} 分钟，等买家再下单`,
    en: `The buyer may order again within ${minutes} min`,
  }
}

export function holdWords(reasons: unknown): LocalizedText {
  const known: Record<string, LocalizedText> = holdReasons
  const words = (Array.isArray(reasons) ? reasons : []).map(
    (name) => known[String(name)] ?? { zh: String(name), en: String(name) },
  )
  return {
    zh: `挂起：${words.map(({ zh }) => zh).join('、')}`,
    en: `On hold: ${words.map(({ en }) => en).join(', ')}`,
  }
}
