import { type Routes, route } from '../http/http.ts'
import { auditActions, eachKind, endActionsByHand, retryActions } from './actions.ts'
import { endByHandBody, outcomesAnswer } from './contract.ts'
import type { ActionHandler } from './handlers.ts'

export function outboxRoutes<Shop>(handlers: readonly ActionHandler<Shop>[]): Routes {
  return async (app) => {
    for (const { verb, summary } of verbs) {
      app.post(
        `/api/platform-actions/${verb}`,
        route('actions.write', summary, { body: endByHandBody, response: { 200: outcomesAnswer } }),
        async ({ actor, scope, ip, id, body: { ids, reason } }) => {
          const results = await eachKind(app.db, ids, async (tx, some) => {
            const outcomes =
              verb === 'retry'
                ? await retryActions(tx, handlers, { ids: some, reason }, { actor, scope })
                : await endActionsByHand(
                    tx,
                    handlers,
                    { ids: some, state: verb === 'force' ? 'forced' : 'manual', reason },
                    {
                      actor,
                      scope,
                    },
                  )
            await auditActions(tx, verb, outcomes, { actor, request: { ip, id } })
            return outcomes
          })
          return { results }
        },
      )
    }
  }
}

const verbs = [
  { verb: 'retry', summary: 'Try again; what is unclear is looked at first where that is possible' },
  { verb: 'force', summary: 'Say that it is done on the platform' },
  { verb: 'manual', summary: 'End it by hand: nothing is sent any more' },
] as const
