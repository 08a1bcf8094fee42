import type { Refund } from './model.ts'
import { succeedRefund } from './refund.ts'
import type { World } from './world.ts'

/**
 * 取消发货: a seller who stopped the order gets the refund paid at once, if it still waits and nothing was shipped. Whoever
 * says so again changes nothing. Answers the problem, or ''.
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

/** JSON with 64-bit numbers, as texts by name; undefined when it is none. */
export function readFlat(text: string): ReadonlyMap<string, string> | undefined {
  try {
    const body: unknown = JSON.parse(text.replace(/:\s*(\d{1,20})(?=\s*[,}])/g, ':"$1"'))
    if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined
    return new Map(Object.entries(body).map(([name, value]) => [name, String(value)]))
  } catch {
    return undefined
  }
}
