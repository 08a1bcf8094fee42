import { AppError } from '../../errors.ts'
import type { Database } from '../db/db.ts'
import { type Identity, type Routes, route } from '../http/http.ts'
import { idParams, nothing } from '../http/http-contract.ts'
import type { BatchAction } from './batch.ts'
import { createBatch, retryBatch, stopBatch } from './batches.ts'
import {
  batch,
  batchesAnswer,
  batchesQuery,
  itemsAnswer,
  itemsQuery,
  newBatchAnswer,
  newBatchBody,
  refusalGroupsAnswer,
} from './contract.ts'
import { batchById, isOwn, listBatches, listItems, refusalGroups } from './lists.ts'

type App = Parameters<Routes>[0]

export function batchRoutes(actions: readonly BatchAction[]): Routes {
  return async (app) => {
    app.post(
      '/api/batches',
      {
        ...route(
          'signed_in',
          'Start bulk work over ids, or over everything that a filter matches',
          { body: newBatchBody, response: { 202: newBatchAnswer } },
          ['forbidden', 'not_found', 'too_many_ids'],
        ),
        // The largest body in bytes. A hundred thousand ids, the most that a batch may have, take two megabytes.
        bodyLimit: 4_194_304,
      },
      async (request, reply) => {
        const { body, actor, scope } = request
        const action = actionOf(actions, body.action)
        assertAllowed(request, action)
        const order = { target: body.target, input: body.input ?? {} }
        const made = await app.db
          .transaction()
          .execute((tx) => createBatch(tx, app.ring, { action, ...order }, { actor, scope }))
        return reply.code(202).send(made)
      },
    )
    app.get(
      '/api/batches',
      route('signed_in', 'Bulk work, newest first', {
        querystring: batchesQuery,
        response: { 200: batchesAnswer },
      }),
      async (request) => listBatches(app.db, actions, request.query, request),
    )
    app.get(
      '/api/batches/:id',
      route('signed_in', 'How far it is', { params: idParams, response: { 200: batch } }, ['not_found']),
      async (request) => batchById(app.db, actions, request.params.id, request),
    )
    app.get(
      '/api/batches/:id/items',
      route(
        'signed_in',
        'What happened to each row',
        { params: idParams, querystring: itemsQuery, response: { 200: itemsAnswer } },
        ['not_found', 'invalid_cursor'],
      ),
      async (request) => {
        const found = await batchById(app.db, actions, request.params.id, request)
        return listItems(app.db, actions, found, request.query)
      },
    )
    app.get(
      '/api/batches/:id/reasons',
      route(
        'signed_in',
        'Why rows were refused, each reason with its count and its first rows',
        { params: idParams, response: { 200: refusalGroupsAnswer } },
        ['not_found'],
      ),
      async (request) => {
        const found = await batchById(app.db, actions, request.params.id, request)
        return { rows: await refusalGroups(app.db, actions, found) }
      },
    )
    changeRoutes(app, actions)
  }
}

function changeRoutes(app: App, actions: readonly BatchAction[]): void {
  app.post(
    '/api/batches/:id/stop',
    route(
      'signed_in',
      'Stop after the chunk in hand; at once if it has not begun',
      { params: idParams, response: nothing },
      ['not_found', 'forbidden', 'batch_finished'],
    ),
    async (request, reply) => {
      const { id } = await stoppable(app.db, actions, request.params.id, request)
      await app.db.transaction().execute((tx) => stopBatch(tx, id))
      return reply.code(204).send(null)
    },
  )
  app.post(
    '/api/batches/:id/retry',
    route(
      'signed_in',
      'Try what was refused again, as a new batch',
      { params: idParams, response: { 202: newBatchAnswer } },
      ['not_found', 'forbidden', 'batch_running', 'nothing_refused'],
    ),
    async (request, reply) => {
      const old = await batchById(app.db, actions, request.params.id, request)
      assertAllowed(request, actionOf(actions, old.action))
      const { actor, scope } = request
      const made = await app.db.transaction().execute((tx) => retryBatch(tx, old.id, { actor, scope }))
      return reply.code(202).send(made)
    },
  )
}

/** Returns the batch if the asker may stop it. For a batch of another user the asker needs the permission of its action. */
async function stoppable(db: Database, actions: readonly BatchAction[], id: string, asker: Identity) {
  const found = await batchById(db, actions, id, asker)
  if (!(await isOwn(db, id, asker.actor))) assertAllowed(asker, actionOf(actions, found.action))
  return found
}

function actionOf(actions: readonly BatchAction[], name: string): BatchAction {
  const action = actions.find((one) => one.action === name)
  if (!action) throw new AppError('not_found', { what: name }, 'action')
  return action
}

function assertAllowed({ permissions }: Pick<Identity, 'permissions'>, { permission }: BatchAction): void {
  if (!permissions.has(permission)) throw new AppError('forbidden', { permission })
}
