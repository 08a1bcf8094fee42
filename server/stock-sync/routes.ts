import { stockSyncTaskKind } from '../catalog/listings/match.ts'
import { connectorFor } from '../connectors/index.ts'
import { type Routes, route } from '../core/http/http.ts'
import { idParams, nothing } from '../core/http/http-contract.ts'
import { countExactly, countRows, listIds } from '../core/lists/list.ts'
import { exactCount, tabCounts } from '../core/lists/list-contract.ts'
import { requestRun, taskOfShop } from '../core/tasks/tasks.ts'
import { readShop } from '../shops/shops.ts'
import {
  startedRun,
  stockSyncFilter,
  stockSyncList,
  stockSyncListQuery,
  stockSyncShop,
  stockSyncShopInput,
  stockSyncTabs,
} from './contract.ts'
import { saveShopSettings, shopSettingsOf } from './settings.ts'
import { syncingStock } from './tasks.ts'
import { stockSyncQuery, stockSyncTable } from './upload-list.ts'
import { viewStockSync } from './view.ts'

type App = Parameters<Routes>[0]
const tags = ['stock uploads']

export const stockSyncRoutes: Routes = async (app) => {
  listRoutes(app)
  shopRoutes(app)
}

function listRoutes(app: App): void {
  const { db } = app
  app.get(
    '/api/stock-uploads',
    route('inventory.read', 'What each listing may sell, and what its platform was told', {
      tags,
      querystring: stockSyncListQuery,
      response: { 200: stockSyncList },
    }),
    async ({ query, scope }) => {
      const { sort, after, limit = 50, ...filter } = query
      const page = await listIds(db, stockSyncTable, stockSyncQuery(filter, scope, sort), { limit, after })
      return { rows: await viewStockSync(db, page.ids), next: page.next }
    },
  )
  app.get(
    '/api/stock-uploads/counts',
    route('inventory.read', 'How many, by tab', {
      tags,
      querystring: stockSyncFilter,
      response: { 200: tabCounts },
    }),
    async ({ query, scope }) => {
      const counts = await Promise.all(
        stockSyncTabs.map(async (tab) => {
          const asked = stockSyncQuery({ ...query, tab }, scope, undefined)
          return [tab, await countRows(db, stockSyncTable, asked)] as const
        }),
      )
      return { tabs: Object.fromEntries(counts) }
    },
  )
  app.get(
    '/api/stock-uploads/count',
    route('inventory.read', 'How many exactly', {
      tags,
      querystring: stockSyncFilter,
      response: { 200: exactCount },
    }),
    async ({ query, scope }) => ({
      count: await countExactly(db, stockSyncTable, stockSyncQuery(query, scope, undefined)),
    }),
  )
}

function shopRoutes(app: App): void {
  const { db } = app
  app.get(
    '/api/stock-upload-shops/:id',
    route(
      'inventory.read',
      "A shop's rule, and whether stock upload is on",
      { tags, params: idParams, response: { 200: stockSyncShop } },
      ['not_found'],
    ),
    async ({ params: { id }, scope }) => {
      const { platform } = await readShop(db, id, scope)
      const able = connectorFor(platform)?.actions.updateStock !== undefined
      return { ...(await shopSettingsOf(db, id)), able }
    },
  )
  app.put(
    '/api/stock-upload-shops/:id',
    route(
      'inventory.upload',
      "Set a shop's rule, switch stock upload on or off",
      { tags, params: idParams, body: stockSyncShopInput, response: nothing },
      ['not_found', 'conflict'],
    ),
    async ({ params, body, actor, scope, ip, id }, reply) => {
      await readShop(db, params.id, scope)
      const by = { actor, scope, request: { ip, id } }
      await db.transaction().execute((tx) => saveShopSettings(tx, { shopId: params.id, ...body }, by))
      return reply.code(204).send(null)
    },
  )
  app.post(
    '/api/stock-upload-shops/:id/resync',
    route(
      'inventory.upload',
      'Calculate and tell everything of a shop, as a run of its task',
      { tags, params: idParams, response: { 202: startedRun } },
      ['not_found', 'run_queue_full'],
    ),
    async ({ params, actor, scope }, reply) => {
      const { runId } = await db.transaction().execute(async (tx) => {
        const taskId = await taskOfShop(tx, stockSyncTaskKind, params.id, scope)
        return requestRun(tx, [syncingStock], { taskId, params: { again: true } }, { actor, scope })
      })
      return reply.code(202).send({ runId })
    },
  )
}
