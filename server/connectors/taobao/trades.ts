import { parseJson } from '../../lib/json.ts'
import { secondMs, toChinaTime } from '../../lib/time.ts'
import type { BadItem, Call, TradeBrief, TradeDetail, TradePage } from '../connector.ts'
import { ifThere } from '../documents.ts'
import {
  entryOf,
  type Fields,
  fenAt,
  idAt,
  isFields,
  isTrueAt,
  listAt,
  longest,
  rawOf,
  textAt,
  timeAt,
  wholeAt,
  wordAt,
} from '../fields.ts'
import { needed } from '../gateway.ts'
import type { Page, Window } from '../lists.ts'
import { callTop, type TopAnswer } from './client.ts'
import { notFound } from './errors.ts'
import { tradeStatusFilter, tradeTypeOf } from './statuses.ts'
import { parseTrade } from './trade.ts'

/** The fields that the download queue shows. In peak hours the answer may lack some of them. */
const briefFields = 'tid,status,type,created,modified,payment,buyer_nick,receiver_name'

const lineFields = [
  'oid',
  'status',
  'refund_status',
  'refund_id',
  'num_iid',
  'sku_id',
  'outer_iid',
  'outer_sku_id',
  'title',
  'sku_properties_name',
  'pic_path',
  'num',
  'price',
  'total_fee',
  'payment',
  'discount_fee',
  'adjust_fee',
  'divide_order_fee',
  'part_mjz_discount',
  'delivery_time',
  'timeout_action_time',
  'estimate_con_time',
  'zhengji_status',
  'is_oversold',
  'invoice_no',
]

/**
 * The fields that `parseTrade` reads, and the promotions, which only the raw copy keeps. TOP returns an OAID only if receiver_name,
 * receiver_address, receiver_mobile, receiver_phone and created are all requested.
 */
export const detailFields = [
  'tid',
  'status',
  'type',
  'created',
  'modified',
  'pay_time',
  'consign_time',
  'end_time',
  'delivery_time',
  'timeout_action_time',
  'est_con_time',
  'send_time',
  'payment',
  'total_fee',
  'post_fee',
  'platform_subsidy_fee',
  'step_trade_status',
  'new_presell',
  'buyer_nick',
  'buyer_open_uid',
  'buyer_message',
  'seller_memo',
  'seller_flag',
  'oaid',
  'receiver_name',
  'receiver_state',
  'receiver_city',
  'receiver_district',
  'receiver_town',
  'receiver_address',
  'receiver_zip',
  'receiver_mobile',
  'receiver_phone',
  'top_hold',
  'team_buy_hold',
  'share_group_hold',
  'ofp_hold',
  'forbid_consign',
  'is_sh_ship',
  'rx_audit_status',
  'asdp_ads',
  'logistics_agreement',
  'logistics_infos',
  'promotion_details',
  ...lineFields.map((name) => `orders.${name}`),
].join(',')

const allTypes = Object.keys(tradeTypeOf).join(',')

/** taobao.trades.sold.increment.get: by modified time, newest first, windows up to a day. */
export function listChanged(call: Call, window: Window, page: Page): Promise<TradePage> {
  const [from, to] = secondsOf(window)
  const asked = { start_modified: from, end_modified: to, ...statusOf(window) }
  return listTrades(call, 'taobao.trades.sold.increment.get', asked, page)
}

/** taobao.trades.sold.get: by creation time, newest first, at most three months back. */
export function listCreated(call: Call, window: Window, page: Page): Promise<TradePage> {
  const [from, to] = secondsOf(window)
  const asked = { start_created: from, end_created: to, ...statusOf(window) }
  return listTrades(call, 'taobao.trades.sold.get', asked, page)
}

/**
 * Returns the window in whole seconds, as TOP takes it; both ends are included. The answer may contain a little more than [from, to), but
 * nothing is missing.
 */
export function secondsOf(window: Window): [from: string, to: string] {
  const from = toChinaTime(window.from)
  const to = toChinaTime(window.to)
  return [from, to > from ? to : toChinaTime(new Date(window.from.getTime() + secondMs))]
}

const statusOf = ({ status = '' }: Window) => ({ status: entryOf(tradeStatusFilter, status) ?? status })

/** Returns the parameters of a page. A count asks for one row and the total. For rows, `use_has_next` saves TOP the counting. */
export function pageParams(page: Page): Record<string, string> {
  if (page.mode === 'count') return { page_no: '1', page_size: '1', use_has_next: 'false' }
  return { page_no: String(page.number), page_size: String(page.size), use_has_next: 'true' }
}

async function listTrades(
  call: Call,
  method: string,
  asked: Record<string, string>,
  page: Page,
): Promise<TradePage> {
  const { body } = await callTop(call, method, {
    ...asked,
    ...pageParams(page),
    fields: page.mode === 'count' ? 'tid' : briefFields,
    type: allTypes,
  })
  if (page.mode === 'count') return { total: totalOf(body), items: [], hasNext: false }
  return { items: listAt(body, 'trades', 'trade').map(parseBrief), hasNext: isTrueAt(body, 'has_next') }
}

/** Returns the total of a list. @throws {PlatformError} if it is missing: zero in its place would skip the window. */
export function totalOf(body: Fields): number {
  return needed(wholeAt(body, 'total_results', 0, Number.MAX_SAFE_INTEGER), 'total_results')
}

function parseBrief(value: unknown): TradeBrief | BadItem {
  const fields = isFields(value) ? value : {}
  const tid = idAt(fields, 'tid')
  const modifiedAt = timeAt(fields, 'modified')
  if (!tid || !modifiedAt)
    return { kind: 'bad', id: tid || null, reason: tid ? 'no modified time' : 'no tid', raw: rawOf(value) }
  return {
    kind: 'brief',
    tid,
    modifiedAt,
    createdAt: timeAt(fields, 'created'),
    platformStatus: wordAt(fields, 'status'),
    type: wordAt(fields, 'type'),
    buyerNick: textAt(fields, 'buyer_nick', longest.name),
    receiverName: textAt(fields, 'receiver_name', longest.name),
    paymentFen: fenAt(fields, 'payment'),
  }
}

/** taobao.trade.fullinfo.get: the authoritative answer about a trade, also in peak hours. */
export async function tradeDetail(call: Call, tid: string): Promise<TradeDetail | undefined> {
  const answer = await foundOr(() =>
    callTop(call, 'taobao.trade.fullinfo.get', { fields: detailFields, tid }),
  )
  return answer && parseTrade(documentOf(answer, 'trade'), answer.text)
}

/** Returns undefined if TOP answers that the document does not exist. Other errors are thrown. */
export const foundOr = (ask: () => Promise<TopAnswer>): Promise<TopAnswer | undefined> =>
  ifThere(({ code }) => notFound.test(code), ask)

/** Returns the document of an answer. @throws {PlatformError} if there is none, because then the answer is broken. */
export function documentOf(answer: TopAnswer, name: string): unknown {
  return needed(answer.body[name], name)
}

/** Parses the `jdp_response` of a pushed trade. It equals the answer of fullinfo.get with its envelope. */
export function parsePushedTrade(payload: string): TradeDetail {
  return parseTrade(unwrap(payload, 'trade_fullinfo_get_response', 'trade'), payload)
}

/** Returns the document inside a pushed payload, with or without its envelope; undefined if the payload is not JSON. */
export function unwrap(payload: string, envelope: string, name: string): unknown {
  try {
    const root = parseJson(payload)
    if (!isFields(root)) return undefined
    const body = root[envelope]
    return isFields(body) ? body[name] : (root[name] ?? root)
  } catch {
    return undefined
  }
}
