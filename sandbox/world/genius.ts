import type { Refund } from './model.ts'
import { succeedRefund } from './refund.ts'
import type { World } from './world.ts'

/**
 * 取消发货: if the seller stopped the order, pays the refund, provided that it is still open and nothing was shipped. A repeated report changes
 * nothing. Returns the problem, or ''.
 */
export function hearCancel(world: World, refund: Refund, status: string): string {
  if (status === 'FAIL') return ''
  if (status !== 'SUCCESS') return 'status只能是SUCCESS或FAIL'
  if (refund.status === 'SUCCESS') return ''
  if (refund.kind !== 'REFUND') return '只支持未发货仅退款'
  if (refund.line.consigned > 0) return '订单已发货'
  if (refund.status !== 'WAIT_SELLER_AGREE') return `退款状态不允许操作:${refund.status}`
  succeedRefund(world, refund)
  return ''
}

/** Parses JSON with 64-bit numbers into texts by name; undefined if it is not a JSON object. */
export function readFlat(text: string): ReadonlyMap<string, string> | undefined {
  try {
    const body: unknown = JSON.parse(text.replace(/:\s*(\d{1,20})(?=\s*[,}])/g, ':"$1"'))
    if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined
    return new Map(Object.entries(body).map(([name, value]) => [name, String(value)]))
  } catch {
    return undefined
  }
}
