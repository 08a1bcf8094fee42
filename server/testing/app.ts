import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import { buildApp } from '../app.ts'
import { type Config, loadConfig } from '../config.ts'
import { type Database, type OpenDatabase, openDatabase } from '../core/db/db.ts'
import { openStandby } from '../core/db/standby.ts'
import { buildLog } from '../core/http/http-log.ts'
import { openHttps } from '../core/https/https.ts'
import { type KeyRing, memoryKeyRing } from '../lib/seal.ts'
import { expand, type Permission } from '../users/permissions.ts'
import { sessionCookieName, signCookie } from '../users/sign-in/auth.ts'
import { type TestDatabase, testDatabase } from './database.ts'

export type Answer = { status: number; body: unknown; headers: Headers; cookies: string[] }

/** Calls the API over real HTTP as one user. */
export type Caller = {
  userId: string
  cookie: string
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
}

export type TestApp = OpenDatabase & {
  app: FastifyInstance
  ring: KeyRing
  config: Config
  url: string
  /** What the process logged, one JSON text for each line. */
  logged: string[]
  /** Runs these statements as the owner of the tables. */
  owner(text: string): Promise<void>
  /** Returns a signed-in user with these permissions ('*': all), shops and warehouses (all by default). */
  as(
    permissions: readonly (Permission | '*')[],
    shops?: 'all' | readonly string[],
    warehouses?: 'all' | readonly string[],
  ): Promise<Caller>
  anonymous: Caller
  [Symbol.asyncDispose](): Promise<void>
}

/** Starts the whole web process on a fresh database and a free port of 127.0.0.1: `await using house = await testApp()`. */
export async function testApp(
  env: Record<string, string> = {},
  prepare: (app: FastifyInstance) => void = () => {},
  onDatabase: Promise<TestDatabase> = testDatabase(),
): Promise<TestApp> {
  const base = await onDatabase
  const database = openDatabase(base.url)
  const standby =
    base.standbyUrl === undefined
      ? undefined
      : openStandby(base.standbyUrl, {
          primary: database.pool,
          max: 3,
          statementMs: 30_000,
          onError: () => {},
        })
  const config = loadConfig({ PORT: '0', PUBLIC_URL: 'http://localhost:3000', ...env })
  const ring = memoryKeyRing()
  const logged: string[] = []
  const log = buildLog({ logLevel: 'debug' }, 'web', { write: (line) => void logged.push(line) })
  const https = await openHttps(config, log)
  const app = await buildApp({ db: database.db, pool: database.pool, config, ring, log, https, standby })
  prepare(app)
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  return {
    ...database,
    app,
    ring,
    config,
    url,
    logged,
    owner: base.owner,
    anonymous: callerAt(url, '', ''),
    async as(permissions, shops = 'all', warehouses = 'all') {
      const { id, token } = await insertUser(database, permissions, shops, warehouses)
      return callerAt(url, id, `${sessionCookieName(config)}=${signCookie(ring, token)}`)
    },
    async [Symbol.asyncDispose]() {
      https?.stop()
      await app.close()
      await database.close()
      await base[Symbol.asyncDispose]()
    },
  }
}

/** Sends JSON as our pages do, with their origin. */
export function callerAt(url: string, userId: string, cookie: string): Caller {
  return {
    userId,
    cookie,
    async call(method, path, body, headers = {}) {
      const response = await fetch(url + path, {
        method,
        redirect: 'manual',
        headers: {
          ...(cookie === '' ? {} : { cookie }),
          ...(method === 'GET' ? {} : { origin: url }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      const text = await response.text()
      const isJson = response.headers.get('content-type')?.includes('json') ?? false
      return {
        status: response.status,
        body: isJson ? JSON.parse(text) : text,
        headers: response.headers,
        cookies: response.headers.getSetCookie(),
      }
    },
  }
}

/** Creates a signed-in user with these permissions, shops and warehouses. Returns the session's token. */
export async function insertUser(
  { db }: OpenDatabase,
  permissions: readonly string[],
  shops: 'all' | readonly string[],
  warehouses: 'all' | readonly string[] = 'all',
): Promise<{ id: string; token: string }> {
  const token = randomBytes(24).toString('hex')
  const { rows } = await sql<{ id: string }>`
    with person as (
      insert into app_user (email, name, all_shops, shop_ids, all_warehouses, warehouse_ids)
      values (${`${token}@example.com`}, '林晓', ${shops === 'all'}, ${shops === 'all' ? [] : [...shops]}::bigint[],
        ${warehouses === 'all'}, ${warehouses === 'all' ? [] : [...warehouses]}::bigint[])
      returning id
    ), part as (
      insert into role (name, permissions) values (${token}, ${[...permissions]}::text[]) returning id
    ), granted as (
      insert into user_role (user_id, role_id) select person.id, part.id from person, part
    ), session as (
      insert into user_session (user_id, token, expires_at) select id, ${token}, now() + interval '1 day' from person
    )
    select id from person
  `.execute(db)
  const id = rows[0]?.id
  if (id === undefined) throw new Error('no user was made')
  return { id, token }
}

/** Returns the permissions of a role that every installation has from its first day. */
export async function permissionsOf(db: Database, role: string): Promise<Permission[]> {
  const { rows } = await sql<{ permissions: string[] }>`
    select permissions from role where name = ${role}`.execute(db)
  return [...expand(rows[0]?.permissions ?? assert.fail(`There is no role ${role}.`))]
}

/** Makes the Cookie header that a browser sends after an answer with these Set-Cookie headers. Deleted cookies are left out. */
export function cookieOf(cookies: string[]): string {
  return cookies
    .filter((line) => !/max-age=0/i.test(line))
    .map((line) => line.split(';')[0])
    .join('; ')
}

/** Posts a verb and returns for each id `done` or the code of its refusal. */
export async function codesOf(who: Caller, path: string, body: object): Promise<string[]> {
  const answer = await who.call('POST', path, body)
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return Object(answer.body).results.map((one: { code?: string; done: boolean }) =>
    one.done ? 'done' : one.code,
  )
}
