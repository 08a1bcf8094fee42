import type { FastifyInstance, FastifyRequest } from 'fastify'
import { AppError } from './errors.ts'

// Ant Design writes its styles into the page at run time; pictures of goods come from the platforms' servers.
const pagePolicy = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob: https: http:",
  "font-src 'self' data:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

const apiPolicy = "default-src 'none'; frame-ancestors 'none'"

/** Headers that keep a browser from doing what it should not, on every answer. */
export function addSecurityHeaders(app: FastifyInstance): void {
  const secure = app.config.publicUrl.startsWith('https://')
  let warned = false
  app.addHook('onRequest', async (request, reply) => {
    const isApi = request.url.startsWith('/api/')
    reply.headers({
      'x-request-id': request.id,
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': 'camera=(), microphone=(), geolocation=()',
      'content-security-policy': isApi ? apiPolicy : pagePolicy,
      ...(isApi ? { 'cache-control': 'no-store' } : {}),
      ...(secure ? { 'strict-transport-security': 'max-age=31536000; includeSubDomains' } : {}),
    })
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
 * A write that rides on a cookie must come from our own page. Browsers name the origin of every write; a program
 * that uses a cookie without one must send `X-Requested-With`, which no foreign page can.
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
