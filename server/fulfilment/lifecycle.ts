import { already, type Refusal, wrongStatus } from '../core/decide.ts'
import type { LocalizedText } from '../lib/localized-text.ts'

/** The lifecycle of a delivery. Pure: server, API and buttons use it. */

export const deliveryStatuses = ['pending', 'shipped', 'cancelled'] as const
export type DeliveryStatus = (typeof deliveryStatuses)[number]

/** The next step of a pending delivery; of others the status, or `failed` if the write-back failed. */
export const toDo = ['number', 'print', 'wave', 'check', 'weigh', 'ready'] as const
export const workStates = [...toDo, 'shipped', 'failed', 'cancelled'] as const
export type WorkState = (typeof workStates)[number]

export const workStateWords: Record<WorkState, LocalizedText> = {
  number: { zh: '待取号', en: 'No number' },
  print: { zh: '待打印', en: 'To print' },
  wave: { zh: '待拣货', en: 'To pick' },
  check: { zh: '待验货', en: 'To check' },
  weigh: { zh: '待称重', en: 'To weigh' },
  ready: { zh: '待发货', en: 'Ready to ship' },
  shipped: { zh: '已发货', en: 'Shipped' },
  failed: { zh: '异常', en: 'Failed' },
  cancelled: { zh: '已取消', en: 'Cancelled' },
}

export const deliveryStatusWords: Record<DeliveryStatus, LocalizedText> = {
  pending: { zh: '待发货', en: 'To ship' },
  shipped: { zh: '已发货', en: 'Shipped' },
  cancelled: { zh: '已取消', en: 'Cancelled' },
}

/** The states of the write-back. New values go at the end, because facets store the positions. */
export const writeBacks = ['waiting', 'done', 'failed', 'forced', 'manual', 'none', 'stopped'] as const
export type WriteBack = '' | (typeof writeBacks)[number]

export const writeBackWords: Record<WriteBack, LocalizedText> = {
  '': { zh: '未到', en: 'Not yet' },
  waiting: { zh: '未回写', en: 'Not written back' },
  done: { zh: '回写成功', en: 'Written back' },
  failed: { zh: '回写失败', en: 'Write-back failed' },
  forced: { zh: '强制成功', en: 'Forced' },
  manual: { zh: '手工完成', en: 'Done by hand' },
  none: { zh: '不用回写', en: 'Nothing to tell' },
  stopped: { zh: '退款拦截，不回写', en: 'Stopped by a refund' },
}

/**
 * The label (面单) of a delivery. `taken`: its number was taken from a source, whose label is printed here; `to_take`: it has no number yet;
 * `typed`: its number was typed, so there is no label here; `elsewhere`: it has no number yet, and its platform's e-waybills are not connected,
 * so its label is printed elsewhere and its number typed.
 */
export const labelKinds = ['taken', 'to_take', 'typed', 'elsewhere'] as const
/** States of the last request for a waybill number, as a delivery shows them. */
export const numberStates = ['asked', 'taken', 'failed'] as const

export const uncheckedOutcomes = ['waiting', 'clear', 'refund', 'undone'] as const
export type UncheckedOutcome = (typeof uncheckedOutcomes)[number]

export const uncheckedOutcomeLabels: Record<UncheckedOutcome, LocalizedText> = {
  waiting: { zh: '没核退款就发了，在问平台', en: 'Left unasked, the platform is being asked' },
  clear: { zh: '发后核过，没有退款', en: 'Asked after it left: no refund' },
  refund: { zh: '发后才知道有退款', en: 'A refund was known only after it left' },
  undone: { zh: '没核就发，已撤销', en: 'Left unasked, undone' },
}

/** Texts of write-back failures for the person who handles them: the fact, then the remedy. */
export const shipFailureWords: Record<string, LocalizedText> = {
  other_waybill: {
    zh: '平台上这些商品已发货，但不是这个运单。核对两个运单：采用平台的，或到平台改好后记为手工完成',
    en: 'The platform shows these goods as shipped, with another waybill. Compare both: take the platform’s, or put it right there and end it by hand',
  },
  courier_code: {
    zh: '平台不认识这家快递。撤销发货，换快递再发',
    en: 'The platform does not know this courier. Undo, choose another, ship again',
  },
  waybill_invalid: {
    zh: '平台不接受这个运单号。撤销发货，改运单号再发',
    en: 'The platform refuses this waybill. Undo, correct it, ship again',
  },
  refund_open: {
    zh: '买家在退款，平台不让发货。拦下包裹，先处理退款',
    en: 'The buyer asks for a refund. Stop the parcel and settle the refund first',
  },
  session: { zh: '店铺授权失效。重新授权后重试', en: 'The shop must be authorised again; then retry' },
  parameter: {
    zh: '平台说参数不对，多为拆单或整单不符。核对后重试',
    en: 'The platform refuses the request, often about split or whole. Check, then retry',
  },
  unsupported: { zh: '这个平台不能发货。到平台手工发', en: 'This platform takes no shipping: do it there' },
  other: {
    zh: '平台拒绝。更正后重试，或到平台手工发',
    en: 'The platform refused. Correct it and retry, or ship there by hand',
  },
}

const deliveryEvents = {
  number: { from: ['pending'], zh: '取号', en: 'Take a number' },
  giveBack: { from: ['pending'], zh: '退号', en: 'Give its number back' },
  print: { from: ['pending'], zh: '打印面单', en: 'Print its label' },
  packages: { from: ['pending'], zh: '改包裹数', en: 'Change its packages' },
  waybill: { from: ['pending'], zh: '填运单号', en: 'Type the waybill' },
  wave: { from: ['pending'], zh: '建波次', en: 'Make a wave' },
  ship: { from: ['pending'], zh: '发货', en: 'Ship' },
  unrelease: { from: ['pending'], zh: '取消配货', en: 'Take back' },
  unship: { from: ['shipped'], zh: '撤销发货', en: 'Undo shipping' },
} as const satisfies Record<string, LocalizedText & { from: readonly DeliveryStatus[] }>
export type DeliveryEvent = keyof typeof deliveryEvents

export type DeliveryFacts = {
  status: DeliveryStatus
  workState: WorkState
  waybillNo: string
  writeBack: WriteBack
  /** Packages that no station has scanned, of a delivery that consists of several. */
  packagesLeft: number
  packageCount: number
  /** The former waybill that the platform shows, after 改运单; empty: it shows that of the delivery, or none. */
  shownWaybill: string
}

/** Returns why the delivery's status, waybill or write-back forbids the event; undefined: it is allowed. */
export function whyNotDelivery(delivery: DeliveryFacts, event: DeliveryEvent): Refusal | undefined {
  const rule = deliveryEvents[event]
  if (!rule.from.some((status) => status === delivery.status)) {
    const status = deliveryStatusWords[delivery.status]
    const isShipped = event === 'ship' && delivery.status === 'shipped'
    return isShipped ? already(status) : wrongStatus(status, rule)
  }
  if (event === 'ship')
    return lacking[delivery.workState] ?? (delivery.packagesLeft > 0 ? packagesMissing(delivery) : undefined)
  if (event === 'print' && delivery.waybillNo === '') return noLabel
  if (event === 'number' && delivery.waybillNo !== '') return hasWaybill
  if (event === 'unship' && (delivery.shownWaybill !== '' || ['done', 'forced'].includes(delivery.writeBack)))
    return writtenBack
  return undefined
}

/** Why a pending delivery may not be shipped yet. A person cannot skip a step that the warehouse requires. */
const lacking: Partial<Record<WorkState, Refusal>> = {
  number: {
    code: 'no_waybill',
    message: { zh: '没有快递和运单号。填好再发', en: 'No courier and waybill. Enter them, then ship' },
  },
  print: {
    code: 'not_printed',
    message: { zh: '面单还没打印。打印后再发', en: 'Its label is not printed. Print it, then ship' },
  },
  wave: {
    code: 'not_picked',
    message: {
      zh: '还没拣货。进波次拣完再发',
      en: 'Its goods are not picked. Pick them in a wave, then ship',
    },
  },
  check: {
    code: 'not_checked',
    message: {
      zh: '还没验货。到验货台验完再发',
      en: 'Its goods are not checked. Check them at a station, then ship',
    },
  },
  weigh: {
    code: 'not_weighed',
    message: { zh: '还没称重。称好再发', en: 'It is not weighed. Weigh it, then ship' },
  },
}

const packagesMissing = ({ packagesLeft, packageCount }: DeliveryFacts): Refusal => ({
  code: 'packages_missing',
  message: {
    zh: `包裹没扫齐，差 ${packagesLeft}/${packageCount}。到验货台扫其余包裹的面单`,
    en: `${packagesLeft} of ${packageCount} packages are not scanned. Scan their labels at a station`,
  },
})

/** True if the parcel may leave once something more is done for it, in contrast to one that must not leave. */
export const lacksWork = ({ code }: Refusal) =>
  code === 'packages_missing' || Object.values(lacking).some((one) => one?.code === code)

/** The most packages of which a delivery may consist. */
export const mostPackages = 50

const noLabel: Refusal = {
  code: 'no_waybill',
  message: { zh: '没有运单号，没有面单可打。先取号', en: 'No waybill, so no label. Take a number first' },
}
const hasWaybill: Refusal = {
  code: 'already',
  message: { zh: '已有运单号', en: 'It has a waybill' },
}
const writtenBack: Refusal = {
  code: 'written_back',
  message: {
    zh: '发货已回写平台，不能撤销',
    en: 'The platform was told of the shipment; it cannot be undone',
  },
}

/** Letters, digits and dashes, which every platform accepts. */
export const waybillPattern = '^[A-Za-z0-9-]{4,40}$'

/** Writes our order numbers (SO…) and delivery numbers (DN…) in capitals. Trade numbers stay as the platform writes them. */
export const asNumber = (text: string) => (/^(so|dn)\d+(-\d+)?$/i.test(text) ? text.toUpperCase() : text)
