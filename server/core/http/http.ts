import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifySchema } from 'fastify'
import type pg from 'pg'
import type { Config } from '../../config.ts'
import type { ErrorCode } from '../../errors.ts'
import type { KeyRing } from '../../lib/seal.ts'
import type { Permission, RoutePermission } from '../../users/permissions.ts'
import type { Actor, Scope } from '../access/actor.ts'
import type { Database } from '../db/db.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The permission that the route needs. The process does not start if a route under /api has none. */
    permission?: RoutePermission
    /** Error codes that this route answers besides the usual ones; the API document lists them. */
    errors?: readonly ErrorCode[]
    /** True if the body or the answer contains a secret. The route ignores an `Idempotency-Key`, and neither body nor answer is stored. */
    secret?: boolean
    /** True if the route can answer without changing anything (`dry-run.ts`). */
    dryRun?: boolean
  }
  interface FastifyRequest {
    identity: Identity | undefined
    /** The actor of the request. On a public route: kind `system`, empty id. */
    actor: Actor
    scope: Scope
    permissions: ReadonlySet<Permission>
    /** The session of a signed-in user; undefined for an API key. */
    sessionId: string | undefined
  }
  interface FastifyInstance {
    db: Database
    pool: pg.Pool
    config: Config
    ring: KeyRing
    /** All routes in the order of registration, for tests. */
    routeList: RouteEntry[]
  }
}

export type Identity = {
  actor: Actor
  scope: Scope
  permissions: ReadonlySet<Permission>
  sessionId: string | undefined
}

export type RouteEntry = {
  method: string
  url: string
  permission: RoutePermission | undefined
  schema: FastifySchema | undefined
  secret: boolean
}

/** The type of a slice's `routes`. Handlers get their types from the TypeBox schemas. */
export type Routes = FastifyPluginAsyncTypebox

/** Makes the second argument of `app.get(…)`. `errors`: the codes besides those for invalid input and missing rights. */
export function route<const Schema extends object>(
  permission: RoutePermission,
  summary: string,
  schema: Schema,
  errors: readonly ErrorCode[] = [],
): {
  config: { permission: RoutePermission; errors: readonly ErrorCode[] }
  schema: Schema & { summary: string }
} {
  return { config: { permission, errors }, schema: { ...schema, summary } }
}

export function secret<Options extends { config: object }>(options: Options) {
  return { ...options, config: { ...options.config, secret: true } }
}
