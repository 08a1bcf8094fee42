import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import packageJson from '../../../package.json' with { type: 'json' }
import { errorTable } from '../../errors.ts'
import { errorSchema } from './http-contract.ts'

/** The messages to programs, by kind, as OpenAPI describes them. */
export type WebhookDocuments = Readonly<Record<string, { summary: string; body: object }>>

/** Adds the API document. Must be registered before the routes that it describes. */
export async function addOpenApi(app: FastifyInstance, webhooks: WebhookDocuments): Promise<void> {
  app.addSchema(errorSchema)
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: '三易 Sanyi', version: packageJson.version, description: introduction },
      servers: [{ url: app.config.publicUrl }],
      webhooks: Object.fromEntries(
        Object.entries(webhooks).map(([name, one]) => [name, describeWebhook(one)]),
      ),
      components: {
        securitySchemes: {
          apiKey: { type: 'http', scheme: 'bearer', description: 'An API key: `Authorization: Bearer sk_…`' },
          session: {
            type: 'apiKey',
            in: 'cookie',
            name: 'sanyi.session_token',
            description: 'A signed-in browser.',
          },
        },
      },
    },
    refResolver: {
      buildLocalReference: (json, _base, _fragment, index) =>
        typeof json['$id'] === 'string' ? json['$id'] : `def-${index}`,
    },
    transform: ({ schema, url, route }) => ({ schema: describeRoute(schema, route.config, url), url }),
  })
}

const describeWebhook = ({ summary, body }: WebhookDocuments[string]) => ({
  post: {
    summary,
    tags: ['webhooks'],
    requestBody: { content: { 'application/json': { schema: body } } },
    responses: { '2XX': { description: 'Taken' } },
  },
})

/** Serves `/api/openapi.json` and the page that shows it. The page loads nothing from other servers. */
export async function addOpenApiPage(app: FastifyInstance): Promise<void> {
  // Half a megabyte that does not change while the process runs: it is serialised and compressed once. The ETag is a hash of it.
  let made: { plain: Buffer; packed: Buffer; tag: string } | undefined
  app.get(
    '/api/openapi.json',
    { config: { permission: 'public' }, schema: { hide: true } },
    async (request, reply) => {
      made ??= bytesOf(app.swagger())
      const packed = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))
      reply.headers({ etag: made.tag, 'cache-control': 'no-cache', vary: 'accept-encoding' })
      if (request.headers['if-none-match'] === made.tag) return reply.code(304).send()
      reply.type('application/json; charset=utf-8')
      if (packed) reply.header('content-encoding', 'gzip')
      return reply.send(packed ? made.packed : made.plain)
    },
  )
  await app.register(docsPage)
}

function bytesOf(document: object) {
  const plain = Buffer.from(JSON.stringify(document))
  const tag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`
  return { plain, packed: gzipSync(plain), tag }
}

const docsPage: FastifyPluginAsync = async (page) => {
  // The package would serialise its own document for each request, so requests for it are redirected to ours.
  page.addHook('onRequest', async (request, reply) => {
    if (/^\/api\/docs\/(json|yaml)(\?|$)/.test(request.url)) return reply.redirect('/api/openapi.json')
    return undefined
  })
  page.addHook('onRoute', (route) => {
    route.config = { ...route.config, permission: 'public' }
  })
  await page.register(swaggerUi, {
    routePrefix: '/api/docs',
    staticCSP: true,
    transformStaticCSP: ownOnly,
    // Hides the top bar, which shows only the logo of Swagger.
    theme: {
      title: '三易 API',
      css: [{ filename: 'sanyi.css', content: '.swagger-ui .topbar{display:none}' }],
    },
    uiConfig: {
      url: '/api/openapi.json',
      validatorUrl: null,
      docExpansion: 'none',
      tryItOutEnabled: false,
      displayOperationId: false,
    },
  })
}

/** Removes other servers from the package's content security policy, and forbids frames. */
const ownOnly = (policy: string) =>
  policy
    .replace("base-uri 'self'", "base-uri 'none'")
    .replace("frame-ancestors 'self'", "frame-ancestors 'none'")
    .replace(/ (https:|validator\.swagger\.io)/g, '')
    .replace(/upgrade-insecure-requests;?/, '')

const introduction = `Everything that the screens do. Programs use an API key made under 系统 → 接口密钥, which holds
permissions, shops and an end. Ids are strings, money is whole fen (\`…Fen\`), times are ISO 8601 in UTC. Lists answer
\`{ rows, next }\`; \`next\` goes back as \`?after=\`. Writes may carry an \`Idempotency-Key\`. A POST over \`ids\` with
\`X-Dry-Run: true\` answers with the outcome of each row and changes nothing; other writes refuse that header. Assistants
use the same key at \`/mcp\` (Model Context Protocol).`

type RouteSchema = Record<string, unknown>
type RouteConfig = { permission?: string; errors?: readonly string[] } | undefined

function describeRoute(schema: unknown, config: RouteConfig, url: string): RouteSchema {
  const given: RouteSchema = typeof schema === 'object' && schema !== null ? { ...schema } : {}
  const permission = config?.permission ?? 'public'
  if (!url.startsWith('/api')) return { ...given, hide: true }
  const lead = typeof given['description'] === 'string' ? `${given['description']}\n\n` : ''
  return {
    ...given,
    tags: [url.split('/')[2]?.split('.')[0] ?? 'api'],
    description: `${lead}Permission: \`${permission}\``,
    security: permission === 'public' ? [] : [{ apiKey: [] }, { session: [] }],
    response: { ...errorAnswers(permission, config?.errors ?? []), ...responsesOf(given) },
  }
}

function responsesOf(schema: RouteSchema): RouteSchema {
  const response = schema['response']
  return typeof response === 'object' && response !== null ? Object.fromEntries(Object.entries(response)) : {}
}

function errorAnswers(permission: string, codes: readonly string[]): RouteSchema {
  const usual = [
    'invalid_input',
    ...(permission === 'public' ? [] : ['not_signed_in']),
    ...(permission === 'public' || permission === 'signed_in' ? [] : ['forbidden']),
  ]
  const byStatus = new Map<number, string[]>()
  for (const [code, [status]] of Object.entries(errorTable)) {
    if (usual.includes(code) || codes.includes(code))
      byStatus.set(status, [...(byStatus.get(status) ?? []), code])
  }
  return Object.fromEntries(
    [...byStatus].map(([status, names]) => [status, { description: names.join(', '), $ref: 'Error#' }]),
  )
}
