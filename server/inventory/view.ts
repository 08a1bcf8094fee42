import type { Static } from 'typebox'
import { skuNames } from '../catalog/names.ts'
import { skusContaining } from '../catalog/relations.ts'
import type { Scope } from '../core/access/actor.ts'
import { inWarehouses } from '../core/access/scope.ts'
import type { Database } from '../core/db/db.ts'
import { pageById } from '../core/lists/list.ts'
import { AppError } from '../errors.ts'
import type { movementRow, reservationRow, StockRow } from './contract.ts'
import type { Pair } from './stock.ts'
import {
  movementPage,
  reservationPage,
  type StockFilter,
  type StockView,
  stockOfSku,
} from './view-queries.ts'

/**
 * Returns the order numbers of these orders, without orders outside the scope. The slice orders supplies this function, because this slice
 * may not import orders.
 */
export type OrderNumbers = (
  db: Database,
  ids: readonly string[],
  scope: Scope,
) => Promise<Map<string, string>>

export type StockAsked = { q?: string | undefined; warehouse?: string | undefined }

export const stockFilterOf = ({ q, warehouse }: StockAsked, scope: Scope): StockFilter => ({
  scope,
  warehouse: warehouse?.split(','),
  skus: q === undefined ? undefined : skusContaining(q),
})

export async function withNames(db: Database, rows: readonly StockView[]): Promise<StockRow[]> {
  const nameOf = await namer(db, rows)
  return rows.map((row) => ({ ...row, ...nameOf(row.skuId) }))
}

export async function namer(db: Database, rows: readonly { skuId: string }[]) {
  const names = await skuNames(
    db,
    rows.map(({ skuId }) => skuId),
  )
  return (skuId: string) => {
    const { code = skuId, name = '', spec = '', pictureUrl = '' } = names.get(skuId) ?? {}
    return { code, name, spec, pictureUrl }
  }
}

export async function viewStock(db: Database, { warehouseId, skuId }: Pair, scope: Scope) {
  const warehouses = await withNames(db, await stockOfSku(db, skuId, scope))
  const stock = warehouses.find((row) => row.warehouseId === warehouseId)
  if (!stock) throw noStock()
  return { stock, warehouses }
}

const noStock = () => new AppError('not_found', { what: { zh: '库存', en: 'Stock' } })

type Asked = { limit: number; after: string | undefined }
type Known = { orderNumbers: OrderNumbers; scope: Scope }

/** Returns a page of movements. Orders outside the scope appear without their numbers. */
export async function movementsOf(db: Database, pair: Pair, asked: Asked, known: Known) {
  if (!inWarehouses(known.scope, pair.warehouseId)) throw noStock()
  const page = await pageById(asked, (place) => movementPage(db, pair, place))
  const orders = page.rows.filter((row) => row.documentKind === 'order')
  const numbers = await known.orderNumbers(
    db,
    orders.map((row) => row.documentId),
    known.scope,
  )
  const rows = page.rows.map((row): Static<typeof movementRow> => {
    if (row.documentKind !== 'order') return row
    const documentNo = numbers.get(row.documentId)
    return { ...row, documentId: documentNo ? row.documentId : '', documentNo: documentNo ?? '' }
  })
  return { rows, next: page.next }
}

export async function reservationsOf(db: Database, pair: Pair, { limit, after }: Asked, known: Known) {
  if (!inWarehouses(known.scope, pair.warehouseId)) throw noStock()
  const found = await reservationPage(db, pair, { after: readPlace(after), limit: limit + 1 })
  const page = found.slice(0, limit)
  const numbers = await known.orderNumbers(
    db,
    page.map((row) => row.orderId),
    known.scope,
  )
  const rows = page.map((row, index): Static<typeof reservationRow> => {
    const orderNo = numbers.get(row.orderId)
    const orderId = orderNo ? row.orderId : ''
    return { ...row, id: `${after ?? ''}+${index}`, orderId, orderNo: orderNo ?? '' }
  })
  const last = page.at(-1)
  return { rows, next: found.length > limit && last ? `${last.orderId}-${last.lineNo}` : null }
}

function readPlace(after: string | undefined): { orderId: string; lineNo: number } | undefined {
  if (after === undefined) return undefined
  const [, orderId, lineNo] = /^([1-9]\d{0,17})-(\d{1,4})$/.exec(after) ?? []
  if (orderId === undefined) throw new AppError('invalid_cursor', {}, 'after')
  return { orderId, lineNo: Number(lineNo) }
}

/** Reads a balance's id: "3-17" is warehouse 3, SKU 17. Throws `invalid_cursor` for any other text. */
export function pairOf(text: string): Pair {
  const [, warehouseId, skuId] = /^([1-9]\d{0,17})-([1-9]\d{0,17})$/.exec(text) ?? []
  if (warehouseId === undefined || skuId === undefined) throw new AppError('invalid_cursor', {}, 'after')
  return { warehouseId, skuId }
}
