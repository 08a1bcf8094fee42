import Type, { type Static } from 'typebox'
import { idSchema, nullable, scanKey, timeAnswer } from '../../core/http/http-contract.ts'
import { oneOf } from '../../core/lists/list-contract.ts'
import { countStatuses, countVerdicts } from './count-rules.ts'

const text = Type.String()
const count = Type.Integer()
const closed = { additionalProperties: false }
const code = Type.String({ minLength: 1, maxLength: 100, pattern: '\\S' })

/** The most places of one task. */
export const countLinesMax = 2000

/** Milliseconds for which the phone kept the scan, by its own clock. */
const scanAge = Type.Integer({ minimum: 0, maximum: 30 * 24 * 3_600_000 })

export const warehouseAsked = Type.Object({ warehouse: idSchema }, closed)

export const newCount = Type.Object(
  {
    key: scanKey,
    warehouseId: idSchema,
    codes: Type.Array(code, {
      minItems: 1,
      maxItems: 200,
      description: 'Bins, or codes and barcodes of goods. All places of the goods are counted.',
    }),
  },
  closed,
)
export const madeCount = Type.Object({ id: text })

const taskRow = Type.Object({
  id: text,
  no: text,
  warehouseId: text,
  status: oneOf(countStatuses),
  lines: count,
  left: Type.Integer({ description: 'Places that are still to be counted, second counts included.' }),
  createdAt: timeAnswer,
  createdBy: text,
})
export type CountTask = Static<typeof taskRow>
export const countList = Type.Object({ rows: Type.Array(taskRow) })

/** It has neither the book quantity nor what was counted: who counts must not know them. */
export const countDetail = Type.Object({
  task: taskRow,
  documentNo: Type.String({ description: 'The stock document with the differences; empty: there is none.' }),
  lines: Type.Array(
    Type.Object({
      lineNo: count,
      bin: Type.String({ description: 'Empty: no bin is known for it.' }),
      skuId: text,
      code: text,
      barcodes: Type.Array(text),
      name: text,
      spec: text,
      pictureUrl: text,
      round: count,
      open: Type.Boolean({ description: 'It is to be counted in this round.' }),
      places: Type.Integer({ description: 'Places at which the SKU is counted.' }),
      firstBy: nullable(text),
      firstById: nullable(text),
    }),
  ),
})
export type CountDetail = Static<typeof countDetail>

export const countInput = Type.Object(
  {
    key: scanKey,
    lineNo: Type.Integer({ minimum: 1 }),
    round: Type.Integer({ minimum: 1, maximum: 2 }),
    quantity: Type.Integer({ minimum: 0, maximum: 1_000_000 }),
    ageMs: scanAge,
    alone: Type.Optional(Type.Boolean({ description: 'Nobody else can count it a second time.' })),
  },
  closed,
)
export const countAnswer = Type.Object({ verdict: oneOf(countVerdicts), left: count })
export type CountAnswer = Static<typeof countAnswer>

export const endedCount = Type.Object({
  status: oneOf(countStatuses),
  documentNo: nullable(text),
  differences: count,
})
