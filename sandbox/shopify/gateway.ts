import { ban, banLeft, type Fault, lineFault, spoil, strike } from '../faults.ts'
import { JSON_TYPE, type Outcome, type Received } from '../http.ts'
import { type Json, part, readJson, textIn } from '../json-parts.ts'
import { count, countCall, type Sandbox } from '../state.ts'
import type { Shop } from '../world/model.ts'
import { expireSessions, nowSeconds } from '../world/world.ts'
import { CallError } from './call.ts'
import { costMessage, costOf, costSaid, empty, exceedsSingleMost, take } from './cost.ts'
import { argument, type Document, type GraphQLError, graphql } from './library.ts'
import { withMakers } from './objects.ts'
import { resolvers } from './resolvers.ts'
import { spoiledTree } from './spoiled.ts'
import { isTokenPath, json, shopOfToken, tokenGateway } from './tokens.ts'

const PATH = /^\/admin\/api\/([\w-]+)\/graphql\.json$/
/** The versions that are served, the oldest first. A version before them is served as the oldest. */
const VERSIONS = ['2026-01', '2026-04', '2026-07', '2026-10']

export const isShopifyPath = (path: string): boolean => PATH.test(path) || isTokenPath(path)

/** The Admin API of a shop: GraphQL at a path with its version, with the token in a header, which says which of the simulator's shops is meant. */
export function shopifyGateway(sandbox: Sandbox, received: Received): Outcome {
  if (isTokenPath(received.path)) return tokenGateway(sandbox, received)
  const { verb, headers, type, body } = received
  const version = servedVersion(PATH.exec(received.path)?.[1] ?? '')
  const token = headers['x-shopify-access-token']
  const shop = shopOfToken(sandbox, typeof token === 'string' ? token : '')
  if (shop === undefined) return refused(sandbox, '-', 401, BAD_TOKEN)
  if (verb !== 'POST' || version === undefined) return refused(sandbox, shop.key, 404, 'Not Found')
  const asked = readJson(body.toString('utf8'))
  const query = asked && textIn(asked, 'query')
  if (!type.startsWith('application/json') || asked === undefined || !query)
    return refused(sandbox, shop.key, 400, { query: 'Required parameter missing or invalid' })
  const answered = answer(sandbox, shop, { query, variables: part(asked, 'variables') })
  return answered.kind === 'answer'
    ? { ...answered, headers: { ...answered.headers, 'x-shopify-api-version': version } }
    : answered
}

function servedVersion(asked: string): string | undefined {
  if (VERSIONS.includes(asked)) return asked
  return /^20(19|2[0-5])-(01|04|07|10)$/.test(asked) ? VERSIONS[0] : undefined
}

const BAD_TOKEN = '[API] Invalid API key or access token (unrecognized login or wrong password)'

type Asked = { query: string; variables: Json }

function answer(sandbox: Sandbox, shop: Shop, asked: Asked): Outcome {
  const nowMs = sandbox.world.clock.now()
  const read = readOperation(asked)
  const method = 'document' in read ? read.method : 'unreadable'
  countCall(sandbox, shop.key, method, nowMs)
  if (banLeft(sandbox.board, { shop: shop.key, method, nowMs }).seconds > 0)
    return throttled(sandbox, shop, method, read)
  const fault = strike(sandbox.board, shop.key, method)
  const spoiled = fault && faultOutcome(sandbox, shop, { method, read, fault })
  if (spoiled) return spoiled
  if ('errors' in read) return failed(sandbox, shop, method, read.errors)
  const requested = costOf(read.document, asked.variables)
  if (exceedsSingleMost(requested))
    return failed(sandbox, shop, method, [errorOf('MAX_COST_EXCEEDED', costMessage(requested))])
  if (!take(shop, nowMs, requested)) return throttled(sandbox, shop, method, read)
  const { data, errors } = execute(sandbox, shop, read)
  const actual = costOf(read.document, asked.variables, data ?? {})
  // The points that were taken too much are given back.
  take(shop, nowMs, actual - requested)
  if (errors !== undefined) count(sandbox.errors, `${shop.key} ${method} ${errors[0]?.extensions.code}`)
  const content = {
    ...(data === undefined ? {} : { data: spoiledTree(data, shop, fault?.kind === 'empty-list') }),
    ...(errors === undefined ? {} : { errors }),
    extensions: { cost: costSaid(shop, nowMs, requested, actual) },
  }
  return spoil(fault, JSON.stringify(content), JSON_TYPE)
}

type Said = Pick<GraphQLError, 'message' | 'locations' | 'path'> & { extensions: { code: string } }
type Operation = { document: Document; method: string; variables: Json }
type ReadOperation = Operation | { errors: Said[] }

const errorOf = (code: string, message: string): Said => ({ message, extensions: { code } })

/** Parses and validates: nothing of a document with a single wrong field is carried out. */
function readOperation({ query, variables }: Asked): ReadOperation {
  const { library, schema } = graphql()
  try {
    const document = library.parse(query)
    const operations = document.definitions.filter(({ kind }) => kind === 'OperationDefinition')
    if (operations.length !== 1)
      return { errors: [errorOf('operationMissing', 'An operation name is required.')] }
    const wrong = library.validate(schema, document)
    if (wrong.length > 0)
      return { errors: wrong.map(({ message, locations }) => said({ message, locations }, codeOf(message))) }
    return { document, variables, method: operations[0]?.name?.value ?? 'anonymous' }
  } catch (error) {
    return { errors: [errorOf('parseError', error instanceof Error ? error.message : 'unreadable')] }
  }
}

const said = (
  { message, locations, path }: { message: string; locations?: unknown; path?: unknown },
  code: string,
): Said =>
  ({
    message,
    ...(locations === undefined ? {} : { locations }),
    ...(path === undefined ? {} : { path }),
    extensions: { code },
  }) as Said

const codeOf = (message: string): string =>
  message.startsWith('Cannot query field')
    ? 'undefinedField'
    : message.startsWith('Unknown argument')
      ? 'argumentNotAccepted'
      : 'argumentLiteralsIncompatible'

function execute(sandbox: Sandbox, shop: Shop, { document, variables }: Operation) {
  const { library, schema } = graphql()
  const now = nowSeconds(sandbox.world)
  const context = withMakers({ sandbox, shop, now, key: keyIn(document, variables) })
  const result = library.executeSync({
    schema,
    document,
    rootValue: resolvers,
    contextValue: context,
    variableValues: variables,
  })
  const errors = result.errors?.map((error) => {
    const cause: unknown = Reflect.get(error, 'originalError')
    return said(error, cause instanceof CallError ? cause.code : 'INVALID_VARIABLE')
  })
  return { data: result.data, errors }
}

/** The key by which a repeated mutation is known again. */
function keyIn({ definitions }: Document, variables: Json): string | undefined {
  const fields = definitions.find(({ operation }) => operation === 'mutation')?.selectionSet?.selections ?? []
  const found = fields
    .flatMap(({ directives = [] }) => directives)
    .find(({ name }) => name.value === 'idempotent')
  const key = found && argument(found, 'key', variables)
  return typeof key === 'string' && key !== '' ? key : undefined
}

type Struck = { method: string; read: ReadOperation; fault: Fault }

function faultOutcome(sandbox: Sandbox, shop: Shop, { method, read, fault }: Struck): Outcome | undefined {
  count(sandbox.errors, `${shop.key} ${method} fault:${fault.kind}`)
  const nowMs = sandbox.world.clock.now()
  if (fault.kind === 'limited') {
    ban(sandbox.board, fault, { shop: shop.key, method, nowMs })
    empty(shop, nowMs)
    return throttled(sandbox, shop, method, read)
  }
  if (fault.kind === 'isp')
    return failed(sandbox, shop, method, [
      errorOf(
        'INTERNAL_SERVER_ERROR',
        'Internal error. Looks like something went wrong on our end.\nRequest ID: 6f2b8d1e (include this in support requests).',
      ),
    ])
  if (fault.kind === 'session-expired') {
    expireSessions(sandbox.world, shop)
    return refused(sandbox, shop.key, 401, BAD_TOKEN)
  }
  if (fault.kind === 'forbidden')
    return failed(sandbox, shop, method, [
      errorOf(
        'ACCESS_DENIED',
        'Access denied for orders field. Required access: `read_orders` access scope.',
      ),
    ])
  return lineFault(fault)
}

/** A call without enough points left: an answer of its own, with the points. */
function throttled(sandbox: Sandbox, shop: Shop, method: string, read: ReadOperation): Outcome {
  count(sandbox.errors, `${shop.key} ${method} THROTTLED`)
  const requested = 'document' in read ? costOf(read.document, read.variables) : 1
  const cost = costSaid(shop, sandbox.world.clock.now(), requested, null)
  return json(200, { errors: [errorOf('THROTTLED', 'Throttled')], extensions: { cost } })
}

/** Errors of the whole call come with 200. */
function failed(sandbox: Sandbox, shop: Shop, method: string, errors: readonly Said[]): Outcome {
  count(sandbox.errors, `${shop.key} ${method} ${errors[0]?.extensions.code}`)
  return json(200, { errors })
}

/** A call that is refused at the door: `errors` is one text then. */
function refused(sandbox: Sandbox, shop: string, status: number, errors: string | object): Outcome {
  count(sandbox.errors, `${shop} graphql ${status}`)
  return json(status, { errors })
}
