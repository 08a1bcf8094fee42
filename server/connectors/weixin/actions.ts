import { PlatformError } from '../../lib/platform-error.ts'
import {
  type AgreeAnswer,
  type AgreeInput,
  agreeEach,
  alreadyAnswered,
  assertAmountRead,
  changedRefund,
  goodsNotBack,
  type MemoInput,
  type RefuseInput,
} from '../answers.ts'
import type { Call, Refund, RefundRef } from '../connector.ts'
import { idAt, isFields, listAt, longest, textAt, wholeAt } from '../fields.ts'
import { type StockInput, type StockResult, setInGroups, sound } from '../stock.ts'
import { callApi } from './client.ts'
import { goneOf } from './errors.ts'
import { refundDetail } from './refunds.ts'

/** order/merchantnotes/update: replaces the note, also by an empty one. The platform has no flags. */
export async function updateMemo(call: Call, { tid, memo }: MemoInput): Promise<void> {
  await callApi(call, 'order/merchantnotes/update', { order_id: tid, merchant_notes: memo })
}

/** Pays each refund by a call of its own; the platform asks not to pay two of an order within a minute (`limits.refundGapMs`). */
export const agreeRefund = (call: Call, input: AgreeInput): Promise<AgreeAnswer> =>
  agreeEach(input, (refund) => agreeOne(call, refund))

/**
 * aftersale/acceptapply. For a return, accept_type 2 confirms that the goods are back; without it the platform might only agree that they are
 * sent. The platform pays the amount that it has by then, so a refund whose amount is not the one that the user saw is not agreed to.
 */
async function agreeOne(call: Call, seen: AgreeInput['refunds'][number]): Promise<void> {
  const now = await refundNow(call, seen)
  const { refundKind, platformStatus } = now
  if (now.status === 'succeeded' || paying.has(platformStatus)) throw alreadyAnswered()
  if (now.version !== seen.version || now.amountFen !== seen.amountFen) throw changedRefund()
  assertAmountRead(now)
  if (refundKind !== 'refund_only' && refundKind !== 'return')
    throw new PlatformError('rejected', 'unsupported', 'Only refunds of money are agreed to here.')
  if (refundKind === 'return' && !waitsForGoods.has(platformStatus)) throw goodsNotBack()
  await callApi(call, 'aftersale/acceptapply', {
    after_sale_order_id: seen.refundId,
    ...(refundKind === 'return' ? { accept_type: 2 } : {}),
  })
}

/** 平台退款中, and 平台退款失败: it pays again by itself. */
const paying: ReadonlySet<string> = new Set(['PLATFORM_REFUNDING', 'PLATFORM_REFUND_FAIL'])
/** 待商家收货, and 商家逾期未退款. Before that the buyer has sent nothing back. */
const waitsForGoods: ReadonlySet<string> = new Set(['MERCHANT_WAIT_RECEIPT', 'MERCHANT_OVERDUE_REFUND'])

async function refundNow(call: Call, seen: RefundRef): Promise<Refund> {
  const detail = await refundDetail(call, seen)
  if (detail && 'refund' in detail) return detail.refund
  throw new PlatformError('rejected', 'refund_not_found', 'The after-sale cannot be read.')
}

/** aftersale/rejectapply, with one of the reasons of `refuseReasons`, of an after-sale that is as the user saw it. */
export async function refuseRefund(call: Call, input: RefuseInput): Promise<void> {
  const { refundId, reasonId, message } = input
  const type = wholeAt({ reasonId }, 'reasonId', 0, 1_000_000)
  if (type === null)
    throw new PlatformError('rejected', 'parameter', 'A reason of this platform has a number.')
  const { status, version } = await refundNow(call, input)
  if (status === 'refused') throw alreadyAnswered()
  if (version !== input.version) throw changedRefund()
  await callApi(call, 'aftersale/rejectapply', {
    after_sale_order_id: refundId,
    reject_reason: message,
    reject_reason_type: type,
  })
}

/**
 * aftersale/rejectreason/get: the reasons for every after-sale, some for one kind only. The documents name the list reason_list, sellers have seen
 * reject_reason_list. reject_scene: 1 a refund only, 4 a return, 5 and 6 an exchange.
 */
export async function refuseReasons(call: Call, refund: RefundRef): Promise<{ id: string; text: string }[]> {
  const { body } = await callApi(call, 'aftersale/rejectreason/get', {})
  const key = 'reject_reason_list' in body ? 'reject_reason_list' : 'reason_list'
  const ofRefundOnly = (scene: number | null) => scene === null || scene === 1
  return listAt(body, key, '')
    .filter(isFields)
    .filter((reason) => refund.phase !== 'onsale' || ofRefundOnly(wholeAt(reason, 'reject_scene', 0, 99)))
    .map((reason) => ({
      id: idAt(reason, 'reject_reason_type'),
      text: textAt(reason, 'reject_reason_type_text', longest.name),
    }))
    .filter(({ id }) => id !== '')
}

/** product/stock/update, one SKU in each call. diff_type 3 sets the number, which may be done twice; 1 and 2 change it. */
export async function updateStock(call: Call, input: StockInput): Promise<StockResult[]> {
  return setInGroups(
    sound(input).map((row) => [row]),
    async ([row]) => {
      if (!row) return
      await callApi(call, 'product/stock/update', {
        product_id: row.itemId,
        sku_id: row.platformSkuId,
        diff_type: 3,
        num: row.quantity,
      })
    },
    goneOf,
  )
}
