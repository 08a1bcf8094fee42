import Type, { type Static } from 'typebox'
import { idSchema as id, nullable, timeAnswer, timeOrNull } from '../../core/http/http-contract.ts'
import { oneOf } from '../../core/lists/list-contract.ts'
import { credentialsOut } from '../../shops/contract.ts'
import { alarmKinds } from '../contract.ts'

const closed = { additionalProperties: false }
const words = Type.Object({ zh: Type.String(), en: Type.String() })
/** A minute of the day at +08:00. */
const minute = Type.Integer({ minimum: 0, maximum: 1439 })

/** The kinds of channels; their positions are the order in which the page offers them. */
export const channelKinds = ['dingtalk', 'wecom', 'feishu', 'mail', 'webhook'] as const
export type ChannelKind = (typeof channelKinds)[number]

const settings = {
  name: Type.String({ minLength: 1, maxLength: 60 }),
  kinds: Type.Array(oneOf(alarmKinds), {
    maxItems: 100,
    description: 'The kinds of alarms; empty: all.',
  }),
  leastTone: oneOf(['warn', 'bad']),
  quiet: nullable(
    Type.Object(
      { from: minute, to: minute, passesBad: Type.Boolean() },
      { ...closed, description: 'Quiet hours in minutes of the day at +08:00; null: none.' },
    ),
  ),
  sendsEnd: Type.Boolean({ description: 'A note is sent when an alarm ends.' }),
  language: oneOf(['zh', 'en']),
  enabled: Type.Boolean(),
}

const credentials = Type.Record(
  Type.String({ minLength: 1, maxLength: 60 }),
  Type.String({ maxLength: 1000 }),
)

export const channelInput = Type.Object({ kind: oneOf(channelKinds), ...settings, credentials }, closed)
/** The kind of a channel stays. Secrets that are left out stay too. */
export const channelChange = Type.Object({ ...settings, credentials: Type.Optional(credentials) }, closed)
export type ChannelInput = Static<typeof channelInput>
export type ChannelChange = Static<typeof channelChange>

const channelOut = Type.Object({
  id,
  kind: oneOf(channelKinds),
  ...settings,
  /** The host, or the addresses of the mail; no secret is among it. */
  place: Type.String(),
  credentials: credentialsOut,
  createdBy: Type.String(),
  createdAt: timeAnswer,
  lastSentAt: timeOrNull,
  failedSince: timeOrNull,
  failure: nullable(words),
  /** The notices that are still to be sent. */
  unsent: Type.Integer(),
})

const channelKindOut = Type.Object({
  id: oneOf(channelKinds),
  name: words,
  credentials: Type.Unknown({ description: 'JSON schema of the address and secrets of a channel' }),
})

export const channelList = Type.Object({ rows: Type.Array(channelOut), kinds: Type.Array(channelKindOut) })
export const channelSaved = Type.Object({ id })
/** failure: null if the receiver took the message. */
export const channelTested = Type.Object({ failure: nullable(words) })
