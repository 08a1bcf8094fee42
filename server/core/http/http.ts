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
    /** Who may call it. A route under /api without one keeps the process from starting. */
    permission?: RoutePermission
    /** Codes of errors.ts that this route answers besides the usual ones; for the API document. */
    errors?: readonly ErrorCode[]
    /** Its answer or its body holds a secret: an `Idempotency-Key` is not heeded, and nothing of either is kept. */
    secret?: boolean
  }
  interface FastifyRequest {
    identity: Identity | undefined
    /** Who asks. On a public route nobody is known: kind `system`, empty id. */
    actor: Actor
    /** The shops and warehouses that the actor may touch; none on a public route. */
    scope: Scope
    permissions: ReadonlySet<Permission>
    /** The session behind a signed-in person, undefined for programs. */
    sessionId: string | undefined
  }
  interface FastifyInstance {
    db: Database
    pool: pg.Pool
    config: Config
    ring: KeyRing
    /** Every route, in the order of registration: what tests walk. */
    routeList: RouteEntry[]
  }
}

/** What is known of who asks. */
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

/** What a slice exports as `routes`; schemas are TypeBox, handlers get their types from them. */
export type Routes = FastifyPluginAsyncTypebox

/**
 * The second argument of `app.get(…)` in one line: who may call it, what it does, what goes in and out, and which
 * refusals it has besides bad input and missing rights.
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

/** The same of a route whose body or answer holds a secret: nothing of either is kept for a replay. */
export function secret<Options extends { config: object }>(options: Options) {
  return { ...options, config: { ...options.config, secret: true } }
}
