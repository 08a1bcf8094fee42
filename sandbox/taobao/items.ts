import { quote, quotedTime, quoteId, yuan } from '../wire.ts'
import { type Listing, listingPrice, type Sku } from '../world/goods.ts'
import { hash32 } from '../world/random.ts'
import { byModified, listingOf, totalQuantity } from '../world/shelf.ts'
import { type Call, invalid, type Method, missing, type Result, readTime, type TopError } from './call.ts'

/** taobao.items.onsale.get: page_no × page_size must not exceed twenty thousand. */
export const itemsOnsale: Method = (call) => {
  const page = readItemPage(call.params)
  if ('code' in page) return page
  if (page.no * page.size > 20_000) return invalid('page_no', '翻页获取的条数（page_no*page_size）超过2万')
  return list(call, page, ({ banner }) => banner === '')
}

/** taobao.items.inventory.get: one banner for each call, by default for_shelved; at most 101 pages. */
export const itemsInventory: Method = (call) => {
  const page = readItemPage(call.params)
  if ('code' in page) return page
  if (page.no > 101) return invalid('page_no', '页码取值范围为大于零小于等于101的整数')
  const banner = call.params.get('banner') || 'for_shelved'
  if (!BANNERS.has(banner)) return invalid('banner', 'banner取值不合法')
  return list(call, page, (listing) =>
    banner === 'for_shelved' ? FOR_SHELVED.has(listing.banner) : listing.banner === banner,
  )
}

/** taobao.items.seller.list.get: at most 20 items; items that are not the seller's are silently left out. */
export const itemsSellerList: Method = (call) => {
  const fields = fieldsOf(call)
  if (fields === undefined) return missing('fields')
  const ids = (call.params.get('num_iids') ?? '').split(',').filter((id) => id !== '')
  if (ids.length === 0) return missing('num_iids')
  if (ids.length > 20) return invalid('num_iids', 'num_iids一次最多不超过20个')
  if (ids.some((id) => !/^\d{1,19}$/.test(id))) return invalid('num_iids', 'num_iids必须是数字')
  const found = ids
    .map((id) => listingOf(call.shop, id))
    .filter((listing): listing is Listing => listing !== undefined)
  if (found.length === 0) return ''
  return `"items":{"item":[${found.map((listing) => itemJson(call, listing, fields)).join(',')}]}`
}

interface ItemPage {
  no: number
  size: number
}

function readItemPage(params: Call['params']): ItemPage | TopError {
  const number = (name: string, fallback: number) => {
    const text = params.get(name) ?? ''
    if (text === '') return fallback
    return /^\d{1,9}$/.test(text) ? Number(text) : 0
  }
  const no = number('page_no', 1)
  const size = number('page_size', 40)
  if (no < 1) return invalid('page_no', 'page_no必须是大于零的整数')
  if (size < 1 || size > 200) return invalid('page_size', 'page_size取值范围为1~200')
  return { no, size }
}

function list(call: Call, page: ItemPage, wanted: (listing: Listing) => boolean): Result {
  const fields = fieldsOf(call)
  if (fields === undefined) return missing('fields')
  const order = call.params.get('order_by') || 'list_time:desc'
  const [column = '', way = ''] = order.split(':')
  if (!ORDER_COLUMNS.has(column) || (way !== 'asc' && way !== 'desc'))
    return invalid('order_by', '排序方式不合法')
  const from = readTime(call.params, 'start_modified', false)
  const to = readTime(call.params, 'end_modified', false)
  if (typeof from === 'object') return from
  if (typeof to === 'object') return to
  const found = byModified(call.shop.listings).filter(
    (listing) =>
      wanted(listing) && listing.modified >= (from ?? 0) && listing.modified <= (to ?? Number.MAX_VALUE),
  )
  if (way === 'asc') found.reverse()
  const shown = found.slice((page.no - 1) * page.size, page.no * page.size)
  const total = `"total_results":${found.length}`
  if (shown.length === 0) return total
  const listable = new Set([...fields].filter((name) => LIST_FIELDS.has(name)))
  return `${total},"items":{"item":[${shown.map((listing) => itemJson(call, listing, listable)).join(',')}]}`
}

function fieldsOf(call: Call): ReadonlySet<string> | undefined {
  const text = call.params.get('fields') ?? ''
  return text === '' ? undefined : new Set(text.split(',').map((name) => name.trim()))
}

type Writer<T> = (value: T, listing: Listing, call: Call) => string | null

const text = (value: string) => (value === '' ? null : quote(value))

const ITEM_FIELDS: Record<string, Writer<Listing>> = {
  approve_status: (l) => (l.banner === '' ? '"onsale"' : '"instock"'),
  num_iid: (l) => l.numIid,
  title: (l) => quote(l.title),
  nick: (_l, _o, c) => quote(c.shop.options.name),
  type: () => '"fixed"',
  cid: (l) => String(l.cid),
  pic_url: (l, _o, c) => quoteId(c.sandbox.world.url + l.picture),
  num: (l) => String(totalQuantity(l)),
  price: (l) => yuan(l.skus.length === 0 ? listingPrice(l) : Math.min(...l.skus.map((sku) => sku.price))),
  outer_id: (l) => text(l.outerIid),
  modified: (l) => quotedTime(l.modified),
  property_alias: (l) => text(aliases(l)),
}

const SKU_FIELDS: Record<string, Writer<Sku>> = {
  sku_id: (s) => s.skuId,
  properties: (s) => quoteId(propertyIds(s).join(';')),
  properties_name: (s) => quote(propertyNames(s)),
  quantity: (s) => String(s.quantity),
  price: (s) => yuan(s.price),
  outer_id: (s) => text(s.outerId),
  modified: (_s, l) => quotedTime(l.modified),
  created: (_s, l) => quotedTime(l.modified - 86_400),
}

function itemJson(call: Call, listing: Listing, fields: ReadonlySet<string>): string {
  const parts = written(
    ITEM_FIELDS,
    (name) => fields.has(name),
    (write) => write(listing, listing, call),
  )
  const skus = listing.skus.map((sku) =>
    written(
      SKU_FIELDS,
      (name) => fields.has('sku') || fields.has(`sku.${name}`),
      (write) => write(sku, listing, call),
    ),
  )
  if (skus.some((sku) => sku.length > 0))
    parts.push(`"skus":{"sku":[${skus.map((sku) => `{${sku.join(',')}}`).join(',')}]}`)
  return `{${parts.join(',')}}`
}

function written<T>(
  writers: Record<string, Writer<T>>,
  wanted: (name: string) => boolean,
  toJson: (write: Writer<T>) => string | null,
): string[] {
  const parts: string[] = []
  for (const [name, write] of Object.entries(writers)) {
    const json = wanted(name) ? toJson(write) : null
    if (json !== null) parts.push(`"${name}":${json}`)
  }
  return parts
}

/** Splits `颜色分类:雾蓝;尺寸:1.8m床` into pairs of name and value. */
function pairs(sku: Sku): [name: string, value: string][] {
  return sku.properties.split(';').map((part) => {
    const cut = part.indexOf(':')
    return [part.slice(0, cut), part.slice(cut + 1)]
  })
}

function propertyIds(sku: Sku): string[] {
  return pairs(sku).map(
    ([name, value]) => `${1_000_000 + (hash32(name) % 900_000)}:${hash32(value) % 90_000_000}`,
  )
}

/** Returns `pid:vid:name:value;…`, with colons and semicolons inside a value written as #cln# and #scln#. */
function propertyNames(sku: Sku): string {
  const ids = propertyIds(sku)
  return pairs(sku)
    .map(([name, value], index) => `${ids[index]}:${name}:${standardName(value)}`)
    .join(';')
}

/**
 * Returns the category's standard name of a value. The merchant's name, which buyers see, is its alias; in the simulator sizes have one.
 */
function standardName(value: string): string {
  return /\d/.test(value) ? `标准#cln#${hash32(value) % 100}` : value
}

function aliases(listing: Listing): string {
  const found = new Map<string, string>()
  for (const sku of listing.skus) {
    const ids = propertyIds(sku)
    pairs(sku).forEach(([, value], index) => {
      if (standardName(value) !== value) found.set(ids[index] ?? '', value)
    })
  }
  return [...found].map(([id, value]) => `${id}:${value}`).join(';')
}

const LIST_FIELDS: ReadonlySet<string> = new Set(
  'approve_status num_iid title nick type cid pic_url num price modified outer_id'.split(' '),
)
const ORDER_COLUMNS: ReadonlySet<string> = new Set([
  'list_time',
  'delist_time',
  'num',
  'modified',
  'sold_quantity',
])
const FOR_SHELVED: ReadonlySet<string> = new Set(['regular_shelved', 'never_on_shelf', 'off_shelf'])
const BANNERS: ReadonlySet<string> = new Set([
  ...FOR_SHELVED,
  'for_shelved',
  'sold_out',
  'violation_off_shelf',
])
