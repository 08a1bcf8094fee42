import type { Call } from '../connector.ts'
import { fieldsAt, listAt } from '../fields.ts'
import { groupsIn, type MaskedTrade, type ReceiverSource } from '../receivers.ts'
import { callFxg } from './client.ts'

/**
 * order/merge: two to a hundred orders of the last fifteen days that wait to be shipped. It answers texts such as "1111,2222". `open_address_id`
 * is the same for the same receiver on one day.
 */
export const receivers: ReceiverSource = { most: 100, together }

async function together(call: Call, trades: readonly MaskedTrade[]): Promise<string[][]> {
  if (trades.length < 2) return trades.map(({ tid }) => [tid])
  const { body } = await callFxg(call, 'order/merge', {
    merge_list: trades.map(({ tid, token }) => ({ order_id: tid, open_address_id: token })),
  })
  return groupsIn(listAt(fieldsAt(body, 'data'), 'order_list', ''), trades)
}
