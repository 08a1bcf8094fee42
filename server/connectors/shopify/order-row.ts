import { PlatformError } from '../../lib/platform-error.ts'
import type { Call } from '../connector.ts'
import { type Fields, isFields } from '../fields.ts'
import { ask } from './client.ts'
import { noOrder } from './errors.ts'
import { orderGid } from './fields.ts'

/** Asks for fields of one order. @throws {PlatformError} also if there is none: the platform answers null. */
export async function orderRow(
  call: Call,
  query: string,
  tid: string,
  more: Readonly<Record<string, unknown>> = {},
): Promise<{ order: Fields; text: string }> {
  const { data, text } = await ask(call, query, { id: orderGid(tid), ...more })
  if (isFields(data.order)) return { order: data.order, text }
  if (data.order === null) throw new PlatformError('rejected', noOrder, 'The shop has no such order.')
  throw new PlatformError('retry', 'bad_answer', 'The answer has no order.')
}
