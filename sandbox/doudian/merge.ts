import { rows, textIn } from '../json-parts.ts'
import { quote } from '../wire.ts'
import { isShippable } from '../world/model.ts'
import { business, type DoudianMethod, invalid, missing } from './call.ts'
import { homeOf } from './order-json.ts'

const MOST = 100
const LONGEST = 256
const HISTORY = 15 * 86_400

/** order/merge: groups orders that wait to be shipped by their receiver. Any text that is not too long is taken for an open_address_id. */
export const merge: DoudianMethod = ({ body, shop, now }) => {
  const list = rows(body, 'merge_list')
  if (list.length < 2 || list.length > MOST) return invalid(`merge_list支持2~${MOST}个`, 100000)
  const groups = new Map<string, string[]>()
  const seen = new Set<string>()
  for (const row of list) {
    const [tid, token] = [textIn(row, 'order_id'), textIn(row, 'open_address_id')]
    if (tid === '') return missing('order_id')
    if (token === '' || token.length > LONGEST) return invalid('open_address_id不合法', 100000)
    if (seen.has(tid)) return invalid('order_id重复', 100000)
    seen.add(tid)
    const trade = shop.trades.get(tid)
    if (trade === undefined || trade.created < now - HISTORY || !isShippable(trade))
      return business(200101, '只支持近15天的待发货订单')
    groups.set(homeOf(trade), [...(groups.get(homeOf(trade)) ?? []), tid])
  }
  return { data: `{"order_list":[${[...groups.values()].map((tids) => quote(tids.join(','))).join(',')}]}` }
}
