import Type, { type Static } from 'typebox'
import { oneOf } from '../core/lists/list-contract.ts'

const found = Type.Object({
  kind: oneOf(['order', 'delivery', 'trade', 'refund', 'return', 'parcel', 'sku'] as const),
  id: Type.String(),
  no: Type.String(),
  /** Describes the document with masked personal data, so that a user can choose among the documents found. */
  text: Type.String(),
})
export type Found = Static<typeof found>

export const searchQuery = Type.Object(
  {
    q: Type.String({ minLength: 2, maxLength: 60 }),
    /** Shop ids; left out: all shops of the scope. */
    shop: Type.Optional(Type.String({ pattern: '^$|^[1-9][0-9]{0,6}(,[1-9][0-9]{0,6}){0,199}$' })),
  },
  { additionalProperties: false },
)
export const foundList = Type.Object({ rows: Type.Array(found) })
