import { type Routes, route } from '../../core/http/http.ts'
import { idParams, nothing } from '../../core/http/http-contract.ts'
import {
  pickAnswer,
  pickInput,
  planAnswer,
  planInput,
  ruleInput,
  ruleList,
  shortAnswer,
  shortInput,
  sortAnswer,
  sortInput,
  warehouseQuery,
  waveDetail,
  waveWork,
} from './contract.ts'
import { workToday } from './list-queries.ts'
import { endPicking, pickPieces } from './pick.ts'
import { makeWaves, saveRules, viewRules } from './planning.ts'
import { reportShort } from './short.ts'
import { sortPiece } from './sort.ts'
import { viewWave } from './view.ts'

type App = Parameters<Routes>[0]
const tags = ['fulfilment']

/** 波次: rules, planning, and what a picker scans. */
export const waveRoutes: Routes = async (app) => {
  ruleRoutes(app)
  readRoutes(app)
  pickRoutes(app)
}

function ruleRoutes(app: App): void {
  const { db } = app
  app.get(
    '/api/wave-rules',
    route(
      'fulfilment.read',
      'The rules that make waves, with how many parcels wait for each',
      { tags, querystring: warehouseQuery, response: { 200: ruleList } },
      ['not_found'],
    ),
    ({ query, scope }) => viewRules(db, query.warehouse, scope),
  )
  app.put(
    '/api/wave-rules',
    route(
      'inventory.write',
      'Replace the rules of a warehouse',
      { tags, body: ruleInput, response: nothing },
      ['not_found'],
    ),
    async ({ body, actor, scope, ip, id }, reply) => {
      await db.transaction().execute((tx) => saveRules(tx, body, { actor, scope, request: { ip, id } }))
      return reply.code(204).send(null)
    },
  )
  app.post(
    '/api/waves/plan',
    route(
      'fulfilment.ship',
      'Make waves of the parcels that wait in a warehouse',
      { tags, body: planInput, response: { 200: planAnswer } },
      ['not_found'],
    ),
    ({ body, actor, scope }) =>
      db.transaction().execute((tx) => makeWaves(tx, body.warehouseId, { actor, scope })),
  )
}

function readRoutes(app: App): void {
  const { db } = app
  app.get(
    '/api/waves/:id',
    route(
      'fulfilment.read',
      'A wave, its way and its baskets',
      { tags, params: idParams, response: { 200: waveDetail } },
      ['not_found'],
    ),
    ({ params, scope }) => viewWave(db, params.id, scope),
  )
  app.get(
    '/api/wave-work',
    route('fulfilment.read', 'Who picked how much today', {
      tags,
      querystring: warehouseQuery,
      response: { 200: waveWork },
    }),
    async ({ query, scope }) => ({ rows: await workToday(db, query.warehouse, scope) }),
  )
}

function pickRoutes(app: App): void {
  const { db } = app
  const refusals = ['not_found', 'wave_refused'] as const
  app.post(
    '/api/waves/:id/pick',
    route(
      'fulfilment.ship',
      'Pieces of a line were taken',
      { tags, params: idParams, body: pickInput, response: { 200: pickAnswer } },
      [...refusals, 'too_many_picked'],
    ),
    async ({ params, body, actor, scope }) => {
      const by = { actor, scope }
      const answer = await db
        .transaction()
        .execute((tx) => pickPieces(tx, { waveId: params.id, ...body }, by))
      // In a transaction of its own, because it locks the orders and a scan must not wait for them.
      if (answer.left === 0) await db.transaction().execute((tx) => endPicking(tx, params.id, by))
      return answer
    },
  )
  app.post(
    '/api/waves/:id/short',
    route(
      'fulfilment.ship',
      'Pieces of a line are not there',
      { tags, params: idParams, body: shortInput, response: { 200: shortAnswer } },
      [...refusals, 'too_many_picked'],
    ),
    async ({ params: { id: waveId }, body, actor, scope }) => {
      const by = { actor, scope }
      const answer = await db.transaction().execute((tx) => reportShort(tx, { waveId, ...body }, by))
      if (answer.left === 0) await db.transaction().execute((tx) => endPicking(tx, waveId, by))
      return answer
    },
  )
  app.post(
    '/api/waves/:id/sort',
    route(
      'fulfilment.ship',
      'A piece is sorted into its basket',
      { tags, params: idParams, body: sortInput, response: { 200: sortAnswer } },
      refusals,
    ),
    ({ params: { id: waveId }, body, actor, scope }) =>
      db.transaction().execute((tx) => sortPiece(tx, { waveId, ...body }, { actor, scope })),
  )
}
