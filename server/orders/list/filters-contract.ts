import { courierCodes } from '../../connectors/couriers.ts'
import { flagWords, tradeTypeWords } from '../../connectors/words-contract.ts'
import type { FilterDeclaration } from '../../core/lists/declare-contract.ts'
import { facet, has, hashFacet } from '../../lib/facets.ts'
import { shortRegion, textHash } from '../../lib/text-hash.ts'
import {
  allocationBits,
  allocationFacets,
  changedFacet,
  flagFacets,
  heldFacet,
  originFacet,
  plannedFacet,
  refundFacets,
  statusFacet,
  warehouseFacet,
} from '../order/facets.ts'
import { offPlatformOrigins, orderStatuses, originWords, statusWords } from '../order/lifecycle.ts'

const refundWords = {
  none: ['没有', 'None'],
  open: ['申请中', 'Open'],
  succeeded: ['已退', 'Succeeded'],
} as const

/** Makes the `facets` function of a yes/no filter from the facets of both answers. */
const either = (yes: readonly number[], no: readonly number[]) => (value: string) =>
  value === 'true' ? yes : no
const hasOrNot = (yes: number, no: number) => either([facet('has', yes)], [facet('has', no)])
const allocated = (bit: number) => either(allocationFacets(bit, true), allocationFacets(bit, false))
function originFacets(value: string): readonly number[] | undefined {
  const known = offPlatformOrigins.find((origin) => origin === value)
  return known && [originFacet(known)]
}

function statusFacets(value: string): readonly number[] | undefined {
  const known = orderStatuses.find((status) => status === value)
  return known && [statusFacet(known)]
}

/** The filters of the order list, in the order of the page; all are combined with "and", the values of one with "or". */
export const orderFilters = {
  shop: { words: ['店铺', 'Shop'], kind: 'shops' },
  status: { words: ['状态', 'Status'], kind: 'choices', choices: statusWords, facets: statusFacets },
  /**
   * Orders with a line of this SKU, which is given by its code. `indexed-filters.ts` makes the conditions of `sku`, `buyer` and `waybill`.
   */
  sku: { words: ['SKU', 'SKU'], kind: 'sku' },
  buyer: {
    words: ['买家', 'Buyer'],
    kind: 'text',
    hint: ['昵称、收件人、手机号或后四位', 'Nick, receiver, mobile or its last four'],
    few: true,
  },
  waybill: { words: ['运单号', 'Waybill'], kind: 'text', few: true },
  paid: { words: ['付款', 'Paid'], kind: 'period', range: 'paidAt' },
  created: { words: ['转单', 'Converted'], kind: 'period', range: 'createdAt' },
  shipByTo: { words: ['发货时限早于', 'Ship by, before'], kind: 'until', range: 'shipBy' },
  refund: {
    words: ['退款', 'Refund'],
    kind: 'choices',
    choices: refundWords,
    facets: (value) => (value in refundWords ? [refundFacets[value as keyof typeof refundWords]] : undefined),
  },
  held: { words: ['挂起', 'On hold'], kind: 'yesNo', facets: either([heldFacet(true)], [heldFacet(false)]) },
  differs: {
    words: ['差异', 'Changed'],
    kind: 'yesNo',
    facets: either([changedFacet(true)], [changedFacet(false)]),
  },
  short: { words: ['缺货', 'Short'], kind: 'yesNo', facets: allocated(allocationBits.short) },
  unmatched: { words: ['未匹配', 'Unmatched'], kind: 'yesNo', facets: allocated(allocationBits.unmatched) },
  problem: { words: ['问题', 'Problem'], kind: 'yesNo', present: flagFacets.problem },
  urgent: { words: ['加急', 'Urgent'], kind: 'yesNo', present: flagFacets.urgent },
  origin: {
    words: ['来源', 'Origin'],
    kind: 'choices',
    choices: Object.fromEntries(offPlatformOrigins.map((origin) => [origin, originWords[origin]])),
    facets: originFacets,
  },
  planned: { words: ['定了发货日', 'Ship date planned'], kind: 'yesNo', present: plannedFacet },
  shipAfterTo: { words: ['计划发货早于', 'Planned before'], kind: 'until', range: 'shipAfter' },
  locked: { words: ['锁定', 'Locked'], kind: 'yesNo', present: flagFacets.locked },
  courier: { words: ['快递', 'Courier'], kind: 'choices', choices: courierCodes, facet: 'courier' },
  type: { words: ['类型', 'Type'], kind: 'choices', choices: tradeTypeWords, facet: 'tradeType' },
  flag: {
    words: ['旗标', 'Flag'],
    kind: 'choices',
    choices: flagWords,
    facets: (value) => (value in flagWords ? [facet('flag', Number(value))] : undefined),
  },
  payment: { words: ['金额', 'Amount'], kind: 'amount', column: 'payment_fen' },
  hasMessage: { words: ['买家留言', 'Message'], kind: 'yesNo', facets: hasOrNot(has.message, has.noMessage) },
  hasMemo: { words: ['卖家备注', 'Memo'], kind: 'yesNo', facets: hasOrNot(has.memo, has.noMemo) },
  cod: { words: ['货到付款', 'Cash on delivery'], kind: 'yesNo', facets: hasOrNot(has.cod, has.noCod) },
  severalLines: {
    words: ['多件', 'Several lines'],
    kind: 'yesNo',
    facets: hasOrNot(has.severalLines, has.oneLine),
  },
  province: {
    words: ['省份', 'Province'],
    kind: 'text',
    hint: ['如：浙江，多个用逗号分开', 'For example 浙江; several comma-separated'],
    facets: (name) => [hashFacet('province', textHash(shortRegion(name)))],
  },
  /** The conditions of `q` and of the trade numbers are in `order-list.ts`. */
  q: {
    words: ['搜索', 'Search'],
    kind: 'text',
    hint: [
      '订单号、交易号、手机号或后四位、收件人、昵称、商品',
      'Order or trade no., phone or its last four, receiver, nick, goods',
    ],
  },
  tids: { words: ['交易号', 'Trade numbers'], kind: 'numbers', few: true },
  ids: { words: ['指定的订单', 'Given orders'], kind: 'ids', column: 'id', few: true },
  warehouse: { words: ['仓库', 'Warehouse'], kind: 'warehouses', facets: (id) => [warehouseFacet(id)] },
} as const satisfies Record<string, FilterDeclaration>
