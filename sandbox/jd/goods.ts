import { type Json, part, rows } from '../json-parts.ts'
import { keptMap } from '../kept-map.ts'
import { plainYuan, platformTime } from '../wire.ts'
import type { Listing, Sku } from '../world/goods.ts'
import { setQuantity } from '../world/shelf.ts'
import type { World } from '../world/world.ts'
import { recordActivity } from '../world/world.ts'
import { given, type JdMethod, success, wholeIn } from './call.ts'
import { skuWords } from './order-json.ts'

/** 1 上架, 2 下架 */
const skuStatus = ({ banner }: Listing): string => (banner === '' ? '1' : '2')

/** jingdong.sku.read.searchSkuList: the named fields of SKUs, fifty a page and a hundred pages at most. */
export const skuList: JdMethod = ({ param, shop, sandbox }) => {
  const name = 'page'
  const [page, size] = [wholeIn(param, 'pageNo', [1, 100]) ?? 0, wholeIn(param, 'page_size', [1, 50]) ?? 0]
  if (page === 0 || size === 0)
    return {
      name,
      body: { success: success(false), errorMessage: 'pageNo、page_size不正确', errorCode: '400' },
    }
  const fields = given(param, 'field').split(',')
  const states = given(param, 'skuStatuValue').split(',').filter(Boolean)
  const found = shop.listings
    .filter((listing) => states.length === 0 || states.includes(skuStatus(listing)))
    .flatMap((listing) => listing.skus.map((sku) => ({ listing, sku })))
  const data = found
    .slice((page - 1) * size, page * size)
    .map(({ listing, sku }) => skuJson(listing, sku, { fields, url: sandbox.world.url }))
  return { name, body: { pageNo: page, pageSize: size, totalItem: found.length, data } }
}

function skuJson(listing: Listing, sku: Sku, { fields, url }: { fields: string[]; url: string }): Json {
  const row: Json = {
    skuId: sku.skuId,
    wareId: listing.numIid,
    wareTitle: listing.title,
    skuName: `${listing.title} ${skuWords(sku.properties)}`.trim(),
    outerId: sku.outerId,
    jdPrice: plainYuan(sku.price),
    stockNum: String(sku.quantity),
    status: skuStatus(listing),
    logo: url + listing.picture,
    modified: platformTime(listing.modified),
    saleAttrs: sku.properties
      .split(';')
      .filter(Boolean)
      .map((pair) => ({ attrId: '1', attrValueAlias: [pair.split(':')[1] ?? ''], attrValues: ['1'] })),
  }
  return Object.fromEntries(Object.entries(row).filter(([name]) => name === 'skuId' || fields.includes(name)))
}

const taken = keptMap<World, Set<string>>('jd taken')

/** jingdong.ware.stock.sku.set: absolute numbers, one result for each row; a number of a request counts once. */
export const stockSet: JdMethod = ({ param, shop, sandbox: { world } }) => {
  const name = 'returnType'
  const req = part(param, 'req')
  const asked = rows(req, 'skuStocks')
  const id = given(req, 'stockRfId')
  const known = taken.get(world) ?? new Set()
  taken.set(world, known)
  if (id === '' || known.has(id) || asked.length === 0)
    return {
      name,
      body: { success: success(false), errorMessage: 'stockRfId重复或参数不正确', errorCode: '400' },
    }
  known.add(id)
  const results = asked.map((row): Json => {
    const [skuId, storeId] = [given(row, 'skuId'), given(row, 'storeId')]
    const answer = (message: string): Json => ({
      data: skuId,
      success: success(message === ''),
      storeId,
      message,
    })
    const listing = shop.listings.find(({ skus }) => skus.some((sku) => sku.skuId === skuId))
    const sku = listing?.skus.find((one) => one.skuId === skuId)
    if (listing === undefined || sku === undefined) return answer('SKU不存在')
    const quantity = wholeIn(row, 'stockNum', [0, 999_999])
    if (quantity === undefined) return answer('stockNum不正确')
    const before = sku.quantity
    setQuantity(world, listing, sku, quantity)
    recordActivity(world, shop, {
      action: 'stock',
      key: skuId,
      accepted: true,
      detail: { from: String(before), to: String(quantity) },
    })
    return answer('')
  })
  return { name, body: { success: success(true), obj: { updateStockResult: results } } }
}
