import { randomBytes } from 'node:crypto'
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  LogController,
  type RouteOptions,
} from 'fastify'
import type pg from 'pg'
import type { Logger } from 'pino'
import { printClients } from './carriers/print-clients-contract.ts'
import { catalogLists } from './catalog/lists.ts'
import { catalogRoutes } from './catalog/routes.ts'
import type { Config } from './config.ts'
import { connectors } from './connectors/index.ts'
import { batchRoutes } from './core/batches/routes.ts'
import type { Database } from './core/db/db.ts'
import type { Standby } from './core/db/standby.ts'
import { addHealth } from './core/http/health.ts'
import type { Routes } from './core/http/http.ts'
import { addReading } from './core/http/reading.ts'
import { type List, listRoutes } from './core/lists/define.ts'
import { verbRoutes } from './core/verbs.ts'
import { AppError } from './errors.ts'
import { financeLists } from './finance/lists.ts'
import { reconRoutes } from './finance/recon-routes.ts'
import { financeRoutes } from './finance/routes.ts'
import { shipDeliveries } from './flows/ship.ts'
import { orderSearch } from './fulfilment/for-orders.ts'
import { fulfilmentLists } from './fulfilment/lists.ts'
import { fulfilmentRoutes } from './fulfilment/routes.ts'
import { renewShipSteps } from './fulfilment/ship-steps.ts'
import { offShelf } from './fulfilment/waves/off-shelf.ts'
import './core/http/http.ts'
import { addCompression } from './core/http/compressed.ts'
import { addDryRuns } from './core/http/dry-run.ts'
import { handleError } from './core/http/http-errors.ts'
import { addSecurityHeaders, refuseSocket, securityHeaders } from './core/http/http-security.ts'
import { lazySchemas, takeSearch, validationError } from './core/http/http-validation.ts'
import { addIdempotency } from './core/http/idempotency.ts'
import { addMetrics } from './core/http/metrics.ts'
import { addOpenApi, addOpenApiPage } from './core/http/openapi.ts'
import { addPages } from './core/http/pages.ts'
import { addScopeWall } from './core/http/scope-wall.ts'
import { limitConcurrentRequests } from './core/http/turns.ts'
import type { Https } from './core/https/https.ts'
import { addTrustPage } from './core/https/trust-page.ts'
import { platformActions } from './core/outbox/lists.ts'
import { outboxRoutes } from './core/outbox/routes.ts'
import { taskRuns } from './core/tasks/lists.ts'
import { taskRoutes } from './core/tasks/routes.ts'
import { exportRoutes } from './exports/export-routes.ts'
import { afterSales } from './intake/aftersales/lists.ts'
import { refundCheckOf } from './intake/asking/ask-before.ts'
import { coverageOf } from './intake/coverage/coverage.ts'
import { coverageRoutes } from './intake/coverage/routes.ts'
import { downloadQueue } from './intake/downloads/lists.ts'
import { parkedItems } from './intake/parked/lists.ts'
import { parkedRoutes } from './intake/parked/parked-routes.ts'
import { refundLists } from './intake/refunds/lists.ts'
import { intakeRoutes } from './intake/routes.ts'
import { tradeLists } from './intake/trades/lists.ts'
import { inventoryLists } from './inventory/lists.ts'
import { inventoryRoutes } from './inventory/routes.ts'
import { createLimiter } from './lib/limiter.ts'
import type { KeyRing } from './lib/seal.ts'
import { addAssistants } from './mcp/routes.ts'
import { usesOfSkusAndBundles } from './orders/allocation/bundle-uses.ts'
import { orderNumbers } from './orders/list/glance.ts'
import { orderLists } from './orders/lists.ts'
import { orderRoutes } from './orders/routes.ts'
import { installationFigures } from './overview/figures.ts'
import { overviewRoutes } from './overview/routes.ts'
import { privacyRoutes } from './privacy/routes.ts'
import { reportRoutes } from './reports/routes.ts'
import { reportSheet } from './reports/sheet.ts'
import { stopRoutes } from './reports/stop-routes.ts'
import { subscriptionRoutes } from './reports/subscription-routes.ts'
import { thresholdRoutes } from './reports/thresholds/threshold-routes.ts'
import { returnLists } from './returns/lists.ts'
import { returnRoutes } from './returns/routes.ts'
import { subjectsOf } from './search/action-subjects.ts'
import { searchRoutes } from './search/routes.ts'
import { shopRoutes } from './shops/routes.ts'
import { stockSyncLists } from './stock-sync/lists.ts'
import { stockSyncRoutes } from './stock-sync/routes.ts'
import { routes as users } from './users/routes.ts'
import { type Auth, buildAuth } from './users/sign-in/auth.ts'
import { addAuthentication } from './users/sign-in/authenticate.ts'
import { describedWebhooks } from './webhooks/events-contract.ts'
import { webhookMessages } from './webhooks/lists.ts'
import { webhookRoutes } from './webhooks/routes.ts'
import { actionHandlers, batchActions, giveShopTasks, nameOfTask, taskKinds, verbs } from './worker.ts'

export const lists = (ring: KeyRing): readonly List[] => [
  ...catalogLists,
  ...inventoryLists,
  ...orderLists({ ring, ...orderSearch }),
  ...fulfilmentLists,
  ...financeLists,
  ...returnLists,
  ...stockSyncLists,
  ...refundLists(ring),
  afterSales(ring),
  downloadQueue(ring),
  ...tradeLists(ring),
  parkedItems,
  platformActions(actionHandlers, subjectsOf),
  taskRuns(taskKinds(ring)),
  webhookMessages,
]

export type AppParts = {
  db: Database
  pool: pg.Pool
  config: Config
  ring: KeyRing
  log: Logger
  /** Answers lists and reports. It is closed with the app. Undefined: the primary answers them. */
  standby?: Standby | undefined
  /** Undefined: the server speaks plain http. */
  https?: Https | undefined
}

/**
 * The headers of a request must arrive within twenty seconds. The whole request may take as long as the largest sheet needs over a slow
 * connection.
 */
export const slowest = { headersTimeout: 20_000, requestTimeout: 120_000, connectionsCheckingInterval: 5_000 }

declare module 'fastify' {
  interface FastifyInstance {
    /** Returns the sign-in library, which is loaded when this function is first called. */
    auth(): Promise<Auth>
    /** Compiles the schemas that no request has needed yet. */
    compileSchemas(): Promise<void>
  }
}

/** Builds the HTTP server: first the parts that every request passes, then the routes of each slice. */
export async function buildApp(parts: AppParts): Promise<FastifyInstance> {
  const loggerInstance: FastifyBaseLogger = parts.log
  const schemas = lazySchemas()
  const app = Fastify({
    loggerInstance,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    trustProxy: parts.config.trustedProxies.length > 0 ? parts.config.trustedProxies : false,
    bodyLimit: 1_048_576,
    genReqId: (request) => requestId(request.headers['x-request-id']),
    schemaErrorFormatter: validationError,
    schemaController: { compilersFactory: { buildSerializer: schemas.serializerFactory } },
    routerOptions: { maxParamLength: 200 },
    forceCloseConnections: 'idle',
    requestTimeout: slowest.requestTimeout,
    http: slowest,
    ...(parts.https ? { serverFactory: parts.https.serverWith(slowest) } : {}),
    frameworkErrors: (error, request, reply) => {
      reply.headers(securityHeaders(parts.config, request))
      return handleError(error, request, reply)
    },
    clientErrorHandler: (error, socket) => refuseSocket(parts.config, error, socket),
  })

  addParts(app, parts)
  app.setValidatorCompiler(schemas.validatorCompiler)
  app.decorate('compileSchemas', schemas.compileAll)
  app.setErrorHandler(handleError)
  requirePermissions(app)
  addSecurityHeaders(
    app,
    Object.values(printClients).map(({ url }) => url),
  )
  addJsonParser(app)
  addRequestLog(app)
  await addOutsideRoutes(app, parts)
  await addOpenApi(app, describedWebhooks)
  addChecks(app)
  addReading(app, parts.standby)
  await addOpenApiPage(app)

  // One limiter for all requests, so that the calls of all users together keep a platform's rate.
  const calls = { connectors, limiter: createLimiter(), simulator: parts.config.simulator }

  await app.register(users)
  await app.register(shopRoutes({ ...calls, onShopConnected: giveShopTasks, coverageOf }))
  await app.register(taskRoutes(taskKinds(parts.ring)))
  await app.register(batchRoutes(batchActions(parts.ring)))
  const check = refundCheckOf({ ...calls, db: parts.db, ring: parts.ring })
  const allVerbs = verbs(parts.ring, check)
  await app.register(verbRoutes(allVerbs))
  const allLists = lists(parts.ring)
  await app.register(listRoutes(allLists))
  await app.register(outboxRoutes(actionHandlers))
  await app.register(catalogRoutes({ usesOf: usesOfSkusAndBundles }))
  await app.register(inventoryRoutes({ orderNumbers, renewShipSteps, offShelf }))
  await app.register(stockSyncRoutes)
  await app.register(orderRoutes(orderSearch))
  await app.register(financeRoutes)
  await app.register(reconRoutes)
  await app.register(fulfilmentRoutes({ ask: check, ship: shipDeliveries }, calls))
  await app.register(returnRoutes)
  await app.register(intakeRoutes(calls))
  for (const routes of furtherRoutes) await app.register(routes)
  await app.register(overviewRoutes(nameOfTask(taskKinds(parts.ring))))
  await app.register(exportRoutes(allLists, { others: [reportSheet] }))
  addAssistants(app, { verbs: allVerbs, lists: allLists.map(({ declared }) => declared) })

  await addPages(app)
  return app
}

/** Adds what a request passes before its route, and its answer afterwards, in this order. */
function addChecks(app: FastifyInstance): void {
  addAuthentication(app)
  app.addHook('preValidation', takeSearch)
  limitConcurrentRequests(app)
  addDryRuns(app)
  addIdempotency(app)
  addScopeWall(app)
  addCompression(app)
}

const furtherRoutes: readonly Routes[] = [
  parkedRoutes,
  coverageRoutes,
  webhookRoutes,
  privacyRoutes,
  searchRoutes,
  reportRoutes,
  subscriptionRoutes,
  thresholdRoutes,
  stopRoutes,
]

/** Adds the routes that need no sign-in and are not under /api. */
async function addOutsideRoutes(app: FastifyInstance, { db, pool, https }: AppParts): Promise<void> {
  await addHealth(app)
  await addMetrics(app, () => installationFigures({ db, pool }))
  if (https?.authority) addTrustPage(app, https.authority)
}

function addParts(app: FastifyInstance, { db, pool, config, ring, log }: AppParts): void {
  app.decorate('db', db)
  app.decorate('pool', pool)
  app.decorate('config', config)
  app.decorate('ring', ring)
  let auth: Promise<Auth> | undefined
  let builtWith = ring.byNumber
  app.decorate('auth', () => {
    // The sign-in library copies the sealing keys, so it is built again after they change.
    if (builtWith !== ring.byNumber) auth = undefined
    builtWith = ring.byNumber
    auth ??= buildAuth({ db, ring, config, onError: (message) => log.error(message) })
    return auth
  })
}

/** Keeps the server from starting if a route under /api has no permission. */
function requirePermissions(app: FastifyInstance): void {
  app.decorate('routeList', [])
  const routes: RouteOptions[] = []
  app.addHook('onRoute', (route) => void routes.push(route))
  // A plugin may set the permission of its routes after this hook, so the check waits until all routes are registered.
  app.addHook('onReady', async () => {
    for (const { url, method, config, schema } of routes) {
      const { permission, secret = false } = config ?? {}
      if (/^\/api(\/|$)/.test(url) && permission === undefined)
        throw new Error(`${method} ${url} declares no permission`)
      for (const each of [method].flat())
        app.routeList.push({ method: each, url, permission, schema, secret })
    }
  })
}

/**
 * Parses JSON. Refuses too deep nesting and the characters that PostgreSQL cannot store in text: U+0000, also in a URL, and halves of a
 * surrogate pair.
 */
function addJsonParser(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
    // A DELETE or POST without content often has the header of JSON.
    if (text.length === 0) return done(null, undefined)
    if (escapedZero.test(String(text))) return done(noZero())
    return parse(request, String(text), (error, body) => {
      if (!error && isTooDeep(body)) return done(tooDeep())
      if (error || !escapedSurrogate.test(String(text))) return done(error, body)
      // JSON.stringify writes a complete pair as one character, so only a half is still an escape.
      if (loneSurrogate.test(JSON.stringify(body))) return done(notText())
      return done(null, body)
    })
  })
  app.addHook('onRequest', async (request) => {
    if (request.url.includes('%00')) throw noZero()
  })
}

/** An escape of U+0000, and not a backslash that is followed by the letters. */
const escapedZero = /(?:^|[^\\])(?:\\\\)*\\u0000/
const escapedSurrogate = /\\u[dD][89a-fA-F]/
const loneSurrogate = /(?:^|[^\\])(?:\\\\)*\\ud[89a-f]/

/** A JSON body with more levels of nesting is refused. No schema of ours has so many, and recursive functions over a body are then safe. */
const deepest = 40

function isTooDeep(body: unknown): boolean {
  let level = [body]
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > deepest) return true
    level = level.flatMap((node) => (typeof node === 'object' && node !== null ? Object.values(node) : []))
  }
  return false
}

function tooDeep(): AppError {
  const detail = { zh: `嵌套超过 ${deepest} 层`, en: `nested deeper than ${deepest} levels` }
  return new AppError('invalid_input', { detail })
}

function notText(): AppError {
  const detail = { zh: '含有不完整的字符', en: 'half of a character (a lone surrogate)' }
  return new AppError('invalid_input', { detail })
}

function noZero(): AppError {
  return new AppError('invalid_input', { detail: { zh: '含有空字符', en: 'a null character' } })
}

function addRequestLog(app: FastifyInstance): void {
  app.addHook('onResponse', async (request, reply) => {
    const { actor } = request
    request.log.info({
      method: request.method,
      route: request.routeOptions.url ?? 'none',
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 10) / 10,
      ...(actor.id === '' ? {} : { actor: `${actor.kind}:${actor.id}` }),
    })
  })
}

/** Returns the request id of the proxy or program if it can be written to a log line; otherwise ten random letters and digits. */
function requestId(given: string | string[] | undefined): string {
  if (typeof given === 'string' && /^[\w-]{6,64}$/.test(given)) return given
  return randomBytes(8).toString('base64url').replace(/[_-]/g, 'x').slice(0, 10).toLowerCase()
}
