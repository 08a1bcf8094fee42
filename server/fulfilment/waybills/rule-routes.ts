import { type Routes, route } from '../../core/http/http.ts'
import { nothing } from '../../core/http/http-contract.ts'
import { waybillDryRun, waybillDryRunInput, waybillRules, waybillRulesInput } from './rule-contract.ts'
import { tryRules } from './rule-dry-run.ts'
import { readWaybillRules, saveWaybillRules } from './rule-settings.ts'

const tags = ['fulfilment']

/** 取号规则: the rules that choose the account of a waybill number. */
export const waybillRuleRoutes: Routes = async (app) => {
  const { db } = app
  app.get(
    '/api/waybill-rules',
    route('fulfilment.read', 'The rules that choose the account of a waybill number', {
      tags,
      response: { 200: waybillRules },
    }),
    async ({ scope }) => readWaybillRules(db, scope),
  )
  app.put(
    '/api/waybill-rules',
    route(
      'orders.rules',
      'Replace the rules that choose the account of a waybill number',
      { tags, body: waybillRulesInput, response: nothing },
      [
        'conflict',
        'outside_scope',
        'rule_no_account',
        'rule_source',
        'rule_courier',
        'rule_warehouse',
        'rule_retired',
        'rule_hidden',
      ],
    ),
    async ({ body, actor, scope, ip, id }, reply) => {
      const by = { actor, scope, request: { ip, id } }
      await db.transaction().execute((tx) => saveWaybillRules(tx, body, by))
      return reply.code(204).send(null)
    },
  )
  app.post(
    '/api/waybill-rules/dry-run',
    route(
      'fulfilment.read',
      'Which account each delivery that waits for a number would get by the rules, saved or not',
      { tags, body: waybillDryRunInput, response: { 200: waybillDryRun } },
    ),
    async ({ body, scope }) => tryRules(db, body, scope),
  )
}
