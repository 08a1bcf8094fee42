import Type, { type Static } from 'typebox'

export const rowRefusal = Type.Object({
  /** The row's number in the sheet; the header is row 1. */
  row: Type.Integer(),
  /** The column's header in the sheet; empty if the whole row was refused. */
  column: Type.String(),
  code: Type.String(),
  message: Type.Object({ zh: Type.String(), en: Type.String() }),
})
export type RowRefusal = Static<typeof rowRefusal>
