import Type from 'typebox'
import { idSchema, nullable } from '../../core/http/http-contract.ts'
import { oneOf, time } from '../../core/lists/list-contract.ts'
import { personHoldReasons } from '../order/lifecycle.ts'

export const holdFields = {
  reason: oneOf(personHoldReasons),
  note: Type.Optional(Type.String({ maxLength: 500 })),
  until: Type.Optional(nullable(time)),
}
export const liftHoldFields = {
  reason: Type.Optional(Type.String({ maxLength: 40 })),
  holdIds: Type.Optional(Type.Array(idSchema, { maxItems: 1000 })),
}

export const shipAfterFields = {
  at: Type.Optional(nullable(time)),
  byPlatform: Type.Optional(Type.Boolean()),
}
