import Type, { type Static } from 'typebox'
import { nullable } from '../../core/http/http-contract.ts'
import { dayMs } from '../../lib/time.ts'
import { withheldParts } from '../contract.ts'

// The messages between a relay and the core, and the form in which people see relays.

const text = Type.String()
const fields = Type.Record(text, text)
/** PostgreSQL takes no NUL in a text. */
const shortText = (maxLength: number) => Type.String({ maxLength, pattern: '^[^\\0]*$' })
const pauseMs = Type.Number({ minimum: 0, maximum: dayMs })
const instant = Type.String({ format: 'date-time' })

const common = { platform: text, credentials: fields, withhold: withheldParts }

/** A call as it is handed over. `credentials`: the fields that are not secret, by which the relay finds the app. */
export const relayRequest = Type.Union([
  Type.Object({
    ...common,
    kind: Type.Literal('call'),
    session: text,
    variant: text,
    method: text,
    params: fields,
    /** `bytes`: in base64. */
    file: nullable(Type.Object({ field: text, bytes: text, type: text })),
  }),
  Type.Object({ ...common, kind: Type.Literal('exchange'), code: text, redirectUri: text }),
  Type.Object({ ...common, kind: Type.Literal('refresh'), refreshToken: text }),
  Type.Object({ ...common, kind: Type.Literal('issue'), refused: text }),
])
export type RelayRequest = Static<typeof relayRequest>

/** The outcome of a call. `error`: the fields of a `PlatformError`. */
export const relayOutcome = Type.Union([
  Type.Object({ kind: Type.Literal('answer'), status: Type.Integer(), text, retryAfterMs: pauseMs }),
  Type.Object({
    kind: Type.Literal('token'),
    accessToken: text,
    refreshToken: text,
    expiresAt: instant,
    refreshExpiresAt: nullable(instant),
    sellerNick: shortText(200),
  }),
  Type.Object({
    kind: Type.Literal('error'),
    errorKind: Type.Enum(['retry', 'rate_limited', 'reauthorise', 'rejected']),
    code: shortText(200),
    message: shortText(2000),
    unclear: Type.Boolean(),
    waitMs: pauseMs,
  }),
])
export type RelayOutcome = Static<typeof relayOutcome>

/** `memory`: names the folder in which the relay remembers its calls. */
export const callsInput = Type.Object({ memory: Type.String({ minLength: 8, maxLength: 60 }) })

export const callsAnswer = Type.Object({
  /** The milliseconds for which the core held the request. The rest of the time it took is the network's. */
  heldMs: Type.Number(),
  calls: Type.Array(
    Type.Object({
      number: text,
      /** The milliseconds within which it may be begun, counted when this was sent; negative: it may only be answered. */
      leftMs: Type.Number(),
      request: relayRequest,
    }),
  ),
})
export type HandedCall = Static<typeof callsAnswer>['calls'][number]

/** `outcome`: JSON in base64, because the text of a platform may have characters that no request may have. */
export const answersInput = Type.Object({
  answers: Type.Array(
    Type.Object({
      number: Type.String({ maxLength: 60 }),
      outcome: Type.String({ pattern: '^[A-Za-z0-9+/]*=*$' }),
    }),
    { minItems: 1, maxItems: 50 },
  ),
})
export const answersAnswer = Type.Object({ taken: Type.Integer() })

export const newRelayInput = Type.Object(
  { name: Type.String({ minLength: 1, maxLength: 60, pattern: '\\S' }) },
  { additionalProperties: false },
)
export const newRelayAnswer = Type.Object({ id: text, key: text })

export const relaysAnswer = Type.Object({
  rows: Type.Array(
    Type.Object({
      id: text,
      name: text,
      /** The first characters of its key. */
      prefix: text,
      /** True if it has asked for work in the last half minute. */
      live: Type.Boolean(),
      heardAt: nullable(instant),
      createdAt: instant,
      /** The names of the shops of one’s scope that are called through it. */
      shops: Type.Array(text),
    }),
  ),
})
export type RelayOut = Static<typeof relaysAnswer>['rows'][number]
