import type { Static } from 'typebox'
import { type Routes, route } from '../../core/http/http.ts'
import { nothing } from '../../core/http/http-contract.ts'
import { sharedNow } from '../../lib/clock.ts'
import { countBy, dryRowsMax, lastOrders } from '../list/dry-run.ts'
import type { SearchParts } from '../list/order-list.ts'
import {
  choiceDryRun,
  choiceDryRunInput,
  choiceRules,
  courierRulesInput,
  warehouseRulesInput,
} from './choice-contract.ts'
import { readChoiceRules, type SaveRulesRequest, saveChoiceRules } from './choice-settings.ts'
import type { Passed } from './choose.ts'
import { previewSourcing, type SourcingPreview } from './place.ts'

type App = Parameters<Routes>[0]
const tags = ['orders']

export function choiceRoutes(parts: SearchParts): Routes {
  return async (app) => {
    ruleRoutes(app)
    dryRunRoute(app, parts)
  }
}

function ruleRoutes(app: App): void {
  const { db } = app
  app.get(
    '/api/choice-rules',
    route('orders.read', 'The rules that choose warehouses and couriers', {
      tags,
      response: { 200: choiceRules },
    }),
    async ({ scope }) => readChoiceRules(db, scope),
  )
  type By = Parameters<typeof saveChoiceRules>[2]
  const save = (wish: SaveRulesRequest, by: By) =>
    db.transaction().execute((tx) => saveChoiceRules(tx, wish, by))
  app.put(
    '/api/choice-rules/warehouse',
    route(
      'orders.rules',
      'Replace the rules that choose warehouses',
      { tags, body: warehouseRulesInput, response: nothing },
      ['conflict', 'outside_scope'],
    ),
    async ({ body, actor, scope, ip, id }, reply) => {
      await save({ kind: 'warehouse', ...body }, { actor, scope, request: { ip, id } })
      return reply.code(204).send(null)
    },
  )
  app.put(
    '/api/choice-rules/courier',
    route(
      'orders.rules',
      'Replace the rules that choose couriers, and where each does not go',
      { tags, body: courierRulesInput, response: nothing },
      ['conflict', 'outside_scope'],
    ),
    async ({ body, actor, scope, ip, id }, reply) => {
      await save({ kind: 'courier', ...body }, { actor, scope, request: { ip, id } })
      return reply.code(204).send(null)
    },
  )
}

function dryRunRoute(app: App, parts: SearchParts): void {
  const { db } = app
  app.post(
    '/api/choice-rules/dry-run',
    route('orders.read', 'What the rules, saved or not, would choose for orders now', {
      tags,
      body: choiceDryRunInput,
      response: { 200: choiceDryRun },
    }),
    async ({ body: { filter = {}, ...draft }, scope }) => {
      const found = await lastOrders(db, parts, filter, scope)
      const wish = { warehouse: true, courier: true, overHand: false }
      const weighed = await previewSourcing(db, found.ids, wish, draft)
      const byId = new Map(weighed.map((one) => [one.row.id, one]))
      const { warehouses } = await readChoiceRules(db, scope)
      return told(
        found.ids.flatMap((id) => byId.get(id) ?? []),
        found.capped,
        new Map(warehouses.map(({ id, name }) => [id, name])),
      )
    },
  )
}

type Row = Static<typeof choiceDryRun>['rows'][number]

function told(
  weighed: readonly SourcingPreview[],
  capped: boolean,
  names: ReadonlyMap<string, string>,
): Static<typeof choiceDryRun> {
  const nameOf = (id: string | null) => names.get(id ?? '') ?? ''
  const rows = weighed.map(
    ({ row, order, choice }): Row => ({
      id: row.id,
      no: row.no,
      region: row.region,
      weightG: order.weightG,
      nowWarehouse: nameOf(row.warehouseId),
      nowCourier: row.courier,
      warehouseByHand: row.warehouseByHand,
      courierByHand: row.courierByHand,
      warehouse: nameOf(choice.warehouseId),
      how: choice.how,
      warehouseRule: choice.warehouseRule,
      warehousePassed: choice.warehousePassed.map(toObject),
      courier: choice.courier,
      courierRule: choice.courierRule,
      courierPassed: choice.courierPassed.map(toObject),
    }),
  )
  const changes = (row: Row) => row.warehouse !== row.nowWarehouse || row.courier !== row.nowCourier
  return {
    seen: rows.length,
    capped,
    changing: rows.filter(changes).length,
    at: sharedNow(),
    byWarehouse: countBy(rows.map(({ warehouse }) => warehouse)),
    byCourier: countBy(rows.map(({ courier }) => courier)),
    rows: rows.slice(0, dryRowsMax),
  }
}

const toObject = ([rule, miss]: Passed) => ({ rule, miss })
