import type { Shop } from '../world/model.ts'

/** The fields of malicious payloads are named as TOP names them. */
const NAMES: Readonly<Record<string, string>> = {
  modified: 'updatedAt',
  created: 'createdAt',
  payment: 'totalPriceSet',
  buyer_message: 'note',
  seller_memo: 'customAttributes',
  orders: 'lineItems',
  status: 'displayFinancialStatus',
  receiver_name: 'shippingAddress',
}

/** Writes the fields of malicious payloads over the orders of an answer. `isEmptied`: its lists have lost their rows. */
export function spoiledTree(data: unknown, shop: Shop, isEmptied: boolean): unknown {
  if (Array.isArray(data)) return data.map((one: unknown) => spoiledTree(one, shop, false))
  if (typeof data !== 'object' || data === null) return data
  const tree: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(data)) {
    const isList = typeof value === 'object' && value !== null && 'nodes' in value
    tree[key] = isEmptied && isList ? { ...value, nodes: [] } : spoiledTree(value, shop, false)
  }
  const tid =
    typeof tree['id'] === 'string' ? /^gid:\/\/shopify\/Order\/(\d+)$/.exec(tree['id'])?.[1] : undefined
  const garbage = tid === undefined ? null : (shop.trades.get(tid)?.garbage ?? null)
  for (const [given, raw] of Object.entries(garbage ?? {})) {
    const key = NAMES[given] ?? given
    // Only the fields that were asked for are answered.
    if (!(key in tree)) continue
    if (raw === null) delete tree[key]
    else tree[key] = JSON.parse(raw)
  }
  return tree
}
