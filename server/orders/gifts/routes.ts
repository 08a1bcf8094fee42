import { type Routes, route } from '../../core/http/http.ts'
import { nothing } from '../../core/http/http-contract.ts'
import { idsInput, outcomes } from '../../core/lists/list-contract.ts'
import { lastOrders } from '../list/dry-run.ts'
import type { SearchParts } from '../list/order-list.ts'
import { addGifts, giveAgain, removeGifts } from './change.ts'
import {
  addGiftInput,
  giftDryRun,
  giftDryRunInput,
  giftRules,
  giftRulesInput,
  removeGiftInput,
} from './contract.ts'
import { tryGifts } from './dry-run.ts'
import { readGiftRules, saveGiftRules } from './settings.ts'

type App = Parameters<Routes>[0]
const tags = ['orders']

/** 赠品: the rules, what they would give, and what people change of them. */
export function giftRoutes(parts: SearchParts): Routes {
  return async (app) => {
    ruleRoutes(app, parts)
    verbRoutes(app)
  }
}

function ruleRoutes(app: App, parts: SearchParts): void {
  const { db } = app
  app.get(
    '/api/gift-rules',
    route('orders.read', 'The rules that give gifts', { tags, response: { 200: giftRules } }),
    async ({ scope }) => readGiftRules(db, scope),
  )
  app.put(
    '/api/gift-rules',
    route(
      'orders.rules',
      'Replace the rules that give gifts',
      { tags, body: giftRulesInput, response: nothing },
      ['conflict', 'outside_scope'],
    ),
    async ({ body, actor, scope, ip, id }, reply) => {
      const by = { actor, scope, request: { ip, id } }
      await db.transaction().execute((tx) => saveGiftRules(tx, body, by))
      return reply.code(204).send(null)
    },
  )
  app.post(
    '/api/gift-rules/dry-run',
    route('orders.read', 'What the rules, saved or not, would give to orders now', {
      tags,
      body: giftDryRunInput,
      response: { 200: giftDryRun },
    }),
    async ({ body: { filter = {}, rules }, scope }) =>
      tryGifts(db, await lastOrders(db, parts, filter, scope), rules),
  )
}

function verbRoutes(app: App): void {
  const { db } = app
  const response = { 200: outcomes }
  app.post(
    '/api/orders/gifts',
    route('orders.edit', 'Give gifts anew, by the rules', { tags, body: idsInput, response }),
    async ({ body: { ids }, actor, scope }) => ({
      results: await db.transaction().execute((tx) => giveAgain(tx, ids, { actor, scope })),
    }),
  )
  app.post(
    '/api/orders/gifts/add',
    route('orders.edit', 'Put a gift on orders', { tags, body: addGiftInput, response }),
    async ({ body: { ids, ...gift }, actor, scope }) => ({
      results: await db.transaction().execute((tx) => addGifts(tx, ids, gift, { actor, scope })),
    }),
  )
  app.post(
    '/api/orders/gifts/remove',
    route('orders.edit', 'Take a gift off orders', { tags, body: removeGiftInput, response }),
    async ({ body: { ids, ...gift }, actor, scope }) => ({
      results: await db.transaction().execute((tx) => removeGifts(tx, ids, gift, { actor, scope })),
    }),
  )
}
