import { jdpAdd, jdpDelete, tmcCancel, tmcPermit, tmcUser } from '../push/permits.ts'
import { platformTime, quote } from '../wire.ts'
import { hash32 } from '../world/random.ts'
import { issueTokens } from '../world/world.ts'
import { type Method, missing, refused } from './call.ts'
import { sendgoodsCancel } from './genius.ts'
import { itemsInventory, itemsOnsale, itemsSellerList } from './items.ts'
import { tokenJson } from './oauth.ts'
import { oaidMerge } from './receivers.ts'
import { refundRefuse, refundReview, refundsAgree, refuseReasons } from './refund-actions.ts'
import { refundGet, refundStatus, refundsReceive } from './refunds.ts'
import { returnAgree, returnRefuse, warehouseUpdate } from './return-actions.ts'
import { companies, dummySend, offlineSend, onlineSend, resend } from './ships.ts'
import { itemQuantity, skusQuantity } from './stock.ts'
import { traceSearch } from './traces.ts'
import { fullInfo, memoUpdate, sold, soldIncrement, soldIncrementV, tradeGet } from './trades.ts'
import { byTradeCode, byWaybillCode, cancel, customAreas, myTemplates, search, take } from './waybills.ts'

const time: Method = (call) => `"time":"${platformTime(call.now)}"`

const userSeller: Method = (call) => {
  const fields = new Set((call.params.get('fields') ?? '').split(','))
  if (fields.has('')) return missing('fields')
  const { name } = call.shop.options
  const known: Record<string, string> = {
    user_id: String(2_200_000_000_000 + hash32(call.shop.key)),
    nick: quote(name),
    type: call.shop.platform === 'tmall' ? '"B"' : '"C"',
    has_shop: 'true',
    status: '"normal"',
  }
  return `"user":{${pick(known, fields)}}`
}

const shopSeller: Method = (call) => {
  const fields = new Set((call.params.get('fields') ?? '').split(','))
  if (fields.has('')) return missing('fields')
  const known: Record<string, string> = {
    sid: String(100_000_000 + (hash32(call.shop.key) % 400_000_000)),
    title: quote(call.shop.options.name),
    pic_path: '"/img/0.svg"',
  }
  return `"shop":{${pick(known, fields)}}`
}

const tokenCreate: Method = (call) => {
  const code = call.params.get('code') ?? ''
  if (code === '') return missing('code')
  const shop = call.sandbox.world.codes.get(code)
  if (shop === undefined) return refused('isv.invalid-parameter:code', 'code无效或已使用')
  call.sandbox.world.codes.delete(code)
  return `"token_result":${quote(tokenJson(call.sandbox, shop, issueTokens(call.sandbox.world, shop, call.sandbox.tokenLife)))}`
}

const tokenRefresh: Method = (call) => {
  const shop = call.sandbox.world.refreshTokens.get(call.params.get('refresh_token') ?? '')
  if (shop === undefined) return refused('isv.invalid-parameter:refresh_token', 'refresh_token无效')
  return `"token_result":${quote(tokenJson(call.sandbox, shop, issueTokens(call.sandbox.world, shop, call.sandbox.tokenLife)))}`
}

function pick(known: Record<string, string>, fields: ReadonlySet<string>): string {
  return Object.entries(known)
    .filter(([name]) => fields.has(name))
    .map(([name, value]) => `"${name}":${value}`)
    .join()
}

export const METHODS: Record<string, Method> = {
  'taobao.trades.sold.get': sold,
  'taobao.trades.sold.increment.get': soldIncrement,
  'taobao.trades.sold.incrementv.get': soldIncrementV,
  'taobao.trade.fullinfo.get': fullInfo,
  'taobao.trade.get': tradeGet,
  'taobao.trade.memo.update': memoUpdate,
  'taobao.refunds.receive.get': refundsReceive,
  'taobao.refund.get': refundGet,
  'taobao.refund.status.get': refundStatus,
  'taobao.refund.refuse': refundRefuse,
  'taobao.refund.refusereason.get': refuseReasons,
  'taobao.rp.refund.review': refundReview,
  'taobao.rp.refunds.agree': refundsAgree,
  'taobao.rdc.aligenius.sendgoods.cancel': sendgoodsCancel,
  'taobao.rp.returngoods.agree': returnAgree,
  'taobao.rp.returngoods.refuse': returnRefuse,
  'taobao.nextone.logistics.warehouse.update': warehouseUpdate,
  'taobao.logistics.offline.send': offlineSend,
  'taobao.logistics.online.send': onlineSend,
  'taobao.logistics.dummy.send': dummySend,
  'taobao.logistics.consign.resend': resend,
  'taobao.logistics.companies.get': companies,
  'taobao.logistics.trace.search': traceSearch,
  'taobao.top.oaid.merge': oaidMerge,
  'cainiao.waybill.ii.search': search,
  'cainiao.waybill.ii.get': take,
  'cainiao.waybill.ii.query.by.tradecode': byTradeCode,
  'cainiao.waybill.ii.query.by.waybillcode': byWaybillCode,
  'cainiao.waybill.ii.cancel': cancel,
  'cainiao.cloudprint.mystdtemplates.get': myTemplates,
  'cainiao.cloudprint.customares.get': customAreas,
  'taobao.items.onsale.get': itemsOnsale,
  'taobao.items.inventory.get': itemsInventory,
  'taobao.items.seller.list.get': itemsSellerList,
  'taobao.skus.quantity.update': skusQuantity,
  'taobao.item.quantity.update': itemQuantity,
  'taobao.user.seller.get': userSeller,
  'taobao.shop.seller.get': shopSeller,
  'taobao.time.get': time,
  'taobao.jushita.jdp.user.add': jdpAdd,
  'taobao.jushita.jdp.user.delete': jdpDelete,
  'taobao.tmc.user.permit': tmcPermit,
  'taobao.tmc.user.cancel': tmcCancel,
  'taobao.tmc.user.get': tmcUser,
  'taobao.top.auth.token.create': tokenCreate,
  'taobao.top.auth.token.refresh': tokenRefresh,
}

/** The methods that need no seller's session. */
export const OPEN_METHODS: ReadonlySet<string> = new Set([
  'taobao.time.get',
  'taobao.logistics.companies.get',
  'taobao.top.auth.token.create',
  'taobao.top.auth.token.refresh',
])
