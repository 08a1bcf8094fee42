import type { TObject } from 'typebox'
import type { LocalizedText } from '../lib/localized-text.ts'
import type { PlatformErrorKind } from '../lib/platform-error.ts'
import type { AgreeAnswer, AgreeInput, MemoInput, RefuseInput } from './answers.ts'
import type { RefundInquiry } from './asking.ts'
import type { ShipInput, ToldParcel } from './parcels.ts'
import type { ReceiverSource } from './receivers.ts'
import type { CancelReport, ReturnReceipt } from './reports.ts'

/** Translates between Sanyi and a marketplace, and decides nothing. Its caller does paging, retries, rate limits, storage and token refresh. */
export type Connector = {
  /** Stored on shops and in URLs: "taobao". */
  id: string
  name: LocalizedText
  /** Marks of the shop's kind inside one protocol, such as 淘宝 and 天猫. The first is the default. */
  variants: readonly { id: string; zh: string; en: string }[]
  /** Draws the settings form. Fields with `secret: true` are never shown again once stored. */
  credentials: TObject
  limits: Limits
  /** Asks the platform who the credentials belong to. */
  verify(call: Call): Promise<ShopIdentity>
  oauth?: OAuth
  trades: TradeSource
  refunds: RefundSource
  /** What the shop has for sale; absent: the platform does not tell. */
  listings?: ListingSource
  receivers?: ReceiverSource
  /** What people may do on the platform; absent means that it cannot be done, with the reason in `cannot`. */
  actions: {
    refuseRefund?: (call: Call, input: RefuseInput) => Promise<void>
    refuseReasons?: (call: Call, refund: RefundRef) => Promise<{ id: string; text: string }[]>
    agreeRefund?: (call: Call, input: AgreeInput) => Promise<AgreeAnswer>
    /** Whether we stopped what is refunded before it was shipped; the platform then refunds by itself. Told twice, it has one effect. */
    reportCancel?: (call: Call, report: CancelReport) => Promise<void>
    updateMemo?: (call: Call, input: MemoInput) => Promise<void>
    /** A refusal carries one of `shipFailures` as its code, whatever the platform calls it. */
    ship?: (call: Call, input: ShipInput) => Promise<void>
    /** For the look after an unclear outcome: does the platform show these lines as shipped, with this waybill? */
    shipped?: (call: Call, parcel: ToldParcel) => Promise<boolean>
    updateStock?: (call: Call, input: StockInput) => Promise<StockResult[]>
    /** The goods of a refund are back in our warehouse. Told twice it has the effect of once. */
    reportReturn?: (call: Call, receipt: ReturnReceipt) => Promise<void>
  }
  /** How this platform wants goods shipped. */
  shipping?: {
    /** False: whole trades only, so that `oids` must be empty or name every line. */
    byLine: boolean
    /** True: a line has one waybill there, so of a line in several parcels only the first is shown. Of whole trades likewise. */
    oneWaybill: boolean
    /** Which of our couriers it knows. */
    carriers: readonly string[]
  }
  /** What a refusal must carry; absent: nothing. */
  refusal?: { proofNeeded: (variant: string) => boolean; proofMaxBytes: number }
  /** Of what is to come back the goods are agreed to first, on the platform's own pages: it pays for none that is only applied for. */
  goodsFirst?: boolean
  /** Why an action above is missing, by its name, for the disabled button. */
  cannot: Partial<Record<ActionName, LocalizedText>>
}

export type ActionName = Exclude<keyof Connector['actions'], 'refuseReasons' | 'shipped'>

export type Limits = {
  requestsPerSecond: number
  concurrentRequests: number
  /** The longest window of modified time that one list request may span. */
  windowMs: number
  /** The window we ask for when nothing forces another. */
  advisedWindowMs: number
  /** A window may end no later than the platform's clock less this. */
  lagMs: number
  /** What changed of a refund is in its list after so long at the latest. */
  refundLagMs: number
  /** A window starts this much before the end of the last one: boundary seconds are the classic loss. */
  overlapMs: number
  pageSize: number
  /** How far back the list can reach. */
  historyMs: number
}

/** Everything one call needs. The caller refreshes the session and obeys the limits. */
export type Call = {
  credentials: Record<string, string>
  /** The seller's access token; empty before authorisation. */
  session: string
  /** The platform's shop variant, such as "tmall". */
  variant: string
  signal?: AbortSignal
  /** The platform's clock is ours unless a test says otherwise. */
  now?: () => Date
  /** Told of each request, for metrics and the run record. */
  onRequest?: (request: {
    method: string
    ms: number
    outcome: 'ok' | PlatformErrorKind
    requestId?: string
  }) => void
}

export type ShopIdentity = { platformShopId: string; name: string; nick: string }

export type OAuth = {
  /** Where the seller agrees. */
  authorizeUrl(credentials: Record<string, string>, input: { redirectUri: string; state: string }): string
  exchange(credentials: Record<string, string>, input: { code: string; redirectUri: string }): Promise<Token>
  refresh(credentials: Record<string, string>, refreshToken: string): Promise<Token>
}

export type Token = {
  accessToken: string
  refreshToken: string
  expiresAt: Date
  /** The refresh token's own end; after it the seller must agree again. */
  refreshExpiresAt: Date | null
  sellerNick: string
}

export type TradeSource = {
  /** `two_stage`: lists lack goods; each trade is queued, its detail fetched. `direct`: the step gives complete trades. */
  path: 'two_stage' | 'direct'
  /**
   * One page of trades changed in [from, to). `page: 'count'` asks only how many there are.
   * The caller pages from the last page to the first when `order` is newest first.
   */
  listChanged(call: Call, window: Window, page: Page): Promise<TradePage>
  /** One page of trades created in [from, to): the first load. */
  listCreated?: (call: Call, window: Window, page: Page) => Promise<TradePage>
  /** The whole trade. `undefined` when the platform knows no such trade of this shop. */
  detail(call: Call, tid: string): Promise<TradeDetail | undefined>
  /** The words that a list says of a trade's status and type → ours. */
  words?: { statuses: Readonly<Record<string, TradeStatus>>; types: Readonly<Record<string, TradeType>> }
  /** A detail payload that came by another way (RDS push) → the same answer as `detail`. */
  parsePushed?: (payload: string) => TradeDetail
}

export type Window = { from: Date; to: Date; status?: string }
export type Page = { number: number; size: number; mode: 'count' | 'rows' }
/** `total` only in mode count. Items that cannot be understood come as `bad`, never as an exception. */
export type TradePage = { total?: number; items: (TradeBrief | BadItem)[]; hasNext: boolean }

/** What a list says of a trade. A list answer never writes a detail's fields. */
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

/** Parked with its raw text (sealed) and the reason; the window goes on. */
export type BadItem = { kind: 'bad'; id: string | null; reason: string; raw: string }

export type TradeDetail = { trade: Trade; raw: string } | BadItem

/** Our words for a platform's trade states. `unknown` is kept and shown, never guessed. */
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

/** One trade, complete, in our words. Money in 分, times as instants, ids as text. */
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
  /** Ship before this, or the platform fines the shop. */
  shipBy: Date | null
  /** Presale: the day on which the seller plans to ship, its midnight at +08:00. Null: no day is named. */
  planAt: Date | null
  cod: boolean
  /** Presale with its final payment still open. */
  finalUnpaid: boolean
  /** Why the platform forbids shipping now: "top_hold", "team_buy_hold", "group_open", "risk" …; empty means it does not. */
  holds: string[]
  /** What the buyer pays for goods and freight; platform subsidies are not in it. */
  paymentFen: number
  postFeeFen: number
  discountFen: number
  /** Paid by the platform on top. */
  subsidyFen: number
  buyer: { nick: string; openId: string }
  receiver: Receiver
  buyerMessage: string
  sellerMemo: string
  /** 0 none or grey, 1 red, 2 yellow, 3 green, 4 blue, 5 purple. */
  flag: number
  /** The buyer asks for an invoice, as Pinduoduo's `invoice_status` tells; TOP tells it nowhere but in messages. */
  invoice?: true
  /** The platform sold a line beyond the stock that it knew of: TOP's `is_oversold` of a line. */
  oversold?: true
  lines: TradeLine[]
  /** What could not be read as it should. Absent: nothing. */
  doubts?: Doubt[]
}

/**
 * A value that could not be read as it should, and what was taken in its place: `num` "0" as 1. `line` is the number of the
 * line that it is of, empty for the whole; an empty `guess` takes the value for absent.
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
  /** OAID and its kind: what waybills are printed from when plain text is not given. */
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
  /** "雾蓝 / 1.8m 床" */
  spec: string
  pictureUrl: string
  quantity: number
  priceFen: number
  /** The line's part of the trade's goods payment, to the last 分; all lines and the freight sum to `paymentFen`. */
  paymentFen: number
  discountFen: number
  shipBy: Date | null
  /** Its own day of a presale, as `planAt` of the trade. */
  planAt?: Date
  /** Of the parcel that the platform shows for it. Absent: none. */
  waybillNo?: string
}

export type RefundSource = {
  listChanged(call: Call, window: Window, page: Page): Promise<RefundPage>
  detail(call: Call, refund: RefundRef): Promise<RefundDetail | undefined>
  /** True: the list lacks fields that the decision needs, so each changed refund's detail is fetched. */
  needsDetail: boolean
  /** Narrows `needsDetail`: of which listed refunds the detail tells more. Absent: of all. */
  needsDetailFor?: (refund: Refund) => boolean
  /** How it is asked before a parcel leaves; absent: it cannot be. */
  asking?: RefundInquiry
  parsePushed?: (payload: string) => RefundDetail
}

export type RefundPage = { total?: number; items: ((Refund & { raw: string }) | BadItem)[]; hasNext: boolean }
export type RefundDetail = { refund: Refund; raw: string } | BadItem
export type RefundRef = { refundId: string; tid: string; oid: string; phase: RefundPhase; version: string }

/** `applied` waits for the seller; `agreed` waits for the buyer's parcel or our receipt; `refused` may come back. */
export const refundStatuses = ['applied', 'agreed', 'refused', 'closed', 'succeeded', 'unknown'] as const
export type RefundStatus = (typeof refundStatuses)[number]
/** `money_only`: price protection (价保), freight, differences, where a code says so (抖店 aftersale_type 6). Append only. */
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
  /** The platform's version; text, since it is compared for change and sent back, never counted with. */
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
  /** Silence until then often means consent. */
  deadline: Date | null
  buyerNick: string
  /** The platform allows no answer through the API, with its word for why. */
  constraint: string
  /** As on `Trade`. */
  doubts?: Doubt[]
}

export type ListingSource = {
  /** How many goods a page should hold, so that it costs few requests. */
  pageSize: number
  /** A page of goods, each with a listing for every SKU it has: `items` may be longer than `size`. */
  list(call: Call, page: { status: ListingStatus; number: number; size: number }): Promise<ListingPage>
}

export type ListingStatus = 'on_sale' | 'in_stock'
/** `total` counts goods. One that changes while pages are read may be missed by that reading, never another. */
export type ListingPage = { total?: number; items: (Listing | BadItem)[]; hasNext: boolean }

/** What a shop sells under one number: a SKU, or goods that have none. */
export type Listing = {
  itemId: string
  /** Empty: the goods have no SKUs. */
  platformSkuId: string
  outerItemId: string
  outerSkuId: string
  title: string
  spec: string
  pictureUrl: string
  /** Null: the platform's list does not tell. */
  priceFen: number | null
  quantity: number
  status: ListingStatus
  modifiedAt: Date | null
}

export type StockTarget = { itemId: string; platformSkuId: string }
/** What can be sold from now on; whatever stood before is overwritten. */
export type StockInput = { items: readonly (StockTarget & { quantity: number })[] }
/** `gone`: no such listing. `again`: not tried, or unclear; setting it once more is safe. `message` is the platform's. */
export type StockResult = StockTarget & { outcome: 'done' | 'gone' | 'refused' | 'again'; message: string }
