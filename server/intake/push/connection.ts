import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Frame, PushEvent, PushedMessage, PushSession } from '../../connectors/push.ts'
import { backoffMs } from '../../lib/backoff.ts'
import { sharedNow } from '../../lib/clock.ts'
import { quietly } from '../../lib/quiet.ts'
import { secondMs } from '../../lib/time.ts'
import { openSocket, type Socket } from '../../wire/socket.ts'
import type { SocketChannel } from './channels.ts'

/** A login that is not answered in this time failed. */
const loginMs = 10 * secondMs
/** The milliseconds between two pings, which every websocket answers: they show that a quiet channel lives. */
const pingMs = 5 * secondMs
/** A connection without any sign for this time is opened again. */
const silentMs = 25 * secondMs
const noSign = 'no_sign'
const againMs = secondMs
const longestAgainMs = 15 * secondMs
/** The most messages, and characters of them, that wait for the database; then nothing is read until half of them are stored. */
const mostWaiting = 2000
const mostWaitingText = 16_000_000
/** A set that is stored ends with the message that reaches one of these. */
const mostStored = 500
const mostStoredText = 4_000_000

type Unstored = { message: PushedMessage; acknowledge: (now: Date) => Frame }

export type Connection = {
  /** The milliseconds since the last sign; null: not connected. */
  heardMs(): number | null
  /** Why the last connection failed or ended; empty: it is open. */
  errorCode(): string
  stop(): Promise<void>
}

export type ConnectionParts = {
  log: Logger
  /** Stores messages for good. They are acknowledged after it resolves; if it rejects, the platform sends them again. */
  store(messages: readonly PushedMessage[]): Promise<void>
  /** For tests. */
  signs?: { pingMs: number; silentMs: number }
}

/** Keeps one connection of the channel open until it is stopped, with another app's credentials each time that one fails. */
export function keepConnection(parts: ConnectionParts, channel: SocketChannel): Connection {
  const stopping = new AbortController()
  const state: State = { heardAt: null, errorCode: '' }
  const keep = async () => {
    for (let failures = 0; !stopping.signal.aborted; failures += 1) {
      const app = channel.apps[failures % channel.apps.length] ?? {}
      const session = channel.push.socket.session(app, sharedNow())
      const lasted = await connected({ ...parts, channel, session, state, signal: stopping.signal })
      if (lasted) failures = 0
      const pause = againMs / 2 + backoffMs(failures, againMs, longestAgainMs)
      await sleep(pause, undefined, { signal: stopping.signal }).catch(() => {})
    }
  }
  const running = keep()
  return {
    heardMs: () => (state.heardAt === null ? null : performance.now() - state.heardAt),
    errorCode: () => state.errorCode,
    async stop() {
      stopping.abort()
      await running
    },
  }
}

/** `heardAt`: by `performance.now()`; null: the login is not accepted. */
type State = { heardAt: number | null; errorCode: string }
type Connected = ConnectionParts & {
  channel: SocketChannel
  session: PushSession
  state: State
  signal: AbortSignal
}

/** Runs one connection to its end. Returns true if its login was accepted. */
async function connected(parts: Connected): Promise<boolean> {
  const { session, state, signal, channel, signs = { pingMs, silentMs } } = parts
  // A platform that accepts logins and then says nothing is silent, so that after such a connection a login alone is no sign.
  const wasSilent = state.errorCode === noSign
  let isReady = false
  let end: (code: string) => void = () => {}
  const ended = new Promise<string>((settle) => {
    end = settle
  })
  let heardAt = performance.now()
  const hear = () => {
    heardAt = performance.now()
    if (!isReady) return
    state.heardAt = heardAt
    state.errorCode = ''
  }
  const ready = () => {
    if (!wasSilent) isReady = true
    hear()
    isReady = true
    // Messages that wait on the platform are asked for at once.
    socket.send(session.beat(sharedNow()))
  }
  const inbox = storing(parts, () => socket)
  const warn = quietly(parts.log)
  const take = (event: PushEvent) => {
    if (event.kind === 'ready') ready()
    else if (event.kind === 'refused') {
      // The platform's own words may resemble a code of ours, so they are for the log.
      warn(new Error('login refused'), 'the platform refused the login of push', {
        channel: channel.channel,
        code: event.code,
      })
      end('login_refused')
    } else if (event.kind === 'message' && isReady) inbox.add(event)
    else if (event.kind === 'unreadable')
      warn(new Error(event.reason), 'a push frame could not be read', { channel: channel.channel })
  }
  const socket: Socket = openSocket(session.url, {
    onOpen: () => (session.hello === undefined ? ready() : socket.send(session.hello)),
    onFrame(frame) {
      hear()
      take(session.read(frame, sharedNow()))
    },
    onSign: hear,
    onEnd: end,
  })
  const clock = setInterval(() => {
    const quietMs = performance.now() - heardAt
    if (quietMs > (isReady ? signs.silentMs : loginMs)) end(noSign)
    else if (isReady) socket.ping()
  }, signs.pingMs)
  const beat = setInterval(
    () => isReady && socket.send(session.beat(sharedNow())),
    channel.push.socket.beatMs,
  )
  const stop = () => end('')
  signal.addEventListener('abort', stop, { once: true })
  if (signal.aborted) stop()
  const code = await ended
  clearInterval(clock)
  clearInterval(beat)
  signal.removeEventListener('abort', stop)
  state.heardAt = null
  state.errorCode = code
  const lasted = isReady
  // Received messages are stored and acknowledged while the connection is still open. No more are taken, or a flood would keep it open.
  isReady = false
  await inbox.settled()
  socket.end()
  return lasted
}

/** Stores messages in sets, one set after the other, and acknowledges each set after its commit. */
function storing({ store, log, channel }: Connected, socketOf: () => Socket) {
  const waiting: Unstored[] = []
  let waitingText = 0
  const warn = quietly(log)
  let work: Promise<void> | undefined
  const turns = async () => {
    while (waiting.length > 0) {
      const some = firstSet(waiting)
      waitingText -= textOf(some)
      try {
        await store(some.map(({ message }) => message))
        for (const { acknowledge } of some) socketOf().send(acknowledge(sharedNow()))
      } catch (error) {
        // Not acknowledged: the platform sends them again.
        warn(error, 'messages could not be stored', { channel: channel.channel })
      }
      if (waiting.length < mostWaiting / 2 && waitingText < mostWaitingText / 2) socketOf().resume()
    }
    work = undefined
  }
  return {
    add(one: Unstored) {
      waiting.push(one)
      waitingText += one.message.raw.length
      if (waiting.length >= mostWaiting || waitingText >= mostWaitingText) socketOf().pause()
      work ??= turns()
    },
    settled: async () => work,
  }
}

const textOf = (some: readonly Unstored[]) => some.reduce((sum, { message }) => sum + message.raw.length, 0)

/** Takes the messages that are stored together off the beginning. */
function firstSet(waiting: Unstored[]): Unstored[] {
  let text = 0
  const last = waiting.findIndex(({ message }, place) => {
    text += message.raw.length
    return text >= mostStoredText || place + 1 === mostStored
  })
  return waiting.splice(0, last < 0 ? waiting.length : last + 1)
}
