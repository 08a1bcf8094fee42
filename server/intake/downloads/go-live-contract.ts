import Type, { type Static } from 'typebox'
import { cappedCount } from '../../core/lists/list-contract.ts'

export const goLivePreview = Type.Object({
  rows: Type.Array(Type.Object({ shopId: Type.String(), recent: cappedCount, convertible: cappedCount })),
})
export type GoLivePreview = Static<typeof goLivePreview>
export const goLiveQuery = Type.Object(
  {
    shop: Type.String({ pattern: '^[1-9][0-9]{0,6}(,[1-9][0-9]{0,6}){0,49}$' }),
    at: Type.String({ format: 'date-time' }),
  },
  { additionalProperties: false },
)
