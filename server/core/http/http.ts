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
    /** The permission that the route needs. A route under /api without one prevents the process from starting. */
    permission?: RoutePermission
    /** Codes of errors.ts that this route answers besides the usual ones; listed in the API document. */
    errors?: readonly ErrorCode[]
    /** True if the body or the answer contains a secret: the route ignores an `Idempotency-Key`, and neither body nor answer is stored. */
    secret?: boolean
  }
  interface FastifyRequest {
    identity: Identity | undefined
    /** The actor of the request. On a public route, where no one is signed in: kind `system`, empty id. */
    actor: Actor
    /** The shops and warehouses that the actor may see and change; none on a public route. */
    scope: Scope
    permissions: ReadonlySet<Permission>
    /** The session of a signed-in user; undefined for programs. */
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

/** The authenticated actor of a request, with scope and permissions. */
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

/** The type of a slice's `routes`. Schemas are TypeBox, and handlers get their types from them. */
export type Routes = FastifyPluginAsyncTypebox

/**
 * Makes the second argument of `app.get(…)`: the permission, the summary, the schemas of input and answer, and the error codes besides
 * those for bad input and missing rights.
 */
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

/** Marks a route's options as secret: neither its body nor its answer is stored for a repeated request. */
export function secret<Options extends { config: object }>(options: Options) {
  return { ...options, config: { ...options.config, secret: true } }
}
