import type { Refusal } from '../../core/decide.ts'
import { type OrderStatus, type Origin, statusWords } from '../order/lifecycle.ts'

/** Facts of an order by which merging decides. The functions here are pure, so the suggestions, the verbs and 自动合单 share them. */
export type MergeFacts = {
  id: string
  no: string
  /** Id of the parent order; its own id if the order was not split from another. */
  rootId: string
  shopId: string
  /** The platform that gives the waybill for its receiver; empty: the order was not made by a platform. */
  platform: string
  origin: Origin
  status: OrderStatus
  parcel: string | null
  receiverHash: number
  /** The masked receiver as shown. It distinguishes two receivers with the same hash. */
  receiverMasked: string
  region: string
  /** Keys of the buyer's nick, without their months. */
  nicks: readonly string[]
  warehouseId: string | null
  cod: boolean
  /** The couriers among which the platform lets it go; empty: it is free. */
  designated: readonly string[]
  openHolds: number
  refundOpen: boolean
  /** The count of open problems, without the one that says that the order could be merged. */
  openProblems: number
  short: boolean
  presaleUntil: string
  paidAt: Date | null
  buyerMessage: string
  sellerMemo: string
  /** True if the order has ever been taken out of a merged shipment: by a person, for a refund, for a change on the platform, or because its shipping was undone. */
  takenOut: boolean
  /**
   * Number of the receiver check that included this order; "0": the receiver is plain and needs no check, null: not checked yet.
   */
  asked: string | null
  /**
   * The group of the order in the platform's answer. Orders of the same receiver check with the same number have the same receiver; null:
   * the order is in no group.
   */
  grp: number | null
}

/** Settings by which merging is stricter than the rules that always apply. */
export type MergeSettings = {
  acrossShops: boolean
  sameNick: boolean
  withoutNotes: boolean
  withoutShort: boolean
  /** True: an order that has ever been taken out of a merged shipment is merged by hand only. */
  leaveApart: boolean
  /** Ids of shops whose platform answers receiver checks; an order of these shops waits until it has been checked. */
  askFirst: ReadonlySet<string>
  /** A group with a payment after this time waits for further orders; null: groups do not wait. */
  paidBefore: Date | null
}

export const byHand: MergeSettings = {
  acrossShops: true,
  sameNick: false,
  withoutNotes: false,
  withoutShort: false,
  leaveApart: false,
  askFirst: new Set(),
  paidBefore: null,
}

export function whyNotMergeable(order: MergeFacts, settings: MergeSettings): Refusal | undefined {
  const { status, origin } = order
  if (origin === 'record') return say('record', '在别处发货的记录', 'A record of what others shipped')
  if (status !== 'unconfirmed' && status !== 'confirmed')
    return say(
      'wrong_status',
      `${statusWords[status].zh}，不能合单`,
      `${statusWords[status].en}: too late to merge`,
    )
  if (order.cod) return say('cod', '货到付款，各收各的', 'Cash on delivery is collected for each')
  if (order.paidAt === null) return say('not_paid', '未付款', 'Not paid')
  if (order.refundOpen) return say('refund_open', '有退款申请', 'A refund is open')
  if (order.openHolds > 0) return say('on_hold', '挂起中', 'On hold')
  if (order.openProblems > 0) return say('problem', '问题单', 'Has problems')
  if (order.presaleUntil !== '')
    return say('presale', `预售，${order.presaleUntil} 才发`, `Presale, planned for ${order.presaleUntil}`)
  if (order.warehouseId === null) return say('no_warehouse', '没有仓库', 'No warehouse yet')
  if (order.receiverHash === 0) return say('no_receiver', '收件人不明', 'Its receiver is not known')
  if (settings.leaveApart && order.takenOut)
    return say('taken_out', '取消过合单，要合就手工合', 'Was taken out of a parcel: merge it by hand')
  if (settings.withoutNotes && (order.buyerMessage !== '' || order.sellerMemo !== ''))
    return say('has_notes', '有留言或备注，人工看', 'Has a message or memo: for a person to see')
  if (settings.withoutShort && order.short) return say('short', '缺货，不等它', 'Short: nobody waits for it')
  return undefined
}

export const isOneReceiver = (one: MergeFacts, other: MergeFacts): boolean =>
  one.receiverHash === other.receiverHash &&
  one.receiverMasked === other.receiverMasked &&
  one.region === other.region

/** Returns why two orders, each of which may be merged, cannot be merged with each other; undefined: they can. */
export function whyNotTogether(
  one: MergeFacts,
  other: MergeFacts,
  settings: MergeSettings,
): Refusal | undefined {
  if (!isOneReceiver(one, other))
    return say('other_receiver', '收件人或地址不同', 'Another receiver or address')
  if (one.rootId === other.rootId)
    return say(
      'same_trade',
      '同一单拆出来的。要一起发就取消拆单',
      'Split from one order. To ship together, unsplit them',
    )
  if (one.platform !== '' && other.platform !== '' && one.platform !== other.platform)
    return say(
      'other_platform',
      '不同平台，面单各取各的',
      'Another platform: each gives the waybill of its own parcels',
    )
  const sameNick = one.nicks.some((nick) => other.nicks.includes(nick))
  const sameShop = one.shopId === other.shopId
  if (!sameShop && !settings.acrossShops) return say('other_shop', '不同店铺', 'Another shop')
  if (settings.sameNick && !sameNick) return say('other_nick', '不同买家', 'Another buyer')
  if (one.warehouseId !== other.warehouseId)
    return say(
      'other_warehouse',
      '不同仓库。改到同一个仓库后可合',
      'Another warehouse. Choose one for both first',
    )
  if (!haveOneCourier([one, other])) return otherCourier
  if (isOtherReceiver(one, other))
    return say(
      'platform_apart',
      '平台说收件信息不同（OAID），不能合',
      'The platform says that their receivers differ (OAID)',
    )
  if (sameShop && settings.askFirst.has(one.shopId) && [one, other].some(isNeverCompared))
    return say(
      'never_asked',
      '复制、补发的单平台核对不了收件人，要合就手工合',
      'No platform can compare the receiver of a copy or reship: merge it by hand',
    )
  if (sameShop && settings.askFirst.has(one.shopId) && !comparedTogether(one, other))
    return say(
      'not_asked',
      '还没向平台核对是不是同一收件人，等任务「核对收件人」',
      'The platform was not asked yet whether it is one receiver: see the task',
    )
  return undefined
}

/** True if the order has a number of its own for the check (below 0), because the platform does not know it. */
const isNeverCompared = ({ asked }: MergeFacts) => asked?.startsWith('-') === true

type ReceiverComparison = Pick<MergeFacts, 'asked' | 'grp'>
const comparedTogether = (one: ReceiverComparison, other: ReceiverComparison) =>
  one.asked !== null && one.asked === other.asked

/** True if one receiver check included both orders and the platform did not say that they have the same receiver. */
export const isOtherReceiver = (one: ReceiverComparison, other: ReceiverComparison): boolean =>
  one !== other && comparedTogether(one, other) && (one.grp === null || one.grp !== other.grp)

/** True if one courier is among the designated ones of each of these orders; an order without designation may use any. */
export function haveOneCourier(orders: readonly Pick<MergeFacts, 'designated'>[]): boolean {
  const [first, ...others] = orders.map(({ designated }) => designated).filter((codes) => codes.length > 0)
  return !first || first.some((code) => others.every((codes) => codes.includes(code)))
}

/** Returns why two orders cannot leave together, with all that are in their merged shipments. `all`: the orders among which these are found. */
export function whyNotWith(
  one: MergeFacts,
  other: MergeFacts,
  settings: MergeSettings,
  all: readonly MergeFacts[] = [],
): Refusal | undefined {
  const own = whyNotMergeable(one, settings)
  if (own) return say(own.code, `本单${own.message.zh}`, `This order: ${own.message.en}`)
  const [mine, theirs] = [one, other].map((order) => [order, ...shipmentWith(order, all)])
  return (
    whyNotMergeable(other, settings) ??
    whyNotInOneShipment(one, other) ??
    firstOf(mine ?? [], (each) => firstOf(theirs ?? [], (its) => whyNotTogether(each, its, settings))) ??
    (haveOneCourier([...(mine ?? []), ...(theirs ?? [])]) ? undefined : otherCourier)
  )
}

const shipmentWith = ({ id, parcel }: MergeFacts, all: readonly MergeFacts[]) =>
  parcel === null ? [] : all.filter((one) => one.parcel === parcel && one.id !== id)

function firstOf<T>(rows: Iterable<T>, of: (row: T) => Refusal | undefined): Refusal | undefined {
  for (const row of rows) {
    const why = of(row)
    if (why) return why
  }
  return undefined
}

/** True if two orders may be merged and at least one of them is in no merged shipment yet. */
export const couldJoin = (
  one: MergeFacts,
  other: MergeFacts,
  settings: MergeSettings,
  all: readonly MergeFacts[],
): boolean =>
  one.id !== other.id &&
  (one.parcel === null || other.parcel === null) &&
  !whyNotWith(one, other, settings, all)

/** `members`: the orders that leave together, the leader first; fewer than two: nothing is merged. */
export type MergeGroup = { members: MergeFacts[]; refused: { order: MergeFacts; why: Refusal }[] }

/**
 * Divides candidates into merged shipments, with a reason for each order that is left out. Orders that do not fit the first shipment may
 * fit one another and form a further one; an order that joins it is listed in both, with its reason in the first. `all`: the candidates
 * and the other orders of their merged shipments.
 */
export function groupsAmong(
  orders: readonly MergeFacts[],
  settings: MergeSettings,
  all: readonly MergeFacts[],
): MergeGroup[] {
  const groups: MergeGroup[] = []
  const shipments = Map.groupBy(all, ({ parcel }) => parcel)
  for (let rest = orders; rest.length > 1 || groups.length === 0; ) {
    const { apart, ...group } = groupOf(rest, settings, shipments)
    if (groups.length === 0 || group.members.length > 1) groups.push(group)
    rest = apart
  }
  return groups
}

/**
 * Makes the first group. An existing shipment leads and keeps its orders; otherwise the oldest order leads. While a further order may still
 * come, the whole group waits. `apart`: orders that may be merged, but not with this group.
 */
function groupOf(
  orders: readonly MergeFacts[],
  settings: MergeSettings,
  shipments: ReadonlyMap<string | null, readonly MergeFacts[]>,
): MergeGroup & { apart: MergeFacts[] } {
  const sorted = orders.toSorted(
    (a, b) =>
      Number(a.parcel === null) - Number(b.parcel === null) ||
      a.id.length - b.id.length ||
      (a.id < b.id ? -1 : 1),
  )
  const group: MergeGroup = { members: [], refused: [] }
  const apart: MergeFacts[] = []
  const company = companyOf(settings)
  const whyNotJoin = (leader: MergeFacts, order: MergeFacts) =>
    order.parcel === null ? company.whyNot(order) : whyNotTogether(leader, order, settings)
  for (const order of sorted) {
    const [leader] = group.members
    const never = whyNotMergeable(order, settings)
    const why = never ?? (leader && (whyNotInOneShipment(leader, order) ?? whyNotJoin(leader, order)))
    if (why) group.refused.push({ order, why })
    else {
      group.members.push(order)
      company.add(order)
      if (!leader && order.parcel !== null)
        for (const member of shipments.get(order.parcel) ?? []) company.add(member)
    }
    if (why && !never) apart.push(order)
  }
  const { paidBefore } = settings
  if (paidBefore === null || group.members.every(({ paidAt }) => paidAt !== null && paidAt <= paidBefore))
    return { ...group, apart }
  return {
    members: [],
    refused: [...group.refused, ...group.members.map((order) => ({ order, why: waiting }))],
    apart,
  }
}

/**
 * Collects the orders that leave together and says why another one cannot join them. It is compared with those that were split from the same
 * order, and with one of each kind: further orders of a kind would give the same answer.
 */
function companyOf(settings: MergeSettings) {
  const kinds = new Map<string, MergeFacts>()
  const ofRoot = new Map<string, MergeFacts>()
  return {
    add(order: MergeFacts) {
      const { rootId, shopId, platform, warehouseId, designated, asked, grp, nicks } = order
      const who = settings.sameNick ? nicks : []
      const kind = JSON.stringify([shopId, platform, warehouseId, designated, asked, grp, who])
      if (!kinds.has(kind)) kinds.set(kind, order)
      if (!ofRoot.has(rootId)) ofRoot.set(rootId, order)
    },
    whyNot(order: MergeFacts): Refusal | undefined {
      const sibling = ofRoot.get(order.rootId)
      return (
        firstOf(kinds.values(), (one) => whyNotTogether(one, order, settings)) ??
        (sibling && whyNotTogether(sibling, order, settings)) ??
        (haveOneCourier([...kinds.values(), order]) ? undefined : otherCourier)
      )
    },
  }
}

/** Returns a refusal if the orders are in two different merged shipments, which are never joined. */
const whyNotInOneShipment = (one: MergeFacts, other: MergeFacts): Refusal | undefined =>
  one.parcel !== null && other.parcel !== null && one.parcel !== other.parcel
    ? say('other_parcel', '已在另一个包裹。先取消合单', 'In another parcel. Take it out first')
    : undefined

export function whyNotUnmerged({
  status,
  parcel,
}: {
  status: OrderStatus
  parcel: string | null
}): Refusal | undefined {
  if (parcel === null) return say('not_merged', '没有合单', 'Not merged')
  return status === 'unconfirmed' || status === 'confirmed'
    ? undefined
    : status === 'released'
      ? say(
          'wrong_status',
          `${statusWords[status].zh}，取消配货后可取消合单`,
          `${statusWords[status].en}: take it back from the warehouse first`,
        )
      : say(
          'wrong_status',
          `${statusWords[status].zh}，不能取消合单`,
          `${statusWords[status].en}: its parcel has left`,
        )
}

function say(code: string, zh: string, en: string): Refusal {
  return { code, message: { zh, en } }
}

const otherCourier = say('other_courier', '平台指定的快递不同', 'The platform designates another courier')
const waiting = say('waiting', '等一会儿，买家可能再下单', 'Waiting: the buyer may order again')
