import type { TObject } from 'typebox'
import type { LocalizedText } from '../lib/localized-text.ts'
import type { PlatformErrorKind } from '../lib/platform-error.ts'
import type { AgreeAnswer, AgreeInput, MemoInput, RefuseInput } from './answers.ts'
import type { RefundInquiry } from './asking.ts'
import type { ShipInput, ToldParcel } from './parcels.ts'
import type { ReceiverSource } from './receivers.ts'
import type { CancelReport, ReturnReceipt } from './reports.ts'

/**
 * Translates between Sanyi and the API of a marketplace, and decides nothing. The caller does paging, retries, rate limits, storage and
 * token refresh.
 */
export type Connector = {
  /** The platform's id, stored on shops and used in URLs: "taobao". */
  id: string
  name: LocalizedText
  /** The kinds of shops inside one platform, such as 淘宝 and 天猫. The first is the default. */
  variants: readonly { id: string; zh: string; en: string }[]
  /** Schema of the settings form. Fields with `secret: true` are never shown again once stored. */
  credentials: TObject
  limits: Limits
  /** Asks the platform which shop the credentials belong to. */
  verify(call: Call): Promise<ShopIdentity>
  oauth?: OAuth
  trades: TradeSource
  refunds: RefundSource
  /** The listings of the shop; undefined: the platform has no such request. */
  listings?: ListingSource
  receivers?: ReceiverSource
  /** The calls that change something on the platform. A missing one cannot be done; `cannot` has the reason. */
  actions: {
    refuseRefund?: (call: Call, input: RefuseInput) => Promise<void>
    refuseReasons?: (call: Call, refund: RefundRef) => Promise<{ id: string; text: string }[]>
    agreeRefund?: (call: Call, input: AgreeInput) => Promise<AgreeAnswer>
    /**
     * Reports whether we stopped refunded goods before shipping; the platform then refunds automatically. Reporting twice must have the
     * same effect as once.
     */
    reportCancel?: (call: Call, report: CancelReport) => Promise<void>
    updateMemo?: (call: Call, input: MemoInput) => Promise<void>
    /** A rejection has one of `shipFailures` as its code, so that callers need not know the platform's own codes. */
    ship?: (call: Call, input: ShipInput) => Promise<void>
    /** Verifies an unclear shipment: true if the platform shows these lines as shipped with this waybill. */
    shipped?: (call: Call, parcel: ToldParcel) => Promise<boolean>
    updateStock?: (call: Call, input: StockInput) => Promise<StockResult[]>
    /** Reports that the goods of a refund are back in our warehouse. Reporting twice must have the same effect as once. */
    reportReturn?: (call: Call, receipt: ReturnReceipt) => Promise<void>
  }
  /** The rules by which this platform accepts shipments. */
  shipping?: {
    /** False: only whole trades can be shipped, so `oids` must be empty or name every line. */
    byLine: boolean
    /** True: a line (or a trade, if `byLine` is false) has one waybill there, so for goods in several parcels only the first is shown. */
    oneWaybill: boolean
    /** Our codes of the couriers that the platform knows. */
    carriers: readonly string[]
  }
  /** Requirements for refusing a refund; undefined: none. */
  refusal?: { proofNeeded: (variant: string) => boolean; proofMaxBytes: number }
  /**
   * True: for a refund with return, the return of the goods must be agreed to first, on the platform's own pages. Before that the platform
   * rejects the agreement to pay.
   */
  goodsFirst?: boolean
  /** The reason why an action above is missing, by the action's name, for the disabled button. */
  cannot: Partial<Record<ActionName, LocalizedText>>
}

export type ActionName = Exclude<keyof Connector['actions'], 'refuseReasons' | 'shipped'>

export type Limits = {
  requestsPerSecond: number
  concurrentRequests: number
  /** The longest window of modified time that one list request may cover, in milliseconds. */
  windowMs: number
  /** The length of a window unless something requires another. */
  advisedWindowMs: number
  /** A window must end at least this long before the platform's present time, because a list may show a trade's change late. */
  lagMs: number
  /** A list may show a refund's change late by at most this time. */
  refundLagMs: number
  /** A window starts this long before the end of the last one, so that changes in the seconds between them are not lost. */
  overlapMs: number
  pageSize: number
  /** How far back the list reaches. */
  historyMs: number
}

/** The input of every call. The caller refreshes the session and keeps the limits. */
export type Call = {
  credentials: Record<string, string>
  /** The seller's access token; empty before authorisation. */
  session: string
  /** The platform's shop variant, such as "tmall". */
  variant: string
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
}

export type Token = {
  accessToken: string
  refreshToken: string
  expiresAt: Date
  /** The end of the refresh token, after which the seller must authorise again; null: the platform does not state it. */
  refreshExpiresAt: Date | null
  sellerNick: string
}

export type TradeSource = {
  /**
   * `two_stage`: the lists lack the goods, so each trade is queued and its detail requested. `direct`: each trade's detail is requested
   * while the list is read.
   */
  path: 'two_stage' | 'direct'
  /**
   * Returns one page of trades changed in [from, to). Mode `count` asks only for their number. The caller reads the pages from the last to
   * the first, because the lists are newest first.
   */
  listChanged(call: Call, window: Window, page: Page): Promise<TradePage>
  /** Returns one page of trades created in [from, to), for the first load. */
  listCreated?: (call: Call, window: Window, page: Page) => Promise<TradePage>
  /** Returns the whole trade; undefined if the platform knows no such trade of this shop. */
  detail(call: Call, tid: string): Promise<TradeDetail | undefined>
  /** The statuses and types that a list gives → ours. */
  words?: { statuses: Readonly<Record<string, TradeStatus>>; types: Readonly<Record<string, TradeType>> }
  /** Parses a trade's detail that was pushed (RDS), with the same result as `detail`. */
  parsePushed?: (payload: string) => TradeDetail
}

export type Window = { from: Date; to: Date; status?: string }
export type Page = { number: number; size: number; mode: 'count' | 'rows' }
/** `total` only in mode count. Items that cannot be read are returned as `bad`, never thrown. */
export type TradePage = { total?: number; items: (TradeBrief | BadItem)[]; hasNext: boolean }

/** The facts about a trade that a list gives. They are never written over the fields of a detail. */
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

/** An item that cannot be read: it is parked with its raw text (sealed) and the reason, and the rest of the window is processed. */
export type BadItem = { kind: 'bad'; id: string | null; reason: string; raw: string }

export type TradeDetail = { trade: Trade; raw: string } | BadItem

/** Our statuses of a trade. A status that a connector does not know is `unknown` and shown as such, never guessed. */
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
] as const
export type TradeType = (typeof tradeTypes)[number]

/** One complete trade in our terms. Money in 分, times as `Date`, ids as text. */
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
  /** Presale: the day on which the seller plans to ship, as its midnight at +08:00; null: no day is given. */
  planAt: Date | null
  cod: boolean
  /** True for a presale whose final payment is not made yet. */
  finalUnpaid: boolean
  /** The reasons for which the platform forbids shipping now: "top_hold", "team_buy_hold", "group_open", "risk" …; empty: none. */
  holds: string[]
  /** The buyer's payment for goods and freight, without platform subsidies. */
  paymentFen: number
  postFeeFen: number
  discountFen: number
  /** The platform's payment in addition to the buyer's. */
  subsidyFen: number
  buyer: { nick: string; openId: string }
  receiver: Receiver
  buyerMessage: string
  sellerMemo: string
  /** The seller's flag: 0 none or grey, 1 red, 2 yellow, 3 green, 4 blue, 5 purple. */
  flag: number
  /** True if the buyer asks for an invoice: Pinduoduo's `invoice_status`; TOP gives it only in messages. */
  invoice?: true
  /** True if the platform sold more of a line than the stock it knew of: TOP's `is_oversold` of a line. */
  oversold?: true
  lines: TradeLine[]
  /** The values that could not be read as expected; undefined: none. */
  doubts?: Doubt[]
}

/**
 * A value that could not be read as expected, and the value used in its place: `num` "0" as 1. `line` is the number of its trade line,
 * empty for the whole trade; an empty `guess` treats the value as missing.
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
  /** OAID and its kind, from which waybills are printed if the platform gives no plain text. */
  token: string
}

export type LineRefund = 'none' | 'applied' | 'succeeded' | 'closed'

export type TradeLine = {
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
  /** The line's part of the payment for goods, exact to the 分; all lines and the freight sum to the trade's `paymentFen`. */
  paymentFen: number
  discountFen: number
  shipBy: Date | null
  /** The line's own planned day of a presale; see `planAt` of the trade. */
  planAt?: Date
  /** The waybill that the platform shows for the line; undefined: none. */
  waybillNo?: string
}

export type RefundSource = {
  listChanged(call: Call, window: Window, page: Page): Promise<RefundPage>
  detail(call: Call, refund: RefundRef): Promise<RefundDetail | undefined>
  /** True: the list lacks fields that decisions need, so the detail of each changed refund is requested. */
  needsDetail: boolean
  /**
   * Decides for a single refund of the list, in place of `needsDetail`, whether its detail is requested: true if the detail has more than
   * the list. Undefined: `needsDetail` applies to every refund.
   */
  needsDetailFor?: (refund: Refund) => boolean
  /** The refund check before shipping; undefined: the platform cannot be asked. */
  asking?: RefundInquiry
  parsePushed?: (payload: string) => RefundDetail
}

export type RefundPage = { total?: number; items: ((Refund & { raw: string }) | BadItem)[]; hasNext: boolean }
export type RefundDetail = { refund: Refund; raw: string } | BadItem
export type RefundRef = { refundId: string; tid: string; oid: string; phase: RefundPhase; version: string }

/** `applied` waits for the seller; `agreed` waits for the buyer's parcel or our receipt; the buyer may reopen a `refused` one. */
export const refundStatuses = ['applied', 'agreed', 'refused', 'closed', 'succeeded', 'unknown'] as const
export type RefundStatus = (typeof refundStatuses)[number]
/**
 * `money_only`: refunds of price protection (价保), freight or differences, if the platform has a code for them (抖店 aftersale_type 6). The
 * position of each kind is stored: append only.
 */
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
  /** Empty: the refund is for the whole trade. */
  oid: string
  refundKind: RefundKind
  phase: RefundPhase
  status: RefundStatus
  platformStatus: string
  /** The platform's version: text, since it is only compared for change and sent back. */
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
  /** If the seller does not answer by then, the platform often takes it as consent; null: no deadline. */
  deadline: Date | null
  buyerNick: string
  /** The platform's reason for which it accepts no answer through the API; empty: it accepts one. */
  constraint: string
  /** See `doubts` of `Trade`. */
  doubts?: Doubt[]
}

export type ListingSource = {
  /** Number of goods to ask for in a page, chosen so that few requests are needed. */
  pageSize: number
  /** Returns a page of goods, with a listing for every SKU, so `items` may be longer than `size`. */
  list(call: Call, page: { status: ListingStatus; number: number; size: number }): Promise<ListingPage>
}

export type ListingStatus = 'on_sale' | 'in_stock'
/** `total` counts goods. If a product changes while the pages are read, only that product may be missed. */
export type ListingPage = { total?: number; items: (Listing | BadItem)[]; hasNext: boolean }

/** The offer of a shop under one number: a SKU, or goods without SKUs. */
export type Listing = {
  itemId: string
  /** Empty: the goods have no SKUs. */
  platformSkuId: string
  outerItemId: string
  outerSkuId: string
  title: string
  spec: string
  pictureUrl: string
  /** Null: the platform's list does not give it. */
  priceFen: number | null
  quantity: number
  status: ListingStatus
  modifiedAt: Date | null
}

export type StockTarget = { itemId: string; platformSkuId: string }
/** The quantities that can be sold from now on; the former ones are overwritten. */
export type StockInput = { items: readonly (StockTarget & { quantity: number })[] }
/** `gone`: there is no such listing. `again`: not attempted, or unclear; setting it again is safe. `message` is the platform's. */
export type StockResult = StockTarget & { outcome: 'done' | 'gone' | 'refused' | 'again'; message: string }
