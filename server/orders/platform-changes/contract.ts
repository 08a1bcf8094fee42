import Type from 'typebox'
import { idSchema } from '../../core/http/http-contract.ts'
import { oneOf } from '../../core/lists/list-contract.ts'
import { platformChangeKinds } from '../order/lifecycle.ts'

export const resolveChangesFields = {
  how: oneOf(['apply', 'ignore']),
  kinds: Type.Optional(Type.Array(oneOf(platformChangeKinds), { minItems: 1 })),
  differenceIds: Type.Optional(Type.Array(idSchema, { maxItems: 1000 })),
}
/** Platforms count bytes and have different limits. A memo that is too long is refused by the platform, and the refusal is shown. */
export const memoInput = Type.Object({
  memo: Type.String({ maxLength: 1000 }),
  flag: Type.Integer({ minimum: 0, maximum: 5 }),
  version: Type.Integer({ minimum: 1 }),
})
export const memosFields = {
  memo: Type.Optional(memoInput.properties.memo),
  flag: Type.Optional(memoInput.properties.flag),
}
