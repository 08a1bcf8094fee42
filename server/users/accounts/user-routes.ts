import { type Routes, route, secret } from '../../core/http/http.ts'
import { idParams, nothing } from '../../core/http/http-contract.ts'
import {
  idAnswer,
  linkAnswer,
  newRoleBody,
  newUserAnswer,
  newUserBody,
  rolePatch,
  rolesAnswer,
  sessionsAnswer,
  userPatch,
  usersAnswer,
  usersQuery,
} from '../contract.ts'
import { listRoles, listUsers } from './lists.ts'
import { changeRole, createRole, deleteRole } from './roles.ts'
import { endSessionsOf, sessionsOfUser } from './sessions.ts'
import { removeTwoFactor } from './two-factor.ts'
import { changeUser, createUser, makePasswordLink } from './users.ts'

export const userRoutes: Routes = async (app) => {
  app.get(
    '/api/users',
    route('users.read', 'Users', { querystring: usersQuery, response: { 200: usersAnswer } }),
    async (request) => listUsers(app.db, request, request.query),
  )
  app.post(
    '/api/users',
    secret(
      route(
        'users.write',
        'Make a user; the answered link lets them set a password',
        { body: newUserBody, response: { 201: newUserAnswer } },
        ['duplicate', 'beyond_own_rights', 'outside_scope', 'not_found'],
      ),
    ),
    async (request, reply) =>
      reply.code(201).send(await createUser(app.db, app.config.publicUrl, request, request.body)),
  )
  app.patch(
    '/api/users/:id',
    route(
      'users.write',
      'Change a user: name, roles, shops, warehouses, disabled',
      { params: idParams, body: userPatch, response: nothing },
      ['not_found', 'duplicate', 'last_admin', 'beyond_own_rights', 'outside_scope'],
    ),
    async (request, reply) => {
      await changeUser(app.db, request, request.params.id, request.body)
      return reply.code(204).send(null)
    },
  )
  app.post(
    '/api/users/:id/password-link',
    secret(
      route(
        'users.write',
        'Make a one-time link with which the user sets a password',
        { params: idParams, response: { 200: linkAnswer } },
        ['not_found', 'beyond_own_rights'],
      ),
    ),
    async (request) => makePasswordLink(app.db, app.config.publicUrl, request, request.params.id),
  )
}

export const accessRoutes: Routes = async (app) => {
  app.delete(
    '/api/users/:id/two-factor',
    route(
      'users.write',
      'Turn off two-step verification of a user who lost the phone',
      { params: idParams, response: nothing },
      ['not_found', 'two_factor_off', 'beyond_own_rights'],
    ),
    async (request, reply) => {
      await removeTwoFactor(app.db, request, request.params.id)
      return reply.code(204).send(null)
    },
  )
  app.get(
    '/api/users/:id/sessions',
    route(
      'users.read',
      'Where a user is signed in',
      { params: idParams, response: { 200: sessionsAnswer } },
      ['not_found'],
    ),
    async (request) => ({ rows: await sessionsOfUser(app.db, request, request.params.id) }),
  )
  app.delete(
    '/api/users/:id/sessions',
    route('users.write', 'End all sessions of a user, at once', { params: idParams, response: nothing }, [
      'not_found',
      'beyond_own_rights',
    ]),
    async (request, reply) => {
      await endSessionsOf(app.db, request, request.params.id)
      return reply.code(204).send(null)
    },
  )
}

export const roleRoutes: Routes = async (app) => {
  app.get(
    '/api/roles',
    route('users.read', 'Roles, and every permission there is', { response: { 200: rolesAnswer } }),
    async () => listRoles(app.db),
  )
  app.post(
    '/api/roles',
    route('users.write', 'Make a role', { body: newRoleBody, response: { 201: idAnswer } }, [
      'duplicate',
      'beyond_own_rights',
    ]),
    async (request, reply) => reply.code(201).send({ id: await createRole(app.db, request, request.body) }),
  )
  app.patch(
    '/api/roles/:id',
    route('users.write', 'Change a role', { params: idParams, body: rolePatch, response: nothing }, [
      'not_found',
      'duplicate',
      'builtin_role',
      'beyond_own_rights',
    ]),
    async (request, reply) => {
      await changeRole(app.db, request, request.params.id, request.body)
      return reply.code(204).send(null)
    },
  )
  app.delete(
    '/api/roles/:id',
    route('users.write', 'Delete a role that nobody has', { params: idParams, response: nothing }, [
      'not_found',
      'role_in_use',
      'builtin_role',
    ]),
    async (request, reply) => {
      await deleteRole(app.db, request, request.params.id)
      return reply.code(204).send(null)
    },
  )
}
