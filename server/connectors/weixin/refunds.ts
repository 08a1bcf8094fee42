import { PlatformError } from '../../lib/platform-error.ts'
import { secondMs } from '../../lib/time.ts'
import type { RefundBrief } from '../asking.ts'
import type { BadItem, Call, Refund, RefundDetail, RefundItem, RefundRef } from '../connector.ts'
import { ifThere, refundWith } from '../documents.ts'
import {
  type Doubts,
  entryOf,
  type Fields,
  fieldsAt,
  fieldsIn,
  idAt,
  instantAt,
  isFields,
  isMissing,
  listAt,
  longest,
  note,
  textAt,
  wholeAt,
  wholeFenAt,
  wordAt,
} from '../fields.ts'
import { needed } from '../gateway.ts'
import type { ChainAt, ChainedPage, Window } from '../lists.ts'
import { callApi } from './client.ts'
import { isNotFound } from './errors.ts'
import { oidOf, pageOfIds, piecesIn, secondsOf } from './fields.ts'
import { refundKindOf, refundStatusOf } from './statuses.ts'

/** aftersale/getaftersalelist: windows of at most 24 hours; the platform chooses the length of a page. */
export async function listChanged(
  call: Call,
  window: Window,
  { after }: ChainAt,
): Promise<ChainedPage<RefundItem>> {
  const { from, to } = secondsOf(window)
  const { body } = await callApi(call, 'aftersale/getaftersalelist', {
    begin_update_time: from,
    end_update_time: to,
    ...(after === null ? {} : { next_key: after }),
  })
  return pageOfIds(body, 'after_sale_order_id_list', (refundId) => ({ kind: 'id', refundId }))
}

/** aftersale/getaftersaleorder; undefined if the shop has no such after-sale. */
export async function refundDetail(
  call: Call,
  { refundId }: Pick<RefundRef, 'refundId'>,
): Promise<RefundDetail | undefined> {
  return ifThere(isNotFound, async () => {
    const { body, text, at } = await callApi(call, 'aftersale/getaftersaleorder', {
      after_sale_order_id: refundId,
    })
    const { after_sale_order: refund } = body
    return refundWith(parseRefund(needed(isFields(refund) ? refund : null, 'after-sale'), at), text)
  })
}

/**
 * Asks whether an order has after-sales: order/get names them without their lines and states, so the detail of each is
 * requested.
 */
export async function refundsOfTrade(call: Call, tid: string): Promise<RefundBrief[]> {
  const { body } = await callApi(call, 'order/get', { order_id: tid })
  const order = fieldsAt(body, 'order')
  const named = fieldsIn(listAt(fieldsAt(order, 'aftersale_detail'), 'aftersale_order_list', ''), 'lines', [])
  const products = listAt(fieldsAt(order, 'order_detail'), 'product_infos', '').filter(isFields)
  const isOpen = (product: Fields) => wholeAt(product, 'on_aftersale_sku_cnt', 0, 1_000_000) !== 0
  if (named.length === 0 && (products.length === 0 || products.some(isOpen)))
    throw new PlatformError('retry', 'bad_answer', 'The answer says nothing of after-sales.')
  const briefs: RefundBrief[] = []
  for (const one of named) {
    const found = await refundDetail(call, { refundId: idAt(one, 'aftersale_order_id') })
    // Without its detail nothing is known of it, and the order must not count as one without after-sales.
    if (!found || 'kind' in found)
      throw new PlatformError('retry', 'bad_answer', 'An after-sale cannot be read.')
    const { refundId, oid, status } = found.refund
    briefs.push({ refundId, oid, status })
  }
  return briefs
}

/** Parses an after-sale, which is always of one product. Never throws. `at`: when it was requested, for its deadline. */
export function parseRefund(fields: Fields, at: Date): Refund | BadItem {
  const refundId = idAt(fields, 'after_sale_order_id')
  const tid = idAt(fields, 'order_id')
  const doubts: Doubts = []
  const modifiedAt = instantAt(fields, 'update_time', { doubts, as: 'modified' })
  const reason = !refundId ? 'no number' : !tid ? 'no order_id' : modifiedAt ? '' : 'no update_time'
  if (reason || !modifiedAt) return { kind: 'bad', id: refundId || null, reason, raw: '' }
  const [product, money] = [fieldsAt(fields, 'product_info'), fieldsAt(fields, 'refund_info')]
  const [details, back] = [fieldsAt(fields, 'details'), fieldsAt(fields, 'return_info')]
  const platformStatus = wordAt(fields, 'status')
  const refundKind = entryOf(refundKindOf, wordAt(fields, 'type')) ?? 'other'
  const waybillNo = textAt(back, 'waybill_id', longest.word)
  const goodsReceived = goodsOf(details, waybillNo)
  if (isMissing(money.amount)) note(doubts, 'refund_amount', '', { guess: '0.00' })
  const refund: Refund = {
    kind: 'refund',
    refundId,
    tid,
    oid: isMissing(product.product_id) ? '' : oidOf(tid, product),
    refundKind,
    // The platform has no phases: a buyer who has received goods, or sends them back, applied after the sale.
    phase: refundKind === 'refund_only' && goodsReceived !== 'received' ? 'onsale' : 'aftersale',
    status: entryOf(refundStatusOf, platformStatus) ?? 'unknown',
    platformStatus,
    // The platform has no versions; the time of the last change takes their place.
    version: textAt(fields, 'update_time', longest.word),
    amountFen: wholeFenAt(money, 'amount', { doubts, as: 'refund_amount' }) ?? 0,
    quantity: piecesIn(product, 'count', { doubts, as: 'num' }),
    title: '',
    spec: '',
    outerId: '',
    reason: textAt(fields, 'reason_text', longest.title) || textAt(fields, 'reason', longest.title),
    description: textAt(details, 'desc', longest.text),
    goodsReceived,
    carrier: textAt(back, 'delivery_name', longest.name) || textAt(back, 'delivery_id', longest.name),
    waybillNo,
    createdAt: instantAt(fields, 'create_time', { doubts, as: 'created' }) ?? modifiedAt,
    modifiedAt,
    deadline: deadlineOf(fields, at),
    buyerNick: '',
    constraint: '',
  }
  return doubts.length === 0 ? refund : { ...refund, doubts }
}

/** `deadline` is the number of seconds that are left. */
function deadlineOf(fields: Fields, at: Date): Date | null {
  const left = wholeAt(fields, 'deadline', 1, 1e8)
  return left === null ? null : new Date(Math.floor(at.getTime() / secondMs + left) * secondMs)
}

function goodsOf(details: Fields, waybillNo: string): Refund['goodsReceived'] {
  if (waybillNo !== '') return 'returned'
  const received = details.receive_product
  if (received === true || received === 1) return 'received'
  return received === false || received === 0 ? 'not_received' : 'unknown'
}
