import type { Json } from '../json-parts.ts'
import type { Refund, Trade } from '../world/model.ts'
import { filteredBetween } from '../world/modified-log.ts'
import { RETURN_KINDS } from '../world/refund.ts'
import { askedDeal, badParameter, type PaipaiMethod, pageOf, spanOf, textOf, timeOf } from './call.ts'
import { buyerUin, dealState, itemJson, refundState, wordsOf } from './deal-json.ts'

const MOST = 20

/**
 * deal/getDealRefundInfoList: deals with refunds by the time of the deal, which every change of a refund moves. Deals are counted, not refunds.
 */
export const getDealRefundInfoList: PaipaiMethod = (call) => {
  const page = pageOf(call, MOST)
  if ('errorCode' in page) return page
  if (!['', '0', '1'].includes(textOf(call, 'userRole'))) return badParameter('userRole')
  const span = spanOf(call)
  if ('errorCode' in span) return span
  const timeType = textOf(call, 'timeType')
  if (timeType !== 'CREATE' && timeType !== 'UPDATE') return badParameter('timeType')
  const { shop, sandbox } = call
  const hasRefund = ({ refunds }: Trade) => refunds.length > 0 && textOf(call, 'userRole') !== '1'
  const found =
    timeType === 'UPDATE'
      ? filteredBetween(shop.tradeLog, span, `pp refunds ${textOf(call, 'userRole')}`, hasRefund)
      : shop.byCreated.filter(
          (trade) => trade.created >= span.from && trade.created <= span.to && hasRefund(trade),
        )
  return {
    pageIndex: page.index,
    pageTotal: Math.ceil(found.length / page.size),
    countTotal: found.length,
    dealList: found
      .slice(page.skip, page.skip + page.size)
      .map((trade) => refundDeal(trade, sandbox.world.url)),
  }
}

/** deal/getDealRefundDetailInfo: all refunds of one deal; a deal without any has no lines here. */
export const getDealRefundDetailInfo: PaipaiMethod = (call) => {
  const trade = askedDeal(call)
  return 'errorCode' in trade ? trade : refundDeal(trade, call.sandbox.world.url)
}

function refundDeal(trade: Trade, url: string): Json {
  const byLine = Map.groupBy(trade.refunds, ({ line }) => line)
  return {
    dealCode: trade.tid,
    dealState: dealState(trade),
    buyerUin: buyerUin(trade),
    buyerName: trade.buyer.nick,
    dealCreateTime: timeOf(trade.created),
    itemList: [...byLine].map(([line, refunds]) => ({
      ...itemJson(trade, line, url),
      refundInfoList: refunds.map(refundJson),
    })),
  }
}

function refundJson(refund: Refund): Json {
  const state = refundState(refund)
  const isBack = refund.waybill !== ''
  return {
    tradeRefundId: refund.id,
    dealSubCode: refund.line.oid,
    dealCreateTime: timeOf(refund.trade.created),
    refundReqTime: timeOf(refund.created),
    lastUpdateTime: timeOf(refund.modified),
    refundState: state,
    refundStateDesc: wordsOf(state),
    preRefundState: '',
    refundItemState: refund.goodStatus === 'BUYER_NOT_RECEIVED' ? '0' : '1',
    refundReqitemFlag: RETURN_KINDS.has(refund.kind) ? '1' : '0',
    refundReasonType: '1',
    refundReasonDesc: refund.reason,
    refundToBuyer: String(refund.fee),
    refundToBuyerNum: String(refund.num),
    refundToSeller: '0',
    sellerRefundAddr: '',
    sellerAgreeGivebackTime: timeOf(0),
    sellerAgreeMsg: '',
    sellerAgreeItemMsg: '',
    sellerRefuseTime: timeOf(refund.refuseReason === '' ? 0 : refund.modified),
    buyerConsignmentTime: timeOf(isBack ? refund.modified : 0),
    buyerConsignmentWuliu: isBack ? `${refund.company} ${refund.waybill}` : '',
    buyerConsignmentDesc: refund.description,
    refundEndTime: timeOf(refund.status === 'SUCCESS' || refund.status === 'CLOSED' ? refund.modified : 0),
    timeoutItemFlag: '0',
    tradePropertymask: '1',
  }
}
