import { already, type Refusal, wrongStatus } from '../../core/decide.ts'
import type { LocalizedText } from '../../lib/localized-text.ts'
// The lifecycle of a sales order. Pure: server, API, filters and buttons use it. Only `transition` changes a status.

/** Positions are stored in facets: append only. */
export const orderStatuses = [
  'unconfirmed',
  'confirmed',
  'released',
  'shipped',
  'completed',
  'voided',
] as const
export type OrderStatus = (typeof orderStatuses)[number]

export const statusWords: Record<OrderStatus, LocalizedText> = {
  unconfirmed: { zh: '未确认', en: 'Unconfirmed' },
  confirmed: { zh: '已确认', en: 'Confirmed' },
  released: { zh: '已通知配货', en: 'Released' },
  shipped: { zh: '已发货', en: 'Shipped' },
  completed: { zh: '已完成', en: 'Completed' },
  voided: { zh: '已作废', en: 'Voided' },
}

/** How an order came into being. `record`: shipped by others, kept without stock. `split`: a child order. */
export const origins = ['trade', 'record', 'manual', 'import', 'copy', 'reship', 'split'] as const
export type Origin = (typeof origins)[number]
/** Origins of orders without a trade. Positions are stored in facets: append only. */
export const offPlatformOrigins = ['manual', 'import', 'copy', 'reship'] as const satisfies readonly Origin[]
export type OffPlatformOrigin = (typeof offPlatformOrigins)[number]

export const originWords: Record<Origin, LocalizedText> = {
  trade: { zh: '交易', en: 'Trade' },
  record: { zh: '只记录', en: 'Record' },
  manual: { zh: '手工', en: 'By hand' },
  import: { zh: '导入', en: 'Imported' },
  copy: { zh: '复制', en: 'Copy' },
  reship: { zh: '补发', en: 'Reship' },
  split: { zh: '拆单', en: 'Split' },
}

/** Returns true for an off-platform order. Nothing is ever written back for it. */
export function isOffPlatform(origin: string): boolean {
  return offPlatformOrigins.some((one) => one === origin)
}

/** Facts of an order, besides its id, by which a transition is decided. */
export type OrderFacts = {
  status: OrderStatus
  openHolds: number
  paid: boolean
  cod: boolean
  /** True if all money was refunded or no goods are left on the order. */
  refundedWhole: boolean
  /** True for a child order whose goods all went back to its parent. */
  putBack?: boolean
  writtenBack: boolean
  /** True if some goods are not reserved: backordered, without a SKU, or not requested yet. */
  short: boolean
  /** Name of another user who has the edit lock; empty: no other user has it. */
  lockedByOther: string
  openProblems: number
  /** True if goods of the order came back with a return and are in stock. */
  cameBack?: boolean
  /** True if the database was restored from a backup, and the order's shop was not read again since. */
  beingRead?: boolean
  /** The planned ship date, as 2026-12-01, while it is in the future; else empty. */
  presaleUntil?: string
}

/**
 * Conditions, besides the status, that prevent a transition. Findings of the review checks (`review/checks.ts`) are stored as problems of
 * the order and prevent it as `problem`; an open refund places a hold and prevents it as `on_hold`.
 */
const guards = {
  locked: {
    holds: (order) => order.lockedByOther !== '',
    zh: '{who} 锁定中。解锁后可用',
    en: 'Locked by {who}. Available once unlocked',
  },
  on_hold: {
    holds: (order) => order.openHolds > 0,
    zh: '挂起中。解除挂起后可用',
    en: 'On hold. Available once it is released from hold',
  },
  not_paid: {
    holds: (order) => !order.paid && !order.cod,
    zh: '未付款。付款后可用',
    en: 'Not paid. Available once paid',
  },
  short: {
    holds: (order) => order.short,
    zh: '缺货：有商品没占用到库存。到货占用后可用',
    en: 'Short: some goods are not promised yet. Available once stock is there',
  },
  put_back: {
    holds: (order) => order.putBack === true,
    zh: '已合回原单',
    en: 'Put back into its order',
  },
  refunded_whole: {
    holds: (order) => order.refundedWhole,
    zh: '已全部退款，没有可发的商品',
    en: 'Fully refunded; nothing is left to ship',
  },
  written_back: {
    holds: (order) => order.writtenBack,
    zh: '发货已回写平台，不能撤销',
    en: 'The platform was told of the shipment; it cannot be undone',
  },
  came_back: {
    holds: (order) => order.cameBack === true,
    zh: '已有退货入库，不能撤销发货',
    en: 'Goods of it came back already; its shipping cannot be undone',
  },
  presale: {
    holds: (order) => (order.presaleUntil ?? '') !== '',
    zh: '预售，计划 {day} 发货。到日子后可用',
    en: 'Presale, planned for {day}. Available from that day on',
  },
  being_read: {
    holds: (order) => order.beingRead === true,
    zh: '刚从备份恢复，店铺还在重新读取。读完后可用',
    en: 'Restored from a backup, and the shop is being read again. Available once that is done',
  },
  problem: {
    holds: (order) => order.openProblems > 0,
    zh: '问题单。处理或放行原因后可用',
    en: 'Has problems. Available once they are solved or waived',
  },
} as const satisfies Record<string, LocalizedText & { holds: (order: OrderFacts) => boolean }>
export type GuardCode = keyof typeof guards

type Rule = LocalizedText & { from: readonly OrderStatus[]; to: OrderStatus; unless: readonly GuardCode[] }

export const orderEvents = {
  confirm: {
    from: ['unconfirmed'],
    to: 'confirmed',
    unless: ['being_read', 'locked', 'on_hold', 'not_paid', 'problem'],
    zh: '确认',
    en: 'Confirm',
  },
  unconfirm: { from: ['confirmed'], to: 'unconfirmed', unless: ['locked'], zh: '反确认', en: 'Unconfirm' },
  release: {
    from: ['confirmed'],
    to: 'released',
    unless: ['locked', 'on_hold', 'not_paid', 'presale', 'short'],
    zh: '通知配货',
    en: 'Release',
  },
  unrelease: { from: ['released'], to: 'confirmed', unless: [], zh: '取消配货', en: 'Take back' },
  ship: {
    from: ['released'],
    to: 'shipped',
    unless: ['being_read', 'on_hold', 'short'],
    zh: '发货',
    en: 'Ship',
  },
  unship: {
    from: ['shipped'],
    to: 'released',
    unless: ['written_back', 'came_back'],
    zh: '撤销发货',
    en: 'Undo shipping',
  },
  complete: { from: ['shipped'], to: 'completed', unless: [], zh: '完成', en: 'Complete' },
  void: { from: ['unconfirmed', 'confirmed', 'released'], to: 'voided', unless: [], zh: '作废', en: 'Void' },
  restore: {
    from: ['voided'],
    to: 'unconfirmed',
    unless: ['locked', 'put_back', 'refunded_whole'],
    zh: '恢复',
    en: 'Restore',
  },
} as const satisfies Record<string, Rule>
export type OrderEvent = keyof typeof orderEvents

export const orderEventNames = [
  'confirm',
  'unconfirm',
  'release',
  'unrelease',
  'ship',
  'unship',
  'complete',
  'void',
  'restore',
] as const satisfies readonly OrderEvent[]

/** Returns why the transition is refused: a stable code, and a text with the fact and the remedy; undefined: it is allowed. */
export function whyNotOrder(order: OrderFacts, event: OrderEvent): Refusal | undefined {
  const rule: Rule = orderEvents[event]
  const status = statusWords[order.status]
  if (order.status === rule.to) return already(status)
  if (!rule.from.includes(order.status)) return wrongStatus(status, rule)
  const guard = rule.unless.find((code) => guards[code].holds(order))
  return guard && { code: guard, message: guardWords(guard, order) }
}

export function whyEditLocked(lockedByOther: string): Refusal | undefined {
  return lockedByOther === ''
    ? undefined
    : { code: 'locked', message: guardWords('locked', { lockedByOther }) }
}

function guardWords(
  guard: GuardCode,
  { lockedByOther, presaleUntil = '' }: Pick<OrderFacts, 'lockedByOther' | 'presaleUntil'>,
): LocalizedText {
  const fill = (text: string) => text.replace('{who}', lockedByOther).replace('{day}', presaleUntil)
  return { zh: fill(guards[guard].zh), en: fill(guards[guard].en) }
}

/** Returns the planned ship date as a day in China; empty: none, or it has passed. */
export function presaleUntilOf(shipAfter: Date | string | null, now: Date): string {
  if (shipAfter === null || new Date(shipAfter) <= now) return ''
  return new Date(new Date(shipAfter).getTime() + 8 * 3_600_000).toISOString().slice(0, 10)
}

/** Statuses before shipping: the order can be held and voided, and refunds reduce its goods. */
export const unshipped = ['unconfirmed', 'confirmed', 'released'] as const satisfies readonly OrderStatus[]

export function isUnshipped(status: OrderStatus): boolean {
  return unshipped.some((one) => one === status)
}

/** True if the goods of the order have left. */
export const isGone = (status: OrderStatus): boolean => status === 'shipped' || status === 'completed'

/** The values that a person can edit, and the statuses in which each can be edited. */
export const editRules = {
  receiver: { from: ['unconfirmed'], event: 'edit_receiver', zh: '改收件人', en: 'change the receiver' },
  courier: { from: ['unconfirmed'], event: 'edit_courier', zh: '改快递', en: 'change the courier' },
  services: { from: unshipped, event: 'edit_services', zh: '改上门、保价', en: 'change door and insurance' },
  urgent: { from: unshipped, event: 'edit_urgent', zh: '改加急', en: 'change the urgency' },
  ownNote: { from: orderStatuses, event: 'edit_note', zh: '改内部备注', en: 'change the own note' },
} as const satisfies Record<string, LocalizedText & { from: readonly OrderStatus[]; event: string }>
export type EditField = keyof typeof editRules

export const editFields = [
  'receiver',
  'courier',
  'services',
  'urgent',
  'ownNote',
] as const satisfies readonly EditField[]

export function whyNotEdited(status: OrderStatus, field: EditField): Refusal | undefined {
  const rule = editRules[field]
  return rule.from.some((one) => one === status) ? undefined : wrongStatus(statusWords[status], rule)
}

/** Labels of order events. The refusal of an outdated edit also names the latest event by them. */
export const eventLabels: Record<string, LocalizedText> = {
  ...orderEvents,
  create: { zh: '建单', en: 'Created' },
  paid: { zh: '登记付款', en: 'Payment booked' },
  copied: { zh: '复制出新单', en: 'Copied' },
  ship_after: { zh: '改计划发货日', en: 'Planned ship date changed' },
  hold: { zh: '挂起', en: 'Hold' },
  release_hold: { zh: '解除挂起', en: 'Release from hold' },
  memo: { zh: '写备注', en: 'Write the memo' },
  edit_receiver: { zh: '改了收件人', en: 'Receiver changed' },
  choose: { zh: '分仓选快递', en: 'Warehouse and courier chosen' },
  edit_courier: { zh: '改了快递', en: 'Courier changed' },
  edit_services: { zh: '改了上门、保价', en: 'Door and insurance changed' },
  edit_urgent: { zh: '改了加急', en: 'Urgency changed' },
  edit_note: { zh: '改了内部备注', en: 'Own note changed' },
  lock: { zh: '锁定', en: 'Locked' },
  unlock: { zh: '解锁', en: 'Unlocked' },
  waive: { zh: '放行问题', en: 'Problem waived' },
  split: { zh: '拆单', en: 'Split' },
  split_from: { zh: '拆出', en: 'Split off' },
  unsplit: { zh: '取消拆单', en: 'Put together again' },
  merged: { zh: '合单', en: 'Merged' },
  unmerged: { zh: '取消合单', en: 'Taken out of its parcel' },
  reshipped: { zh: '补发了新单', en: 'Sent once more' },
  blacklisted: { zh: '买家拉黑', en: 'Buyer blacklisted' },
  difference: { zh: '平台改动', en: 'Changed on the platform' },
  difference_applied: { zh: '采用平台改动', en: 'Change taken over' },
  difference_ignored: { zh: '忽略平台改动', en: 'Change ignored' },
  refund_noted: { zh: '平台退款有变', en: 'Refund on the platform' },
  refund_let_through: { zh: '退款中照发', en: 'Let through over a refund' },
  refund_hold: { zh: '退款申请', en: 'Refund open' },
  refund_release: { zh: '退款结束', en: 'Refund ended' },
  refund_reduce: { zh: '退款成功', en: 'Refunded' },
  return_made: { zh: '生成退货单', en: 'Return made' },
  return_not_made: { zh: '没有生成退货单', en: 'No return made' },
  return_received: { zh: '退货收货', en: 'Return received' },
  substituted: { zh: '换货品', en: 'Goods substituted' },
  gifts: { zh: '赠品', en: 'Gifts' },
  gift_added: { zh: '加了赠品', en: 'Gift added' },
  gift_removed: { zh: '去掉了赠品', en: 'Gift taken off' },
  gift_off: { zh: '退款后减了赠品', en: 'Gift reduced after a refund' },
  gift_short: { zh: '赠品缺货，没送', en: 'Gift left out, out of stock' },
}

/**
 * Reasons of holds. `by`: what lifts the hold. `person`: a person. `refund`: only the refund that placed it. `match`: only that no line
 * with goods lacks a SKU. `difference`: a person, or the platform change that placed it, once it is applied, ignored or superseded.
 */
export const holdReasons = {
  ask_buyer: { by: 'person', zh: '待联系买家', en: 'Ask the buyer' },
  address: { by: 'person', zh: '地址待核实', en: 'Check address' },
  price: { by: 'person', zh: '价格待核实', en: 'Check the price' },
  stock: { by: 'person', zh: '等货', en: 'Wait for goods' },
  risk: { by: 'person', zh: '风险', en: 'Risk' },
  other: { by: 'person', zh: '其他', en: 'Other' },
  gift: { by: 'person', zh: '退款后赠品不再满足', en: 'Gift not earned' },
  refund_open: { by: 'refund', zh: '退款申请中', en: 'Refund open' },
  unmatched: { by: 'match', zh: '商品未匹配', en: 'Unmatched goods' },
  platform_closed: { by: 'difference', zh: '平台已关闭', en: 'Platform closed' },
  shipped_elsewhere: { by: 'difference', zh: '已在别处发货', en: 'Sent elsewhere' },
  address_changed: { by: 'difference', zh: '买家改了地址', en: 'Address changed' },
  courier_changed: { by: 'difference', zh: '平台改了指定快递', en: 'Courier changed' },
  line_left: { by: 'difference', zh: '有商品没带过来', en: 'Goods left behind' },
} as const satisfies Record<string, LocalizedText & { by: 'person' | 'refund' | 'match' | 'difference' }>
export type HoldReason = keyof typeof holdReasons

export const personHoldReasons = [
  'ask_buyer',
  'address',
  'price',
  'stock',
  'risk',
  'other',
] as const satisfies readonly HoldReason[]

/** For each kind of platform change: the hold that it places, and the statuses in which a person can apply it to the order. */
export const platformChangeRules = {
  address: { hold: 'address_changed', applies: 'unconfirmed', zh: '地址', en: 'Address' },
  courier: { hold: 'courier_changed', applies: 'unconfirmed', zh: '指定快递', en: 'Designated courier' },
  memo: { hold: null, applies: 'any', zh: '卖家备注', en: "Seller's memo" },
  flag: { hold: null, applies: 'any', zh: '旗标', en: 'Flag' },
  message: { hold: null, applies: 'any', zh: '买家留言', en: "Buyer's message" },
  closed: {
    hold: 'platform_closed',
    applies: 'never',
    zh: '平台关闭',
    en: 'Closed',
    remedy: { zh: '作废这张单；确实要发就忽略', en: 'Void the order, or ignore it to ship all the same' },
  },
  shipped_elsewhere: {
    hold: 'shipped_elsewhere',
    applies: 'never',
    zh: '别处发货',
    en: 'Shipped elsewhere',
    remedy: {
      zh: '买家已由别处收货：作废这张单，货还回库存；确实要再发一次就忽略',
      en: 'The buyer gets it from elsewhere: void the order, its goods are freed; ignore it only to ship once more',
    },
  },
  payment: { hold: null, applies: 'never', zh: '金额', en: 'Payment' },
  left_line: {
    hold: 'line_left',
    applies: 'never',
    zh: '转单时留下的商品：现在可以发',
    en: 'Goods left behind at conversion may be shipped now',
    remedy: {
      zh: '买家付了款，这张单上没有：给它建一张补发单一起发，再忽略',
      en: 'They are paid for and not on this order: make an order that sends them, then ignore',
    },
  },
} as const satisfies Record<
  string,
  LocalizedText & {
    hold: HoldReason | null
    applies: 'any' | 'unconfirmed' | 'never'
    remedy?: LocalizedText
  }
>
export type PlatformChangeKind = keyof typeof platformChangeRules

/** Changes that are recorded only on the order with the trade, since its parts cannot be compared with the whole trade. */
export const ofWholeTrade: readonly PlatformChangeKind[] = ['payment', 'left_line']

export const platformChangeKinds = [
  'address',
  'courier',
  'memo',
  'flag',
  'message',
  'closed',
  'shipped_elsewhere',
  'payment',
  'left_line',
] as const satisfies readonly PlatformChangeKind[]
