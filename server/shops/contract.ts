import Type, { type Static } from 'typebox'
import { type PersonalPart, personalParts } from '../connectors/personal-parts.ts'
import { idSchema, nullable, pageOf } from '../core/http/http-contract.ts'

/** Facts of people that a relay keeps back, each once. */
export const withheldParts = Type.Array(Type.Enum(Object.keys(personalParts) as PersonalPart[]), {
  maxItems: Object.keys(personalParts).length,
  uniqueItems: true,
})

/** The settings of a shop. The schema has no defaults, because a default would overwrite a setting that a change leaves out. */
export const shopSettings = Type.Object(
  {
    /** True: unpaid trades are converted, and the order waits for the payment. */
    convertUnpaid: Type.Boolean(),
    /** The platform's quota for this app; null: the connector's usual one. */
    requestsPerSecond: Type.Union([Type.Integer({ minimum: 1, maximum: 10_000 }), Type.Null()]),
    concurrentRequests: Type.Union([Type.Integer({ minimum: 1, maximum: 256 }), Type.Null()]),
    /** True: stopped orders are reported to the platform, so that it can refund automatically (AG and similar services). */
    reportCancels: Type.Boolean(),
    /** Peak mode. True: deliveries ship even if the platform does not answer the refund check. */
    shipUnasked: Type.Boolean(),
    /** True: messages of the platform are taken, so that trades and refunds are fetched at once. */
    push: Type.Boolean(),
    /** What the relay of the shop keeps back, beside what its own file names. Without a relay nothing is. */
    withheld: withheldParts,
  },
  { additionalProperties: false },
)
export type ShopSettings = Static<typeof shopSettings>

export const defaultSettings: ShopSettings = {
  convertUnpaid: false,
  requestsPerSecond: null,
  concurrentRequests: null,
  reportCancels: false,
  shipUnasked: false,
  push: true,
  withheld: [],
}

export const authStates = ['none', 'live', 'expired'] as const

const name = Type.String({ minLength: 1, maxLength: 60, pattern: '\\S' })
const time = Type.String({ format: 'date-time' })
/** Time zones that every runtime knows. Platform times are always at +08:00. */
const timeZone = Type.String({ pattern: '^[A-Za-z]+(/[A-Za-z_+-]+)*$', maxLength: 40 })
const someSettings = Type.Partial(shopSettings, { additionalProperties: false })

/** The fields that the connector declares. A secret that is left out does not change. */
export const credentialsInput = Type.Record(Type.String({ maxLength: 60 }), Type.String({ maxLength: 500 }), {
  maxProperties: 30,
})

export const newShopInput = Type.Object({
  platform: Type.String({ minLength: 1, maxLength: 40 }),
  variant: Type.Optional(Type.String({ maxLength: 40 })),
  name,
  goLiveAt: Type.Optional(time),
  settings: Type.Optional(someSettings),
  timeZone: Type.Optional(timeZone),
  credentials: Type.Optional(credentialsInput),
  /** The relay through which the shop is called, which then has the secrets of its app. */
  relayId: Type.Optional(idSchema),
})
export type NewShopInput = Static<typeof newShopInput>

export const shopPatch = Type.Object({
  name: Type.Optional(name),
  variant: Type.Optional(Type.String({ maxLength: 40 })),
  enabled: Type.Optional(Type.Boolean()),
  goLiveAt: Type.Optional(time),
  settings: Type.Optional(someSettings),
  timeZone: Type.Optional(timeZone),
})
export type ShopPatch = Static<typeof shopPatch>

const text = Type.String()
const instant = Type.String({ format: 'date-time' })
const words = Type.Object({ zh: text, en: text })

/** The time up to which a shop's downloads are complete; /api/coverage has the details. */
export const shopCoverage = Type.Object({
  completeTo: nullable(instant),
  behindMs: nullable(Type.Integer()),
  /** Why the shop is not complete up to now; null: it is complete. */
  reason: nullable(words),
  /** The state of push of the shop (消息推送); null: it has none. */
  push: nullable(Type.Object({ live: Type.Boolean(), since: nullable(instant), words })),
})

export const shopOut = Type.Object({
  id: text,
  platform: text,
  variant: text,
  name: text,
  platformShopId: Type.String({ description: 'Empty until the platform confirmed the shop.' }),
  sellerNick: text,
  hasCredentials: Type.Boolean(),
  authState: Type.Enum(authStates),
  authError: Type.String({
    description: 'Why the authorisation ended, or why its renewal fails while it still lasts.',
  }),
  authChangedAt: instant,
  tokenExpiresAt: nullable(instant),
  refreshExpiresAt: nullable(instant),
  enabled: Type.Boolean(),
  goLiveAt: instant,
  settings: shopSettings,
  timeZone: text,
  createdAt: instant,
  /** The relay through which the shop is called; null: none. */
  relayId: nullable(text),
  coverage: nullable(shopCoverage),
})
export type ShopOut = Static<typeof shopOut>

export const shopList = pageOf(shopOut)

const shopName = Type.Object({
  id: text,
  name: text,
  platform: text,
  variant: text,
  authState: Type.Enum(authStates),
})
export type ShopNameOut = Static<typeof shopName>
export const shopNames = Type.Object({ rows: Type.Array(shopName) })

/** Secrets are never returned. `set`: the names of the stored fields; `values`: those that are not secret. */
export const credentialsOut = Type.Object({ set: Type.Array(text), values: Type.Record(text, text) })

export const shopDetail = Type.Object({
  shop: shopOut,
  credentials: nullable(credentialsOut),
  /** The address to which the platform is to post its messages, for users who may change credentials; null: it posts none. */
  pushUrl: nullable(text),
})
export type ShopDetail = Static<typeof shopDetail>

export const identityOut = Type.Object({ platformShopId: text, name: text, nick: text })

export const sessionKeyInput = Type.Object(
  {
    sessionKey: Type.String({ minLength: 8, maxLength: 500, pattern: '^\\s*\\S+\\s*$' }),
    /** The end of the session key, if the seller knows it. */
    expiresAt: Type.Optional(time),
  },
  { additionalProperties: false },
)

export const authorizeAnswer = Type.Object({ url: text })

export const connectorOut = Type.Object({
  id: text,
  name: words,
  variants: Type.Array(Type.Object({ id: text, zh: text, en: text })),
  credentials: Type.Unknown({
    description: 'JSON Schema of the settings form; fields with `secret: true` are write-only.',
  }),
  oauth: Type.Boolean(),
  /** True if the platform sends messages about trades and refunds by itself. */
  push: Type.Boolean(),
  /** How whole trades and refunds come to us: the shop posts them to our API (`door`), or users upload sheets (`sheet`). `no`: they do not. */
  posted: Type.Enum(['no', 'door', 'sheet']),
  /** True if its shops can be called through a relay. */
  relayed: Type.Boolean(),
  path: Type.Union([Type.Literal('two_stage'), Type.Literal('direct')]),
  can: Type.Array(text),
  cannot: Type.Record(text, words),
  /**
   * The unit for which the platform shows only one waybill: each `line` or each `trade`. Further waybills of goods in several parcels are
   * not written back. `none`: there is no such limit.
   */
  waybillLimit: Type.Union([Type.Literal('none'), Type.Literal('line'), Type.Literal('trade')]),
  agreeCode: Type.Boolean({
    description: 'Agreeing to a refund may need a code that the platform sends to the owner of the shop.',
  }),
  goodsFirst: Type.Boolean({
    description:
      'Its refunds with goods cannot be agreed to before the return of the goods was agreed to there.',
  }),
  agreesToReturns: Type.Boolean({
    description: 'Agreeing to a return that is applied for lets the goods come back, and pays nothing yet.',
  }),
  paysReturnsThere: Type.Boolean({
    description:
      'A refund whose goods came back is paid only on its own pages: an agreement here pays nothing.',
  }),
})
export type ConnectorOut = Static<typeof connectorOut>
export const connectorList = Type.Object({
  rows: Type.Array(connectorOut),
  callbackUrl: Type.String({ description: 'Where platforms send the seller back; to be entered there.' }),
})
