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
  type Measure,
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

/** Returns the days whose figures are older than their rows. */
export const dueDays = async (db: Database, days: Days): Promise<string[]> => (await readDue(db, days)).due

/** Returns a report: sums by row and period, with the totals of the same number of days before. */
export async function reportFigures(db: Database, input: FiguresQuery, scope: Scope): Promise<Figures> {
  const asked = askedOf(input, scope)
  const { report, days, dimension, step } = asked
  const starts = startsOf(days, step)
  if (starts.length > periodsMost) throw wrong('step')
  const by = measureOf(asked, input.by)
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
    periods: periodsOf(days, step).map(({ from, to }) => ({
      ...{ from, to, over: to < today },
      due: due.due.some((day) => day >= from && day <= to),
    })),
    rows: dimension === 'sku' ? await named(db, rows) : rows,
    others: { count: found.others, cells: others },
    total: starts.map((_, at) => addCells([...rows.map((row) => row.cells[at] ?? null), others[at] ?? null])),
    before,
    at: (due.due.length > 0 && due.oldest !== null ? due.oldest : due.now).toISOString(),
    waiting: due.waiting,
  }
}

/** Returns the measure by its key; left out: the first one of the report. */
export function measureOf({ report }: Pick<Asked, 'report'>, by: string | undefined): Measure {
  const measure = report.measures.find(({ key }) => key === (by ?? report.measures[0]?.key))
  if (measure === undefined) throw wrong('by')
  return measure
}

/** Returns the keys of the rows that the report shows by themselves. */
export async function shownKeys(db: Database, asked: Asked, by: string | undefined): Promise<string[]> {
  return (await readFigures(db, asked, measureOf(asked, by), rowsMost)).keys
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

/** Returns the periods of these days: the first and the last may be cut. */
export const periodsOf = (days: Days, step: Step): Days[] => {
  const starts = startsOf(days, step)
  return starts.map((start, at) => {
    const next = starts[at + 1]
    const isCut = start < days.from
    return {
      from: isCut ? days.from : start,
      to: next === undefined ? days.to : plusDays(next, -1),
    }
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
