import Type, { type Static } from 'typebox'
import { idSchema, nullable } from '../../core/http/http-contract.ts'
import { oneOf, outcomes } from '../../core/lists/list-contract.ts'
import { mostPackages } from '../lifecycle.ts'

const closed = { additionalProperties: false }

export const printFields = {
  printer: Type.String({ maxLength: 200 }),
  /** Needed for labels that were printed before. */
  reason: Type.String({ maxLength: 200 }),
  /** True: deliveries of the same goods come one after another. */
  together: Type.Optional(Type.Boolean()),
  /** Only the labels of these packages, from 1; left out: of all. */
  packages: Type.Optional(Type.Array(Type.Integer({ minimum: 1, maximum: mostPackages }), { minItems: 1 })),
}

export const printInput = Type.Object(
  {
    ids: Type.Array(idSchema, { minItems: 1, maxItems: 500 }),
    ...printFields,
  },
  closed,
)
export const printStarted = Type.Object({
  job: nullable(Type.String()),
  results: outcomes.properties.results,
})

export const nextInput = Type.Object(
  {
    results: Type.Array(
      Type.Object(
        {
          seq: Type.Integer({ minimum: 1 }),
          printed: Type.Boolean(),
          message: Type.String({ maxLength: 500 }),
        },
        closed,
      ),
      { maxItems: 100 },
    ),
    most: Type.Integer({ minimum: 0, maximum: 20 }),
  },
  closed,
)
const labelFields = {
  source: Type.String({ description: 'The source of the number, whose print client prints the label.' }),
  contents: Type.Array(Type.Any()),
}
/** `package`: the one whose label it is, from 1; left out: the first. */
export const labelInput = Type.Object(
  { package: Type.Optional(Type.Integer({ minimum: 1, maximum: mostPackages })) },
  closed,
)
export const labelAnswer = Type.Object(labelFields)
export const nextAnswer = Type.Object({
  documents: Type.Array(Type.Object({ seq: Type.Integer(), documentId: Type.String(), ...labelFields })),
})
export const settleInput = Type.Object({ last: Type.Integer({ minimum: 0 }) }, closed)

export const documentStates = ['waiting', 'spooled', 'printed', 'failed', 'dropped'] as const
/** `message` of a document that was dropped although its job was not stopped and its number not given back. */
export const droppedFor = { stopped: 'stopped', elsewhere: 'elsewhere' } as const
export const jobAnswer = Type.Object({
  rows: Type.Array(
    Type.Object({
      seq: Type.Integer(),
      no: Type.String(),
      waybillNo: Type.String(),
      /** The package whose label it is, among so many. */
      n: Type.Integer(),
      packageCount: Type.Integer(),
      state: oneOf(documentStates),
      message: Type.String(),
    }),
  ),
})
export type PrintJobOut = Static<typeof jobAnswer>
