import Type, { type Static } from 'typebox'

/** What a person may set per shop. Every field has a default, so an older row gains new fields by itself. */
export const shopSettings = Type.Object(
  {
    /** Convert trades that are not paid yet; the order then waits for the payment. */
    convertUnpaid: Type.Boolean({ default: false }),
    /** When stock is promised to an order. */
    reserveAt: Type.Union([Type.Literal('conversion'), Type.Literal('confirmation')], { default: 'conversion' }),
    /** The platform's quota for this app when it differs from the usual one; null takes the connector's. */
    requestsPerSecond: Type.Union([Type.Null(), Type.Integer({ minimum: 1, maximum: 10_000 })], { default: null }),
    concurrentRequests: Type.Union([Type.Null(), Type.Integer({ minimum: 1, maximum: 256 })], { default: null }),
  },
  { additionalProperties: false },
)
export type ShopSettings = Static<typeof shopSettings>

export const authStates = ['none', 'live', 'expired'] as const
export type AuthState = (typeof authStates)[number]
