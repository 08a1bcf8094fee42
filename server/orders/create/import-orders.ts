import { skusOfCodes } from '../../catalog/names.ts'
import { courierOf } from '../../connectors/couriers.ts'
import type { By } from '../../core/access/actor.ts'
import type { Database } from '../../core/db/db.ts'
import type { RowRefusal } from '../../core/sheets/sheet-contract.ts'
import type { SheetRow } from '../../core/sheets/sheet-pick.ts'
import {
  BadCell,
  fenCell,
  namedRows,
  readEach,
  reportOf,
  textCell,
  wholeCell,
} from '../../core/sheets/sheet-rows.ts'
import type { LocalizedText } from '../../lib/localized-text.ts'
import type { KeyRing } from '../../lib/seal.ts'
import { listShops } from '../../shops/shops.ts'
import { createOrders, type LineInput, type OrderInput, type ReceiverInput } from './create.ts'
import { importHeads as heads, type OrderReport } from './own-contract.ts'

type Head = keyof typeof heads
const needed = [
  'shop',
  'outerNo',
  'name',
  'mobile',
  'province',
  'city',
  'address',
  'code',
  'quantity',
  'price',
] as const

const batchSize = 500
const linesMax = 200

type Line = {
  shopId: string
  outerNo: string
  code: string
  line: Omit<LineInput, 'skuId' | 'code'>
  order: Told
}
type Told = { [Key in keyof ReceiverInput]?: string | undefined } & Pick<
  OrderInput,
  'nick' | 'postFeeFen' | 'paid' | 'cod' | 'courier' | 'memo'
>
type Read = { row: number; value: Line }

/**
 * 导入订单: each row is a line of goods; rows of the same shop and order number make one order, and one of them must name the receiver. An
 * order is done or refused as a whole; a refusal names the row, and the column if one cell is the cause. Numbers that the shop already has
 * are refused as `already`, so the same sheet can be imported again.
 */
export async function importOrders(
  db: Database,
  ring: KeyRing,
  bytes: Buffer,
  { actor, scope }: By,
): Promise<OrderReport> {
  const rows = await namedRows<Head>(bytes, heads, needed)
  const shops = await listShops(db, scope)
  const shopIds = new Map(shops.flatMap(({ name, id }) => [[name, id] as const, [id, id] as const]))
  const { good, refused } = readEach(rows, (cells) => lineOf(cells, shopIds))
  const broken = brokenOrders(rows, refused)
  const groups = [...Map.groupBy(good, ({ value }) => `${value.shopId}/${value.outerNo}`).values()]
  const skus = await skusOfCodes(
    db,
    good.map(({ value }) => value.code),
  )
  const refusals = [...refused]
  const wishes: { rows: Read[]; input: OrderInput }[] = []
  for (const group of groups) {
    const answer = orderOf(group, skus, broken)
    if (Array.isArray(answer)) refusals.push(...answer)
    else wishes.push({ rows: group, input: answer })
  }
  let created = 0
  for (let from = 0; from < wishes.length; from += batchSize) {
    const some = wishes.slice(from, from + batchSize)
    const inputs = some.map(({ input }) => input)
    const answers = await db.transaction().execute((tx) => createOrders(tx, ring, inputs, { actor, scope }))
    answers.forEach((one, at) => {
      if (one.done) created += 1
      else refusals.push(refusal(some[at]?.rows[0], '', one))
    })
  }
  return reportOf(rows.length, { orders: groups.length, created }, refusals)
}

function lineOf(cells: SheetRow<Head>['cells'], shopIds: ReadonlyMap<string, string>): Line {
  const label = (head: Head) => heads[head][0]
  const need = (head: Head, longest: number) => {
    const text = textCell(label(head), cells[head], longest)
    if (text === undefined) throw new BadCell(label(head), '没有填', 'Empty')
    return text
  }
  const shop = need('shop', 200)
  const shopId = shopIds.get(shop)
  if (shopId === undefined)
    throw new BadCell(label('shop'), `没有店铺「${shop}」`, `There is no shop ${shop}`)
  const outerNo = need('outerNo', 60)
  const quantity = wholeCell(label('quantity'), need('quantity', 20)) ?? 0
  if (quantity < 1 || quantity > 100_000)
    throw new BadCell(label('quantity'), '1 到 100,000', 'Between 1 and 100,000')
  const priceFen = fenCell(label('price'), need('price', 20)) ?? 0
  const text = (head: Head, longest: number) => textCell(label(head), cells[head], longest)
  return {
    shopId,
    outerNo,
    code: need('code', 64),
    line: { quantity, priceFen },
    order: {
      name: text('name', 60),
      mobile: text('mobile', 30),
      province: text('province', 30),
      city: text('city', 30),
      district: text('district', 30),
      address: text('address', 200),
      nick: text('nick', 60),
      memo: text('memo', 1000),
      postFeeFen: fenCell(label('postFee'), cells.postFee),
      paid: yesCell(label('paid'), cells.paid),
      cod: yesCell(label('cod'), cells.cod),
      courier: courierCell(label('courier'), cells.courier),
    },
  }
}

function yesCell(column: string, text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined
  if (/^(是|有|已付|已付款|y|yes|true|1)$/i.test(text)) return true
  if (/^(否|无|未付|未付款|n|no|false|0)$/i.test(text)) return false
  throw new BadCell(column, `「${text}」不是「是」或「否」`, `${text} is neither yes nor no`)
}

function courierCell(column: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  const known = courierOf(text)
  if (known) return known
  throw new BadCell(column, `没有快递「${text}」`, `There is no courier ${text}`)
}

/**
 * Returns the order numbers with a row that could not be read, since an order must not be created with lines missing. Numbers are compared
 * without the shop, because the shop may be the unreadable cell. A row without a number belongs to the row above (merged cells).
 */
function brokenOrders(
  rows: readonly SheetRow<Head>[],
  refused: readonly RowRefusal[],
): ReadonlyMap<string, number> {
  const bad = new Set(refused.map(({ row }) => row))
  const broken = new Map<string, number>()
  let above = ''
  for (const { row, cells } of rows) {
    above = cells.outerNo ?? above
    if (bad.has(row)) broken.set(above, row)
  }
  return broken
}

function orderOf(
  group: readonly Read[],
  skus: ReadonlyMap<string, { id: string }>,
  broken: ReadonlyMap<string, number>,
): OrderInput | RowRefusal[] {
  const [first] = group
  if (!first) return []
  const { shopId, outerNo } = first.value
  const at = broken.get(outerNo)
  if (at !== undefined) return group.map((row) => refusal(row, '', partly(at)))
  const unknown = group.filter(({ value }) => !skus.has(value.code))
  if (unknown.length > 0) return unknown.map((row) => refusal(row, heads.code[0], noSku(row.value.code)))
  if (group.length > linesMax) return [refusal(first, '', tooManyLines)]
  const told: Told = {}
  // The values of an order are taken from its rows, the last row first, so that those of the first row are kept. If a row has another value, the order is
  // refused below.
  for (const { value } of group.toReversed()) Object.assign(told, Object.fromEntries(given(value.order)))
  for (const { row, value } of group) {
    const other = given(value.order).find(([key, text]) => told[key] !== text)
    if (other) return [{ row, column: heads[headOf(other[0])][0], ...differs }]
  }
  const { name = '', mobile = '', province = '', city = '', district, address = '', ...rest } = told
  return {
    ...rest,
    key: outerNo,
    origin: 'import',
    shopId,
    outerNo,
    receiver: { name, mobile, province, city, district, address },
    lines: group.map(({ value }) => ({ ...value.line, skuId: skus.get(value.code)?.id ?? '' })),
  }
}

function given(told: Told): [keyof Told, unknown][] {
  const isKey = (key: string): key is keyof Told => key in told
  return Object.keys(told)
    .filter(isKey)
    .map((key): [keyof Told, unknown] => [key, told[key]])
    .filter(([, value]) => value !== undefined)
}

const headOf = (key: keyof Told): Head =>
  key === 'postFeeFen' ? 'postFee' : key in heads ? (key as Head) : 'outerNo'

type Reason = { code: string; message: LocalizedText }
const partly = (row: number): Reason => ({
  code: 'order_refused',
  message: { zh: `同一订单的第 ${row} 行有误，整单没有导入`, en: `Row ${row} of the same order is wrong` },
})
const noSku = (code: string): Reason => ({
  code: 'no_sku',
  message: { zh: `没有商家编码「${code}」`, en: `No SKU has the code ${code}` },
})
const differs: Reason = {
  code: 'differs',
  message: { zh: '和同一订单的别的行不一致', en: 'Differs from another row of the same order' },
}
const tooManyLines: Reason = {
  code: 'too_many_lines',
  message: { zh: `一单最多 ${linesMax} 行`, en: `An order has at most ${linesMax} rows` },
}

const refusal = (row: Read | undefined, column: string, { code, message }: Reason): RowRefusal => ({
  row: row?.row ?? 0,
  column,
  code,
  message,
})
