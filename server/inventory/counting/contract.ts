import Type, { type Static } from 'typebox'
import { idSchema, nullable, scanKey, timeAnswer } from '../../core/http/http-contract.ts'
import { oneOf } from '../../core/lists/list-contract.ts'
import { documentStatuses } from '../lifecycle.ts'
import { countStates, countStatuses, countVerdicts } from './count-rules.ts'

const text = Type.String()
const count = Type.Integer()
const closed = { additionalProperties: false }
const code = Type.String({ minLength: 1, maxLength: 100, pattern: '\\S' })

/** The most places of one task. */
export const countLinesMax = 2000

/** Milliseconds for which the phone kept the scan, by its own clock. */
const scanAge = Type.Integer({ minimum: 0, maximum: 30 * 24 * 3_600_000 })

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

export const taskRow = Type.Object({
  id: text,
  no: text,
  warehouseId: text,
  warehouseName: text,
  status: oneOf(countStatuses),
  skus: count,
  lines: count,
  left: Type.Integer({ description: 'Places that are still to be counted, second counts included.' }),
  seconds: Type.Integer({ description: 'SKUs that differ and wait for a second count.' }),
  differing: Type.Integer({ description: 'SKUs that are decided and differ from the books.' }),
  more: Type.Integer({ description: 'Pieces of these SKUs more than the books say.' }),
  less: Type.Integer({ description: 'Pieces of these SKUs less than the books say.' }),
  counters: Type.Array(text, { description: 'Names of the people who counted.' }),
  documentId: nullable(text),
  documentNo: nullable(text),
  documentStatus: nullable(oneOf(documentStatuses)),
  createdAt: timeAnswer,
  createdBy: text,
  endedAt: nullable(timeAnswer),
  endedBy: nullable(text),
})
export type CountTask = Static<typeof taskRow>

/**
 * The counts of each SKU. While a SKU is not decided, its quantities are null, because a person who counts it a second time must not know
 * them.
 */
export const countResults = Type.Object({
  task: taskRow,
  skus: Type.Array(
    Type.Object({
      skuId: text,
      code: text,
      name: text,
      spec: text,
      pictureUrl: text,
      state: oneOf(countStates),
      expected: nullable(count),
      maybePacked: Type.Integer({
        description: 'Pieces that may be in parcels already: as many less than expected are no difference.',
      }),
      counted: nullable(count),
      difference: nullable(count),
      places: Type.Array(
        Type.Object({
          bin: Type.String({ description: 'Empty: no bin is known for it.' }),
          counts: Type.Array(
            Type.Object({ round: count, quantity: nullable(count), countedAt: timeAnswer, countedBy: text }),
          ),
        }),
      ),
    }),
  ),
})
export type CountResults = Static<typeof countResults>

/** It has neither the book quantities nor the counts, because a person who counts must not know them. */
export const countDetail = Type.Object({
  task: taskRow,
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
