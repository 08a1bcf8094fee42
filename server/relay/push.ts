import type { Logger } from 'pino'
import Type, { type Static } from 'typebox'
import Value from 'typebox/value'
import { channelName, isOfRows, type PushedMessage } from '../connectors/push.ts'
import { type Connection, keepConnection } from '../intake/push/connection.ts'
import {
  channelsAnswer,
  messagesAnswer,
  type RelayMessage,
  relayMessage,
} from '../intake/push/relay-push-contract.ts'
import { keepRows } from '../intake/push/rows.ts'
import { sharedNow } from '../lib/clock.ts'
import { quietly } from '../lib/quiet.ts'
import { dayMs, minuteMs } from '../lib/time.ts'
import { type AskCore, isNeverTaken } from './core-client.ts'
import type { Kept } from './kept.ts'
import type { RelayApp } from './settings.ts'
import { fieldsOf, withheld } from './withhold.ts'

export const isMessage = (value: unknown): value is RelayMessage => Value.Check(relayMessage, value)

const wantedChannel = Type.Object({ at: Type.String() })
/** A channel that the core wanted, and when it said so last. */
export type WantedChannel = Static<typeof wantedChannel>
export const isWantedChannel = (value: unknown): value is WantedChannel => Value.Check(wantedChannel, value)

/** A relay that was away for longer may have been replaced, so it opens no connection before the core has asked for it. */
const trustMs = dayMs
/** The time of a channel is written again after this. */
const noteMs = 10 * minuteMs

/** The most messages, and characters of them, that are reported together. */
const mostReported = 200
const mostText = 4_000_000
/** The most messages that wait for the core. Beyond them none is acknowledged, and the platform keeps them. */
const mostWaiting = 200_000

export type PushParts = {
  ask: AskCore
  kept: Kept<RelayMessage>
  /** The channels whose connections the core wants, by their names. */
  held: Kept<WantedChannel>
  apps: readonly RelayApp[]
  log: Logger
}

/** Holds the connections that the core wants, keeps each message before it is acknowledged, and reports it until the core has it. */
export function pushKeeper({ ask, kept, held, apps, log }: PushParts) {
  const open = new Map<string, Connection>()
  const channels = new Map(apps.flatMap((app) => channelsOf(app)))
  const store = async (app: RelayApp, channel: string, messages: readonly PushedMessage[]) => {
    if (kept.entries.size + messages.length > mostWaiting)
      throw new Error('Too many messages wait for the core.')
    const fields = fieldsOf(app.connector.relayed, app.withhold)
    const said = messages.map(
      ({ shops, raw, ...message }): RelayMessage => ({
        ...message,
        channel,
        shops: [...shops],
        raw: Buffer.from(withheld(raw, fields)).toString('base64'),
      }),
    )
    await Promise.all(said.map((message) => kept.keep(`${channel} ${message.id}`, message)))
  }
  let most = mostReported
  const start = (channel: string): Connection | undefined => {
    const app = channels.get(channel)
    const push = app?.connector.push
    if (!app || !push || !('socket' in push)) return undefined
    const one = { channel, platform: app.platform, push, apps: [app.credentials], shopIds: [], relayIds: [] }
    const keep = isOfRows(one) ? keepRows : keepConnection
    return keep({ log, store: (messages) => store(app, channel, messages) }, one)
  }
  const openAll = (wanted: readonly string[]) => {
    for (const channel of wanted) {
      const connection = open.has(channel) ? undefined : start(channel)
      if (connection) open.set(channel, connection)
    }
  }
  const notes = channelNotes(held, log)
  // While the core is away, a relay that restarts keeps taking the messages of the connections that it held.
  openAll(notes.fresh())
  return {
    /** Asks the core which connections it wants, opens these and ends the others. While the core cannot be reached, all stay, also over a restart. */
    async hold(signal: AbortSignal): Promise<void> {
      const signs = [...channels.keys()].map((channel) => {
        const connection = open.get(channel)
        return {
          channel,
          heardMs: connection?.heardMs() ?? null,
          errorCode: connection?.errorCode() ?? '',
        }
      })
      const { held: wanted } = await ask('/api/relay/channels', { signs }, channelsAnswer, signal)
      notes.write(wanted)
      const over = [...open].filter(([channel]) => !wanted.includes(channel))
      for (const [channel] of over) open.delete(channel)
      await Promise.all(over.map(([, connection]) => connection.stop()))
      openAll(wanted)
    },
    /** Reports messages to the core. Returns false if there were none. Rejects if the core cannot be reached. */
    async report(signal: AbortSignal): Promise<boolean> {
      const [keys, messages] = firstOf(kept.entries, most)
      if (messages.length === 0) return false
      try {
        await ask('/api/relay/messages', { messages }, messagesAnswer, signal)
        most = mostReported
      } catch (error) {
        if (!isNeverTaken(error)) throw error
        // One that the core cannot take must not keep back those after it. The lists find the trade that it named.
        most = 1
        if (keys.length > 1) return true
        log.error({ message: keys[0] }, 'the core does not take a message')
      }
      kept.forget(keys)
      return true
    },
    async stop(): Promise<void> {
      await Promise.all([...open.values()].map((connection) => connection.stop()))
    },
  }
}

/** Which connections the core wants, on the disk. */
function channelNotes(held: Kept<WantedChannel>, log: Logger) {
  const warn = quietly(log)
  const ageOf = (channel: string) => {
    const at = held.entries.get(channel)?.at
    return at === undefined ? Number.POSITIVE_INFINITY : sharedNow().getTime() - Date.parse(at)
  }
  return {
    fresh: () => [...held.entries.keys()].filter((channel) => ageOf(channel) < trustMs),
    write(wanted: readonly string[]): void {
      held.forget([...held.entries.keys()].filter((channel) => !wanted.includes(channel)))
      for (const channel of wanted.filter((each) => ageOf(each) > noteMs))
        held
          .keep(channel, { at: sharedNow().toISOString() })
          .catch((error: unknown) => warn(error, 'the channels could not be written down'))
    },
  }
}

/** The core says which of them it wants: the rows of the app's database, or its messages. */
function channelsOf(app: RelayApp): [string, RelayApp][] {
  const { push, id } = app.connector
  if (!push || !('socket' in push)) return []
  const { rows: _, ...messages } = push
  return [channelName(id, push, app.credentials), channelName(id, messages, app.credentials)].flatMap(
    (channel): [string, RelayApp][] => (channel === undefined ? [] : [[channel, app]]),
  )
}

function firstOf(entries: ReadonlyMap<string, RelayMessage>, most: number): [string[], RelayMessage[]] {
  const some: [string, RelayMessage][] = []
  let text = 0
  for (const [key, message] of entries) {
    text += message.raw.length
    if (some.length > 0 && (text > mostText || some.length === most)) break
    some.push([key, message])
  }
  return [some.map(([key]) => key), some.map(([, message]) => message)]
}
