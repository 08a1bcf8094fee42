import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type pg from 'pg'
import Type from 'typebox'
import type { Actor, Scope } from './actor.ts'
import type { Config } from './config.ts'
import type { Database } from './db.ts'
import type { KeyRing } from './lib/seal.ts'
import type { Permission, RoutePermission } from './users/permissions.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may call it. A route under /api without one keeps the process from starting. */
    permission?: RoutePermission
    /** Codes of errors.ts that this route answers besides the usual ones; for the API document. */
    errors?: readonly string[]
  }
  interface FastifyRequest {
    identity: Identity | undefined
    /** Who asks. On a public route nobody is known: kind `system`, empty id. */
    actor: Actor
    /** The shops that the actor may touch; none on a public route. */
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

export type RouteEntry = { method: string; url: string; permission: RoutePermission | undefined }

/** What a slice exports as `routes`; schemas are TypeBox, handlers get their types from them. */
export type Routes = FastifyPluginAsyncTypebox

/** One of our own ids: a bigint in SQL, text in JSON. Longer digits would not fit a bigint. */
export const idSchema = Type.String({ pattern: '^[1-9][0-9]{0,17}$' })

export const idParams = Type.Object({ id: idSchema })

/** `?after=&limit=` of every list. */
export const pageQuery = {
  after: Type.Optional(Type.String({ maxLength: 500 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
}

export const errorSchema = Type.Object(
  {
    code: Type.String({ description: 'Permanent; programs branch on it.' }),
    message: Type.String(),
    messageEn: Type.String(),
    field: Type.Optional(Type.String({ description: 'The input field that is to blame.' })),
    requestId: Type.String(),
  },
  { $id: 'Error' },
)

export const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()])
