import type { By } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { answerEach, notFound, type Outcome } from '../../core/decide.ts'
import { aliveOf } from '../../fulfilment/intercepts/intercepts.ts'
import { type Decision, decideIntercepts } from '../../fulfilment/shipping/intercept-verbs.ts'
import type { KeyRing } from '../../lib/seal.ts'
import { addRefundEvents } from '../event-queries.ts'
import { lockForDecision } from '../refunds/refund-action-queries.ts'
import {
  type AgreeRequest,
  agreeRefunds,
  outcomesOf,
  type RefuseRequest,
  refuseRefunds,
  type Seen,
} from '../refunds/refund-actions.ts'
import { peekOrders, writeDuty } from './desk-queries.ts'
import type { Duty } from './desk-rules.ts'

/** Records the result of the intercept of each refund. Several refunds may belong to one parcel. */
export async function decideInterceptsOfRefunds(
  tx: Tx,
  ids: readonly string[],
  decision: Decision,
  { actor, scope }: By,
): Promise<Outcome[]> {
  const distinct = [...new Set(ids)]
  const refunds = Map.groupBy(await peekOrders(tx, distinct, scope), ({ id }) => id)
  const orderIds = [...refunds.values()].flat().flatMap(({ orderId }) => orderId ?? [])
  const alive = await aliveOf(tx, orderIds)
  const interceptsOf = (id: string) =>
    (refunds.get(id) ?? []).flatMap(({ orderId }) => alive.get(orderId ?? '') ?? [])
  const interceptIds = [...new Set(distinct.flatMap(interceptsOf))]
  const decided =
    interceptIds.length === 0 ? [] : await decideIntercepts(tx, interceptIds, decision, { actor, scope })
  const byIntercept = new Map(decided.map((outcome) => [outcome.id, outcome]))
  return distinct.map((id): Outcome => {
    const [refund] = refunds.get(id) ?? []
    if (!refund) return { id, done: false, ...noRefund }
    const own = interceptsOf(id).flatMap((intercept) => byIntercept.get(intercept) ?? [])
    const outcome = own.find(({ done }) => !done) ?? own[0]
    return outcome ? { ...outcome, id } : { id, done: false, ...noIntercept, ref: refund.refundNo }
  })
}

const noRefund = notFound({ zh: '退单', en: 'Refund' })
const noIntercept = {
  code: 'no_intercept',
  message: { zh: '没有要拦的包裹', en: 'There is no parcel to stop' },
}

type Seeing = { seen: readonly Seen[] }

/** 同意: agrees to several refunds, each with the version and the amount that the user saw. A refund without them is refused. */
export async function agreeMany(
  tx: Tx,
  ring: KeyRing,
  { ids, seen, ...wish }: AgreeRequest & Seeing & { ids: readonly string[] },
  by: By,
): Promise<Outcome[]> {
  const { meant, unseen } = meantOf(ids, seen)
  return [...outcomesOf(meant, await agreeRefunds(tx, ring, { seen: meant, request: wish }, by)), ...unseen]
}

/** 拒绝: refuses several refunds of one platform with one reason. */
export async function refuseMany(
  tx: Tx,
  ring: KeyRing,
  { ids, seen, ...wish }: RefuseRequest & Seeing & { ids: readonly string[]; platform: string },
  by: By,
): Promise<Outcome[]> {
  const { meant, unseen } = meantOf(ids, seen)
  return [...outcomesOf(meant, await refuseRefunds(tx, ring, { seen: meant, request: wish }, by)), ...unseen]
}

function meantOf(ids: readonly string[], seen: readonly Seen[]): { meant: Seen[]; unseen: Outcome[] } {
  const byId = new Map(seen.map((one) => [one.id, one]))
  const distinct = [...new Set(ids)]
  return {
    meant: distinct.flatMap((id) => byId.get(id) ?? []),
    unseen: distinct.filter((id) => !byId.has(id)).map((id) => ({ id, done: false, ...notSeen })),
  }
}

const notSeen = {
  code: 'not_seen',
  message: { zh: '没有看过这笔，逐笔选中再答复', en: 'Nobody had seen it: select it, then answer' },
}

/** 责任: sets the responsibility for the refunds. Each value is an event, so the former ones can be read there. */
export async function sayDuty(
  tx: Tx,
  ids: readonly string[],
  { duty, note = '' }: { duty: Duty; note?: string | undefined },
  { actor, scope }: By,
): Promise<Outcome[]> {
  const distinct = [...new Set(ids)]
  const rows = new Map((await lockForDecision(tx, distinct, scope)).map((row) => [row.id, row]))
  const found = [...rows.values()]
  if (found.length > 0) {
    const rowIds = found.map(({ id }) => id)
    await writeDuty(tx, rowIds, { duty, note, by: actor.name })
  }
  for (const [shopId, some] of Map.groupBy(found, (row) => row.shop_id)) {
    const detail = { duty, ...(note === '' ? {} : { note }) }
    const events = some.map((row) => ({ refundNo: row.refund_no, event: 'duty', detail }))
    await addRefundEvents(tx, shopId, events, actor)
  }
  return answerEach(distinct, rows, { missing: noRefund, refOf: (row) => row.refund_no }, () => undefined)
}
