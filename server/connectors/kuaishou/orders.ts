import { PlatformError } from '../../lib/platform-error.ts'
import type { Call } from '../connector.ts'
import { type Fields, isFields } from '../fields.ts'
import { askKuaishou } from './client.ts'
import { numberOf } from './fields.ts'

/** The order as the platform answers it. @throws {PlatformError} also if there is none. */
export async function orderOf(call: Call, tid: string): Promise<{ order: Fields; text: string }> {
  const { body, text } = await askKuaishou(call, 'open.order.detail', { oid: numberOf(tid) })
  const order = body.data
  if (!isFields(order) || !isFields(order.orderBaseInfo))
    throw new PlatformError('retry', 'bad_answer', 'The answer has no order.')
  return { order, text }
}
