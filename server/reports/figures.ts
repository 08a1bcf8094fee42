import { skuNames } from '../catalog/names.ts'
import type { Scope } from '../core/access/actor.ts'
import type { Database } from '../core/db/db.ts'
import { AppError } from '../errors.ts'
import { chinaDay } from '../lib/time.ts'
import type { Figures, FiguresQuery } from './contract.ts'
import { type Asked, type FigureRow, readDue, readFigures, readTotal } from './figure-queries.ts'
import {
  addCells,
  type Dimension,
  daysIn,
  plusDays,
  type ReportName,
  reports,
  type Step,
} from './report-rules.ts'
import type { Days } from './sources.ts'

/** A page shows at most this many rows; the sum of the others is a row of its own. */
export const rowsMost = 100
const daysMost = 400
/** A page shows at most this many columns. */
const periodsMost = 62

type Input = { report: ReportName; from: string; to: string; shop?: string; rows?: string; step?: Step }

const wrong = (field: string) => new AppError('invalid_input', { detail: field }, field)

/** Returns the question in full. Throws `invalid_input` for days in the wrong order or too many, and for rows that the report has not. */
export function askedOf(input: Input, scope: Scope): Asked {
  const { report: name, from, to, shop, step = 'day' } = input
  const report = reports[name]
  const dimension = input.rows === undefined ? report.dimensions[0] : dimensionOf(name, input.rows)
  const count = daysIn({ from, to })
  if (count < 1 || count > daysMost) throw wrong('to')
  if (dimension === undefined) throw wrong('rows')
  return { report, days: { from, to }, shops: shop?.split(',') ?? null, scope, dimension, step }
}

const dimensionOf = (name: ReportName, rows: string): Dimension | undefined =>
  reports[name].dimensions.find((one) => one === rows)

/** Returns a report: sums by row and period, with the totals of the same number of days before. */
export async function reportFigures(db: Database, input: FiguresQuery, scope: Scope): Promise<Figures> {
  const asked = askedOf(input, scope)
  const { report, days, dimension, step } = asked
  const starts = startsOf(days, step)
  if (starts.length > periodsMost) throw wrong('step')
  const by = report.measures.find(({ key }) => key === (input.by ?? report.measures[0]?.key))
  if (by === undefined) throw wrong('by')
  const length = daysIn(days)
  const earlier = { from: plusDays(days.from, -length), to: plusDays(days.from, -1) }
  // Days of the period before are compared with, so they count for what the page says of itself.
  const due = await readDue(db, { from: earlier.from, to: days.to })
  const found = await readFigures(db, asked, by, rowsMost)
  const before = await readTotal(db, asked, earlier)
  const cells = byKey(found.rows, starts)
  const empty = starts.map(() => null)
  const rows = found.keys.map((key) => ({ key, code: '', name: '', cells: cells.get(key) ?? empty }))
  const others = cells.get(null) ?? empty
  const today = chinaDay(due.now)
  return {
    columns: [...report.columns],
    periods: starts.map((start, at) => {
      const isCut = start < days.from
      const from = isCut ? days.from : start
      const next = starts[at + 1]
      const to = next === undefined ? days.to : plusDays(next, -1)
      return { from, to, over: to < today, due: due.due.some((day) => day >= from && day <= to) }
    }),
    rows: dimension === 'sku' ? await named(db, rows) : rows,
    others: { count: found.others, cells: others },
    total: starts.map((_, at) => addCells([...rows.map((row) => row.cells[at] ?? null), others[at] ?? null])),
    before,
    at: (due.due.length > 0 && due.oldest !== null ? due.oldest : due.now).toISOString(),
    waiting: due.waiting,
  }
}

type Cells = (number[] | null)[]

function byKey(rows: readonly FigureRow[], starts: readonly string[]): Map<string | null, Cells> {
  const found = new Map<string | null, Cells>()
  for (const { key, period, sums } of rows) {
    const cells: Cells = found.get(key) ?? starts.map(() => null)
    cells[starts.indexOf(period)] = sums
    found.set(key, cells)
  }
  return found
}

async function named(db: Database, rows: Figures['rows']): Promise<Figures['rows']> {
  const names = await skuNames(
    db,
    rows.map(({ key }) => key),
  )
  return rows.map((row) => {
    const sku = names.get(row.key)
    return sku ? { ...row, code: sku.code, name: [sku.name, sku.spec].filter(Boolean).join(' ') } : row
  })
}

/** Returns the first day of each period: days, weeks from Monday, or months. */
function startsOf({ from, to }: Days, step: Step): string[] {
  const days = Array.from({ length: daysIn({ from, to }) }, (_, at) => plusDays(from, at))
  return [...new Set(days.map((day) => startOf(day, step)))]
}

function startOf(day: string, step: Step): string {
  if (step === 'month') return `${day.slice(0, 7)}-01`
  if (step === 'day') return day
  const weekday = (new Date(day).getUTCDay() + 6) % 7
  return plusDays(day, -weekday)
}
