import { type Actor, type By, wholeScope } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { type Answers, answerEach, notFound, type Outcome } from '../../core/decide.ts'
import { noteShipping } from '../../orders/holds/shipping.ts'
import { lockDeliveries } from '../held.ts'
import { askCouriers } from '../intercepts/ask-courier.ts'
import { type InterceptEvent, interceptEvents, whyNotIntercept } from '../intercepts/intercept-lifecycle.ts'
import {
  type InterceptRow,
  interceptsIn,
  lockShipments,
  writeInterceptState,
} from '../intercepts/intercept-queries.ts'
import { end } from '../intercepts/intercepts.ts'
import { unshipDeliveries } from './unship.ts'

export type Decision = { event: InterceptEvent; note?: string | undefined }

/**
 * Records the results of intercepts. 拦到了 undoes the shipping: the goods are on hand again and the order continues unshipped. 没拦到, 只退钱 and
 * 包裹追回了 end the intercept; a write-back that it had stopped is enqueued. 已请快递 only records that the courier was asked.
 */
export async function decideIntercepts(
  tx: Tx,
  ids: readonly string[],
  { event, note = '' }: Decision,
  { actor, scope }: By,
): Promise<Outcome[]> {
  const distinct = [...new Set(ids)]
  const named = await interceptsIn(tx, distinct, scope)
  // The other deliveries of their merged shipments are locked too, as undoing the shipping requires.
  await lockDeliveries(
    tx,
    named.map(({ deliveryId }) => deliveryId),
    wholeScope,
  )
  await lockShipments(
    tx,
    named.map(({ orderId }) => orderId),
  )
  // The intercepts are read again under the locks, since another transaction may have changed them before.
  const rows = new Map((await interceptsIn(tx, distinct, scope)).map((row) => [row.id, row]))
  const asked = answerEach(distinct, rows, interceptAnswers, (row) => whyNotIntercept(row, event))
  const chosen = asked.flatMap(({ id, done }) => (done ? (rows.get(id) ?? []) : []))
  if (chosen.length === 0) return asked
  if (event === 'pull') return stopInWarehouse(tx, asked, chosen, { actor, scope })
  if (event === 'ask') await noteAsked(tx, chosen, note, actor)
  else await end(tx, chosen, { state: interceptEvents[event].to, note }, actor)
  return asked
}

/** Undoes the shipping where that is still possible (撤销发货), which ends the intercepts. */
async function stopInWarehouse(
  tx: Tx,
  asked: readonly Outcome[],
  chosen: readonly InterceptRow[],
  by: By,
): Promise<Outcome[]> {
  const unshipped = await unshipDeliveries(
    tx,
    chosen.map(({ deliveryId }) => deliveryId),
    by,
  )
  const byDelivery = new Map(unshipped.map((outcome) => [outcome.id, outcome]))
  const deliveryOf = new Map(chosen.map(({ id, deliveryId }) => [id, deliveryId]))
  return asked.map((outcome) => {
    const own = byDelivery.get(deliveryOf.get(outcome.id) ?? '')
    return outcome.done && own ? { ...own, id: outcome.id } : outcome
  })
}

async function noteAsked(tx: Tx, rows: readonly InterceptRow[], note: string, actor: Actor): Promise<void> {
  const ids = rows.map(({ id }) => id)
  await writeInterceptState(tx, ids, { state: 'asked', note, by: actor.name })
  const events = rows.map(({ orderId, refundNo }) => ({
    orderId,
    event: 'intercept_asked',
    detail: { refundNo, ...(note === '' ? {} : { note }) },
  }))
  await noteShipping(tx, events, actor)
  await askCouriers(tx, ids, actor)
}

const interceptAnswers: Answers<InterceptRow> = {
  missing: notFound({ zh: '拦截', en: 'Intercept' }),
  refOf: ({ deliveryNo }) => deliveryNo,
}
