import { type Routes, route } from '../../core/http/http.ts'
import { nothing } from '../../core/http/http-contract.ts'
import { lastOrders } from '../list/dry-run.ts'
import type { SearchParts } from '../list/order-list.ts'
import { giftDryRun, giftDryRunInput, giftRules, giftRulesInput } from './contract.ts'
import { tryGifts } from './dry-run.ts'
import { readGiftRules, saveGiftRules } from './settings.ts'

type App = Parameters<Routes>[0]
const tags = ['orders']

export function giftRoutes(parts: SearchParts): Routes {
  return async (app) => {
    ruleRoutes(app, parts)
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
