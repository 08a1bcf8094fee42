import { PlatformError } from '../../lib/platform-error.ts'
import type { Call } from '../connector.ts'
import { fieldsAt, listAt } from '../fields.ts'
import type { MaskedTrade, ReceiverSource } from '../receivers.ts'
import { callFxg } from './client.ts'

/**
 * order/merge: two to a hundred orders of the last fifteen days that wait to be shipped. It answers texts such as "1111,2222". `open_address_id`
 * is the same for the same receiver on one day.
 */
export const receivers: ReceiverSource = { most: 100, together }

async function together(call: Call, trades: readonly MaskedTrade[]): Promise<string[][]> {
  if (trades.length < 2) return trades.map(({ tid }) => [tid])
  const asked = new Set(trades.map(({ tid }) => tid))
  const { body } = await callFxg(call, 'order/merge', {
    merge_list: trades.map(({ tid, token }) => ({ order_id: tid, open_address_id: token })),
  })
  const groups = listAt(fieldsAt(body, 'data'), 'order_list', '').map((text) =>
    String(text)
      .split(',')
      .map((tid) => tid.trim())
      .filter((tid) => asked.has(tid)),
  )
  // An answer without orders, or with one twice, is too unreliable to decide about shipping.
  const named = groups.flat()
  if (named.length === 0 || new Set(named).size < named.length)
    throw new PlatformError('retry', 'bad_answer', 'The platform did not say which orders go together.')
  return groups.filter((group) => group.length > 0)
}
