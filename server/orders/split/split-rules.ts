import type { WaybillLimit } from '../../connectors/parcels.ts'
import type { Refusal } from '../../core/decide.ts'
import type { LocalizedText } from '../../lib/localized-text.ts'
import { type OrderStatus, statusWords } from '../order/lifecycle.ts'

// Reasons why an order cannot be split or unsplit. Pure, so that the buttons use the same rules.

/** Labels of the ways to split an order. Which goods leave the order is decided in split-plans.ts. */
export const splitWays = {
  stock: { zh: '有货先发：缺的拆出去等', en: 'By stock: what is short waits on its own' },
  warehouse: { zh: '按仓库：缺的从有货的仓发', en: 'By warehouse: what is short leaves where it is' },
  quantity: { zh: '按件数上限', en: 'By pieces' },
  weight: { zh: '按重量上限', en: 'By weight' },
  category: { zh: '按类目', en: 'By category' },
  days: { zh: '按平台给各行的预计发货日', en: 'By the days that the platform names' },
  presale: { zh: '按预售日期', en: 'By presale date' },
} as const

/** The most child orders that one split makes. */
export const partsMax = 200

type Splittable = { status: OrderStatus; origin: string; cod: boolean; parcel: string | null }

/** Returns why an order of this kind cannot be split at all; undefined: it depends on the goods. */
export function whySplitNever({ status, origin, cod, parcel }: Splittable): Refusal | undefined {
  if (origin === 'record') return recordOnly
  if (!isOpen(status)) return wrongStatus('', status, '拆单', 'cannot be split')
  if (cod) return cashOnDelivery
  return parcel === null ? undefined : inParcel
}

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

/**
 * Returns why a child order cannot be put back into its parent order; undefined: it can. `root`: the parent order; null: the order was not
 * split off.
 */
export function whyNotUnsplit(
  part: { status: OrderStatus; parcel: string | null },
  root: { no: string; status: OrderStatus } | null,
): Refusal | undefined {
  if (root === null) return notSplit
  if (!isOpen(part.status)) return wrongStatus('', part.status, '取消拆单', 'cannot be put together again')
  if (part.parcel !== null) return inParcel
  return isOpen(root.status)
    ? undefined
    : wrongStatus(root.no, root.status, '取消拆单', 'cannot take it back')
}

const isOpen = (status: OrderStatus) => status === 'unconfirmed' || status === 'confirmed'

const refuse = (code: string, zh: string, en: string): Refusal => ({ code, message: { zh, en } })
export const tooManyParts = refuse(
  'too_many_parts',
  `会拆出 ${partsMax} 张以上，放宽上限再拆`,
  `It would make more than ${partsMax} orders; allow more in each`,
)
const recordOnly = refuse(
  'record',
  '在别处发货的记录，没有商品可拆',
  'A record of what others shipped: nothing to split',
)
const cashOnDelivery = refuse(
  'cod',
  '货到付款，一单一次收款，不能拆',
  'Cash on delivery is collected once; it cannot be split',
)
const inParcel = refuse(
  'in_parcel',
  '和别的订单合在一个包裹。先取消合单',
  'Merged into a parcel with others. Take it out first',
)
const notSplit = refuse('not_split', '不是拆出来的单', 'It was not split from another')

function wrongStatus(no: string, status: OrderStatus, zh: string, en: string): Refusal {
  const words = statusWords[status]
  if (status === 'released')
    return refuse(
      'wrong_status',
      `${no && `${no} `}${words.zh}。取消配货后可${zh}`,
      `${no && `${no} is `}${words.en}: ${en} before it is taken back from the warehouse`,
    )
  return refuse(
    'wrong_status',
    `${no && `${no} `}${words.zh}，不能${zh}`,
    `${no && `${no} is `}${words.en}: ${en}`,
  )
}
