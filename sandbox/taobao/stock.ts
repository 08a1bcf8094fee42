import { quotedTime } from '../wire.ts'
import type { Listing, Sku } from '../world/goods.ts'
import { listingOf, setQuantity, totalQuantity } from '../world/shelf.ts'
import { recordActivity } from '../world/world.ts'
import { type Call, invalid, type Method, missing, type Result, refused, type TopError } from './call.ts'

/** taobao.skus.quantity.update: at most 20 SKUs of one item; if one SKU is wrong, none is changed. */
export const skusQuantity: Method = (call) => {
  const asked = askedItem(call)
  if ('code' in asked) return asked
  const byId = call.params.get('skuid_quantities') ?? ''
  const byOuter = call.params.get('outerid_quantities') ?? ''
  const name = byId === '' ? 'outerid_quantities' : 'skuid_quantities'
  const rows = (byId || byOuter).split(';').filter((row) => row !== '')
  if (rows.length === 0) return missing('skuid_quantities')
  if (rows.length > 20) return invalid(name, '最多支持20个SKU同时修改')
  const changes: [Sku, number][] = []
  for (const row of rows) {
    const cut = row.lastIndexOf(':')
    const key = row.slice(0, cut)
    const amount = row.slice(cut + 1)
    if (cut < 1 || !/^-?\d{1,9}$/.test(amount)) return invalid(name, `${name}格式不正确`)
    const skus = asked.listing.skus.filter((sku) => (byId === '' ? sku.outerId : sku.skuId) === key)
    if (skus.length === 0)
      return refused(`isv.item-quantity-sku-update-service-error${tmall(call)}`, `SKU不存在:${key}`)
    for (const sku of skus) {
      const quantity = asked.delta ? Math.max(0, sku.quantity + Number(amount)) : Number(amount)
      if (quantity < 0) return invalid(name, '全量更新库存时，库存不能为负数')
      changes.push([sku, quantity])
    }
  }
  for (const [sku, quantity] of changes) change(call, asked.listing, sku, quantity)
  return answer(
    asked.listing,
    changes.map(([sku]) => sku),
  )
}

/** taobao.item.quantity.update: one SKU, or the whole item if it has no SKUs. */
export const itemQuantity: Method = (call) => {
  const asked = askedItem(call)
  if ('code' in asked) return asked
  const { listing } = asked
  const amount = call.params.get('quantity') ?? ''
  if (amount === '') return missing('quantity')
  if (!/^-?\d{1,9}$/.test(amount)) return invalid('quantity', 'quantity必须是整数')
  const skuId = call.params.get('sku_id') ?? ''
  const outerId = call.params.get('outer_id') ?? ''
  const sku = listing.skus.find((known) => (skuId === '' ? known.outerId === outerId : known.skuId === skuId))
  if (skuId === '' && outerId === '' && listing.skus.length > 0)
    return refused(
      `isv.item-quantity-item-update-service-error${tmall(call)}`,
      '商品库存更新失败，该商品含有销售属性，请更新SKU库存',
    )
  if (sku === undefined && (skuId !== '' || outerId !== ''))
    return refused(`isv.invalid-parameter:sku-properties${tmall(call)}`, '传入的sku找不到对应的sku记录')
  const before = sku?.quantity ?? listing.quantity
  const quantity = asked.delta ? before + Number(amount) : Number(amount)
  if (quantity < 0) return invalid('quantity', '库存不能小于0')
  change(call, listing, sku ?? null, quantity)
  return answer(listing, sku === undefined ? [] : [sku])
}

function askedItem(call: Call): { listing: Listing; delta: boolean } | TopError {
  const numIid = call.params.get('num_iid') ?? ''
  if (numIid === '') return missing('num_iid')
  if (!/^\d{1,19}$/.test(numIid)) return invalid('num_iid', 'num_iid必须是数字')
  const type = call.params.get('type') || '1'
  if (type !== '1' && type !== '2') return invalid('type', 'type取值为1或2')
  const listing = listingOf(call.shop, numIid)
  if (listing === undefined)
    return refused(`isv.item-not-exist:invalid-numIid-or-iid${tmall(call)}`, '商品id对应的商品不存在')
  return { listing, delta: type === '2' }
}

function change(call: Call, listing: Listing, sku: Sku | null, quantity: number): void {
  const before = sku?.quantity ?? listing.quantity
  setQuantity(call.sandbox.world, listing, sku, quantity)
  recordActivity(call.sandbox.world, call.shop, {
    action: 'stock',
    key: `${listing.numIid} ${sku?.skuId ?? ''}`.trim(),
    accepted: true,
    detail: {
      before: String(before),
      quantity: String(quantity),
    },
  })
}

function answer(listing: Listing, skus: readonly Sku[]): Result {
  const modified = quotedTime(listing.modified)
  const rows = skus.map((sku) => `{"sku_id":${sku.skuId},"quantity":${sku.quantity},"modified":${modified}}`)
  const list = rows.length === 0 ? '' : `,"skus":{"sku":[${rows.join(',')}]}`
  return `"item":{"num_iid":${listing.numIid},"num":${totalQuantity(listing)},"modified":${modified}${list}}`
}

/** Returns the suffix of error codes on Tmall. */
function tmall(call: Call): string {
  return call.shop.platform === 'tmall' ? '-tmall' : ''
}
