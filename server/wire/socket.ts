import { WebSocket } from 'ws'
import { assertPublicHost, isThisMachine, publicOnly } from './public-address.ts'

/** A frame larger than this ends the connection. */
const largestFrameBytes = 1024 * 1024
const handshakeMs = 5_000

export type SocketEvents = {
  onOpen(): void
  onFrame(frame: string | Uint8Array): void
  /** The platform answered a ping or sent one. */
  onSign(): void
  /** Called once, also if the connection never opened. `code`: a short word, such as "http_401", "unreachable" or "disconnected". */
  onEnd(code: string): void
}

export type Socket = {
  send(frame: string | Uint8Array): void
  ping(): void
  /** Stops reading, so that the platform's frames wait in the network, and reads again. */
  pause(): void
  resume(): void
  end(): void
}

/** Opens a websocket to a public host, or to a simulator on this machine. Redirects are not followed. Never throws. */
export function openSocket(url: string, events: SocketEvents): Socket {
  let ended = false
  const end = (code: string) => {
    if (!ended) events.onEnd(code)
    ended = true
  }
  const socket = connect(url)
  if (!socket) {
    queueMicrotask(() => end('unreachable'))
    return { send: nothing, ping: nothing, pause: nothing, resume: nothing, end: nothing }
  }
  socket.on('open', () => events.onOpen())
  socket.on('message', (data, isBinary) => {
    const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer)
    events.onFrame(isBinary ? bytes : bytes.toString('utf8'))
  })
  socket.on('ping', () => events.onSign())
  socket.on('pong', () => events.onSign())
  socket.on('unexpected-response', (_request, response) => {
    end(`http_${response.statusCode ?? 0}`)
    socket.terminate()
  })
  // The message of an error may quote the address, which may contain the login.
  socket.on('error', () => end('unreachable'))
  socket.on('close', () => end('disconnected'))
  return {
    send: (frame) => socket.readyState === WebSocket.OPEN && socket.send(frame),
    ping: () => socket.readyState === WebSocket.OPEN && socket.ping(),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    end: () => socket.terminate(),
  }
}

const nothing = () => {}

function connect(url: string): WebSocket | undefined {
  try {
    const target = new URL(url)
    const isSimulator = isThisMachine(target)
    if (!isSimulator) assertPublicHost(target.hostname)
    return new WebSocket(url, {
      handshakeTimeout: handshakeMs,
      maxPayload: largestFrameBytes,
      perMessageDeflate: false,
      ...(isSimulator ? {} : { lookup: publicOnly }),
    })
  } catch {
    return undefined
  }
}
