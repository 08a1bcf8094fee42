import type { FastifyRequest } from 'fastify'
import { type Routes, route, secret } from '../core/http/http.ts'
import { idParams, nothing } from '../core/http/http-contract.ts'
import { AppError } from '../errors.ts'
import {
  messageWhole,
  secretMade,
  subscriptionChange,
  subscriptionInput,
  subscriptionList,
  subscriptionMade,
  subscriptionState,
  subscriptionTested,
} from './contract.ts'
import { documentOf, mayRead } from './lifecycle.ts'
import { tag } from './lists.ts'
import { messageById } from './message-queries.ts'
import { bodyOf } from './send.ts'
import { allSubscriptions } from './subscription-queries.ts'
import {
  addSubscription,
  changeSubscription,
  removeSubscription,
  rotateSecret,
  setSubscriptionState,
  shownSubscription,
  testSubscription,
} from './subscriptions.ts'

const tags = [tag]
const permission = 'webhooks.write'

const byOf = ({ actor, scope, permissions, ip, id }: FastifyRequest) => ({
  ...{ actor, scope, permissions, request: { ip, id } },
})

/** 事件推送: the subscriptions of programs. */
export const webhookRoutes: Routes = async (app) => {
  const { db, ring, config } = app
  const places = { ring, simulator: config.simulator }
  app.get(
    '/api/webhooks',
    route(permission, 'The subscriptions of programs', { tags, response: { 200: subscriptionList } }),
    async ({ scope }) => ({
      rows: (await allSubscriptions(db, scope)).map((row) => shownSubscription(ring, row)),
    }),
  )
  app.post(
    '/api/webhooks',
    secret(
      route(
        permission,
        'Make a subscription; its signing secret is shown this one time',
        { tags, body: subscriptionInput, response: { 201: subscriptionMade } },
        ['outside_scope', 'beyond_own_rights'],
      ),
    ),
    async (request, reply) => {
      const by = byOf(request)
      const made = await db.transaction().execute((tx) => addSubscription(tx, places, request.body, by))
      return reply.code(201).send(made)
    },
  )
  app.patch(
    '/api/webhooks/:id',
    secret(
      route(
        permission,
        'Change a subscription; an address that is left out stays',
        { tags, params: idParams, body: subscriptionChange, response: nothing },
        ['outside_scope', 'beyond_own_rights', 'not_found'],
      ),
    ),
    async (request, reply) => {
      const { id } = request.params
      const by = byOf(request)
      await db.transaction().execute((tx) => changeSubscription(tx, places, { id, change: request.body }, by))
      return reply.code(204).send(null)
    },
  )
  app.delete(
    '/api/webhooks/:id',
    route(permission, 'Remove a subscription', { tags, params: idParams, response: nothing }, ['not_found']),
    async (request, reply) => {
      await db.transaction().execute((tx) => removeSubscription(tx, request.params.id, byOf(request)))
      return reply.code(204).send(null)
    },
  )
  addActs(app)
}

/** The acts on one subscription, and the whole of one message. */
const addActs = (app: Parameters<Routes>[0]) => {
  const { db, ring, config } = app
  const places = { ring, simulator: config.simulator }
  app.post(
    '/api/webhooks/:id/state',
    route(
      permission,
      'Pause a subscription, or let it go on; what happens meanwhile is kept',
      { tags, params: idParams, body: subscriptionState, response: nothing },
      ['not_found', 'beyond_own_rights', 'outside_scope'],
    ),
    async (request, reply) => {
      const { id } = request.params
      const { state } = request.body
      await db.transaction().execute((tx) => setSubscriptionState(tx, { id, state }, byOf(request)))
      return reply.code(204).send(null)
    },
  )
  app.post(
    '/api/webhooks/:id/rotate',
    secret(
      route(
        permission,
        'Make another signing secret; the former one signs too for a day',
        { tags, params: idParams, response: { 200: secretMade } },
        ['not_found', 'beyond_own_rights'],
      ),
    ),
    async (request) =>
      db.transaction().execute((tx) => rotateSecret(tx, ring, request.params.id, byOf(request))),
  )
  app.post(
    '/api/webhooks/:id/test',
    route(
      permission,
      'Send a test event now',
      { tags, params: idParams, response: { 200: subscriptionTested } },
      ['not_found'],
    ),
    async (request) => testSubscription(db, places, request.params.id, byOf(request)),
  )
  app.get(
    '/api/webhook-messages/:id',
    route(
      permission,
      'A message, with what is sent',
      { tags, params: idParams, response: { 200: messageWhole } },
      ['not_found'],
    ),
    async ({ params: { id }, scope, permissions }) => {
      const found = await messageById(db, id, scope)
      if (!found || !mayRead(permissions, documentOf(found.kind)))
        throw new AppError('not_found', { what: { zh: '推送记录', en: 'Message' } })
      const { data, ...row } = found
      return { ...row, body: bodyOf({ ...row, data }) }
    },
  )
}
