import { type Json, rows } from '../json-parts.ts'
import { changeMemo } from '../world/change.ts'
import type { Trade } from '../world/model.ts'
import { filteredBetween } from '../world/modified-log.ts'
import { hash32 } from '../world/random.ts'
import { recordActivity } from '../world/world.ts'
import { askedTrade, badParam, done, readSpan, wholeIn, wordIn, wrong, type XhsMethod } from './call.ts'
import { openAddressId, orderJson, orderStatus, rowJson } from './order-json.ts'

/** order.getOrderList: a hundred pages of a hundred rows at most, the newest first. */
export const list: XhsMethod = ({ shop, body }) => {
  const [page, size] = [wholeIn(body, 'pageNo') ?? 1, wholeIn(body, 'pageSize') ?? 50]
  if (page < 1 || page > 100 || size < 1 || size > 100) return badParam('pageNo、pageSize不能大于100')
  const status = wholeIn(body, 'orderStatus') ?? 0
  if (status < 0 || status > 10) return badParam('orderStatus不正确')
  const span = readSpan(body, 1)
  if ('code' in span) return span
  const isListed = (trade: Trade) => status === 0 || orderStatus(trade) === status
  const found = span.byCreation
    ? shop.byCreated
        .filter((trade) => trade.created >= span.from && trade.created <= span.to && isListed(trade))
        .sort((one, other) => other.created - one.created)
    : filteredBetween(shop.tradeLog, span, `xhs|${status}`, isListed)
  return {
    data: {
      total: found.length,
      pageNo: page,
      pageSize: size,
      maxPageNo: Math.ceil(found.length / size),
      orderList: found.slice((page - 1) * size, page * size).map(rowJson),
    },
  }
}

export const detail: XhsMethod = (call) => {
  const trade = askedTrade(call)
  return 'code' in trade ? trade : { data: orderJson(trade, call.sandbox.world.url) }
}

/** order.getOrderReceiverInfo: ciphertexts, and only while an order waits to be shipped. */
export const receivers: XhsMethod = ({ shop, body }) => {
  const queries = rows(body, 'receiverQueries')
  if (queries.length === 0 || queries.length > 100) return badParam('receiverQueries不正确')
  if (typeof body['isReturn'] !== 'boolean') return badParam('isReturn不正确')
  const receiverInfos: Json[] = []
  for (const query of queries) {
    const trade = shop.trades.get(wordIn(query, 'orderId'))
    if (trade === undefined) return wrong(-2_000_101, '订单不存在')
    if (orderStatus(trade) !== 4) return wrong(-2_000_103, '订单状态不允许获取收件人信息')
    const matched = wordIn(query, 'openAddressId') === openAddressId(trade)
    receiverInfos.push({ orderId: trade.tid, matched, ...(matched ? receiverJson(trade) : {}) })
  }
  return { data: { receiverInfos } }
}

function receiverJson(trade: Trade): Json {
  const { name, mobile, state, city, district, town, address } = trade.receiver
  const cipher = (text: string) => {
    const digits = [0, 1, 2, 3].map((n) => hash32(`${n}${trade.tid}${text}`).toString(16).padStart(8, '0'))
    return `#${Buffer.from(digits.join('')).toString('base64')}#1#`
  }
  return {
    openAddressId: openAddressId(trade),
    receiverProvinceName: state,
    receiverCityName: city,
    receiverDistrictName: district,
    receiverTownName: town,
    receiverName: cipher(name),
    receiverPhone: cipher(mobile),
    receiverAddress: cipher(address),
  }
}

/** order.modifySellerMarkInfo: replaces the note; 1 灰, 2 红, 3 黄, 4 绿, 5 蓝, 6 紫. */
export const modifyMark: XhsMethod = (call) => {
  const trade = askedTrade(call)
  if ('code' in trade) return trade
  const { body } = call
  const [note, mark] = [body['sellerMarkNote'], wholeIn(body, 'sellerMarkPriority')]
  if (typeof note !== 'string' || wordIn(body, 'operator') === '')
    return badParam('sellerMarkNote、operator不能为空')
  if (mark === undefined || mark < 1 || mark > 6) return badParam('sellerMarkPriority不正确')
  const { world } = call.sandbox
  changeMemo(world, trade, note, mark - 1)
  recordActivity(world, call.shop, {
    action: 'memo',
    key: trade.tid,
    accepted: true,
    detail: { memo: note, flag: String(mark - 1) },
  })
  return done
}
