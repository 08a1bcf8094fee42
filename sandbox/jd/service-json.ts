import type { Json } from '../json-parts.ts'
import type { Refund } from '../world/model.ts'
import { hash32 } from '../world/random.ts'
import { skuWords } from './order-json.ts'

/** 10 退货, 20 换货, 30 维修, 80 补发 */
const KINDS: Readonly<Record<string, readonly [code: number, name: string]>> = {
  REFUND_AND_RETURN: [10, '退货'],
  TMALL_EXCHANGE: [20, '换货'],
  REPAIR: [30, '维修'],
  RESHIPPING: [80, '补发'],
}
const STATES: Readonly<Record<string, readonly [code: number, name: string]>> = {
  WAIT_SELLER_AGREE: [10001, '待审核'],
  WAIT_BUYER_RETURN_GOODS: [10005, '待收货'],
  WAIT_SELLER_CONFIRM_GOODS: [10005, '待收货'],
  SELLER_REFUSE_BUYER: [10004, '审核关闭'],
  CLOSED: [10011, '取消'],
  SUCCESS: [10010, '完成'],
}
const NOTHING = [0, ''] as const

export const serviceId = ({ id }: Refund): number => Number(id.slice(1))
const kindOf = ({ kind }: Refund) => KINDS[kind] ?? NOTHING
const stateOf = ({ status }: Refund) => STATES[status] ?? NOTHING

/** A parcel that the buyer enters changes neither version nor time of a service order. */
const shownOf = (refund: Refund): { version: number; modified: number } =>
  (refund.status === 'WAIT_SELLER_CONFIRM_GOODS' && refund.sent) || refund

export const sysVersion = (refund: Refund): number =>
  (shownOf(refund).version - refund.created * 1000) % 2_000_000_000
export const updatedAt = (refund: Refund): number => shownOf(refund).modified
/** The time at which the buyer entered the parcel; 0: there is none. */
export const parcelAt = ({ sent }: Refund): number => sent?.at ?? 0

const ms = (seconds: number): number => seconds * 1000
const yuan = (fen: number): number => fen / 100
const pinOf = ({ trade }: Refund): string => `jd_${hash32(trade.buyer.nick).toString(16)}`
const wareName = ({ line: { listing, sku } }: Refund): string =>
  `${listing.title} ${skuWords(sku?.properties ?? '')}`.trim()
const skuIdOf = ({ line: { sku } }: Refund): string => sku?.skuId ?? '0'

/** A row of asc.query.list and asc.sync.list. */
export const briefJson = (refund: Refund): Json => ({
  serviceId: serviceId(refund),
  orderId: refund.trade.tid,
  customerExpect: kindOf(refund)[0],
  customerExpectName: kindOf(refund)[1],
  serviceStatus: stateOf(refund)[0],
  serviceStatusName: stateOf(refund)[1],
  applyTime: ms(refund.created),
  updateDate: ms(updatedAt(refund)),
  ...(parcelAt(refund) === 0 ? {} : { freightUpdateDate: ms(parcelAt(refund)) }),
  sysVersion: sysVersion(refund),
  expressCode: refund.waybill,
  orderType: 22,
  orderTypeName: 'POPSOP',
  customerPin: pinOf(refund),
  customerName: '*',
  skuId: skuIdOf(refund),
  wareName: wareName(refund),
  wareNum: refund.num,
  wareType: 10,
})

/** `data` of asc.query.view. Amounts are numbers in yuan, times milliseconds. */
export const viewJson = (refund: Refund): Json => ({
  serviceId: serviceId(refund),
  applyId: serviceId(refund) + 7,
  orderId: refund.trade.tid,
  orderType: 22,
  orderTypeName: 'POPSOP',
  applyTime: ms(refund.created),
  updateDate: ms(updatedAt(refund)),
  updateName: '',
  sysVersion: sysVersion(refund),
  serviceStatus: stateOf(refund)[0],
  serviceStatusName: stateOf(refund)[1],
  customerExpect: kindOf(refund)[0],
  customerExpectName: kindOf(refund)[1],
  serviceCount: 1,
  expectPickwareType: refund.wayBack ?? 40,
  expectPickwareTypeName: refund.wayBack === 7 ? '客户送货' : '客户发货',
  refundType: 20,
  refundTypeName: '原返',
  questionTypeCid1: 19,
  questionTypeCid1Name: '',
  questionTypeCid2: 19,
  questionTypeCid2Name: '',
  questionDesc: refund.description,
  questionPic: '',
  approveNotes: refund.refuseReason,
  ...(refund.status === 'SUCCESS' ? { processResultName: kindOf(refund)[1] } : {}),
  customerInfo: { jdPin: pinOf(refund), name: '*', grade: 50 },
  extJsonStr: JSON.stringify({ isUat: '0', APPLYREASON: refund.reason }),
  serviceBillDetailList: [
    {
      serviceDetailId: serviceId(refund) + 3,
      skuId: skuIdOf(refund),
      wareName: wareName(refund),
      wareType: 10,
      wareNum: refund.num,
      payPrice: yuan(refund.line.price * refund.num),
      actualPayPrice: yuan(refund.fee),
    },
  ],
  applyDetailList: [
    {
      applyDetailId: detailId(refund),
      skuId: skuIdOf(refund),
      wareName: wareName(refund),
      wareType: 10,
      wareTypeName: '主商品',
    },
  ],
})

export const detailId = (refund: Refund): number => serviceId(refund) + 5

/** `data` of asc.freight.view: nothing while the buyer has entered no parcel. */
export const freightJson = (refund: Refund): Json =>
  parcelAt(refund) === 0
    ? {}
    : {
        shipWayId: 1327,
        expressCompany: refund.company,
        expressCode: refund.waybill,
        deliveryDate: ms(parcelAt(refund)),
        freightMoney: 0,
        freightLogList: [{ content: '创建运费记录', createDate: ms(parcelAt(refund)), createName: '客户' }],
      }

const MOVES_MONEY: ReadonlySet<string> = new Set(['REFUND_AND_RETURN'])
export const isPaid = ({ kind, status }: Refund): boolean => status === 'SUCCESS' && MOVES_MONEY.has(kind)

/** A row of asc.serviceAndRefund.view; the money of a service order that is not paid has no status yet. */
export const moneyJson = (refund: Refund): Json => ({
  ...(isPaid(refund)
    ? {
        afsRefundId: serviceId(refund) + 11,
        refoundAmount: yuan(refund.fee),
        completeTime: ms(refund.modified),
        status: 13,
      }
    : {}),
  sameOrderServiceBill: {
    serviceId: serviceId(refund),
    orderId: refund.trade.tid,
    wareId: skuIdOf(refund),
    wareName: wareName(refund),
    afsApplyTime: ms(refund.created),
    approveDate: ms(updatedAt(refund)),
    questionDesc: refund.description,
    applyReason: refund.reason,
    customerPin: pinOf(refund),
  },
})
