import { courierCodes } from '../../connectors/couriers.ts'
import type { By, Scope } from '../../core/access/actor.ts'
import { audit } from '../../core/access/audit.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import { AppError } from '../../errors.ts'
import type { Cell, SheetColumn, SheetPart } from '../../lib/files/xlsx-out.ts'
import { toChinaTime } from '../../lib/time.ts'
import { channelNumber } from '../../shops/sheet-lines.ts'
import { type HandoutField, handoutFields, usualColumns } from './columns-contract.ts'
import type { HandoutColumn } from './contract.ts'
import {
  type HandedOut,
  handedOut,
  handoutOf,
  insertHandout,
  lastHandouts,
  type ParcelLine,
  waitingCount,
} from './handout-queries.ts'

/** Returns the parcels that wait, and the sheets that were made. */
export async function handoutsOf(db: Database, shopId: string, scope: Scope) {
  const last = await lastHandouts(db, shopId)
  return {
    waiting: await waitingCount(db, shopId, scope),
    columns: [...(last[0]?.columns ?? usualColumns)],
    rows: last.map(({ columns: _, ...row }) => row),
  }
}

/**
 * 发货表: makes a sheet of the parcels that wait for one, each once, and of many the oldest. The columns are kept for the next sheet. Returns a null id if none
 * waits.
 */
export async function handOut(
  tx: Tx,
  { shopId, columns }: { shopId: string; columns: readonly HandoutColumn[] | undefined },
  { actor, scope, request }: By,
): Promise<{ id: string | null; parcels: number }> {
  const [last] = columns ? [] : await lastHandouts(tx, shopId)
  const chosen = columns ?? last?.columns ?? usualColumns
  const { id, parcels } = await insertHandout(tx, { shopId, columns: chosen, by: actor.name }, scope)
  if (parcels === 0) return { id: null, parcels }
  await audit(tx, {
    ...{ actor, request, action: 'shop.hand_out', subject: { type: 'shop', id: shopId }, shopId },
    detail: { handout: id, parcels },
  })
  return { id, parcels }
}

/** Returns the sheet, also again. @throws {AppError} `not_found`. */
export async function handoutSheet(
  db: Database,
  handoutId: string,
  scope: Scope,
): Promise<{ shop: string; createdAt: Date; columns: SheetColumn[]; rows: SheetPart }> {
  const handout = await handoutOf(db, handoutId, scope)
  if (!handout) throw new AppError('not_found', { what: { zh: '发货表', en: 'Sheet of parcels' } })
  const { shop, columns, createdAt } = handout
  const parcels = await handedOut(db, handoutId, scope)
  return {
    ...{ shop, createdAt },
    columns: columns.map(({ field, title }) => ({ title, width: field === 'goods' ? 50 : 20 })),
    rows: rowsOf(columns, parcels),
  }
}

const isOfLine = (field: HandoutField) => handoutFields.some(({ key, line }) => key === field && line)

/** A parcel whose goods were all paid back after it left keeps its row. */
const noLine: ParcelLine = { oid: '', code: '', title: '', spec: '', quantity: 0 }

/** A row for each parcel, or for each of its goods if a column is about these. Exported for tests. */
export function rowsOf(columns: readonly HandoutColumn[], parcels: readonly HandedOut[]): Cell[][] {
  const byLine = columns.some(({ field }) => isOfLine(field))
  return parcels.flatMap((parcel) =>
    (byLine && parcel.lines.length > 0 ? parcel.lines : [parcel.lines[0] ?? noLine]).map((line) =>
      columns.map(({ field }) => cells[field](parcel, line)),
    ),
  )
}

const namesOf = ({ code, title, spec, quantity }: ParcelLine) =>
  `${[title || code, spec].filter(Boolean).join(' ')} × ${quantity}`

const cells: Readonly<Record<HandoutField, (parcel: HandedOut, line: ParcelLine) => Cell>> = {
  tid: ({ tid }) => tid,
  courier: ({ courier }) => courierCodes[courier]?.zh ?? courier,
  courierCode: ({ courier }) => courier,
  waybillNo: ({ waybillNo }) => waybillNo,
  goods: ({ lines }) => lines.map(namesOf).join('；'),
  pieces: ({ lines }) => lines.reduce((sum, { quantity }) => sum + quantity, 0),
  shippedAt: ({ shippedAt }) => toChinaTime(shippedAt),
  oid: ({ tid }, { oid }) => channelNumber(tid, oid),
  code: (_, { code }) => code,
  title: (_, { title }) => title,
  spec: (_, { spec }) => spec,
  quantity: (_, { quantity }) => quantity,
}
