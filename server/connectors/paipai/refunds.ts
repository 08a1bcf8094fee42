import { PlatformError } from '../../lib/platform-error.ts'
import { type RefundBrief, refundBriefOf } from '../asking.ts'
import type {
  BadItem,
  Call,
  ListedRefund,
  Refund,
  RefundDetail,
  RefundItem,
  RefundRef,
} from '../connector.ts'
import { ifThere, refundWith } from '../documents.ts'
import {
  type Doubts,
  entryOf,
  type Fields,
  idAt,
  isFields,
  isMissing,
  isTrueAt,
  listAt,
  longest,
  note,
  rawOf,
  textAt,
  wholeAt,
  wholeFenAt,
  wordAt,
} from '../fields.ts'
import { type ChainAt, type ChainedPage, rowsAfter, type Window } from '../lists.ts'
import { callPaipai, userOf } from './client.ts'
import { isNoDeal } from './errors.ts'
import { changedAt, momentAt, timesOf, totalOf } from './fields.ts'
import { specOf } from './lines.ts'
import { isOpenRefund, isRefunding, refundStatusOf } from './statuses.ts'
import { goodsStates } from './unverified.ts'

/**
 * deal/getDealRefundInfoList by the change of the deal, which a refund changes too. Its pages have numbers, but it counts deals, of which
 * one may have several refunds; so the number of the next page is given as that of a chain, and the caller reads until two readings agree.
 */
export async function listChanged(
  call: Call,
  window: Window,
  { after, size }: ChainAt,
): Promise<ChainedPage<RefundItem>> {
  const number = wholeAt({ after }, 'after', 1, Number.MAX_SAFE_INTEGER) ?? 1
  const { body } = await callPaipai(call, 'deal/getDealRefundInfoList', {
    ...userOf(call),
    userRole: '0',
    timeType: 'UPDATE',
    ...timesOf(window),
    pageIndex: String(number),
    pageSize: String(size),
  })
  const deals = listAt(body, 'dealList', '')
  const hasNext = rowsAfter(totalOf(body), deals, { number, size })
  return { items: deals.flatMap(refundsIn), next: hasNext ? String(number + 1) : null }
}

/** Returns every refund of a deal of the list. A deal that cannot be read, or that names no refund, is one item. */
export function refundsIn(value: unknown): (ListedRefund | BadItem)[] {
  const deal = isFields(value) ? value : {}
  const bad = (reason: string): BadItem[] => [{ kind: 'bad', id: null, reason, raw: rawOf(value) }]
  if (!idAt(deal, 'dealCode')) return bad('no dealCode')
  const all = partsOf(deal)
  if (all.length === 0) return bad('no refundInfoList')
  return all.map((parts) => {
    const raw = rawOf({ ...parts.item, refundInfoList: [parts.info], dealCode: deal.dealCode })
    return { ...parseRefund(deal, parts), raw }
  })
}

type Parts = { item: Fields; info: Fields }

/**
 * Returns the refunds of a deal, each with its line. A line that cannot be read, or whose own state is that of an open refund and that names
 * none, has one that cannot be read, because a refund that is left out here would count as none.
 */
function partsOf(deal: Fields): Parts[] {
  return listAt(deal, 'itemList', '').flatMap((line) => {
    const item = isFields(line) ? line : {}
    const infos = listAt(item, 'refundInfoList', '').map((info) => (isFields(info) ? info : {}))
    const isUnread = !isFields(line) || (infos.length === 0 && isOpenRefund(wordAt(item, 'refundState')))
    return (isUnread ? [{}] : infos).map((info) => ({ item, info }))
  })
}

/** deal/getDealRefundDetailInfo gives the refunds of one deal; undefined if the refund is not among them. */
export async function refundDetail(
  call: Call,
  { refundId, tid }: Pick<RefundRef, 'refundId' | 'tid'>,
): Promise<RefundDetail | undefined> {
  if (tid === '')
    throw new PlatformError(
      'rejected',
      'parameter',
      'This platform finds a refund by the number of its deal.',
    )
  return ifThere(isNoDeal, async () => {
    const { body, text } = await refundsOfDeal(call, tid)
    const parts = partsOf(body).find(({ info }) => idAt(info, 'tradeRefundId') === refundId)
    if (!parts) return undefined
    const refund = parseRefund(body, parts)
    return refundWith(refund, text)
  })
}

/** Asks whether a deal has refunds. An unknown deal is refused. */
export async function refundsOfTrade(call: Call, tid: string): Promise<RefundBrief[]> {
  const { body } = await refundsOfDeal(call, tid)
  const briefs = partsOf(body).map((parts) => refundBriefOf(parseRefund(body, parts)))
  if (briefs.length === 0 && isRefunding(wordAt(body, 'dealState')))
    throw new PlatformError('retry', 'bad_answer', 'The deal is in a refund, and the answer names none.')
  return briefs
}

async function refundsOfDeal(call: Call, dealCode: string): ReturnType<typeof callPaipai> {
  const answer = await callPaipai(call, 'deal/getDealRefundDetailInfo', { ...userOf(call), dealCode })
  if (!Array.isArray(answer.body.itemList) || idAt(answer.body, 'dealCode') !== dealCode)
    throw new PlatformError('retry', 'bad_answer', 'The answer does not say of which refunds it is.')
  return answer
}

/** Parses a refund of a line. Never throws. */
export function parseRefund(deal: Fields, { item, info }: Parts): Refund | BadItem {
  const refundId = idAt(info, 'tradeRefundId')
  const tid = idAt(deal, 'dealCode')
  const doubts: Doubts = []
  const modifiedAt = changedAt(info, { doubts, as: 'modified' })
  const reason = !refundId ? 'no tradeRefundId' : !tid ? 'no dealCode' : modifiedAt ? '' : 'no lastUpdateTime'
  if (reason || !modifiedAt) return { kind: 'bad', id: refundId || null, reason, raw: '' }
  const platformStatus = wordAt(info, 'refundState')
  const isReturn = isTrueAt(info, 'refundReqitemFlag')
  const sentBack = textAt(info, 'buyerConsignmentWuliu', longest.name)
  const goodsReceived = goodsOf(info)
  const quantity =
    wholeAt(info, 'refundToBuyerNum', 0, 1_000_000) ?? wholeAt(item, 'itemDealCount', 0, 1_000_000)
  if (isMissing(info.refundToBuyer)) note(doubts, 'refund_amount', '', { guess: '0.00' })
  const createdAt = momentAt(info, 'refundReqTime', { doubts, as: 'created' })
  const refund: Refund = {
    kind: 'refund',
    refundId,
    tid,
    oid: idAt(info, 'dealSubCode') || idAt(item, 'dealSubCode'),
    refundKind: isReturn ? 'return' : 'refund_only',
    // The platform has no phases: a buyer who has received goods, or sends them back, applied after the sale.
    phase: isReturn || goodsReceived !== 'not_received' ? 'aftersale' : 'onsale',
    status: refundStatusOf(platformStatus),
    platformStatus,
    version: textAt(info, 'lastUpdateTime', longest.word),
    amountFen: wholeFenAt(info, 'refundToBuyer', { doubts, as: 'refund_amount' }) ?? 0,
    quantity: quantity ?? 0,
    title: textAt(item, 'itemName', longest.title),
    spec: specOf(textAt(item, 'stockAttr', longest.title)),
    outerId: textAt(item, 'stockLocalCode', longest.name) || textAt(item, 'itemLocalCode', longest.name),
    reason:
      textAt(info, 'refundReasonDesc', longest.title) || textAt(info, 'refundReasonType', longest.title),
    description: textAt(info, 'buyerConsignmentDesc', longest.text),
    goodsReceived,
    ...parcelIn(sentBack),
    createdAt: createdAt ?? modifiedAt,
    modifiedAt,
    deadline: null,
    buyerNick: textAt(deal, 'buyerName', longest.name),
    constraint: '',
  }
  return doubts.length === 0 ? refund : { ...refund, doubts }
}

function goodsOf(info: Fields): Refund['goodsReceived'] {
  if (momentAt(info, 'buyerConsignmentTime')) return 'returned'
  return entryOf(goodsStates, textAt(info, 'refundItemState', 8)) ?? 'unknown'
}

/** buyerConsignmentWuliu is what the buyer typed, mostly the courier and the number: "韵达快递 4312345678901". */
function parcelIn(text: string): { carrier: string; waybillNo: string } {
  const waybillNo = /[A-Za-z]{0,4}\d{8,20}/.exec(text)?.[0] ?? ''
  return {
    carrier: text
      .replace(waybillNo, '')
      .replace(/[\s:：,，]+/g, ' ')
      .trim(),
    waybillNo,
  }
}
