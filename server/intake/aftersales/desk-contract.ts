import Type, { type Static } from 'typebox'
import { refundKinds } from '../../connectors/connector.ts'
import { idSchema, nullable, timeOrNull } from '../../core/http/http-contract.ts'
import { oneOf, shopIds, time } from '../../core/lists/list-contract.ts'
import { interceptStates, interceptWays } from '../../fulfilment/intercepts/intercept-lifecycle.ts'
import { originals } from '../../orders/refunds/refund-rules.ts'
import { agreeInput, refundRow, refuseInput } from '../contract.ts'
import { duties, suggestions } from './desk-rules.ts'

const closed = { additionalProperties: false }

export const afterSalesRow = Type.Object({
  ...refundRow.properties,
  original: nullable(oneOf(originals)),
  originalId: nullable(Type.String()),
  originalNo: Type.String(),
  intercept: nullable(
    Type.Object({ id: Type.String(), way: oneOf(interceptWays), state: oneOf(interceptStates) }),
  ),
  /** The suggested action, by the refund rules and the actions done already. */
  suggestion: oneOf(suggestions),
  duty: oneOf(['', ...duties] as const),
  dutyNote: Type.String(),
  dutyBy: Type.String(),
  dutyAt: timeOrNull,
})
export type AfterSalesRow = Static<typeof afterSalesRow>

export const dutyFields = {
  duty: oneOf(duties),
  note: Type.Optional(Type.String({ maxLength: 200 })),
}

const seen = Type.Array(
  Type.Object(
    { id: idSchema, version: Type.String({ maxLength: 40 }), amountFen: Type.Integer({ minimum: 0 }) },
    closed,
  ),
  {
    minItems: 1,
    maxItems: 5000,
    description:
      'What the person had before them: another version or amount meanwhile is refused, and so is what is not here.',
  },
)
export const agreeFields = { seen, code: agreeInput.properties.code }
export const refuseFields = {
  seen,
  /** The platform of the reason, since each has its own reasons. */
  platform: Type.String({ maxLength: 40 }),
  reasonId: refuseInput.properties.reasonId,
  message: refuseInput.properties.message,
  proof: refuseInput.properties.proof,
  proofUrl: refuseInput.properties.proofUrl,
}

export const statisticsBy = ['reason', 'shop', 'goods', 'duty', 'kind', 'day'] as const
export type StatisticsBy = (typeof statisticsBy)[number]
export const statisticsQuery = Type.Object(
  {
    by: oneOf(statisticsBy),
    /** Time of the application on the platform; left out: the last 30 days. At most 400 days. */
    createdFrom: Type.Optional(time),
    createdTo: Type.Optional(time),
    shop: Type.Optional(shopIds),
    kind: Type.Optional(oneOf(refundKinds)),
    duty: Type.Optional(oneOf(['none', ...duties] as const)),
    /** The buyer's complete reason text on the platform. */
    reason: Type.Optional(Type.String({ minLength: 1, maxLength: 300 })),
    outerId: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  },
  closed,
)
export type StatisticsQuery = Static<typeof statisticsQuery>

const sums = {
  count: Type.Integer(),
  amountFen: Type.Integer(),
  paidCount: Type.Integer(),
  paidFen: Type.Integer(),
  pieces: Type.Integer(),
}
export const statistics = Type.Object({
  total: Type.Object(sums),
  /** The most frequent rows first, at most 200; days in their order. `key`: a reason, shop id, outer code and so on. */
  rows: Type.Array(Type.Object({ key: Type.String(), ...sums })),
})
export type Statistics = Static<typeof statistics>
