import Type from 'typebox'

export const voidFields = { reason: Type.String({ minLength: 1, maxLength: 200, pattern: '\\S' }) }
