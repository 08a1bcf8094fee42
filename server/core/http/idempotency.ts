import { createHash, createHmac } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { sql } from 'kysely'
import { AppError } from '../../errors.ts'
import { type KeyRing, seal, unseal } from '../../lib/seal.ts'
import type { Granted } from '../access/actor.ts'
import { sealedColumn } from '../access/reseal.ts'
import type { Database } from '../db/db.ts'
import type { Row, Rows } from '../db/rows.ts'
import { isDryRun } from './dry-run.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The idempotency key that this request has claimed and for which its answer is stored. */
    idempotency: Claimed | undefined
  }
}

const writes = ['POST', 'PUT', 'PATCH', 'DELETE']
const keyShape = /^[\x21-\x7e]{1,200}$/
const sealedAs = 'idempotency'

export const idempotencySealed = sealedColumn({
  table: 'idempotency_key',
  column: 'body',
  key: [
    ['actor', 'text'],
    ['key', 'text'],
  ],
  boundTo: sql.lit(sealedAs),
})

/**
 * Seconds for which a running request keeps its idempotency key to itself. After that a repeated request with the key is carried out,
 * because the process of the first request may have died.
 */
const busySeconds = 120

/**
 * `Idempotency-Key` on writes: the first answer is stored for 24 hours and returned to repeated requests, so that nothing is done twice.
 * Another request with the same key is refused (`idempotency_mismatch`); so is a repetition while the first request runs
 * (`idempotency_busy`) and one after the actor's rights changed (`idempotency_rights`). Not stored are answers with status 500 or higher,
 * and answers with a secret or a buyer's data, and those of a dry run.
 */
export function addIdempotency(app: FastifyInstance): void {
  app.decorateRequest('idempotency')
  app.addHook('preHandler', async (request, reply) => begin(app, request, reply))
  app.addHook('onSend', async (request, reply, payload) => keep(app, request, reply, payload))
  app.addHook('onResponse', async (request) => {
    if (request.idempotency) await freeKey(app.db, request.idempotency)
  })
}

async function begin(app: FastifyInstance, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const key = request.headers['idempotency-key']
  if (key === undefined || !writes.includes(request.method) || request.actor.id === '') return undefined
  if (isSecret(request) || isDryRun(request)) return undefined
  if (typeof key !== 'string' || !keyShape.test(key)) {
    throw new AppError('invalid_input', { detail: 'Idempotency-Key' }, 'Idempotency-Key')
  }
  const holder = { actor: `${request.actor.kind}:${request.actor.id}`, key }
  const hash = hashOf(app.ring.current, request)
  const rights = rightsOf(request)
  const claimed = await claim(app.db, holder, hash, rights)
  if (claimed) {
    request.idempotency = claimed
    return undefined
  }
  const stored = await read(app.db, holder)
  if (!stored) throw new AppError('idempotency_busy')
  const isSame = [...app.ring.byNumber.values()].some((one) => stored.hash.equals(hashOf(one, request)))
  if (!isSame) throw new AppError('idempotency_mismatch')
  if (stored.status === null) throw new AppError('idempotency_busy')
  if (!stored.rights?.equals(rights)) throw new AppError('idempotency_rights')
  reply.code(stored.status).header('idempotency-replayed', 'true')
  if (stored.contentType) reply.header('content-type', stored.contentType)
  return reply.send(stored.body ? openBody(app.ring, stored.body) : null)
}

function openBody(ring: KeyRing, body: Buffer): Buffer {
  return unseal(ring, sealedAs, body)
}

/**
 * True for a route whose answer must not be stored, because it contains a secret, or a buyer's data: each reveal of such data must write
 * its own audit row.
 */
function isSecret(request: FastifyRequest): boolean {
  const { permission, secret } = request.routeOptions.config
  return secret === true || permission === 'personal.reveal'
}

/** Returns a keyed hash of the request. Without the key, the bodies cannot be guessed from a copy of the table. */
function hashOf(key: KeyRing['current'], request: FastifyRequest): Buffer {
  const body = request.body === undefined ? '' : JSON.stringify(request.body)
  return createHmac('sha256', key.hash)
    .update(`idempotency\n${request.method} ${request.url}\n${body}`)
    .digest()
}

function rightsOf({ permissions, scope }: FastifyRequest): Buffer {
  const sorted = (granted: Granted) => (granted === 'all' ? granted : granted.toSorted())
  const rights = [[...permissions].sort(), sorted(scope.shops), sorted(scope.warehouses)]
  return createHash('sha256').update(JSON.stringify(rights)).digest()
}

type Holder = { actor: string; key: string }
/** `until`: when the claim ends. It is the fence: a later claim of the key has another, and only the newest claim writes. */
type Claimed = Holder & { until: string }

/**
 * Claims a key that is new, is older than a day, or belongs to a run of the same request that was interrupted or is slow. Undefined: it is taken.
 */
async function claim(
  db: Database,
  holder: Holder,
  hash: Buffer,
  rights: Buffer,
): Promise<Claimed | undefined> {
  const claimed = await sql<Record<'until', string>>`
    insert into idempotency_key (actor, key, request_hash, rights_hash, busy_until)
    values (${holder.actor}, ${holder.key}, ${hash}, ${rights}, now() + ${busySeconds}::int * interval '1 second')
    on conflict (actor, key) do update set request_hash = excluded.request_hash, rights_hash = excluded.rights_hash, status = null, body = null,
      busy_until = excluded.busy_until, created_at = now()
    where idempotency_key.created_at < now() - interval '24 hours'
      or (idempotency_key.status is null and idempotency_key.busy_until < now()
        and idempotency_key.request_hash = excluded.request_hash)
    returning busy_until::text as until`.execute(db)
  const [row] = claimed.rows
  return row && { ...holder, ...row }
}

const isClaimOf = ({ actor, key, until }: Claimed) =>
  sql`actor = ${actor} and key = ${key} and busy_until = ${until}::timestamptz`

type Stored = Row<'idempotency_key', 'status' | 'body' | 'contentType'> & {
  hash: Rows['idempotency_key']['requestHash']
  rights: Rows['idempotency_key']['rightsHash']
}

async function read(db: Database, holder: Holder): Promise<Stored | undefined> {
  const found = await sql<Stored>`
    select request_hash as hash, rights_hash as rights, status, body, content_type as "contentType"
    from idempotency_key where actor = ${holder.actor} and key = ${holder.key}`.execute(db)
  return found.rows[0]
}

async function keep(
  app: FastifyInstance,
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
): Promise<unknown> {
  const holder = request.idempotency
  const text = typeof payload === 'string' || Buffer.isBuffer(payload) ? payload : undefined
  if (!holder || reply.statusCode >= 500 || (text === undefined && payload)) return payload
  const contentType = reply.getHeader('content-type')
  await sql`
    update idempotency_key set status = ${reply.statusCode},
      body = ${text === undefined ? null : seal(app.ring, sealedAs, text)},
      content_type = ${contentType === undefined ? null : String(contentType)}
    where ${isClaimOf(holder)}`.execute(app.db)
  request.idempotency = undefined
  return payload
}

/** Deletes the key if no answer was stored for it, so that it can be used again. */
async function freeKey(db: Database, claimed: Claimed): Promise<void> {
  await sql`delete from idempotency_key where ${isClaimOf(claimed)} and status is null`.execute(db)
}
