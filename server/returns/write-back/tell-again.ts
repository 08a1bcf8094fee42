import { sql } from 'kysely'
import type { By } from '../../core/access/actor.ts'
import { grantedSql } from '../../core/access/scope.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { answerEach, type Outcome } from '../../core/decide.ts'
import { retryActions } from '../../core/outbox/actions.ts'
import type { LocalizedText } from '../../lib/localized-text.ts'
import { returnAnswers } from '../transition.ts'
import { receiptAction } from './outbox.ts'
import { receiptNote } from './receipts.ts'

/**
 * 重新回写: repeats write-backs of receipts that failed, are unclear or were taken over by a person (`manual`). The actions are locked first.
 */
export async function writeBackReceiptsAgain(
  tx: Tx,
  ids: readonly string[],
  reason: string,
  { actor, scope }: By,
): Promise<Outcome[]> {
  const distinct = [...new Set(ids)]
  const found = await sql<
    Row<'return_order', 'id' | 'no' | 'actionId' | 'told' | 'kind' | 'refundNo' | 'refundStatus'> &
      Row<'shop', 'platform'>
  >`
    select t.id, t.no, t.action_id as "actionId", t.told, t.kind, t.refund_no as "refundNo", t.refund_status as "refundStatus", s.platform
    from return_order t join shop s on s.id = t.shop_id
    where t.id = any(${distinct}::bigint[]) and ${grantedSql(scope, 't')} order by t.id`.execute(tx)
  const rows = new Map(found.rows.map((row) => [row.id, row]))
  const actionIds = found.rows.flatMap(({ actionId }) => actionId ?? [])
  const tried = await retryActions(tx, [receiptAction], { ids: actionIds, reason }, { actor, scope })
  const outcomeOf = new Map(tried.map((one) => [one.id, one]))
  await sql`
    update return_order set told = 'waiting', error_code = ''
    where action_id = any(${tried.filter(({ done }) => done).map(({ id }) => id)}::bigint[])`.execute(tx)
  return answerEach(distinct, rows, returnAnswers, (row) => {
    const outcome = outcomeOf.get(row.actionId ?? '')
    if (outcome?.done) return undefined
    const note = receiptNote(row, row.platform)
    if (note) return { code: 'unsupported_by_platform', message: note }
    const code = outcome?.code ?? (row.told === 'none' ? 'nothing_to_tell' : 'not_received')
    return { code, message: messages[code] ?? notFailed }
  })
}

const notFailed = { zh: '回写没有失败', en: 'Its write-back did not fail' }
const messages: Record<string, LocalizedText> = {
  nothing_to_tell: { zh: '没有要回写的退款', en: 'There is no refund to tell of' },
  not_received: { zh: '还没收齐货', en: 'The goods are not all back yet' },
  action_pending: { zh: '已在等待回写', en: 'It waits to be told' },
  action_sending: { zh: '正在回写', en: 'Being told' },
  action_succeeded: { zh: '已回写成功', en: 'Told already' },
  action_forced: { zh: '已强制成功', en: 'Settled by hand' },
}
