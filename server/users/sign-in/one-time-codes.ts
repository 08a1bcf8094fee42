import { createHmac, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { sql } from 'kysely'
import type { Row } from '../../core/db/rows.ts'
import { librarySecrets } from './auth.ts'

const stepS = 30

/**
 * Uses a code of the authenticator app. Returns false if this code or a newer one was used before. For a code that is not valid now it
 * returns true, because the library refuses the code then.
 */
export async function takeCode(app: FastifyInstance, userId: string, code: string): Promise<boolean> {
  const { rows } = await sql<Row<'user_two_factor', 'secret'>>`
    select secret from user_two_factor where user_id = ${userId}
  `.execute(app.db)
  const row = rows[0]
  if (!row || !/^\d{6}$/.test(code)) return true
  const { symmetricDecrypt } = await import('better-auth/crypto')
  const keys = new Map(librarySecrets(app.ring).map(({ version, value }) => [version, value]))
  const key = { keys, currentVersion: app.ring.current.number }
  const secret = await symmetricDecrypt({ key, data: row.secret })
  // The library uses this process's clock, so the same clock must be used here.
  const present = Math.floor(Date.now() / 1000 / stepS)
  // The library also accepts the codes of the step before and the step after.
  const step = [present - 1, present, present + 1].find((at) => isCode(secret, at, code))
  if (step === undefined) return true
  const taken = await sql`
    update user_two_factor set last_step = ${step} where user_id = ${userId} and last_step < ${step} returning id
  `.execute(app.db)
  return taken.rows.length === 1
}

/** Compares a code by RFC 6238, as the library does: six digits of SHA-1. */
function isCode(secret: string, step: number, code: string): boolean {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const mac = createHmac('sha1', secret).update(counter).digest()
  const offset = (mac.at(-1) ?? 0) & 15
  const wanted = String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0')
  return timingSafeEqual(Buffer.from(wanted), Buffer.from(code))
}
