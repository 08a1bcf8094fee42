import { PlatformError } from '../../lib/platform-error.ts'
import type { Call } from '../connector.ts'
import { listAt } from '../fields.ts'
import type { MaskedTrade, ReceiverSource } from '../receivers.ts'
import { callTop } from './client.ts'

/**
 * taobao.top.oaid.merge, for at most 100 trades. It returns texts such as "1111,2222". The trades of one text form a group and may be
 * merged; trades of two texts may not.
 */
export const receivers: ReceiverSource = { most: 100, together }

async function together(call: Call, trades: readonly MaskedTrade[]): Promise<string[][]> {
  if (trades.length === 0) return []
  const asked = new Set(trades.map(({ tid }) => tid))
  const merge_list = JSON.stringify(trades.map(({ tid, token }) => ({ oaid: token, tid })))
  const { body } = await callTop(call, 'taobao.top.oaid.merge', { merge_list })
  const groups = listAt(body, 'tid_list', 'string').map((text) =>
    String(text)
      .split(',')
      .map((tid) => tid.trim())
      .filter((tid) => asked.has(tid)),
  )
  // An answer without trades, or with a trade twice, is too unreliable to decide about shipping.
  const named = groups.flat()
  if (named.length === 0 || new Set(named).size < named.length)
    throw new PlatformError('retry', 'bad_answer', 'The platform did not say which trades go together.')
  return groups.filter((group) => group.length > 0)
}
