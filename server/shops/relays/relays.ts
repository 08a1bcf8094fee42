import type { FastifyRequest } from 'fastify'
import { sql } from 'kysely'
import type { Scope } from '../../core/access/actor.ts'
import { audit } from '../../core/access/audit.ts'
import { scopeSql } from '../../core/access/scope.ts'
import { type Database, orTaken, type Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { AppError } from '../../errors.ts'
import { makeApiKey, revokeKey } from '../../users/accounts/api-keys.ts'
import type { RelayOut } from './relay-contract.ts'

/** Seconds without a request after which a relay counts as silent. It asks at least every ten. */
const silentSeconds = 30

const relayWord = { zh: '中继', en: 'Relay' }

const rightsOfRelay = { permissions: ['relays.serve'], shops: [], warehouses: [], expiresAt: null }

/** Adds a relay with a key of its own, which is returned this one time. Throws `duplicate` (name), `beyond_own_rights`. */
export async function createRelay(
  db: Database,
  request: FastifyRequest,
  { name }: { name: string },
): Promise<{ id: string; key: string }> {
  const taken = () =>
    new AppError(
      'duplicate',
      { what: { zh: `中继「${name.trim()}」`, en: `Relay "${name.trim()}"` } },
      'name',
    )
  return db
    .transaction()
    .execute(async (tx) => {
      const { id: keyId, key } = await makeApiKey(tx, request, { name: name.trim(), ...rightsOfRelay })
      const made = await sql<Row<'relay', 'id'>>`
        insert into relay (name, key_id) values (${name.trim()}, ${keyId}::bigint) returning id`.execute(tx)
      const id = made.rows[0]?.id ?? ''
      const detail = { name: name.trim() }
      const subject = { type: 'relay', id }
      await audit(tx, { actor: request.actor, action: 'relay.create', subject, detail, request })
      return { id, key }
    })
    .catch(orTaken(taken))
}

/** Gives a relay a new key, which is returned this one time, and revokes the old one. Throws `not_found`, `beyond_own_rights`. */
export function renewRelayKey(
  db: Database,
  request: FastifyRequest,
  relayId: string,
): Promise<{ id: string; key: string }> {
  return db.transaction().execute(async (tx) => {
    const relay = await lockRelay(tx, relayId)
    const { id: keyId, key } = await makeApiKey(tx, request, { name: relay.name, ...rightsOfRelay })
    await sql`update relay set key_id = ${keyId}::bigint where id = ${relayId}::bigint`.execute(tx)
    await revokeKey(tx, request, relay.keyId)
    const subject = { type: 'relay', id: relayId }
    const detail = { name: relay.name }
    await audit(tx, { actor: request.actor, action: 'relay.key', subject, detail, request })
    return { id: relayId, key }
  })
}

async function lockRelay(tx: Tx, relayId: string): Promise<Row<'relay', 'keyId' | 'name'>> {
  const found = await sql<Row<'relay', 'keyId' | 'name'>>`
    select key_id as "keyId", name from relay where id = ${relayId}::bigint for update`.execute(tx)
  const [relay] = found.rows
  if (!relay) throw new AppError('not_found', { what: relayWord })
  return relay
}

/** Removes a relay and revokes its key. Throws `relay_in_use` while shops are called through it. */
export async function removeRelay(db: Database, request: FastifyRequest, relayId: string): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const relay = await lockRelay(tx, relayId)
    const used = await sql<Row<'shop', 'name'>>`
      select name from shop where relay_id = ${relayId}::bigint order by name limit 5`.execute(tx)
    if (used.rows.length > 0)
      throw new AppError('relay_in_use', { shops: used.rows.map(({ name }) => name).join('、') })
    await sql`delete from relay_call where relay_id = ${relayId}::bigint`.execute(tx)
    await sql`delete from relay where id = ${relayId}::bigint`.execute(tx)
    await revokeKey(tx, request, relay.keyId)
    const subject = { type: 'relay', id: relayId }
    const detail = { name: relay.name }
    await audit(tx, { actor: request.actor, action: 'relay.remove', subject, detail, request })
  })
}

export async function listRelays(db: Database, scope: Scope): Promise<RelayOut[]> {
  type Found = Row<'relay', 'id' | 'name' | 'heardAt' | 'createdAt'> &
    Row<'api_key', 'prefix'> &
    Record<'live', boolean> &
    Record<'shops', string[]>
  const found = await sql<Found>`
    select r.id, r.name, k.prefix, r.heard_at as "heardAt", r.created_at as "createdAt",
      coalesce(r.heard_at > now() - make_interval(secs => ${silentSeconds}), false) as live,
      array(select s.name from shop s where s.relay_id = r.id and ${scopeSql(scope, sql.ref('s.id'))} order by s.name) as shops
    from relay r join api_key k on k.id = r.key_id order by r.name`.execute(db)
  return found.rows.map(({ heardAt, createdAt, ...row }) => ({
    ...row,
    heardAt: heardAt?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
  }))
}

/** Throws `not_found` if there is no such relay. */
export async function assertRelay(tx: Tx, relayId: string): Promise<void> {
  // A relay is not removed while a shop is being given to it.
  const found = await sql`select from relay where id = ${relayId}::bigint for key share`.execute(tx)
  if (found.rows.length === 0) throw new AppError('not_found', { what: relayWord }, 'relayId')
}

/** Returns the relay that sent the request. Throws `forbidden` for every other actor, also for people with every permission. */
export async function relayOfRequest(
  db: Database,
  { actor }: Pick<FastifyRequest, 'actor'>,
): Promise<string> {
  const found =
    actor.kind === 'api_key'
      ? await sql<Row<'relay', 'id'>>`select id from relay where key_id = ${actor.id}::bigint`.execute(db)
      : { rows: [] }
  const [relay] = found.rows
  if (!relay)
    throw new AppError('forbidden', { permission: { zh: '中继自己的密钥', en: 'the key of a relay' } })
  return relay.id
}
