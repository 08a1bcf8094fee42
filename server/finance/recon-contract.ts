import Type, { type Static } from 'typebox'
import { idSchema, nullable, timeAnswer, timeOrNull } from '../core/http/http-contract.ts'
import { oneOf, shopIds } from '../core/lists/list-contract.ts'
import { rowRefusal } from '../core/sheets/sheet-contract.ts'
import { settlementRow } from './contract.ts'
import { billKinds, gapCauses, reconciliationStates } from './recon-lifecycle.ts'

const closed = { additionalProperties: false }
const day = Type.String({ format: 'date' })

const fen = Type.Integer()
export const billTradeRow = Type.Object({
  id: Type.String(),
  shopId: Type.String(),
  tid: Type.String(),
  at: timeAnswer,
  /** The sums of the trade's bill rows in fen: receipts (positive), refunds (negative) and fees. */
  billInFen: fen,
  billOutFen: fen,
  feeFen: fen,
  ownInFen: fen,
  ownOutFen: fen,
  /** The bill's amount less ours, without fees. */
  gapFen: fen,
  billDay: nullable(Type.String()),
  ownDay: nullable(Type.String()),
  cause: oneOf(['', ...gapCauses]),
  standing: oneOf(reconciliationStates),
  explainedWhy: Type.String(),
  explainedBy: Type.String(),
  explainedAt: timeOrNull,
})
export type BillTradeView = Static<typeof billTradeRow>

export const billLineRow = Type.Object({
  id: Type.String(),
  serialNo: Type.String(),
  happenedAt: timeAnswer,
  kind: oneOf(billKinds),
  type: Type.String(),
  amountFen: fen,
  note: Type.String(),
  importedAt: timeAnswer,
  importedBy: Type.String(),
})
export const billTradeDetail = Type.Object({
  ...billTradeRow.properties,
  lines: Type.Array(billLineRow),
  settlements: Type.Array(settlementRow),
})
export type BillTradeDetail = Static<typeof billTradeDetail>

export const explainFields = { reason: Type.String({ minLength: 1, maxLength: 200, pattern: '\\S' }) }

export const billImportInput = Type.Object(
  { shopId: idSchema, file: Type.String({ minLength: 1, maxLength: 7_400_000, contentEncoding: 'base64' }) },
  closed,
)
export const billReport = Type.Object({
  rows: Type.Integer(),
  added: Type.Integer(),
  /** The number of rows that an earlier import stored with the same values. */
  known: Type.Integer(),
  refused: Type.Array(rowRefusal),
})
export type BillReport = Static<typeof billReport>

export const billDaysQuery = Type.Object({ shop: Type.Optional(shopIds), from: day, to: day }, closed)
export const billDay = Type.Object({
  shopId: Type.String(),
  day: Type.String(),
  billInFen: fen,
  billOutFen: fen,
  feeFen: fen,
  /** The sum in fen of withdrawals and other transfers, and of rows of kind `other`. */
  restFen: fen,
  ownInFen: fen,
  ownOutFen: fen,
})
export type BillDayView = Static<typeof billDay>
export const billDays = Type.Object({ rows: Type.Array(billDay) })

export const billDayQuery = Type.Object({ shop: idSchema, day }, closed)
/** The causes of a day's difference; their amounts sum to the difference exactly. */
export const billDayCauses = Type.Object({
  causes: Type.Array(
    Type.Object({
      /** `no_trade`: the bill row has no trade number. Empty: both sides of the trade are equal. */
      cause: oneOf(['', ...gapCauses, 'no_trade']),
      trades: Type.Integer(),
      billFen: fen,
      ownFen: fen,
    }),
  ),
  types: Type.Array(
    Type.Object({ kind: oneOf(billKinds), type: Type.String(), lines: Type.Integer(), amountFen: fen }),
  ),
})
