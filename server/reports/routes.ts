import { type Routes, route } from '../core/http/http.ts'
import { AppError } from '../errors.ts'
import { figures, figuresQuery, reportRows, rowsQuery } from './contract.ts'
import { askedOf, reportFigures } from './figures.ts'
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
    ({ query, scope }) => reportFigures(app.db, query, scope),
  )
  app.get(
    '/api/reports/rows',
    route('reports.read', 'The documents behind a figure of a report', {
      tags,
      querystring: rowsQuery,
      response: { 200: reportRows },
    }),
    ({ query, scope }) => {
      const { after, limit = 50, measure: name, key, ...input } = query
      const asked = askedOf(input, scope)
      const measure = asked.report.measures.find((one) => one.key === name)
      if (measure === undefined) throw new AppError('invalid_input', { detail: 'measure' }, 'measure')
      return readRows(app.db, { ...asked, measure, key }, { limit, after })
    },
  )
}
