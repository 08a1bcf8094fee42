import type { Static } from 'typebox'
import { type Routes, route } from '../../core/http/http.ts'
import { idParams, nothing } from '../../core/http/http-contract.ts'
import { sharedNow } from '../../lib/clock.ts'
import { readShop } from '../../shops/shops.ts'
import { checkNames, checks, reasonWords } from './checks.ts'
import { dryRun } from './confirm.ts'
import { parseChecks, rulesOf, saveRules, usualChecks } from './confirm-settings.ts'
import { checkList, dryRunAnswer, dryRunInput, rulesInput, shopRules } from './desk-contract.ts'
import type { Judgement } from './judge.ts'
import { passes } from './judge.ts'

const tags = ['orders']

export const reviewRoutes: Routes = async (app) => {
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

/** The most orders that the answer of a dry run lists; its counts include all orders. */
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
