import type { Static } from 'typebox'
import type { Tx } from '../../core/db/db.ts'
import { type Routes, route } from '../../core/http/http.ts'
import { idParams, nothing } from '../../core/http/http-contract.ts'
import { idsInput, outcomes } from '../../core/lists/list-contract.ts'
import { sharedNow } from '../../lib/clock.ts'
import { readShop } from '../../shops/shops.ts'
import { chooseInput, warehouseInput } from '../sourcing/choice-contract.ts'
import { checkNames, checks, reasonWords } from './checks.ts'
import { confirmOrders, dryRun, unconfirmOrders, waiveOrders } from './confirm.ts'
import { parseChecks, rulesOf, saveRules, usualChecks } from './confirm-settings.ts'
import {
  checkList,
  courierInput,
  dryRunAnswer,
  dryRunInput,
  editInput,
  rulesInput,
  shopRules,
  urgentInput,
  waiveInput,
} from './desk-contract.ts'
import { clearEditLocks, setEditLocks } from './desk-lock.ts'
import { editOrders } from './edit.ts'
import type { Judgement } from './judge.ts'
import { passes } from './judge.ts'
import { redoSourcingByRules, setWarehouse } from './rechoose.ts'

type App = Parameters<Routes>[0]
const tags = ['orders']
const response = { 200: outcomes }

/** What the order desk decides: confirm, lock, change, and the rules that confirm by themselves. */
export const reviewRoutes: Routes = async (app) => {
  confirmRoutes(app)
  lockRoutes(app)
  editRoutes(app)
  sourcingRoutes(app)
  ruleRoutes(app)
}

function confirmRoutes(app: App): void {
  const done = <T>(verb: (tx: Tx) => Promise<T>) => app.db.transaction().execute(verb)
  app.post(
    '/api/orders/confirm',
    route('orders.confirm', 'Confirm orders', { tags, body: idsInput, response }),
    async ({ body, actor, scope }) => ({
      results: await done((tx) => confirmOrders(tx, body.ids, actor, scope)),
    }),
  )
  app.post(
    '/api/orders/unconfirm',
    route('orders.unconfirm', 'Unconfirm orders', { tags, body: idsInput, response }),
    async ({ body, actor, scope }) => ({
      results: await done((tx) => unconfirmOrders(tx, body.ids, actor, scope)),
    }),
  )
  app.post(
    '/api/orders/waive',
    route('orders.confirm', 'Waive what the rules have against orders', { tags, body: waiveInput, response }),
    async ({ body, actor, scope }) => ({
      results: await done((tx) => waiveOrders(tx, body.ids, body, actor, scope)),
    }),
  )
}

function lockRoutes(app: App): void {
  const { db } = app
  app.post(
    '/api/orders/lock',
    route('orders.lock', 'Lock orders for yourself', { tags, body: idsInput, response }),
    async ({ body, actor, scope }) => ({
      results: await db.transaction().execute((tx) => setEditLocks(tx, body.ids, actor, scope)),
    }),
  )
  for (const [path, permission, others, summary] of [
    ['/api/orders/unlock', 'orders.lock', false, 'Unlock your orders'],
    ['/api/orders/force-unlock', 'orders.unlock', true, 'Unlock whatever somebody has locked'],
  ] as const) {
    app.post(
      path,
      route(permission, summary, { tags, body: idsInput, response }),
      async ({ body, actor, scope }) => ({
        results: await db
          .transaction()
          .execute((tx) => clearEditLocks(tx, body.ids, { others }, actor, scope)),
      }),
    )
  }
}

function editRoutes(app: App): void {
  const { db, ring } = app
  app.post(
    '/api/orders/edit',
    route('orders.edit', 'Change receiver, courier, urgency or own note', {
      tags,
      body: editInput,
      response,
    }),
    async ({ body, actor, scope }) => ({
      results: await db.transaction().execute((tx) => editOrders(tx, ring, body.edits, actor, scope)),
    }),
  )
  app.post(
    '/api/orders/courier',
    route('orders.edit', 'Choose the courier', { tags, body: courierInput, response }),
    async ({ body: { ids, courier }, actor, scope }) => ({
      results: await db.transaction().execute((tx) =>
        editOrders(
          tx,
          ring,
          ids.map((id) => ({ id, courier })),
          actor,
          scope,
        ),
      ),
    }),
  )
  app.post(
    '/api/orders/urgent',
    route('orders.edit', 'Mark as urgent, or not', { tags, body: urgentInput, response }),
    async ({ body: { ids, urgent }, actor, scope }) => ({
      results: await db.transaction().execute((tx) =>
        editOrders(
          tx,
          ring,
          ids.map((id) => ({ id, urgent })),
          actor,
          scope,
        ),
      ),
    }),
  )
}

function sourcingRoutes(app: App): void {
  const { db } = app
  app.post(
    '/api/orders/choose',
    route('orders.edit', 'Choose warehouse or courier anew, by the rules', {
      tags,
      body: chooseInput,
      response,
    }),
    async ({ body: { ids, ...input }, actor, scope }) => ({
      results: await db.transaction().execute((tx) => redoSourcingByRules(tx, ids, input, actor, scope)),
    }),
  )
  app.post(
    '/api/orders/warehouse',
    route('orders.edit', 'Choose the warehouse', {
      tags,
      body: warehouseInput,
      response,
    }),
    async ({ body: { ids, warehouseId }, actor, scope }) => ({
      results: await db.transaction().execute((tx) => setWarehouse(tx, ids, warehouseId, actor, scope)),
    }),
  )
}

function ruleRoutes(app: App): void {
  const { db } = app
  app.get(
    '/api/confirm-checks',
    route('orders.read', 'Everything that a rule may check', { tags, response: { 200: checkList } }),
    async () => ({
      rows: checkNames.map((name) => {
        const { zh, en, on, always, waits, params } = checks[name]
        return { name, zh, en, on, always, waits: waits === true, params }
      }),
    }),
  )
  app.get(
    '/api/confirm-rules/:id',
    route('orders.read', "A shop's rules for confirming", {
      tags,
      params: idParams,
      response: { 200: shopRules },
    }),
    async ({ params: { id: shopId }, scope }) => {
      await readShop(db, shopId, scope)
      return { ...(await rulesOf(db, shopId)), usual: usualChecks }
    },
  )
  app.put(
    '/api/confirm-rules/:id',
    route(
      'orders.rules',
      "Replace a shop's rules for confirming",
      { tags, params: idParams, body: rulesInput, response: nothing },
      ['not_found', 'conflict'],
    ),
    async ({ params: { id: shopId }, body, actor, scope, ip, id: requestId }, reply) => {
      await readShop(db, shopId, scope)
      await db
        .transaction()
        .execute((tx) => saveRules(tx, { shopId, ...body }, { actor, scope, request: { ip, id: requestId } }))
      return reply.code(204).send(null)
    },
  )
  app.post(
    '/api/confirm-rules/:id/dry-run',
    route('orders.read', 'What these checks would do with the unconfirmed orders now', {
      tags,
      params: idParams,
      body: dryRunInput,
      response: { 200: dryRunAnswer },
    }),
    async ({ params: { id: shopId }, body, scope }) => {
      await readShop(db, shopId, scope)
      const { judged, capped } = await dryRun(db, shopId, parseChecks(body.checks))
      return told(judged, capped)
    },
  )
}

/** Rows of an answer; the counts are of all. */
const rowsMax = 300

function told(judged: readonly Judgement[], capped: boolean): Static<typeof dryRunAnswer> {
  const stopped = judged.filter((one) => !passes(one))
  const reasons = Map.groupBy(
    stopped.flatMap(({ open, waits }) => [...open, ...waits].map(({ reason }) => reason)),
    (reason) => reason,
  )
  return {
    seen: judged.length,
    capped,
    passing: judged.length - stopped.length,
    at: sharedNow(),
    byReason: checkNames
      .map((name) => ({
        reason: name,
        zh: checks[name].zh,
        en: checks[name].en,
        count: reasons.get(name)?.length ?? 0,
      }))
      .filter(({ count }) => count > 0)
      .toSorted((a, b) => b.count - a.count),
    rows: stopped.slice(0, rowsMax).map(({ id, no, open, waits }) => ({
      id,
      no,
      reasons: [
        ...open.map((one) => ({ ...one, waits: false })),
        ...waits.map((one) => ({ ...one, waits: true })),
      ].map((one) => ({
        reason: one.reason,
        waits: one.waits,
        message: reasonWords(one.reason, one.detail),
      })),
    })),
  }
}
