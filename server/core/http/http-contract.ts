import Type from 'typebox'

/** One of our own ids: bigint in SQL, text in JSON. Longer numbers might not fit a bigint. */
export const idSchema = Type.String({ pattern: '^[1-9][0-9]{0,17}$' })

export const idParams = Type.Object({ id: idSchema })

/** The key of a scan for `once`, made by a phone. */
export const scanKey = Type.String({
  minLength: 16,
  maxLength: 64,
  description: 'Made by the phone for each scan; the same key is worked on once.',
})

export const pageQuery = {
  after: Type.Optional(Type.String({ maxLength: 500 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
}

export const pageOnly = Type.Object(pageQuery, { additionalProperties: false })

export const errorSchema = Type.Object(
  {
    code: Type.String({ description: 'Permanent; programs branch on it.' }),
    message: Type.String(),
    messageEn: Type.String(),
    field: Type.Optional(Type.String({ description: 'The input field that is to blame.' })),
    requestId: Type.String(),
  },
  { $id: 'Error' },
)

export const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])

/** The schema of a point in time in an answer: ISO 8601 in UTC. Handlers return a `Date`. */
export const timeAnswer = Type.Unsafe<Date>({ type: 'string', format: 'date-time' })
export const timeOrNull = Type.Unsafe<Date | null>({ type: ['string', 'null'], format: 'date-time' })

/** The answer of a list: one page of rows, and `next` for the following page; null: there is none. */
export const pageOf = <T extends Type.TSchema>(row: T) =>
  Type.Object({ rows: Type.Array(row), next: nullable(Type.String()) })

/** The empty answer of a write: `reply.code(204).send(null)`. */
export const nothing = { 204: Type.Null() }
