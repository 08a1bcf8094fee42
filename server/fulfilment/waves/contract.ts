import Type, { type Static } from 'typebox'
import { idSchema, nullable, timeAnswer, timeOrNull } from '../../core/http/http-contract.ts'
import { oneOf } from '../../core/lists/list-contract.ts'
import { leftReasons, waveGoods, waveSortings, waveStatuses } from './lifecycle.ts'

const text = Type.String()
const count = Type.Integer()
const closed = { additionalProperties: false }
const words = Type.Object({ zh: text, en: text })

export const waveRow = Type.Object({
  id: text,
  no: text,
  warehouseId: text,
  ruleName: text,
  sorting: oneOf(waveSortings),
  courier: Type.String({ description: 'Empty: several couriers.' }),
  status: oneOf(waveStatuses),
  orderCount: count,
  pieceCount: count,
  picked: Type.Integer({ description: 'Pieces that were picked.' }),
  toPick: Type.Integer({
    description:
      'Pieces that are picked in all: those picked already, and those that parcels still need which are in it and not stopped; of a cancelled wave all.',
  }),
  sorted: Type.Integer({ description: 'Pieces that were sorted into baskets.' }),
  toSort: Type.Integer({
    description: 'Pieces that are sorted in all, without those in the cart that no basket needs any more.',
  }),
  stopped: Type.Integer({ description: 'Baskets that are stopped now.' }),
  pictureUrl: text,
  shipBy: timeOrNull,
  createdAt: timeAnswer,
  createdBy: text,
  claimedAt: timeOrNull,
  claimedBy: nullable(text),
  claimedById: nullable(text),
  pickedAt: timeOrNull,
  doneAt: timeOrNull,
  doneBy: nullable(text),
})
export type WaveView = Static<typeof waveRow>

const share = Type.Object({ basket: count, pieces: count, picked: count, stopped: Type.Boolean() })
export const waveDetail = Type.Object({
  wave: waveRow,
  /** Pieces that are still to be picked, and still to be sorted into baskets. */
  left: count,
  unsorted: count,
  lines: Type.Array(
    Type.Object({
      seq: count,
      bin: Type.String({ description: 'Empty: no bin is known for it.' }),
      skuId: text,
      code: text,
      barcodes: Type.Array(text),
      name: text,
      spec: text,
      pictureUrl: text,
      wanted: Type.Integer({ description: 'Pieces that are still to be taken here.' }),
      picked: count,
      missing: count,
      done: Type.Boolean(),
      doneBy: nullable(text),
      baskets: Type.Array(share),
    }),
  ),
  baskets: Type.Array(
    Type.Object({
      basket: count,
      orders: Type.Array(Type.Object({ deliveryId: text, no: text, orderNo: text })),
      pieces: count,
      picked: count,
      sorted: count,
      /** Why it is stopped now; null: it is not. */
      stop: nullable(words),
      left: oneOf(['', ...leftReasons] as const),
      keeps: Type.Boolean({ description: 'It has left, and its picked goods wait in the basket.' }),
    }),
  ),
})
export type WaveDetail = Static<typeof waveDetail>

const ruleFields = {
  name: Type.String({ minLength: 1, maxLength: 40, pattern: '\\S' }),
  enabled: Type.Boolean(),
  goods: oneOf(waveGoods),
  piecesFrom: Type.Integer({ minimum: 1, maximum: 9999 }),
  piecesTo: nullable(Type.Integer({ minimum: 1, maximum: 9999 })),
  couriers: Type.Array(Type.String({ minLength: 1, maxLength: 20 }), { maxItems: 50 }),
  provinces: Type.Array(Type.String({ minLength: 1, maxLength: 20 }), { maxItems: 40 }),
  hoursLeft: nullable(Type.Integer({ minimum: 1, maximum: 999 })),
  byCourier: Type.Boolean(),
  byProvince: Type.Boolean(),
  ordersFrom: Type.Integer({ minimum: 1, maximum: 500 }),
  ordersTo: Type.Integer({ minimum: 1, maximum: 500 }),
  sorting: oneOf(waveSortings),
  autoTimes: Type.Array(Type.String({ pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$' }), {
    maxItems: 24,
    description: 'Times of day in China at which its waves are made automatically, such as 14:40.',
  }),
  autoOrders: nullable(Type.Integer({ minimum: 1, maximum: 9999 })),
}
export const ruleInput = Type.Object(
  { warehouseId: idSchema, rules: Type.Array(Type.Object(ruleFields, closed), { maxItems: 30 }) },
  closed,
)
export const ruleList = Type.Object({
  rows: Type.Array(Type.Object({ id: text, ...ruleFields, waiting: count })),
  /** Parcels that wait for a wave, and those among them that no rule takes. */
  waiting: count,
  unmatched: count,
})
export type WaveRule = Static<typeof ruleList>['rows'][number]

export const warehouseQuery = Type.Object({ warehouse: idSchema }, closed)
export const planInput = Type.Object({ warehouseId: idSchema }, closed)
export const planAnswer = Type.Object({
  waves: count,
  orders: count,
  /** Parcels that were picked without a wave, because their goods lie in baskets of earlier ones; left out: none. */
  kept: Type.Optional(count),
})

export const claimFields = { takeOver: Type.Boolean() }

/** Made by the phone for each thing that its user does. A key that comes again gets the first answer. */
const scanned = { key: Type.String({ minLength: 8, maxLength: 64 }) }
export const pickInput = Type.Object(
  { ...scanned, seq: Type.Integer({ minimum: 1 }), pieces: Type.Integer({ minimum: 1, maximum: 10_000 }) },
  closed,
)
export const pickAnswer = Type.Object({ left: count })
export const shortInput = Type.Object(
  {
    ...scanned,
    seq: Type.Integer({ minimum: 1 }),
    found: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 10_000,
        description:
          'Pieces of those still needed that were there; the first baskets get them. Left out: none.',
      }),
    ),
  },
  closed,
)
export const shortAnswer = Type.Object({
  missing: count,
  bin: Type.String({ description: 'The spare bin to look at now; empty: there is none.' }),
  baskets: Type.Array(count, { description: 'Baskets that have left the wave.' }),
  left: count,
})
export const sortInput = Type.Object(
  { ...scanned, code: Type.String({ minLength: 1, maxLength: 100 }) },
  closed,
)
export const sortAnswer = Type.Object({
  verdict: oneOf(['basket', 'aside', 'back', 'unknown'] as const),
  skuId: text,
  basket: count,
  left: count,
})

export const waveWork = Type.Object({
  rows: Type.Array(Type.Object({ name: text, pieces: count, stops: count, waves: count })),
})
