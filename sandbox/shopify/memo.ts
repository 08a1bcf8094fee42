import { part, rows, textIn } from '../json-parts.ts'
import { keptMap } from '../kept-map.ts'
import { changeMemo, touchTrade } from '../world/change.ts'
import type { Trade } from '../world/model.ts'
import { recordActivity } from '../world/world.ts'
import { askedTrade, type Resolver, userError } from './call.ts'

type Attribute = { key: string; value: string }

/** The note of an order is its buyer's. The staff of this shop keep their remark among the additional details, under this name. */
const STAFF = '卖家备注'

/** Additional details that the buyer's cart, or an app, has left. */
const others = keptMap<Trade, Attribute[]>('shopify attributes')

export const attributesOf = (trade: Trade): Attribute[] => [
  ...(others.get(trade) ?? []),
  ...(trade.memo === '' ? [] : [{ key: STAFF, value: trade.memo }]),
]

/** Lets the cart of an order have left a detail. */
export const leaveDetail = (trade: Trade, key: string, value: string): void =>
  void others.set(trade, [...(others.get(trade) ?? []), { key, value }])

/** Mutation.orderUpdate: a list that is given replaces the whole list. */
export const orderUpdate: Resolver = (args, call) => {
  const input = part(args, 'input')
  const trade = askedTrade(call, input['id'])
  if (trade === undefined) return { order: null, userErrors: [userError(['id'], 'Order does not exist')] }
  const { world } = call.sandbox
  if ('note' in input) trade.message = textIn(input, 'note')
  if ('customAttributes' in input) {
    const given = rows(input, 'customAttributes').map((row) => ({
      key: textIn(row, 'key'),
      value: textIn(row, 'value'),
    }))
    others.set(
      trade,
      given.filter(({ key }) => key !== STAFF),
    )
    const memo = given.find(({ key }) => key === STAFF)?.value ?? ''
    changeMemo(world, trade, memo, undefined)
    recordActivity(world, call.shop, { action: 'memo', key: trade.tid, accepted: true, detail: { memo } })
  }
  touchTrade(world, trade)
  return { order: call.make.order(trade), userErrors: [] }
}
