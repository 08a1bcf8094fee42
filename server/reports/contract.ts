import Type, { type Static } from 'typebox'
import { nullable, pageOf, pageQuery } from '../core/http/http-contract.ts'
import { oneOf, shopIds, time } from '../core/lists/list-contract.ts'
import { reportNames, stepNames } from './report-rules.ts'

const closed = { additionalProperties: false }
const day = Type.String({ format: 'date' })

const asked = {
  report: oneOf(reportNames),
  /** The first and the last day, at most 400 days. */
  from: day,
  to: day,
  shop: Type.Optional(shopIds),
}

export const figuresQuery = Type.Object(
  {
    ...asked,
    /** What a row is: one of `dimensions` of the report; left out: its first. */
    rows: Type.Optional(Type.String({ maxLength: 20 })),
    step: Type.Optional(oneOf(stepNames)),
    /** The measure by which the largest rows are chosen; left out: the first of the report. */
    by: Type.Optional(Type.String({ maxLength: 30 })),
  },
  closed,
)
export type FiguresQuery = Static<typeof figuresQuery>

/** The sums of one cell, in the order of `columns`; null: there is nothing. */
const cell = nullable(Type.Array(Type.Integer()))

export const figures = Type.Object({
  /** The names of the sums in each cell. */
  columns: Type.Array(Type.String()),
  /** `over`: its last day is over. `due`: a row changed since it was computed, so that its figures are older. */
  periods: Type.Array(Type.Object({ from: day, to: day, over: Type.Boolean(), due: Type.Boolean() })),
  /** The largest rows first. `key`: the id of a shop or SKU, a courier's code, a province … */
  rows: Type.Array(
    Type.Object({
      key: Type.String(),
      /** Code and name of a SKU; empty: the key says it. */
      code: Type.String(),
      name: Type.String(),
      cells: Type.Array(cell),
    }),
  ),
  /** The sum of the rows that are not shown, and their number. */
  others: Type.Object({ count: Type.Integer(), cells: Type.Array(cell) }),
  total: Type.Array(cell),
  /** The sums of as many days before. */
  before: cell,
  /** Up to when the figures of the computed days are complete, of this period and of the one before. */
  at: time,
  /** Days of the installation that are still to be computed. */
  waiting: Type.Integer(),
})
export type Figures = Static<typeof figures>

export const rowsQuery = Type.Object(
  {
    ...asked,
    rows: Type.Optional(Type.String({ maxLength: 20 })),
    /** The row of the cell; left out: all rows. */
    key: Type.Optional(Type.String({ maxLength: 300 })),
    /**
     * True: the rows that are not shown by themselves. `by`, `rankedFrom` and `rankedTo`: the measure and the days by which the report chose those that
     * are shown; days left out: those of the cell.
     */
    others: Type.Optional(Type.Boolean()),
    by: Type.Optional(Type.String({ maxLength: 30 })),
    rankedFrom: Type.Optional(day),
    rankedTo: Type.Optional(day),
    measure: Type.String({ maxLength: 30 }),
    ...pageQuery,
  },
  closed,
)

export const rowKinds = ['trade', 'order', 'refund', 'delivery'] as const
export const reportRow = Type.Object({
  kind: oneOf(rowKinds),
  id: Type.String(),
  no: Type.String(),
  shopId: Type.String(),
  at: time,
  amountFen: nullable(Type.Integer()),
  quantity: Type.Integer(),
  status: Type.String(),
  /** Goods, province, courier or reason: what the row is about. */
  about: Type.String(),
})
export type ReportRow = Static<typeof reportRow>
export const reportRows = pageOf(reportRow)
