import type { Refusal } from '../../core/decide.ts'
import { type OrderStatus, statusWords } from '../order/lifecycle.ts'

// Reasons why an order cannot be split or unsplit. Pure, so that the buttons use the same rules.

type Splittable = { status: OrderStatus; origin: string; cod: boolean; parcel: string | null }

/** Returns why an order of this kind cannot be split at all; undefined: it depends on the goods. */
export function whySplitNever({ status, origin, cod, parcel }: Splittable): Refusal | undefined {
  if (origin === 'record') return recordOnly
  if (!isOpen(status)) return wrongStatus('', status, '拆单', 'cannot be split')
  if (cod) return cashOnDelivery
  return parcel === null ? undefined : inParcel
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
