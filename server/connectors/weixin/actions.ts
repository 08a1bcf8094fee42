import { PlatformError } from '../../lib/platform-error.ts'
import type { AgreeAnswer, AgreeInput, MemoInput, RefuseInput } from '../answers.ts'
import type { Call, RefundRef, StockInput, StockResult } from '../connector.ts'
import { idAt, isFields, listAt, longest, textAt, wholeAt } from '../fields.ts'
import { setInGroups, sound } from '../stock.ts'
import { callApi } from './client.ts'
import { goneOf } from './errors.ts'

/** order/merchantnotes/update: replaces the note, also by an empty one. The platform has no flags. */
export async function updateMemo(call: Call, { tid, memo }: MemoInput): Promise<void> {
  await callApi(call, 'order/merchantnotes/update', { order_id: tid, merchant_notes: memo })
}

/**
 * aftersale/acceptapply: pays the refund. For a return, accept_type 2 confirms that the goods are back; without it the platform might only agree
 * that they are sent. Each refund is one call; the platform asks not to pay two of an order within a minute.
 */
export async function agreeRefund(call: Call, { refunds }: AgreeInput): Promise<AgreeAnswer> {
  const results: AgreeAnswer['results'] = []
  for (const { refundId, kind } of refunds) {
    try {
      await callApi(call, 'aftersale/acceptapply', {
        after_sale_order_id: refundId,
        ...(kind === 'refund_only' ? {} : { accept_type: 2 }),
      })
      results.push({ refundId, ok: true, message: '' })
    } catch (error) {
      if (!(error instanceof PlatformError) || error.kind !== 'rejected' || refunds.length === 1) throw error
      results.push({ refundId, ok: false, message: error.message })
    }
  }
  return { outcome: 'done', results }
}

/** aftersale/rejectapply, with one of the reasons of `refuseReasons`. */
export async function refuseRefund(call: Call, { refundId, reasonId, message }: RefuseInput): Promise<void> {
  const type = wholeAt({ reasonId }, 'reasonId', 0, 1_000_000)
  if (type === null)
    throw new PlatformError('rejected', 'parameter', 'A reason of this platform has a number.')
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
