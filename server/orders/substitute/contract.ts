import Type from 'typebox'

const code = (description: string) =>
  Type.String({ minLength: 1, maxLength: 80, pattern: '\\S', description })

export const substituteFields = {
  from: code('Code of the SKU whose lines are changed'),
  to: code('Code of the SKU that is sent instead, one piece for one piece'),
}
