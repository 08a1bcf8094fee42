import type { LocalizedText } from '../lib/localized-text.ts'
import { dayMs, hourMs, minuteMs, secondMs } from '../lib/time.ts'
import type { Permission } from '../users/permissions.ts'

// The events that are sent to programs, and the states of a message. Pure: server, pages and docs/webhooks.md use it.

/** Documents whose events are sent. */
export const webhookDocuments = {
  order: { zh: '销售订单', en: 'Sales order' },
  delivery: { zh: '发货单', en: 'Delivery' },
  return: { zh: '退货单', en: 'Return' },
  refund: { zh: '退单', en: 'Refund' },
  stock: { zh: '库存', en: 'Stock' },
} as const satisfies Record<string, LocalizedText>
export type WebhookDocument = keyof typeof webhookDocuments

/** The permission without which a document's events can be neither asked for nor read. */
export const readsOf: Readonly<Record<WebhookDocument, Permission>> = {
  order: 'orders.read',
  delivery: 'fulfilment.read',
  return: 'returns.read',
  refund: 'refunds.read',
  stock: 'inventory.read',
}

/** True if a person with these permissions may read the events of the document. Test events have none. */
export const mayRead = (permissions: Iterable<string> | undefined, document: string): boolean =>
  !isDocument(document) || new Set(permissions).has(readsOf[document])

const isDocument = (name: string): name is WebhookDocument => Object.hasOwn(webhookDocuments, name)

/** The kinds of events. A name never changes, because programs read it. `webhook_kind` of the migrations says which entry of a history is which. */
export const webhookKinds = {
  'order.created': { zh: '新订单', en: 'The order was made' },
  'order.changed': { zh: '内容改了', en: 'Goods, receiver, courier, payment or plan changed' },
  'order.confirmed': { zh: '确认', en: 'Confirmed' },
  'order.unconfirmed': { zh: '反确认', en: 'The confirmation was taken back' },
  'order.held': { zh: '挂起', en: 'Put on hold' },
  'order.hold_lifted': { zh: '解除挂起', en: 'A hold was lifted' },
  'order.released': { zh: '通知配货', en: 'Released to the warehouse' },
  'order.unreleased': { zh: '取消配货', en: 'Taken back from the warehouse' },
  'order.shipped': { zh: '发货', en: 'Shipped' },
  'order.unshipped': { zh: '撤销发货', en: 'The shipping was undone' },
  'order.completed': { zh: '完成', en: 'Completed' },
  'order.voided': { zh: '作废', en: 'Voided' },
  'order.restored': { zh: '恢复', en: 'Restored' },
  'delivery.created': { zh: '新发货单', en: 'The delivery was made' },
  'delivery.waybill_changed': { zh: '运单号有了或改了', en: 'It got a waybill, lost it or has another' },
  'delivery.shipped': { zh: '发货', en: 'Shipped' },
  'delivery.unshipped': { zh: '撤销发货', en: 'The shipping was undone' },
  'delivery.cancelled': { zh: '取消', en: 'Cancelled' },
  'delivery.written_back': { zh: '已回写平台', en: 'The platform knows of the shipping' },
  'delivery.write_back_failed': { zh: '回写失败', en: 'The platform refused the shipping' },
  'return.created': { zh: '新退货单', en: 'The return was made' },
  'return.changed': { zh: '内容改了、收到几件', en: 'Waybill, refund, pieces or problems changed' },
  'return.confirmed': { zh: '确认', en: 'Confirmed' },
  'return.unconfirmed': { zh: '反确认', en: 'The confirmation was taken back' },
  'return.received': { zh: '收货', en: 'The goods are back' },
  'return.settled': { zh: '结算', en: 'Settled' },
  'return.voided': { zh: '作废', en: 'Voided' },
  'return.revived': { zh: '恢复', en: 'Revived' },
  'refund.created': { zh: '新退单', en: 'The refund was downloaded first' },
  'refund.changed': { zh: '状态或金额变了', en: 'Its status or amount changed, or our answer is on its way' },
  'refund.converted': { zh: '已转退单', en: 'It was applied to the order' },
  'refund.processed': { zh: '标记已处理', en: 'A person closed it' },
  'refund.unprocessed': { zh: '撤销已处理', en: 'It was opened again' },
  'stock.changed': { zh: '数量变了', en: 'A quantity in a warehouse changed' },
} as const satisfies Record<`${WebhookDocument}.${string}`, LocalizedText>

/** The version of a kind's data. It rises if a field goes away or changes its meaning; a new field does not raise it. */
export const webhookVersion = 1

export const documentOf = (kind: string): string => kind.slice(0, kind.indexOf('.'))

/** What a subscription may ask for: a kind, or all of a document such as order.*. */
export const subscribable: readonly string[] = [
  ...Object.keys(webhookDocuments).map((document) => `${document}.*`),
  ...Object.keys(webhookKinds),
]

export const subscriptionStates = ['on', 'paused', 'stopped'] as const
export type SubscriptionState = (typeof subscriptionStates)[number]

export const messageStates = ['waiting', 'delivered', 'given_up'] as const
export type MessageState = (typeof messageStates)[number]

/** The time from a failed attempt to the next. After the last of them the message is given up, so that the document's next one is sent. */
export const waitsMs: readonly number[] = [
  ...[5 * secondMs, 30 * secondMs, 2 * minuteMs, 15 * minuteMs],
  ...[hourMs, 3 * hourMs, 6 * hourMs, 12 * hourMs, dayMs, dayMs, dayMs],
]

/**
 * A subscription stops by itself after this time without a success. It is shorter than the attempts of one message take, so a program that
 * is away loses no message: those that wait are sent when a person lets it go on.
 */
export const stopAfterMs = 3 * dayMs

/** The reason of a subscription that stopped because its keeper may no longer read the documents that it sends. */
export const rightsLost: LocalizedText = {
  zh: '建它、改它或恢复它的人没有权限再读这些单据了；有权限的人可以恢复',
  en: 'The person who made it, changed it or let it go on may no longer read these documents. Another who may can let it go on',
}

/** The reason of a message that is not sent because the settings of its subscription were changed after the event. */
export const notAskedFor: LocalizedText = {
  zh: '这条推送现在不要这类事件，或不要这个店铺、仓库的了',
  en: 'Its webhook no longer asks for such events, or for those of this shop or warehouse',
}

/** After this number of failures in a row one message at a time is sent, until one is taken. */
export const failuresToProbe = 5
