import Type, { type Static } from 'typebox'
import { type BatchAction, defineBatchAction } from '../batches/batch.ts'
import { filterOf } from '../lists/list-contract.ts'
import { auditActions, endActionsByHand, retryActions } from './actions.ts'
import type { ActionHandler } from './handlers.ts'
import { extentOfActions, matchingActions } from './lists.ts'
import { actionList } from './lists-contract.ts'

const reasoned = Type.Object(
  { reason: Type.String({ minLength: 1, maxLength: 500 }) },
  { additionalProperties: false },
)

export function outboxBatchActions<Shop>(handlers: readonly ActionHandler<Shop>[]): BatchAction[] {
  return verbs.map(({ verb, name }) =>
    defineBatchAction({
      action: `platform_actions.${verb}`,
      name,
      permission: 'actions.write',
      filter: filterOf(actionList),
      input: reasoned,
      count: extentOfActions,
      async resolve(tx, filter, scope, from) {
        const ids = await matchingActions(tx, filter, scope, from)
        return { ids, after: ids.length < from.cap ? null : (ids.at(-1) ?? null) }
      },
      async run(tx, ids, { reason }: Static<typeof reasoned>, by) {
        const outcomes =
          verb === 'retry'
            ? await retryActions(tx, handlers, { ids, reason }, by)
            : await endActionsByHand(tx, handlers, { ids, state: states[verb], reason }, by)
        await auditActions(tx, verb, outcomes, by)
        return outcomes
      },
    }),
  )
}

const states = { force: 'forced', manual: 'manual' } as const

const verbs = [
  { verb: 'retry', name: { zh: '批量重试回写', en: 'Retry platform actions' } },
  { verb: 'force', name: { zh: '批量确认已完成', en: 'Say that platform actions are done' } },
  { verb: 'manual', name: { zh: '批量手工完成', en: 'End platform actions by hand' } },
] as const
