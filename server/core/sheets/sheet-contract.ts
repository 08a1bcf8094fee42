import Type, { type Static } from 'typebox'

/** A row of a sheet that was not taken, and why. */
export const rowRefusal = Type.Object({
  /** As the sheet counts: the head is row 1. */
  row: Type.Integer(),
  /** The cell's column, as the sheet calls it; empty: the row as a whole. */
  column: Type.String(),
  code: Type.String(),
  message: Type.Object({ zh: Type.String(), en: Type.String() }),
})
export type RowRefusal = Static<typeof rowRefusal>
