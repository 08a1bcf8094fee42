import Type from 'typebox'
import Value from 'typebox/value'
import type { Database } from '../core/db/db.ts'
import type { Language } from '../core/lists/declare-contract.ts'
import { AppError } from '../errors.ts'
import type { ExportList, ExportParts } from '../exports/export-lists.ts'
import type { Cell } from '../lib/files/xlsx-out.ts'
import type { LocalizedPair } from '../lib/localized-text.ts'
import { withoutPhones } from '../lib/mask.ts'
import { toChinaTime } from '../lib/time.ts'
import { listShops } from '../shops/shops.ts'
import { type FiguresQuery, figuresQuery } from './contract.ts'
import { askedOf, measureOf, periodsOf, reportFigures } from './figures.ts'
import {
  addCells,
  type Dimension,
  dimensionWords,
  type Measure,
  measured,
  periodName,
  type ReportName,
  reports,
  rowWords,
} from './report-rules.ts'

/** A report as its page shows it: a row for each subject, then the others, then the total; a figure for each period and the sum of all. */
export type ReportTable = {
  /** The columns after the name of the row. */
  periods: string[]
  measure: Measure
  rows: { name: string; values: (number | null)[] }[]
  /** The largest rows come first in `rows`: so many have a name of their own. */
  named: number
  dimension: Dimension
  /** Each measure of the report over all its days, and over as many days before. */
  sums: { measure: Measure; now: number | null; before: number | null }[]
  /** When the figures were complete. */
  at: string
  /** True: days of it are computed again, so its figures are older than their rows. */
  isDue: boolean
}

export const wordIn = ([zh, en]: LocalizedPair, language: Language) => (language === 'zh' ? zh : en)
const totalWords: LocalizedPair = ['合计', 'Total']

/** Reads a report as a table. */
export async function reportTable(
  db: Database,
  query: FiguresQuery,
  { scope, language }: Pick<ExportParts, 'scope' | 'language'>,
): Promise<ReportTable> {
  const figures = await reportFigures(db, query, scope)
  const asked = askedOf(query, scope)
  const measure = measureOf(asked, query.by)
  const shops = await listShops(db, scope)
  const valuesOf = (cells: readonly (number[] | null)[]) =>
    [...cells, addCells(cells)].map((cell) => measured(measure, figures.columns, cell))
  const rows = figures.rows.map((row) => {
    const words = rowWords(asked.dimension, row, (id) => shops.find((shop) => shop.id === id)?.name)
    const name = wordIn(words, language)
    // On some platforms buyers write their reason freely.
    return {
      name: asked.dimension === 'cause' ? withoutPhones(name) : name,
      values: valuesOf(row.cells),
    }
  })
  const { count, cells } = figures.others
  const whole = addCells(figures.total)
  const others: LocalizedPair = [`其余 ${count} 个`, `${count} others`]
  return {
    periods: [...figures.periods.map(periodName), wordIn(totalWords, language)],
    measure,
    rows: [
      ...rows,
      ...(count > 0 ? [{ name: wordIn(others, language), values: valuesOf(cells) }] : []),
      { name: wordIn(totalWords, language), values: valuesOf(figures.total) },
    ],
    named: rows.length,
    dimension: asked.dimension,
    sums: asked.report.measures.map((each) => ({
      measure: each,
      now: measured(each, figures.columns, whole),
      before: figures.before && measured(each, figures.columns, figures.before),
    })),
    at: figures.at,
    isDue: figures.periods.some(({ due }) => due),
  }
}

/** Percentages and hours have one decimal, as on the page; money stays in fen. */
export function cellOf({ kind }: Measure, value: number | null): Cell {
  if (value === null) return null
  if (kind === 'money') return { fen: value }
  return kind === 'percent' || kind === 'hours' ? Math.round(value * 10) / 10 : value
}

const units: Partial<Record<Measure['kind'], LocalizedPair>> = {
  percent: [' %', ' %'],
  hours: ['（小时）', ' (h)'],
  grams: ['（克）', ' (g)'],
}
export const measureName = ({ words, kind }: Measure, language: Language) =>
  `${wordIn(words, language)}${wordIn(units[kind] ?? ['', ''], language)}`

/** 店铺日报 · 销售额 ¥ */
export const titleOf = (name: ReportName, measure: Measure, language: Language) =>
  `${wordIn(reports[name].words, language)} · ${measureName(measure, language)}`

/** 算到 2026-03-04 05:06:07 */
export const completeUpTo = (at: string, language: Language): string =>
  `${wordIn(['算到', 'Complete up to'], language)} ${toChinaTime(new Date(at))}`

const language = Type.Optional(Type.Unsafe<Language>({ type: 'string', enum: ['zh', 'en'] }))
const sheetQuery = Type.Object({ ...figuresQuery.properties, language }, { additionalProperties: false })

function asksFor(query: unknown): FiguresQuery {
  if (!Value.Check(sheetQuery, query)) throw new AppError('invalid_input', { detail: 'query' })
  const { language: _, ...asked } = query
  return asked
}

const noScope = { shops: [], warehouses: [] }

/** 报表: the table of a report as a sheet. Below it are the definition of its figures, and up to when they are complete if they are older than their rows. */
export const reportSheet: ExportList = {
  name: 'reports',
  permission: 'reports.read',
  title: { zh: '报表', en: 'Report' },
  query: sheetQuery,
  columns(language, query) {
    const asked = askedOf(asksFor(query), noScope)
    const measure = measureOf(asked, asksFor(query).by)
    const first = `${wordIn(dimensionWords[asked.dimension], language)} · ${measureName(measure, language)}`
    const money = measure.kind === 'money' ? { money: true } : {}
    const periods = [...periodsOf(asked.days, asked.step).map(periodName), wordIn(totalWords, language)]
    return [{ title: first, width: 30 }, ...periods.map((title) => ({ title, width: 14, ...money }))]
  },
  async *pages({ db, scope, language }, query) {
    const asked = asksFor(query)
    const table = await reportTable(db, asked, { scope, language })
    const { defined } = askedOf(asked, scope).report
    yield table.rows.map(({ name, values }) => [name, ...values.map((value) => cellOf(table.measure, value))])
    yield [[], [wordIn(['口径', 'How it is counted'], language), wordIn(defined, language)]]
    if (table.isDue) yield [[completeUpTo(table.at, language)]]
  },
}
