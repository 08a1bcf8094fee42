import type { By } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { answerEach, type Outcome } from '../../core/decide.ts'
import { retryActions } from '../../core/outbox/actions.ts'
import type { LocalizedText } from '../../lib/localized-text.ts'
import { deliveryAnswers } from '../held.ts'
import type { WriteBack } from '../lifecycle.ts'
import { actionsOf } from '../queries.ts'
import { keptNumberActions } from '../waybills/number-queries.ts'
import { givingBack } from '../waybills/outbox.ts'
import { changeAction } from './change-outbox.ts'
import { shippingAction } from './outbox.ts'

/**
 * 重新回写: repeats write-backs that failed, are unclear or were ended by hand; an unclear one is verified first. If a number of a refused one
 * could not be given back, that is tried again before it.
 */
export async function writeBackAgain(
  tx: Tx,
  ids: readonly string[],
  reason: string,
  { actor, scope }: By,
): Promise<Outcome[]> {
  const distinct = [...new Set(ids)]
  const rows = new Map((await actionsOf(tx, distinct, scope)).map((row) => [row.id, row]))
  const actionIds = [...rows.values()].flatMap(({ actionId }) => (actionId === null ? [] : [actionId]))
  const kept = await keptNumberActions(tx, [...rows.keys()])
  const both = { ids: [...actionIds, ...kept], reason }
  const tried = new Map(
    (await retryActions(tx, [shippingAction, changeAction, givingBack], both, { actor, scope })).map(
      (one) => [one.id, one],
    ),
  )
  return answerEach(distinct, rows, deliveryAnswers, (row) => {
    const outcome = row.actionId === null ? undefined : tried.get(row.actionId)
    if (outcome?.done) return undefined
    const code = outcome?.code ?? untold[row.writeBack] ?? 'not_shipped'
    return { code, message: messages[code] ?? notFailed }
  })
}

const untold: Partial<Record<WriteBack, string>> = { none: 'nothing_to_tell', stopped: 'write_back_stopped' }
const notFailed = { zh: '回写没有失败', en: 'Its write-back did not fail' }
const messages: Record<string, LocalizedText> = {
  nothing_to_tell: { zh: '自建的订单，不用回写', en: 'An order of our own: there is nobody to tell' },
  write_back_stopped: {
    zh: '退款拦截中，不回写。拦截有了结果才回写',
    en: 'A refund stops it; it is written back once the intercept is decided',
  },
  not_shipped: { zh: '还没有发货', en: 'Not shipped yet' },
  action_pending: { zh: '已在等待回写', en: 'It waits to be written back' },
  action_sending: { zh: '正在回写', en: 'Being written back' },
  action_succeeded: { zh: '已回写成功', en: 'Written back already' },
  action_forced: { zh: '已强制成功', en: 'Settled by hand' },
}
