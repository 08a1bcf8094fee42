import Type, { type Static } from 'typebox'
import { idSchema } from '../../core/http/http-contract.ts'
import { handoutFields } from './columns-contract.ts'

const column = Type.Object(
  {
    field: Type.Enum(handoutFields.map(({ key }) => key)),
    title: Type.String({ minLength: 1, maxLength: 40, pattern: '\\S' }),
  },
  { additionalProperties: false },
)
export type HandoutColumn = Static<typeof column>
const columns = Type.Array(column, { minItems: 1, maxItems: handoutFields.length })

const handout = Type.Object({
  id: Type.String(),
  parcels: Type.Integer(),
  createdAt: Type.String({ format: 'date-time' }),
  createdBy: Type.String(),
})
export type Handout = Static<typeof handout>

export const handoutList = Type.Object({
  waiting: Type.Integer({ description: 'Parcels that were shipped and are in no sheet yet.' }),
  columns: Type.Array(column, { description: 'Those of the last sheet.' }),
  rows: Type.Array(handout, { description: 'The last sheets, the newest first.' }),
})
export const handoutInput = Type.Object({ columns: Type.Optional(columns) }, { additionalProperties: false })
/** `id` null: no parcel waits, and no sheet was made. */
export const handoutMade = Type.Object({ id: Type.Union([idSchema, Type.Null()]), parcels: Type.Integer() })
