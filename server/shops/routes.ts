import type { FastifyRequest } from 'fastify'
import type { Connector } from '../connectors/connector.ts'
import { connectorFor } from '../connectors/index.ts'
import type { By } from '../core/access/actor.ts'
import type { Database } from '../core/db/db.ts'
import { type Routes, route, secret } from '../core/http/http.ts'
import { idParams } from '../core/http/http-contract.ts'
import type { LocalizedText } from '../lib/localized-text.ts'
import { adoptSessionKey, authorizeUrl, type ConnectDeps, verifyShop } from './authorise.ts'
import { callbackRoute } from './callback.ts'
import {
  authorizeAnswer,
  type ConnectorOut,
  connectorList,
  credentialsInput,
  identityOut,
  newShopInput,
  type ShopDetail,
  type ShopOut,
  sessionKeyInput,
  shopDetail,
  shopList,
  shopNames,
  shopPatch,
} from './contract.ts'
import type { ShopRow } from './queries.ts'
import { relayRoutes, relayServiceRoutes } from './relays/routes.ts'
import { createShop, describeCredentials, listShops, readShop, setCredentials, updateShops } from './shops.ts'
import { waybillLimitOf } from './waybill-limits.ts'

export type Coverage = {
  completeTo: Date | null
  behindMs: number | null
  reason: LocalizedText | null
  push: { live: boolean; since: string | null; words: LocalizedText } | null
}

export type ShopRouteOptions = Omit<ConnectDeps, 'db' | 'ring' | 'simulator'> & {
  /** Returns how far each shop is complete. The intake slice supplies it. */
  coverageOf?: (db: Database, shopIds: string[]) => Promise<ReadonlyMap<string, Coverage>>
}

export function shopRoutes(options: ShopRouteOptions): Routes {
  return async (app) => {
    const { coverageOf, ...process } = options
    const { simulator, platformHosts } = app.config
    const deps: ConnectDeps = { ...process, db: app.db, ring: app.ring, simulator, platformHosts }
    const redirectUri = `${app.config.publicUrl}/api/oauth/callback`
    const present = async (shops: ShopRow[]): Promise<ShopOut[]> => {
      const coverage = await coverageOf?.(
        app.db,
        shops.map(({ id }) => id),
      )
      return shops.map((shop) => shopOf(shop, coverage?.get(shop.id)))
    }
    readRoutes(app, deps, present, redirectUri)
    writeRoutes(app, deps, present)
    connectRoutes(app, deps, redirectUri)
    await app.register(callbackRoute(deps, redirectUri))
    await app.register(relayRoutes)
    await app.register(relayServiceRoutes)
  }
}

type Present = (shops: ShopRow[]) => Promise<ShopOut[]>
type App = Parameters<Routes>[0]

function readRoutes(app: App, deps: ConnectDeps, present: Present, callbackUrl: string): void {
  app.get('/api/shops', route('shops.read', 'Shops', { response: { 200: shopList } }), async (request) => ({
    rows: await present(await listShops(app.db, request.scope)),
    next: null,
  }))
  app.get(
    '/api/shops/:id',
    route('shops.read', 'One shop', { params: idParams, response: { 200: shopDetail } }, ['not_found']),
    async (request) => detailOf(deps, present, request, request.params.id),
  )
  app.get(
    '/api/shop-names',
    route('signed_in', 'What the shops of one’s scope are called', { response: { 200: shopNames } }),
    async ({ scope }) => ({
      rows: (await listShops(app.db, scope)).map(({ id, name, platform, variant, authState }) => ({
        id,
        name,
        platform,
        variant,
        authState,
      })),
    }),
  )
  app.get(
    '/api/connectors',
    route('signed_in', 'What can be connected, and with which credentials', {
      response: { 200: connectorList },
    }),
    async () => ({ rows: deps.connectors.map(connectorOutOf), callbackUrl }),
  )
}

function writeRoutes(app: App, deps: ConnectDeps, present: Present): void {
  app.post(
    '/api/shops',
    secret(
      route('shops.write', 'Add a shop', { body: newShopInput, response: { 201: shopDetail } }, [
        'duplicate',
        'not_found',
        'outside_scope',
        'unsupported_by_platform',
      ]),
    ),
    async (request, reply) => {
      const shopId = await app.db
        .transaction()
        .execute((tx) => createShop(tx, deps, request.body, byOf(request)))
      return reply.code(201).send(await detailOf(deps, present, request, shopId))
    },
  )
  app.patch(
    '/api/shops/:id',
    secret(
      route(
        'shops.write',
        'Change a shop: name, kind, enabled, go-live time, settings',
        { params: idParams, body: shopPatch, response: { 200: shopDetail } },
        ['duplicate', 'not_found'],
      ),
    ),
    async (request) => {
      const { id } = request.params
      await app.db
        .transaction()
        .execute((tx) => updateShops(tx, deps, { shopIds: [id], patch: request.body }, byOf(request)))
      return detailOf(deps, present, request, id)
    },
  )
  app.put(
    '/api/shops/:id/credentials',
    secret(
      route(
        'shops.write',
        'Set the credentials; a secret left out keeps the stored one',
        { params: idParams, body: credentialsInput, response: { 200: shopDetail } },
        ['not_found'],
      ),
    ),
    async (request) => {
      const { id } = request.params
      await app.db
        .transaction()
        .execute((tx) => setCredentials(tx, deps, { shopId: id, typed: request.body }, byOf(request)))
      return detailOf(deps, present, request, id)
    },
  )
}

const connectErrors = [
  'not_found',
  'credentials_missing',
  'reauthorise',
  'wrong_shop',
  'duplicate',
  'conflict',
  'platform_rejected',
  'platform_unavailable',
] as const

function connectRoutes(app: App, deps: ConnectDeps, redirectUri: string): void {
  app.post(
    '/api/shops/:id/verify',
    route(
      'shops.write',
      'Ask the platform whose credentials these are',
      { params: idParams, response: { 200: identityOut } },
      connectErrors,
    ),
    async (request) => verifyShop(deps, request.params.id, byOf(request)),
  )
  app.post(
    '/api/shops/:id/authorize',
    secret(
      route(
        'shops.write',
        'The page of the platform on which the seller agrees; the link is good for 30 minutes',
        { params: idParams, response: { 200: authorizeAnswer } },
        ['not_found', 'credentials_missing', 'unsupported_by_platform'],
      ),
    ),
    async (request) => ({ url: await authorizeUrl(deps, request.params.id, redirectUri, byOf(request)) }),
  )
  app.post(
    '/api/shops/:id/session-key',
    secret(
      route(
        'shops.write',
        'Connect with a session key that the seller got elsewhere: verified at once, kept sealed, never renewed',
        { params: idParams, body: sessionKeyInput, response: { 200: identityOut } },
        [...connectErrors, 'unsupported_by_platform'],
      ),
    ),
    async (request) => adoptSessionKey(deps, request.params.id, request.body, byOf(request)),
  )
}

async function detailOf(
  deps: ConnectDeps,
  present: Present,
  request: FastifyRequest,
  shopId: string,
): Promise<ShopDetail> {
  const [shop] = await present([await readShop(deps.db, shopId, request.scope)])
  if (!shop) throw new Error('A shop was presented as nothing.')
  // Only users who may change credentials see the names of apps and the addresses.
  if (!request.permissions.has('shops.write')) return { shop, credentials: null, pushUrl: null }
  const { pushPath, ...credentials } = await describeCredentials(deps.db, deps, shopId, request.scope)
  const pushUrl = pushPath === null ? null : request.server.config.publicUrl + pushPath
  return { shop, credentials, pushUrl }
}

function shopOf(shop: ShopRow, coverage: Coverage | undefined): ShopOut {
  const { tokenVersion: _, hasToken: __, ...rest } = shop
  return {
    ...rest,
    authChangedAt: shop.authChangedAt.toISOString(),
    // An issued token is followed by the next one, so its end means nothing to a person.
    tokenExpiresAt: connectorFor(shop.platform)?.issue ? null : (shop.tokenExpiresAt?.toISOString() ?? null),
    refreshExpiresAt: shop.refreshExpiresAt?.toISOString() ?? null,
    goLiveAt: shop.goLiveAt.toISOString(),
    createdAt: shop.createdAt.toISOString(),
    coverage: coverage ? { ...coverage, completeTo: coverage.completeTo?.toISOString() ?? null } : null,
  }
}

function connectorOutOf(connector: Connector): ConnectorOut {
  return {
    id: connector.id,
    name: connector.name,
    variants: [...connector.variants],
    credentials: connector.credentials,
    oauth: connector.oauth !== undefined,
    push: connector.push !== undefined,
    posted: connector.posted?.by ?? 'no',
    relayed: connector.relayed !== undefined,
    path: connector.trades.path,
    can: Object.keys(connector.actions),
    cannot: connector.cannot,
    waybillLimit: waybillLimitOf(connector),
    agreeCode: connector.agreeCode ?? false,
    agreesToReturns: connector.agreesToReturns ?? false,
    paysReturnsThere: connector.paysReturnsThere ?? false,
    goodsFirst: connector.goodsFirst ?? false,
  }
}

function byOf(request: FastifyRequest): By {
  return { actor: request.actor, scope: request.scope, request: { ip: request.ip, id: request.id } }
}
