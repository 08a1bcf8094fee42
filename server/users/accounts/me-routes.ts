import { type Routes, route, secret } from '../../core/http/http.ts'
import { idParams, nothing } from '../../core/http/http-contract.ts'
import {
  enrolAnswer,
  idAnswer,
  meAnswer,
  mePatch,
  newViewBody,
  ownPasswordBody,
  passwordOnlyBody,
  sessionsAnswer,
  totpBody,
  viewPatch,
  viewsAnswer,
  viewsQuery,
} from '../contract.ts'
import { changeMe, changeOwnPassword, describeMe, personOf } from './me.ts'
import { endOwnSessions, sessionsOf } from './sessions.ts'
import { confirmEnrolment, disable, enrol } from './two-factor.ts'
import { changeView, createView, deleteView, viewsFor } from './views.ts'

export const meRoutes: Routes = async (app) => {
  app.get(
    '/api/me',
    route('signed_in', 'Who I am and what I may do', { response: { 200: meAnswer } }),
    async (request) => describeMe(app, request),
  )
  app.patch(
    '/api/me',
    route('signed_in', 'Change my name, language or theme', { body: mePatch, response: nothing }),
    async (request, reply) => {
      await changeMe(app, request, request.body)
      return reply.code(204).send(null)
    },
  )
  app.post(
    '/api/me/password',
    secret(
      route(
        'signed_in',
        'Change my password and end my other sessions',
        { body: ownPasswordBody, response: nothing },
        ['wrong_password', 'locked_out'],
      ),
    ),
    async (request, reply) => {
      await changeOwnPassword(app, request, request.body)
      return reply.code(204).send(null)
    },
  )
  app.get(
    '/api/me/sessions',
    route('signed_in', 'Where I am signed in', { response: { 200: sessionsAnswer } }),
    async (request) => ({ rows: await sessionsOf(app.db, request, personOf(request)) }),
  )
  app.delete(
    '/api/me/sessions/:id',
    route('signed_in', 'End one of my sessions', { params: idParams, response: nothing }, ['not_found']),
    async (request, reply) => {
      await endOwnSessions(app.db, request, request.params)
      return reply.code(204).send(null)
    },
  )
  app.delete(
    '/api/me/sessions',
    route('signed_in', 'End all my sessions but this one', { response: nothing }),
    async (request, reply) => {
      await endOwnSessions(app.db, request, 'others')
      return reply.code(204).send(null)
    },
  )
}

/** The session changes when two-step verification is turned on or off. */
export const twoFactorRoutes: Routes = async (app) => {
  app.post(
    '/api/me/two-factor',
    secret(
      route(
        'signed_in',
        'Begin two-step verification: a secret and backup codes',
        { body: passwordOnlyBody, response: { 200: enrolAnswer } },
        ['wrong_password', 'locked_out', 'two_factor_on'],
      ),
    ),
    async (request) => enrol(app, request, request.body.password),
  )
  app.post(
    '/api/me/two-factor/confirm',
    secret(
      route('signed_in', 'Turn it on with a first code', { body: totpBody, response: nothing }, [
        'two_factor_on',
        'two_factor_off',
      ]),
    ),
    async (request, reply) => {
      reply.header('set-cookie', await confirmEnrolment(app, request, request.body.code))
      return reply.code(204).send(null)
    },
  )
  app.post(
    '/api/me/two-factor/disable',
    secret(
      route('signed_in', 'Turn it off', { body: passwordOnlyBody, response: nothing }, [
        'wrong_password',
        'locked_out',
        'two_factor_off',
      ]),
    ),
    async (request, reply) => {
      reply.header('set-cookie', await disable(app, request, request.body.password))
      return reply.code(204).send(null)
    },
  )
}

export const viewRoutes: Routes = async (app) => {
  app.get(
    '/api/views',
    route('signed_in', 'My saved views and the shared ones', {
      querystring: viewsQuery,
      response: { 200: viewsAnswer },
    }),
    async (request) => ({ rows: await viewsFor(app.db, request, request.query.list) }),
  )
  app.post(
    '/api/views',
    route('signed_in', 'Save a view', { body: newViewBody, response: { 201: idAnswer } }, ['duplicate']),
    async (request, reply) => reply.code(201).send({ id: await createView(app.db, request, request.body) }),
  )
  app.patch(
    '/api/views/:id',
    route('signed_in', 'Change one of my views', { params: idParams, body: viewPatch, response: nothing }, [
      'not_found',
      'duplicate',
    ]),
    async (request, reply) => {
      await changeView(app.db, request, request.params.id, request.body)
      return reply.code(204).send(null)
    },
  )
  app.delete(
    '/api/views/:id',
    route('signed_in', 'Delete one of my views', { params: idParams, response: nothing }, ['not_found']),
    async (request, reply) => {
      await deleteView(app.db, request, request.params.id)
      return reply.code(204).send(null)
    },
  )
}
