import type { Call } from '../connector.ts'
import { type Fields, idAt } from '../fields.ts'
import { needed } from '../gateway.ts'
import { askXiaohongshu } from './client.ts'

/** The order as the platform answers it. @throws {PlatformError} also if there is none. */
export async function orderOf(call: Call, orderId: string): Promise<{ order: Fields; text: string }> {
  const { data, text } = await askXiaohongshu(call, 'order.getOrderDetail', { orderId })
  return { order: needed(idAt(data, 'orderId') === '' ? null : data, 'order'), text }
}
