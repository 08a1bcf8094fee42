import Type, { type Static } from 'typebox'
import { idSchema as id, nullable, timeAnswer, timeOrNull } from '../../core/http/http-contract.ts'
import { oneOf } from '../../core/lists/list-contract.ts'
import { channelKinds } from '../notices/contract.ts'

const closed = { additionalProperties: false }

const watchdogOut = Type.Object({
  id,
  name: Type.String(),
  /** The first characters of its key. */
  prefix: Type.String(),
  /** When it asked last, exact to a minute; null: never. */
  heardAt: timeOrNull,
  live: Type.Boolean(),
  createdAt: timeAnswer,
})
export type WatchdogOut = Static<typeof watchdogOut>

export const watchdogsAnswer = Type.Object({ rows: Type.Array(watchdogOut) })
export const newWatchdogInput = Type.Object({ name: Type.String({ minLength: 1, maxLength: 60 }) }, closed)
/** `command`: what starts it on its own machine. The key is in it, and is shown this one time. */
export const newWatchdogAnswer = Type.Object({ id, command: Type.String() })

/** A channel as a watchdog keeps it, with its secrets opened. */
export const watchedChannel = Type.Object({
  id,
  kind: oneOf(channelKinds),
  language: oneOf(['zh', 'en']),
  quietFrom: nullable(Type.Integer()),
  quietTo: nullable(Type.Integer()),
  quietPassesBad: Type.Boolean(),
  sendsEnd: Type.Boolean(),
  credentials: Type.Record(Type.String(), Type.String()),
})
export type WatchedChannel = Static<typeof watchedChannel>

/** The answer of the installation to a watchdog. */
export const installationAnswer = Type.Object({
  name: Type.String(),
  publicUrl: Type.String(),
  channels: Type.Array(watchedChannel),
  /** True: it ends now because it was asked to. */
  stopping: Type.Optional(Type.Boolean()),
})
export type InstallationAnswer = Static<typeof installationAnswer>
