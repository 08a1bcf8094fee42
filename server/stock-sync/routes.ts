import { stockSyncTaskKind } from '../catalog/listings/match.ts'
import { connectorFor } from '../connectors/index.ts'
import { type Routes, route } from '../core/http/http.ts'
import { idParams, nothing } from '../core/http/http-contract.ts'
import { requestRun, taskOfShop } from '../core/tasks/tasks.ts'
import { readShop } from '../shops/shops.ts'
import { startedRun, stockSyncShop, stockSyncShopInput } from './contract.ts'
import { saveShopSettings, shopSettingsOf } from './settings.ts'
import { syncingStock } from './tasks.ts'

const tags = ['stock uploads']

export const stockSyncRoutes: Routes = async (app) => {
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
