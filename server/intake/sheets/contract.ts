import Type, { type Static } from 'typebox'
import { rowRefusal } from '../../core/sheets/sheet-contract.ts'
import { sheetFieldKeys } from './heads-contract.ts'

/** The title of the column for each field. */
const columns = Type.Partial(
  Type.Object(
    Object.fromEntries(sheetFieldKeys.map((key) => [key, Type.String({ maxLength: 2000 })])) as Record<
      (typeof sheetFieldKeys)[number],
      ReturnType<typeof Type.String>
    >,
    { additionalProperties: false },
  ),
)

export const sheetInput = Type.Object(
  {
    file: Type.String({ minLength: 1, description: 'An .xlsx or .csv file, as base64' }),
    columns: Type.Optional(columns),
  },
  { additionalProperties: false },
)

const text = Type.String()
const count = Type.Integer()
const rowStates = ['new', 'changed', 'same', 'refused'] as const

export const tradeSheetPreview = Type.Object({
  headRow: Type.Integer({ description: 'The row of the sheet that has the titles of the columns.' }),
  titles: Type.Array(text),
  columns: columns,
  known: Type.Boolean({ description: 'A sheet with this head was imported before.' }),
  rows: count,
  trades: count,
  added: count,
  changed: count,
  same: count,
  refunds: count,
  refused: Type.Array(rowRefusal),
  first: Type.Array(
    Type.Object({
      row: count,
      tid: text,
      state: Type.Enum(rowStates),
      receiver: Type.String({ description: 'Name and number, masked.' }),
      region: text,
      goods: text,
      quantity: Type.Union([count, Type.Null()]),
      amountFen: Type.Union([count, Type.Null()]),
      refund: Type.Enum(['', 'none', 'open', 'done']),
    }),
  ),
})
export type TradeSheetPreview = Static<typeof tradeSheetPreview>

/** `added`, `changed`, `same`: trades. `refunds`: refunds that are new or changed. */
export const tradeSheetReport = Type.Object({
  rows: count,
  trades: count,
  added: count,
  changed: count,
  same: count,
  refunds: count,
  refused: Type.Array(rowRefusal),
})
export type TradeSheetReport = Static<typeof tradeSheetReport>
