import type { Call } from '../connector.ts'
import { listAt } from '../fields.ts'
import { groupsIn, type MaskedTrade, type ReceiverSource } from '../receivers.ts'
import { callTop } from './client.ts'

/**
 * taobao.top.oaid.merge, for at most 100 trades. It returns texts such as "1111,2222". The trades of one text form a group and may be
 * merged; trades of two texts may not.
 */
export const receivers: ReceiverSource = { most: 100, together }

async function together(call: Call, trades: readonly MaskedTrade[]): Promise<string[][]> {
  if (trades.length === 0) return []
  const merge_list = JSON.stringify(trades.map(({ tid, token }) => ({ oaid: token, tid })))
  const { body } = await callTop(call, 'taobao.top.oaid.merge', { merge_list })
  return groupsIn(listAt(body, 'tid_list', 'string'), trades)
}
