import { audit } from '../access/audit.ts'
import { type Routes, route } from '../http/http.ts'
import { endActionsByHand, retryActions } from './actions.ts'
import {
  actionFilter,
  actionsAnswer,
  actionsQuery,
  countsAnswer,
  countsQuery,
  endByHandBody,
  exactCount,
  outcomesAnswer,
} from './contract.ts'
import type { ActionHandler } from './handlers.ts'
import { countActions, extentOfActions, listActions, type SubjectsOf } from './lists.ts'

export function outboxRoutes<Shop>(
  handlers: readonly ActionHandler<Shop>[],
  subjectsOf: SubjectsOf = async () => new Map(),
): Routes {
  return async (app) => {
    app.get(
      '/api/platform-actions',
      route(
        'actions.read',
        'What was and will be done on platforms, newest first',
        { querystring: actionsQuery, response: { 200: actionsAnswer } },
        ['invalid_cursor'],
      ),
      async (request) => listActions(app.db, { handlers, subjectsOf }, request.query, request.scope),
    )
    app.get(
      '/api/platform-actions/counts',
      route('actions.read', 'How many by state', {
        querystring: countsQuery,
        response: { 200: countsAnswer },
      }),
      async (request) => countActions(app.db, request.query, request.scope),
    )
    app.get(
      '/api/platform-actions/count',
      route('actions.read', 'Exactly how many match: asked before a bulk action', {
        querystring: actionFilter,
        response: { 200: exactCount },
      }),
      async ({ query, scope }) => ({ count: (await extentOfActions(app.db, query, scope)).total }),
    )
    for (const [verb, summary] of Object.entries(verbs)) {
      app.post(
        `/api/platform-actions/${verb}`,
        route('actions.write', summary, { body: endByHandBody, response: { 200: outcomesAnswer } }),
        async ({ actor, scope, ip, id, body: { ids, reason } }) => {
          const results = await app.db.transaction().execute(async (tx) => {
            const outcomes =
              verb === 'retry'
                ? await retryActions(tx, handlers, { ids, reason }, { actor, scope })
                : await endActionsByHand(
                    tx,
                    handlers,
                    { ids, state: verb === 'force' ? 'forced' : 'manual', reason },
                    {
                      actor,
                      scope,
                    },
                  )
            const done = outcomes.filter((outcome) => outcome.done)
            const entry = { actor, action: `action.${verb}`, request: { ip, id } }
            await audit(
              tx,
              ...done.map((one) => ({ ...entry, subject: { type: 'platform_action', id: one.id } })),
            )
            return outcomes
          })
          return { results }
        },
      )
    }
  }
}

const verbs = {
  retry: 'Try again; what is unclear is looked at first where that is possible',
  force: 'Say that it is done on the platform',
  manual: 'Take it over: nothing is sent any more',
}
