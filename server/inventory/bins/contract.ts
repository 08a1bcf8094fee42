import Type, { type Static } from 'typebox'
import { idSchema } from '../../core/http/http-contract.ts'
import { rowRefusal } from '../../core/sheets/sheet-contract.ts'

const text = Type.String()
const closed = { additionalProperties: false }

/** The form of a bin's code. It is stored in capitals. */
export const binPattern = '^[A-Za-z0-9][A-Za-z0-9-]{0,29}$'
/** The most SKUs that one bin may be the main, or the spare, bin of. */
export const skusOfBinMax = 200

const goods = Type.Object({ skuId: text, code: text, name: text, spec: text })
export const binRow = Type.Object({
  id: text,
  warehouseId: text,
  warehouseName: text,
  code: text,
  route: Type.Integer({ description: 'Position on the way of a picker; the smaller is passed first.' }),
  active: Type.Boolean({ description: 'False: retired.' }),
  version: Type.String({ description: 'Stands for route, state and goods; saving the bin names it.' }),
  mains: Type.Array(goods, { description: 'SKUs that are picked here.' }),
  spares: Type.Array(goods, { description: 'SKUs of which this is the spare bin.' }),
})
export type BinRow = Static<typeof binRow>

const codes = Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { maxItems: skusOfBinMax })
export const binInput = Type.Object(
  {
    warehouseId: idSchema,
    code: Type.String({ pattern: binPattern }),
    route: Type.Integer({ minimum: 0, maximum: 1_000_000_000 }),
    active: Type.Boolean(),
    version: Type.String({ maxLength: 40, description: 'As the list shows it; empty: the bin is new.' }),
    mains: codes,
    spares: codes,
  },
  closed,
)
export type BinInput = Static<typeof binInput>
export const savedBin = Type.Object({ id: text })

export const binSheet = Type.Object({ file: Type.String({ minLength: 1, maxLength: 7_000_000 }) }, closed)
export const binReport = Type.Object({
  rows: Type.Integer(),
  created: Type.Integer(),
  updated: Type.Integer(),
  refused: Type.Array(rowRefusal),
})
export type BinReport = Static<typeof binReport>
