import type { TObject } from 'typebox'
import type { LocalizedText } from '../lib/localized-text.ts'
import type { PlatformErrorKind } from '../lib/platform-error.ts'
import type { AgreeAnswer, AgreeInput, MemoInput, RefuseInput } from './answers.ts'
import type { RefundInquiry } from './asking.ts'
import type { CourierCode } from './couriers.ts'
import type { ListPage, PlatformList } from './lists.ts'
import type { ChangeInput, ShipInput, ShippingWays, ToldParcel } from './parcels.ts'
import type { PostedBooks, PostedSource } from './posted.ts'
import type { PushSource } from './push.ts'
import type { ReceiverSource } from './receivers.ts'
import type { RelayedSource, Send } from './relayed.ts'
import type { CancelReport, ReturnReceipt } from './reports.ts'
import type { StockInput, StockResult } from './stock.ts'
import type { TracedParcel, TraceStep } from './traces.ts'

/** Translates between Sanyi and the API of a marketplace, and decides nothing. Paging, retries, rate limits, storage and tokens are the caller's work. */
export type Connector = {
  /** Stored on shops and used in URLs: "taobao". */
  id: string
  name: LocalizedText
  /** The kinds of shops inside one platform, such as 淘宝 and 天猫. The first is the default. */
  variants: readonly { id: string; zh: string; en: string }[]
  /** Schema of the settings form. Fields with `secret: true` are never shown again once stored. */
  credentials: TObject
  limits: Limits
  verify(call: Call): Promise<ShopIdentity>
  oauth?: OAuth
  /** The platform issues tokens for the credentials alone. Without this and `oauth`, the credentials authorise each call themselves. */
  issue?: TokenIssue
  trades: TradeSource
  refunds: RefundSource
  /** The listings of the shop; undefined: the platform has no such request. */
  listings?: ListingSource
  receivers?: ReceiverSource
  /** The messages that the platform sends by itself; undefined: it has none, only the lists are read. */
  push?: PushSource
  posted?: PostedSource
  /** How a relay makes the calls; undefined: shops of this platform cannot be called through a relay. */
  relayed?: RelayedSource
  /** Returns the scans of a shipped parcel in any order; undefined: the platform does not show them. */
  trace?: (call: Call, parcel: TracedParcel) => Promise<TraceStep[]>
  /** The calls that change something on the platform. For a missing one `cannot` has the reason. */
  actions: {
    refuseRefund?: (call: Call, input: RefuseInput) => Promise<void>
    refuseReasons?: (call: Call, refund: RefundRef) => Promise<{ id: string; text: string }[]>
    agreeRefund?: (call: Call, input: AgreeInput) => Promise<AgreeAnswer>
    /** Reports whether we stopped refunded goods before shipping; the platform then refunds automatically. A repeated report must change nothing. `stoppedOnly`: it is called only for goods that we stopped. */
    reportCancel?: (call: Call, report: CancelReport) => Promise<void>
    updateMemo?: (call: Call, input: MemoInput) => Promise<void>
    /** A rejection has one of `shipFailures` as its code, so callers do not need the platform's own codes. */
    ship?: (call: Call, input: ShipInput) => Promise<void>
    /** Verifies an unclear shipment: true if the platform shows these lines as shipped with this waybill. */
    shipped?: (call: Call, parcel: ToldParcel) => Promise<boolean>
    /** 改运单: gives a shipped parcel another waybill. A rejection has one of `changeFailures` as its code; `shipped` clears an unclear one. */
    changeWaybill?: (call: Call, input: ChangeInput) => Promise<void>
    updateStock?: (call: Call, input: StockInput) => Promise<StockResult[]>
    /** Reports that the goods of a refund are back in our warehouse. A repeated report must change nothing. */
    reportReturn?: (call: Call, receipt: ReturnReceipt) => Promise<void>
  }
  shipping?: ShippingWays
  /** Requirements for refusing a refund; undefined: none. `proofByUrl`: evidence is the address of a picture, and no file. */
  refusal?: { proofNeeded: (variant: string) => boolean; proofMaxBytes: number; proofByUrl?: true }
  /** True: a return must first be agreed to on the platform's own pages. Before that the platform rejects the agreement to pay. */
  goodsFirst?: boolean
  /** True: agreeing to a return that a buyer applies for lets the goods come back, and pays nothing yet. `paysReturnsThere`: nor does a later agreement, only the platform's own pages. */
  agreesToReturns?: true
  paysReturnsThere?: true
  stoppedOnly?: true
  /** True: agreeing to a refund may need a code that the platform sends to the shop's owner by text message (`AgreeInput.code`). */
  agreeCode?: true
  /** True: the platform has no flags, so trades come with 0 and the flags of orders are kept here only. */
  hasNoFlags?: true
  /** Why an action of this name is missing in `actions`, or an optional source. A disabled button shows it. */
  cannot: Partial<Record<ActionName | SourceName, LocalizedText>>
}

export type ActionName = Exclude<keyof Connector['actions'], 'refuseReasons' | 'shipped'>
export type SourceName = 'listings' | 'receivers' | 'trace' | 'waybills'
export type Limits = { requestsPerSecond: number; concurrentRequests: number; refundGapMs?: number }

/** The input of every call. The caller refreshes the session and keeps the rate limits. */
export type Call = {
  credentials: Record<string, string>
  /** The seller's access token; empty before authorisation. */
  session: string
  variant: string
  /** What the shop has posted; undefined unless the connector is `posted` to. */
  books?: PostedBooks
  /** Sends the requests of the call; undefined: the connector itself does. A shop that is called through a relay has one, and no secrets. */
  transport?: Send
  /** Sends one request when the quota allows it (`reported` in `gateway.ts` calls it). Undefined: at once. */
  withinQuota?: <Answer>(send: () => Promise<Answer>) => Promise<Answer>
  signal?: AbortSignal
  /** The platform's present time, for tests; undefined: our own clock. */
  now?: () => Date
  /** Called after each request, for metrics and the run record. */
  onRequest?: (request: {
    method: string
    ms: number
    outcome: 'ok' | PlatformErrorKind
    requestId?: string
  }) => void
}

export type ShopIdentity = { platformShopId: string; name: string; nick: string }
export type OAuth = {
  /** Returns the URL of the platform's page on which the seller authorises us. */
  authorizeUrl(credentials: Record<string, string>, input: { redirectUri: string; state: string }): string
  exchange(credentials: Record<string, string>, input: { code: string; redirectUri: string }): Promise<Token>
  refresh(credentials: Record<string, string>, refreshToken: string): Promise<Token>
  /** Milliseconds: the token is renewed from this long before its end. Undefined: an hour. */
  aheadMs?: number
}

/** Client credentials, or a shop's authorisation of its own app: there is no page, and no refresh token. */
export type TokenIssue = {
  /** `refused`: the token that the platform refused, so another one is needed before its time; empty: none was refused. */
  token(credentials: Record<string, string>, how: { refused: string }): Promise<Token>
  /** Milliseconds: the platform issues the next token from this long before the end of the last one. */
  aheadMs: number
}

export type Token = {
  accessToken: string
  refreshToken: string
  expiresAt: Date
  /** The end of the refresh token; after it the seller must authorise again. null: the platform does not state it. */
  refreshExpiresAt: Date | null
  sellerNick: string
}

export type TradeSource = {
  /** `two_stage`: the list lacks the goods, so the detail of each trade is requested later. `direct`: while the list is read. */
  path: 'two_stage' | 'direct'
  /** The trades by the time of their last change. */
  changed: PlatformList<TradeItem>
  /** The trades by the time of their creation, for the first load. */
  created?: PlatformList<TradeItem>
  /** Returns the whole trade; undefined if the platform knows no such trade of this shop. */
  detail(call: Call, tid: string): Promise<TradeDetail | undefined>
  /** The platform's own status in the words of its clerks; undefined: a new one. */
  statusWords(platformStatus: string): LocalizedText | undefined
  /** The platform's words for status and type in lists, with ours. */
  words?: { statuses: Readonly<Record<string, TradeStatus>>; types: Readonly<Record<string, TradeType>> }
  /** Parses a trade that the platform pushed (RDS), with the same result as `detail`. */
  parsePushed?: (payload: string) => TradeDetail
}

/** An item of a list of numbers only. The trade is requested unless its detail was requested after the window's end. */
export type TradeId = { kind: 'id'; tid: string }
export type TradeItem = TradeBrief | TradeId | BadItem
export type TradePage = ListPage<TradeItem>

/** The facts of a trade in a list. They never replace the fields of a detail. */
export type TradeBrief = {
  kind: 'brief'
  tid: string
  modifiedAt: Date
  createdAt: Date | null
  platformStatus: string
  type: string
  buyerNick: string
  receiverName: string
  paymentFen: number | null
}

/** An item that cannot be read. It is parked with its sealed text and the reason, and the other items are processed. */
export type BadItem = { kind: 'bad'; id: string | null; reason: string; raw: string }

export type TradeDetail = { trade: Trade; raw: string } | BadItem

/** Our statuses of a trade. A status that a connector does not know is `unknown`; it is never guessed. */
export const tradeStatuses = [
  'unpaid',
  'paid',
  'partly_shipped',
  'shipped',
  'finished',
  'closed_unpaid',
  'closed_refunded',
  'unknown',
] as const
export type TradeStatus = (typeof tradeStatuses)[number]

export const tradeTypes = [
  'normal',
  'presale',
  'cod',
  'group_buy',
  'auction',
  'distribution',
  'virtual',
  'other',
  // Its receiver is not the buyer. New types come last, because facets have their places.
  'present',
] as const
export type TradeType = (typeof tradeTypes)[number]

/** One complete trade. Money is in 分, times are `Date`, ids are text. */
export type Trade = {
  tid: string
  status: TradeStatus
  platformStatus: string
  type: TradeType
  platformType: string
  createdAt: Date
  modifiedAt: Date
  paidAt: Date | null
  shippedAt: Date | null
  endedAt: Date | null
  /** The platform's deadline for shipping, after which it fines the shop; null: none. */
  shipBy: Date | null
  /** Presale: midnight at +08:00 of the day on which the seller plans to ship; null: no day is given. */
  planAt: Date | null
  cod: boolean
  /** True for a presale whose final payment is not made yet. */
  finalUnpaid: boolean
  /** The reasons for which the platform forbids shipping now: "top_hold", "team_buy_hold", "group_open", "risk" … */
  holds: string[]
  /** The buyer's payment for goods and freight, without subsidies of the platform. */
  paymentFen: number
  postFeeFen: number
  discountFen: number
  /** The platform's payment in addition to the buyer's. */
  subsidyFen: number
  buyer: { nick: string; openId: string }
  receiver: Receiver
  buyerMessage: string
  sellerMemo: string
  /** The seller's flag: 0 none or grey, 1 red, 2 yellow, 3 green, 4 blue, 5 purple. `flagUnsaid`: none is said, and the trade keeps its own. */
  flag: number
  flagUnsaid?: true
  /** True if the buyer asks for an invoice: Pinduoduo's `invoice_status`; TOP gives it only in messages. */
  invoice?: true
  /** True if the platform sold more of a line than the stock it knew of: TOP's `is_oversold` of a line. */
  oversold?: true
  /** 指定快递: our codes of the couriers among which the trade must go; undefined: the seller is free. */
  designated?: readonly CourierCode[]
  /** True if the courier must bring the parcel to the door (送货上门): the buyer was promised it. */
  toDoor?: true
  lines: TradeLine[]
  doubts?: Doubt[]
}

/**
 * A value that could not be read as expected, and the value used in its place, such as `num` "0" read as 1. `field`: a name of
 * `doubtWords` (intake/doubt-rules.ts), because only these are explained and kept. `line`: the number of the trade line, empty for the whole
 * trade. `guess` empty: the value counts as missing.
 */
export type Doubt = { field: string; line: string; raw: string; guess: string }

export type Receiver = {
  name: string
  mobile: string
  phone: string
  province: string
  city: string
  district: string
  town: string
  address: string
  zip: string
  /** The platform's token of a masked receiver, such as an OAID with its kind. Labels are printed from it if there is no plain address. */
  token: string
  /** The platform's lasting identifier of a masked receiver, equal in all orders to the same person at the same address. Absent: there is none. Masks alone are equal for strangers. */
  identity?: string
}

export type LineRefund = 'none' | 'applied' | 'succeeded' | 'closed'

export type TradeLine = {
  /** The number of the line, unique in the shop: notices of refunds are kept by it. If the platform has none, we make one from the trade's number. */
  oid: string
  status: TradeStatus
  platformStatus: string
  refund: LineRefund
  refundId: string
  itemId: string
  skuId: string
  outerItemId: string
  outerSkuId: string
  title: string
  /** The variety as text, such as "雾蓝 / 1.8m 床". */
  spec: string
  pictureUrl: string
  quantity: number
  priceFen: number
  /** The line's part of the payment for goods, exact to the 分. All lines and the freight sum to the trade's `paymentFen`. */
  paymentFen: number
  discountFen: number
  shipBy: Date | null
  /** The line's own planned day of a presale, as `planAt` of the trade. */
  planAt?: Date
  /** The waybill that the platform shows for the line; undefined: none. */
  waybillNo?: string
  /** Each waybill under which pieces of the line left, on platforms that know the pieces of a parcel. */
  waybills?: readonly string[]
}

export type RefundSource = {
  /** The refunds by the time of their last change. */
  changed: PlatformList<RefundItem>
  detail(call: Call, refund: RefundRef): Promise<RefundDetail | undefined>
  /** True: the list lacks fields that decisions need, so the detail of each changed refund is requested. */
  needsDetail: boolean
  /** Decides for one refund of the list whether its detail is requested. Undefined: `needsDetail` decides for all. */
  needsDetailFor?: (refund: Refund) => boolean
  /** True for a refund of the list whose deadline is in its detail alone. All else is taken from the list. Undefined: for none. */
  needsDeadlineFor?: (refund: Refund) => boolean
  /** The refund check before shipping; undefined: the platform cannot be asked. */
  asking?: RefundInquiry
  parsePushed?: (payload: string) => RefundDetail
}

/** An item of a list whose rows lack what decides, as `TradeId`. `modifiedAt`: that of the detail; left out: the row does not tell it. */
export type RefundId = { kind: 'id'; refundId: string; modifiedAt?: Date }
export type ListedRefund = Refund & { raw: string }
export type RefundItem = ListedRefund | RefundId | BadItem
export type RefundPage = ListPage<ListedRefund | BadItem>
export type RefundDetail = { refund: Refund; raw: string } | BadItem
export type RefundRef = { refundId: string; tid: string; oid: string; phase: RefundPhase; version: string }

/**
 * `applied`: the refund waits for the seller's answer. `agreed`: it waits for the buyer's parcel or our receipt. `refused`: the buyer may
 * open it again.
 */
export const refundStatuses = ['applied', 'agreed', 'refused', 'closed', 'succeeded', 'unknown'] as const
export type RefundStatus = (typeof refundStatuses)[number]
/** `money_only`: a refund of price protection (价保), freight or a difference, if the platform has a code for it (抖店 aftersale_type 6). New kinds come at the end: positions are stored. */
export const refundKinds = [
  'refund_only',
  'return',
  'exchange',
  'reship',
  'repair',
  'other',
  'money_only',
] as const
export type RefundKind = (typeof refundKinds)[number]
export type RefundPhase = 'onsale' | 'aftersale'
export type Refund = {
  kind: 'refund'
  refundId: string
  tid: string
  /** The trade line of the refund; empty: the refund is for the whole trade. */
  oid: string
  refundKind: RefundKind
  phase: RefundPhase
  status: RefundStatus
  platformStatus: string
  /** The platform's version, as text: it is only compared and sent back. */
  version: string
  amountFen: number
  quantity: number
  title: string
  spec: string
  outerId: string
  reason: string
  description: string
  goodsReceived: 'not_received' | 'received' | 'returned' | 'unknown'
  carrier: string
  waybillNo: string
  createdAt: Date
  modifiedAt: Date
  /** The seller must answer before this time; otherwise the platform often counts it as consent. null: no deadline. */
  deadline: Date | null
  buyerNick: string
  /** Why the platform accepts no answer through the API; empty: it accepts one. */
  constraint: string
  doubts?: Doubt[]
}

export type ListingSource = {
  pageSize: number
  /** Returns a page of products, with one listing for each SKU, so `items` may be longer than `size`. */
  list(call: Call, page: ListingAsk): Promise<ListingPage>
}

export type ListingStatus = 'on_sale' | 'in_stock'
/** `after`: `next` of the page before, which only its connector reads; null: the first page. */
export type ListingAsk = { status: ListingStatus; after: string | null; size: number }
/** `next`: where the list goes on; null: it ended. If a product changes while the pages are read, only that product may be missed. */
export type ListingPage = { items: (Listing | BadItem)[]; next: string | null }

/** What a shop offers under one number: a SKU, or a product without SKUs. */
export type Listing = {
  itemId: string
  /** Empty: the product has no SKUs. */
  platformSkuId: string
  outerItemId: string
  outerSkuId: string
  title: string
  spec: string
  pictureUrl: string
  /** The listing's price; null: the platform's list does not contain prices. */
  priceFen: number | null
  quantity: number
  status: ListingStatus
  modifiedAt: Date | null
}
