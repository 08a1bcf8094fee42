import Type from 'typebox'
import { idsWith } from '../../core/lists/list-contract.ts'

export const voidFields = { reason: Type.String({ minLength: 1, maxLength: 200, pattern: '\\S' }) }
export const voidInput = idsWith(voidFields)
