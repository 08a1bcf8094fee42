import Type, { type Static } from 'typebox'
import { idSchema, nullable, timeAnswer, timeOrNull } from '../core/http/http-contract.ts'
import { oneOf } from '../core/lists/list-contract.ts'
import { stockSyncStates, syncFailures } from './lifecycle.ts'

const closed = { additionalProperties: false }
const count = Type.Integer()
const text = Type.String()

export const stockSyncRule = Type.Object(
  {
    warehouses: Type.Array(idSchema, { maxItems: 100, description: 'Empty: every warehouse in use.' }),
    percent: Type.Integer({ minimum: 0, maximum: 100 }),
    plus: Type.Integer({ minimum: -1_000_000, maximum: 1_000_000 }),
    safety: Type.Integer({ minimum: 0, maximum: 1_000_000, description: 'Pieces that are held back.' }),
    min: Type.Integer({ minimum: 0, maximum: 1_000_000, description: 'Shown even when there are fewer.' }),
    max: nullable(Type.Integer({ minimum: 0, maximum: 99_999_999 })),
  },
  closed,
)

const trace = Type.Object({
  own: Type.Boolean(),
  rule: stockSyncRule,
  parts: Type.Array(
    Type.Object({
      code: text,
      each: count,
      warehouses: Type.Array(
        Type.Object({
          name: Type.String({ description: 'Empty: the warehouses outside your scope, together.' }),
          available: count,
          short: count,
        }),
      ),
      staged: Type.Optional(count),
      free: count,
      makes: count,
    }),
  ),
  base: count,
  quantity: count,
})

export const stockSyncRow = Type.Object({
  id: Type.String({ description: "The listing's." }),
  shopId: text,
  itemId: text,
  platformSkuId: text,
  title: text,
  spec: text,
  pictureUrl: text,
  skuId: nullable(text),
  skuCode: text,
  standing: oneOf(stockSyncStates),
  needsPerson: Type.Boolean({
    description: 'No send had a clear answer; a person tries the write-back again.',
  }),
  problem: oneOf(['', ...syncFailures] as const),
  problemText: text,
  rule: nullable(stockSyncRule),
  quantity: nullable(count),
  trace: nullable(trace),
  calculatedAt: timeOrNull,
  toldQuantity: nullable(count),
  toldAt: timeOrNull,
  platformQuantity: nullable(Type.Integer({ description: "As the shop's list told last." })),
  listedAt: timeOrNull,
  createdAt: timeAnswer,
})
export type StockSyncRow = Static<typeof stockSyncRow>

export const ruleFields = { rule: nullable(stockSyncRule) }

export const stockSyncShop = Type.Object({
  shopId: text,
  enabled: Type.Boolean(),
  rule: stockSyncRule,
  version: count,
  updatedBy: text,
  updatedAt: timeOrNull,
  able: Type.Boolean({ description: 'The platform takes stock.' }),
})
export const stockSyncShopInput = Type.Object(
  { enabled: Type.Boolean(), rule: stockSyncRule, version: Type.Integer({ minimum: 0 }) },
  closed,
)
export const startedRun = Type.Object({ runId: text })
