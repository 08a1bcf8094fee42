import Type, { type Static } from 'typebox'
import { idSchema, scanKey, timeAnswer } from '../../core/http/http-contract.ts'
import { oneOf } from '../../core/lists/list-contract.ts'
import { binKinds } from './put-away-rules.ts'

const text = Type.String()
const count = Type.Integer()
const closed = { additionalProperties: false }
const code = Type.String({ minLength: 1, maxLength: 100, pattern: '\\S' })
const goods = { skuId: text, code: text, name: text, spec: text, pictureUrl: text }

export const putAwayQuery = Type.Object({ warehouse: idSchema }, closed)

export const putAwayInput = Type.Object(
  {
    key: scanKey,
    warehouseId: idSchema,
    code: Type.String({ ...code, description: 'Code or barcode of the goods.' }),
    bin: code,
    pieces: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
    as: Type.Optional(oneOf(binKinds)),
  },
  closed,
)

export const putAwayAnswer = Type.Object({
  ...goods,
  bin: text,
  as: oneOf(binKinds),
  isNew: Type.Boolean({ description: 'The goods did not lie in this bin before.' }),
  due: Type.Integer({ description: 'Pieces that are still to be put away.' }),
  short: Type.Integer({ description: 'Pieces that orders wait for.' }),
})
export type PutAwayAnswer = Static<typeof putAwayAnswer>

export const putAwayWork = Type.Object({
  due: Type.Array(
    Type.Object({
      ...goods,
      barcodes: Type.Array(text),
      pieces: count,
      main: Type.String({ description: 'Empty: it has no main bin.' }),
      spare: text,
    }),
  ),
  /** What was put away last, today. */
  put: Type.Array(
    Type.Object({
      id: text,
      code: text,
      name: text,
      bin: text,
      spare: Type.Boolean(),
      pieces: count,
      putAt: timeAnswer,
      putBy: text,
    }),
  ),
})
export type PutAwayWork = Static<typeof putAwayWork>
