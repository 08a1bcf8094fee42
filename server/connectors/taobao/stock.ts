import { chunksOf } from '../../lib/chunks.ts'
import type { Call } from '../connector.ts'
import { type StockInput, type StockResult, setInGroups, sound } from '../stock.ts'
import { callTop } from './client.ts'
import { goneOf } from './errors.ts'

/** One call of skus.quantity.update takes at most this many SKUs, all of one item. */
const mostSkus = 20
const full = '1'

/** taobao.skus.quantity.update for the SKUs of one item; taobao.item.quantity.update for an item without SKUs. */
export async function updateStock(call: Call, input: StockInput): Promise<StockResult[]> {
  const byItem = Map.groupBy(sound(input), ({ itemId, platformSkuId }) => `${itemId} ${platformSkuId === ''}`)
  const groups = [...byItem.values()].flatMap((rows) => chunksOf(rows, mostSkus))
  return setInGroups(groups, (group) => setGroup(call, group), goneOf)
}

async function setGroup(call: Call, rows: StockInput['items']): Promise<void> {
  const [first] = rows
  if (!first) return
  if (first.platformSkuId !== '') {
    const quantities = rows.map(({ platformSkuId, quantity }) => `${platformSkuId}:${quantity}`).join(';')
    const params = { num_iid: first.itemId, skuid_quantities: quantities, type: full }
    await callTop(call, 'taobao.skus.quantity.update', params)
    return
  }
  const { itemId, quantity } = rows.at(-1) ?? first
  await callTop(call, 'taobao.item.quantity.update', {
    num_iid: itemId,
    quantity: String(quantity),
    type: full,
  })
}
