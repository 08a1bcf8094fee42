import type { Figures as Answer, ReportRow as Row } from '../../../server/reports/contract.ts'
import type { Json } from '../ui/base/json.ts'

export type Figures = Json<Answer>
export type ReportRow = Json<Row>
export type FigureRow = Figures['rows'][number]
