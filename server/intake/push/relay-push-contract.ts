import Type, { type Static } from 'typebox'
import { nullable } from '../../core/http/http-contract.ts'

// What a relay and the core say to each other about the messages of platforms.

const channel = Type.String({ minLength: 1, maxLength: 200 })

export const channelsInput = Type.Object({
  /** What the relay knows of the channels of its apps. `heardMs`: the milliseconds since the last sign; null: not connected. */
  signs: Type.Array(
    Type.Object({
      channel,
      heardMs: nullable(Type.Number({ minimum: 0, maximum: 2 ** 31 - 1 })),
      errorCode: Type.String({ maxLength: 200 }),
    }),
    { maxItems: 200 },
  ),
})

/** The channels whose connections the relay must hold. */
export const channelsAnswer = Type.Object({ held: Type.Array(Type.String()) })

const number = Type.String({ maxLength: 200 })

export const relayMessage = Type.Object({
  channel,
  id: Type.String({ minLength: 1, maxLength: 200 }),
  topic: Type.String({ maxLength: 400 }),
  shops: Type.Array(Type.String({ maxLength: 400 }), { maxItems: 20 }),
  hint: Type.Union([
    Type.Object({ kind: Type.Literal('trade'), tid: number }),
    Type.Object({ kind: Type.Literal('refund'), refundId: number, tid: number }),
    Type.Object({ kind: Type.Literal('other') }),
  ]),
  /** The message as it was received, without what the relay withholds, in base64: it may have characters that no request may have. */
  raw: Type.String({ pattern: '^[A-Za-z0-9+/]*=*$' }),
})
export type RelayMessage = Static<typeof relayMessage>

export const messagesInput = Type.Object({
  messages: Type.Array(relayMessage, { minItems: 1, maxItems: 500 }),
})
export const messagesAnswer = Type.Object({ kept: Type.Integer() })
