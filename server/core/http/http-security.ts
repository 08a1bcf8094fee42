import type { Socket } from 'node:net'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Config } from '../../config.ts'
import { AppError } from '../../errors.ts'

// The pages contain no inline script or style. Pictures of goods come from the platforms' servers, hence `https:` and `http:`.
const pagePolicy = (localClients: readonly string[]) =>
  [
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob: https: http:",
    "font-src 'self' data:",
    ["connect-src 'self'", ...localClients].join(' '),
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ')

const apiPolicy = "default-src 'none'; frame-ancestors 'none'"

/**
 * Returns the headers that restrict how a browser may use an answer. `localClients`: the addresses of programs on the user's own machine
 * that pages may call.
 */
export function securityHeaders(
  { publicUrl, tls }: Pick<Config, 'publicUrl' | 'tls'>,
  { url, id }: { url: string; id: string },
  localClients: readonly string[] = [],
): Record<string, string> {
  const isApi = url.startsWith('/api/')
  return {
    'x-request-id': id,
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    // Phones read barcodes with their camera, which the browser asks its user about.
    'permissions-policy': `camera=(${isApi ? '' : 'self'}), microphone=(), geolocation=()`,
    'content-security-policy': isApi ? apiPolicy : pagePolicy(localClients),
    ...(isApi ? { 'cache-control': 'no-store' } : {}),
    // A browser keeps this for a year. With a local authority it would lock out users whose installation returns to http.
    ...(publicUrl.startsWith('https://') && tls !== 'local'
      ? { 'strict-transport-security': 'max-age=31536000; includeSubDomains' }
      : {}),
  }
}

/** Answers a request that is not valid HTTP, or came too slowly, with an empty answer and the same security headers. */
export function refuseSocket(
  config: Pick<Config, 'publicUrl' | 'tls'>,
  error: { code?: string },
  socket: Socket,
): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) return void socket.destroy()
  const status = tooSlow.test(error.code ?? '') ? '408 Request Timeout' : '400 Bad Request'
  const headers = Object.entries(securityHeaders(config, { url: '/api/', id: 'none' }))
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  socket.end(`HTTP/1.1 ${status}\r\ncontent-length: 0\r\nconnection: close\r\n${lines}\r\n`)
}

const tooSlow = /^ERR_HTTP_REQUEST_TIMEOUT$/

export function addSecurityHeaders(app: FastifyInstance, localClients: readonly string[]): void {
  let warned = false
  app.addHook('onRequest', async (request, reply) => {
    reply.headers(securityHeaders(app.config, request, localClients))
    if (
      warned ||
      request.headers['x-forwarded-for'] === undefined ||
      request.ip !== request.socket.remoteAddress
    )
      return
    warned = true
    request.log.warn(
      'X-Forwarded-For came from a proxy that is not in TRUSTED_PROXIES: everybody behind it counts as one address',
    )
  })
}

/**
 * Throws if a write that is authorised by a cookie comes from a page of another site. Browsers send the origin with every write. A program
 * without an origin must send `X-Requested-With`, which a page of another site cannot send.
 */
export function assertOwnOrigin(request: FastifyRequest, publicUrl: string): void {
  if (request.method === 'GET' || request.method === 'HEAD' || request.method === 'OPTIONS') return
  const { origin } = request.headers
  const own =
    origin === undefined
      ? request.headers['x-requested-with'] !== undefined
      : origin === new URL(publicUrl).origin || hostOf(origin) === request.host
  if (!own) throw new AppError('foreign_origin')
}

function hostOf(origin: string): string {
  return URL.canParse(origin) ? new URL(origin).host : ''
}
