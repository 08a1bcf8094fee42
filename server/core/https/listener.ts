import { createServer as createHttpServer, type RequestListener, type ServerResponse } from 'node:http'
import { createServer, type Server, type ServerOptions } from 'node:https'
import type { Socket } from 'node:net'

/** Paths that are answered without encryption too: a device reads how to trust us before it trusts us; watchers read our health. */
const alsoPlain = /^\/(trust(\/|$)|(healthz|readyz)$)/

/** The first byte of every TLS connection (RFC 8446, 5.1: a record of the handshake). */
const handshake = 22
const firstByteMs = 20_000

/**
 * Returns a server that speaks https, and on the same port answers plain http by sending the browser to https. A user who types the address
 * without https then sees no broken connection.
 */
export function httpsServer(handler: RequestListener, options: ServerOptions): Server {
  const server = createServer(options, handler)
  const plain = createHttpServer({ keepAliveTimeout: 1 }, (request, response) => {
    const path = request.url?.split('?')[0] ?? '/'
    if (alsoPlain.test(path)) return handler(request, response)
    return toHttps(request.headers.host, request.url ?? '/', response)
  })
  // This server never listens itself, so Node does not watch its requests: a connection that sends nothing is closed here.
  plain.setTimeout(firstByteMs)
  const [encrypted, ...others] = server.listeners('connection')
  if (!encrypted || others.length > 0) throw new Error('An https server has one listener for connections.')
  server.removeAllListeners('connection')
  server.on('connection', (socket: Socket) => {
    const giveUp = () => socket.destroy()
    socket.setTimeout(firstByteMs, giveUp)
    socket.on('error', giveUp)
    socket.once('readable', () => {
      const first: Buffer | null = socket.read(1)
      if (first === null) {
        socket.destroy()
        return
      }
      socket.unshift(first)
      socket.off('error', giveUp).setTimeout(0).off('timeout', giveUp)
      if (first[0] === handshake) encrypted.call(server, socket)
      else plain.emit('connection', socket)
    })
  })
  return server
}

function toHttps(host: string | undefined, url: string, response: ServerResponse): void {
  const target = URL.canParse(url, `https://${host}`) ? new URL(url, `https://${host}`) : undefined
  const headers = { connection: 'close', 'content-length': 0 }
  // A URL with a host of its own would send the browser elsewhere.
  if (!host || target?.host !== host.toLowerCase()) response.writeHead(400, headers).end()
  else response.writeHead(308, { ...headers, location: target.href }).end()
}
