import { type Routes, route } from '../core/http/http.ts'
import { AppError } from '../errors.ts'
import { figures, figuresQuery, reportRows, rowsQuery } from './contract.ts'
import { askedOf, reportFigures, shownKeys } from './figures.ts'
import { readRows } from './row-queries.ts'

const tags = ['reports']

export const reportRoutes: Routes = async (app) => {
  app.get(
    '/api/reports/figures',
    route('reports.read', 'A report: sums by row and day, week or month', {
      tags,
      querystring: figuresQuery,
      response: { 200: figures },
    }),
    (request) => app.reading(request, (db) => reportFigures(db, request.query, request.scope)),
  )
  app.get(
    '/api/reports/rows',
    route('reports.read', 'The documents behind a figure of a report', {
      tags,
      querystring: rowsQuery,
      response: { 200: reportRows },
    }),
    (request) => {
      const { after, limit = 50, measure: name, key, others = false, by, ...rest } = request.query
      const { rankedFrom, rankedTo, ...input } = rest
      const asked = askedOf(input, request.scope)
      // The largest rows are those of the whole report, and one of its periods may have others.
      const ranked = { ...input, from: rankedFrom ?? input.from, to: rankedTo ?? input.to }
      const whole = askedOf(ranked, request.scope)
      const measure = asked.report.measures.find((one) => one.key === name)
      if (measure === undefined) throw new AppError('invalid_input', { detail: 'measure' }, 'measure')
      return app.reading(request, async (db) => {
        const except = others ? await shownKeys(db, whole, by) : undefined
        return readRows(db, { ...asked, measure, key, except }, { limit, after })
      })
    },
  )
}
