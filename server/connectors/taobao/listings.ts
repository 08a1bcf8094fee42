import { PlatformError } from '../../lib/platform-error.ts'
import { secondMs, toChinaTime } from '../../lib/time.ts'
import type { BadItem, Call, Listing, ListingAsk, ListingPage, ListingStatus } from '../connector.ts'
import {
  type Fields,
  fenAt,
  idAt,
  isFields,
  listAt,
  longest,
  rawOf,
  textAt,
  timeAt,
  wholeAt,
  wordAt,
} from '../fields.ts'
import { needed } from '../gateway.ts'
import { rowsAfter } from '../lists.ts'
import { callTop } from './client.ts'
import { totalOf } from './trades.ts'

/** One call of items.seller.list.get takes at most this many items. */
const mostItems = 20

const onSale = [{ method: 'taobao.items.onsale.get', banner: '' }]
/** Items off sale are in three separate lists. The default list lacks items that are sold out or broke a rule. */
const offSale = ['for_shelved', 'sold_out', 'violation_off_shelf'].map((banner) => ({
  method: 'taobao.items.inventory.get',
  banner,
}))

const itemFields = [
  'num_iid',
  'title',
  'pic_url',
  'price',
  'num',
  'outer_id',
  'approve_status',
  'modified',
  'property_alias',
  'sku.sku_id',
  'sku.properties',
  'sku.properties_name',
  'sku.quantity',
  'sku.price',
  'sku.outer_id',
  'sku.modified',
].join(',')

/**
 * taobao.items.onsale.get, or items.inventory.get for one list of items off sale after the other, gives the numbers of the items.
 * items.seller.list.get then gives twenty items with all their SKUs, so an item without SKUs really has none.
 */
export async function listItems(call: Call, { status, after, size }: ListingAsk): Promise<ListingPage> {
  const lists = status === 'on_sale' ? onSale : offSale
  const place = placeOf(after)
  const page = await listNumbers(call, needed(lists[place.list], 'list'), place, size)
  const { rows, next } = cut(place, page, lists.length)
  const ids = rows.flatMap(({ id }) => id || [])
  const items: (Listing | BadItem)[] = rows.flatMap((row) =>
    row.id === '' ? badItem(null, 'no num_iid', row.value) : [],
  )
  for (let at = 0; at < ids.length; at += mostItems)
    items.push(...(await itemsOf(call, ids.slice(at, at + mostItems), status)))
  return { items, next }
}

/** Where the reading goes on: which list, up to which time of change (empty: up to the latest), and which page of that. */
type Place = { list: number; page: number; end: string }

function placeOf(after: string | null): Place {
  const [list = '0', page = '1', end = ''] = after?.split('|') ?? []
  return { list: Number(list), page: Number(page), end }
}

type NumberRow = { id: string; at: Date | null; value: unknown }
type NumberPage = { rows: NumberRow[]; hasNext: boolean }

/**
 * The platform refuses pages far down a list. So the next page is the first one of the items that changed no later than the last second of this
 * page, whose items are left to it because more of them may follow. Only within a second that fills pages do page numbers go on.
 */
function cut(
  { list, page, end }: Place,
  { rows, hasNext }: NumberPage,
  lists: number,
): { rows: NumberRow[]; next: string | null } {
  if (!hasNext) return { rows, next: list + 1 < lists ? `${list + 1}|1|` : null }
  const last = rows.at(-1)?.at ?? null
  const earlier = last && rows.filter(({ at }) => at === null || at > last)
  if (!last || !earlier?.some(({ at }) => at !== null)) return { rows, next: `${list}|${page + 1}|${end}` }
  return { rows: earlier, next: `${list}|1|${toChinaTime(new Date(last.getTime() + secondMs))}` }
}

async function listNumbers(
  call: Call,
  { method, banner }: (typeof offSale)[number],
  { page, end }: Place,
  size: number,
): Promise<NumberPage> {
  const { body } = await callTop(call, method, {
    fields: 'num_iid,modified',
    banner,
    page_no: String(page),
    page_size: String(size),
    end_modified: end,
    // Latest change first. An item that changes while the pages are read moves to the front and may be missed in this run.
    order_by: 'modified:desc',
  })
  const found = listAt(body, 'items', 'item')
  const hasNext = rowsAfter(totalOf(body), found, { number: page, size })
  const rows = found.map((value) => ({
    id: isFields(value) ? idAt(value, 'num_iid') : '',
    at: isFields(value) ? timeAt(value, 'modified') : null,
    value,
  }))
  // No document says whether the end is inside. Items of that second are on the page before.
  return { rows: rows.filter(({ at }) => at === null || end === '' || toChinaTime(at) < end), hasNext }
}

/** Items that were deleted meanwhile are missing from the answer. An answer without any item counts as broken. */
async function itemsOf(
  call: Call,
  ids: readonly string[],
  status: ListingStatus,
): Promise<(Listing | BadItem)[]> {
  const { body } = await callTop(call, 'taobao.items.seller.list.get', {
    fields: itemFields,
    num_iids: ids.join(','),
  })
  const found = listAt(body, 'items', 'item')
  if (found.length === 0) throw new PlatformError('retry', 'bad_answer', 'The answer has no items.')
  return found.flatMap((item) => parseItem(item, status))
}

/**
 * Parses an item of TOP into one listing for each SKU, or one for the item if it has no SKUs. Never throws; an item without a number is
 * parked.
 */
export function parseItem(value: unknown, listed: ListingStatus): (Listing | BadItem)[] {
  const item = isFields(value) ? value : {}
  const itemId = idAt(item, 'num_iid')
  if (!itemId) return [badItem(null, 'no num_iid', value)]
  const aliases = aliasesOf(textAt(item, 'property_alias', longest.text * 4))
  const whole: Listing = {
    itemId,
    platformSkuId: '',
    outerItemId: textAt(item, 'outer_id', longest.name),
    outerSkuId: '',
    title: textAt(item, 'title', longest.title),
    spec: '',
    pictureUrl: textAt(item, 'pic_url', longest.url),
    priceFen: priceAt(item),
    quantity: piecesAt(item, 'num'),
    status: statusOf(wordAt(item, 'approve_status')) ?? listed,
    modifiedAt: timeAt(item, 'modified'),
  }
  const skus = listAt(item, 'skus', 'sku')
  if (skus.length === 0) return [whole]
  return skus.map((each) => {
    const sku = isFields(each) ? each : {}
    const platformSkuId = idAt(sku, 'sku_id')
    if (!platformSkuId) return badItem(itemId, 'a SKU without sku_id', value)
    return {
      ...whole,
      platformSkuId,
      outerSkuId: textAt(sku, 'outer_id', longest.name),
      spec: specOf(sku, aliases),
      priceFen: priceAt(sku) ?? whole.priceFen,
      quantity: piecesAt(sku, 'quantity'),
      modifiedAt: latest(timeAt(sku, 'modified'), whole.modifiedAt),
    }
  })
}

function badItem(id: string | null, reason: string, value: unknown): BadItem {
  return { kind: 'bad', id, reason, raw: rawOf(value) }
}

function statusOf(word: string): ListingStatus | undefined {
  return word === 'onsale' ? 'on_sale' : word === 'instock' ? 'in_stock' : undefined
}

function priceAt(of: Fields): number | null {
  const fen = fenAt(of, 'price')
  return fen !== null && fen >= 0 ? fen : null
}

/** Reads a quantity. A negative quantity, after the platform oversold, is read as 0. */
function piecesAt(of: Fields, name: string): number {
  return wholeAt(of, name, 0, 2_000_000_000) ?? 0
}

/** Returns the later time. The time of a SKU does not include changes of its item's title and picture. */
function latest(a: Date | null, b: Date | null): Date | null {
  return a && b ? (a > b ? a : b) : (a ?? b)
}

/** Parses "20503:3267945:XL;…" into the merchant's names of property values. The key is the two numbers of the value. */
function aliasesOf(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split(';').flatMap((part) => {
      const [, ids, alias] = /^(\d+:\d+):(.+)$/.exec(part.trim()) ?? []
      return ids && alias ? [[ids, plain(alias)] as const] : []
    }),
  )
}

/** Returns the spec as trades show it, with the merchant's names: "1627207:28320:颜色:白色;20503:3267945:尺码:180/100(XL)" → "白色 / XL". */
function specOf(sku: Fields, aliases: ReadonlyMap<string, string>): string {
  return textAt(sku, 'properties_name', longest.text)
    .split(';')
    .map((part) => {
      const [, ids = '', value = ''] = /^(\d+:\d+):[^:]*:(.*)$/.exec(part.trim()) ?? []
      return aliases.get(ids) ?? plain(value)
    })
    .filter(Boolean)
    .join(' / ')
    .slice(0, longest.title)
}

/** Decodes the colons and semicolons of a name, which TOP escapes. */
function plain(text: string): string {
  return text.replaceAll('#scln#', ';').replaceAll('#cln#', ':').trim()
}
