import { createHash, createHmac } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { sql } from 'kysely'
import { AppError } from '../../errors.ts'
import { type KeyRing, seal, unseal } from '../../lib/seal.ts'
import type { Granted } from '../access/actor.ts'
import { sealedColumn } from '../access/reseal.ts'
import type { Database } from '../db/db.ts'
import type { Row, Rows } from '../db/rows.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The idempotency key that this request has claimed and for which its answer is stored. */
    idempotency: { actor: string; key: string } | undefined
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

/** For this time the first request has the key to itself; after it a repetition may run, because the first process may have died. */
const busySeconds = 120

/**
 * `Idempotency-Key` on writes: the first answer is stored for 24 hours and returned to repetitions, so that nothing is done twice. The same
 * key with another request is refused (`idempotency_mismatch`), as is a repetition while the first request is being processed
 * (`idempotency_busy`). Answers with status 500 or higher are not stored, so that a retry does the work. Routes whose body or answer
 * contains a secret or a buyer's data store nothing. If the actor's rights have changed, the stored answer is not returned
 * (`idempotency_rights`).
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
  if (isSecret(request)) return undefined
  if (typeof key !== 'string' || !keyShape.test(key)) {
    throw new AppError('invalid_input', { detail: 'Idempotency-Key' }, 'Idempotency-Key')
  }
  const holder = { actor: `${request.actor.kind}:${request.actor.id}`, key }
  const hash = hashOf(app.ring.current, request)
  const rights = rightsOf(request)
  if (await claim(app.db, holder, hash, rights)) {
    request.idempotency = holder
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

/** Opens a stored answer. The bytes are serialised already and are sent as they are. */
function openBody(ring: KeyRing, body: Buffer): Buffer {
  return unseal(ring, sealedAs, body)
}

/**
 * True for a route whose answer must not be stored. A buyer's data may be shown only to the actor who asks now, and every look at it must
 * write an audit row.
 */
function isSecret(request: FastifyRequest): boolean {
  const { permission, secret } = request.routeOptions.config
  return secret === true || permission === 'personal.reveal'
}

/** Returns a keyed hash of the request. Without the key, a copy of the table cannot be used to guess bodies. */
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

/** Claims a key that is new, is a day old, or belongs to an interrupted run of the same request. Returns true if it was claimed. */
async function claim(db: Database, holder: Holder, hash: Buffer, rights: Buffer): Promise<boolean> {
  const claimed = await sql<Row<'idempotency_key', 'key'>>`
    insert into idempotency_key (actor, key, request_hash, rights_hash, busy_until)
    values (${holder.actor}, ${holder.key}, ${hash}, ${rights}, now() + ${busySeconds}::int * interval '1 second')
    on conflict (actor, key) do update set request_hash = excluded.request_hash, rights_hash = excluded.rights_hash, status = null, body = null,
      busy_until = excluded.busy_until, created_at = now()
    where idempotency_key.created_at < now() - interval '24 hours'
      or (idempotency_key.status is null and idempotency_key.busy_until < now()
        and idempotency_key.request_hash = excluded.request_hash)
    returning key`.execute(db)
  return claimed.rows.length === 1
}

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
    where actor = ${holder.actor} and key = ${holder.key}`.execute(app.db)
  request.idempotency = undefined
  return payload
}

/** Deletes the key if no answer was stored (an error with status 500, or a stream), so that it can be used again. */
async function freeKey(db: Database, holder: Holder): Promise<void> {
  await sql`
    delete from idempotency_key
    where actor = ${holder.actor} and key = ${holder.key} and status is null`.execute(db)
}
