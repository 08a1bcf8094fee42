import type { FastifyInstance, FastifyRequest } from 'fastify'
import { sql } from 'kysely'
import { audit } from '../../core/access/audit.ts'
import type { Row, Rows } from '../../core/db/rows.ts'
import { AppError } from '../../errors.ts'
import { assertGoodPassword, assertOwnPassword, hashPassword, storePassword } from '../sign-in/password.ts'

type Person = Row<'app_user', 'email' | 'language' | 'theme'> & {
  two_factor_enabled: Rows['app_user']['twoFactorEnabled']
  roles: Row<'role', 'id' | 'name' | 'nameEn'>[]
}

/** Returns the signed-in user's id. Throws `forbidden` for an API key, which has no password, sessions or preferences. */
export function personOf(request: FastifyRequest): string {
  if (request.actor.kind === 'user') return request.actor.id
  throw new AppError('forbidden', { permission: { zh: '只限登录的用户', en: 'for signed-in people only' } })
}

/** Returns the actor of the request with all rights. The pages request it first. */
export async function describeMe(app: FastifyInstance, request: FastifyRequest) {
  const { actor, scope, permissions, sessionId } = request
  const person = actor.kind === 'user' ? await readPerson(app, actor.id) : undefined
  return {
    kind: actor.kind === 'api_key' ? ('api_key' as const) : ('user' as const),
    id: actor.id,
    name: actor.name,
    email: person?.email ?? null,
    language: person?.language ?? ('zh' as const),
    theme: person?.theme ?? ('system' as const),
    roles: person?.roles ?? [],
    permissions: [...permissions],
    shops: scope.shops === 'all' ? ('all' as const) : [...scope.shops],
    warehouses: scope.warehouses === 'all' ? ('all' as const) : [...scope.warehouses],
    twoFactor: person?.two_factor_enabled ?? false,
    sessionId: sessionId ?? null,
  }
}

async function readPerson(app: FastifyInstance, id: string): Promise<Person | undefined> {
  const { rows } = await sql<Person>`
    select email, language, theme, two_factor_enabled, coalesce((
      select jsonb_agg(jsonb_build_object('id', r.id::text, 'name', r.name, 'nameEn', r.name_en) order by r.id)
      from user_role ur join role r on r.id = ur.role_id where ur.user_id = u.id), '[]') as roles
    from app_user u where id = ${id}
  `.execute(app.db)
  return rows[0]
}

export async function changeMe(
  app: FastifyInstance,
  request: FastifyRequest,
  change: { name?: string; language?: 'zh' | 'en'; theme?: 'system' | 'light' | 'dark' },
): Promise<void> {
  const id = personOf(request)
  await app.db.transaction().execute(async (tx) => {
    await sql`
      update app_user set updated_at = now(),
        name = coalesce(${change.name?.trim() ?? null}, name),
        language = coalesce(${change.language ?? null}, language),
        theme = coalesce(${change.theme ?? null}, theme)
      where id = ${id}
    `.execute(tx)
    // Only a change of the user's name is audited, because documents show the names of users.
    if (change.name === undefined) return
    await audit(tx, { actor: request.actor, action: 'user.rename', subject: { type: 'user', id }, request })
  })
}

/** Changes the user's password after checking the present one, and ends the user's other sessions. Throws `wrong_password`. */
export async function changeOwnPassword(
  app: FastifyInstance,
  request: FastifyRequest,
  input: { current: string; password: string },
): Promise<void> {
  const id = personOf(request)
  const person = await readPerson(app, id)
  if (!person) throw new AppError('not_signed_in')
  await assertOwnPassword(app.db, request, input.current, 'current')
  assertGoodPassword(input.password, person.email)
  const hash = await hashPassword(input.password)
  await app.db.transaction().execute(async (tx) => {
    await storePassword(tx, id, hash, request.sessionId)
    await audit(tx, { actor: request.actor, action: 'user.password', subject: { type: 'user', id }, request })
  })
}
