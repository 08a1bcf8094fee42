import type { RefundKind, RefundStatus } from '../../connectors/connector.ts'
import type { Actor } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { sendEvent } from '../../events.ts'
import { noteShipping } from '../../orders/holds/shipping.ts'
import { appliedRefunds, type RefundOfOrder } from '../../orders/refunds/for-returns.ts'
import { enqueueWaybillMatch, factsOf, headOf, isShippedByUs, makeReturns } from '../create.ts'
import { ownVoidReasons } from '../lifecycle.ts'
import {
  addReturnEvents,
  linesOf,
  type NewReturn,
  type ReturnLine,
  type ReturnRow,
  returnsById,
  returnsOfRefunds,
  returnsWithoutRefund,
} from '../queries.ts'
import { addClosedProblems } from '../receiving/receipt-queries.ts'
import { settleAutomatically, transition } from '../transition.ts'
import { writeBackReceipts } from '../write-back/tell.ts'
import {
  clearRefunds,
  type FollowedRefund,
  joinRefunds,
  stoppedExchanges,
  writeRefunds,
} from './follow-queries.ts'

/** What the platform shows of the parcel in which the buyer sends a refund's goods back. */
export type ReturnParcel = {
  shopId: string
  refundNo: string
  courier: string
  waybillNo: string
  reason: string
  deadline?: Date | null
}

type Facts = Awaited<ReturnType<typeof factsOf>>
type Refund = ReturnParcel & {
  kind: RefundKind
  status: RefundStatus
  amountFen: number
  parts: readonly RefundOfOrder[]
}

/**
 * 退款 → 退货单: called after refunds were applied to their orders, which the caller has locked. A refund of shipped goods creates a return, or
 * is linked with a return that exists already without a refund. Later versions of the refund update its return. The refund's present state
 * on the orders decides, so the result does not depend on repetition, concurrency or sequence. `parcels` belong to the applied versions.
 */
export async function syncReturns(tx: Tx, parcels: readonly ReturnParcel[], actor: Actor): Promise<void> {
  if (parcels.length === 0) return
  const refunds = refundsOf(parcels, await appliedRefunds(tx, parcels))
  const known = new Map((await returnsOfRefunds(tx, refunds)).map((one) => [keyOf(one), one]))
  const voided = new Map([...known].filter(([, { status }]) => status === 'voided'))
  const fresh = refunds.filter(
    (refund) =>
      (!known.has(keyOf(refund)) || voided.has(keyOf(refund))) && (wantsGoods(refund) || paysOnly(refund)),
  )
  const moved = fresh.length > 0 ? await makeOrJoin(tx, fresh, voided, actor) : new Set<string>()
  const standing = refunds.flatMap((refund) => {
    const one = known.get(keyOf(refund))
    return one && !moved.has(one.id) ? [{ refund, one }] : []
  })
  if (standing.length > 0) await update(tx, standing, actor)
}

const keyOf = ({ shopId, refundNo }: { shopId: string; refundNo: string }) => `${shopId}/${refundNo}`

function refundsOf(parcels: readonly ReturnParcel[], rows: readonly RefundOfOrder[]): Refund[] {
  const byKey = Map.groupBy(rows, keyOf)
  const distinct = new Map(parcels.map((parcel) => [keyOf(parcel), parcel]))
  return [...distinct].flatMap(([key, parcel]) => {
    const all = byKey.get(key) ?? []
    const [first] = all
    if (!first) return []
    const amountFen = all.reduce((sum, part) => sum + part.amountFen, 0)
    const parts = all.filter(({ before }) => !before)
    return [{ ...parcel, kind: first.kind, status: first.status, amountFen, parts }]
  })
}

/**
 * True if goods are or will be sent back for the refund. A refused refund is left out: the buyer may apply again, and a return is
 * created then.
 */
const wantsGoods = ({ kind, status, parts }: Pick<Refund, 'kind' | 'status' | 'parts'>) =>
  parts.length > 0 &&
  (kind === 'return' || kind === 'exchange') &&
  (status === 'applied' || status === 'agreed' || status === 'succeeded')

/**
 * True for an open or paid refund of money only. Buyers apply for it if a parcel never reached them; it is linked with the return of that
 * parcel, if there is one.
 */
const paysOnly = ({ kind, status }: Pick<Refund, 'kind' | 'status'>) =>
  kind === 'refund_only' && (status === 'applied' || status === 'agreed' || status === 'succeeded')

/**
 * Joins these refunds with returns that have none, and makes returns for the others. `voided`: their voided returns. Such a refund only
 * joins: its number moves to the return that a person made in place of the voided one. Returns the ids of the returns that it left.
 */
async function makeOrJoin(
  tx: Tx,
  refunds: readonly Refund[],
  voided: ReadonlyMap<string, ReturnRow>,
  actor: Actor,
): Promise<ReadonlySet<string>> {
  const orderIds = [...new Set(refunds.flatMap(({ parts }) => parts.map(({ orderId }) => orderId)))]
  const facts = await factsOf(tx, orderIds)
  const waiting = await returnsWithoutRefund(tx, orderIds)
  const lines = await linesOf(
    tx,
    waiting.map(({ id }) => id),
  )
  const taken = new Set<string>()
  const made: NewReturn[] = []
  const joined: (FollowedRefund & Refund)[] = []
  const without: Refund[] = []
  for (const refund of refunds) {
    const own = waiting.find(
      (one) => !taken.has(one.id) && matchesRefund(one, lines.get(one.id) ?? [], refund),
    )
    if (own) {
      taken.add(own.id)
      joined.push({ ...refund, id: own.id })
      continue
    }
    if (voided.has(keyOf(refund))) continue
    if (!wantsGoods(refund) || partsWithGoods(refund).some(({ orderId }) => facts.isSought(orderId))) continue
    const row = rowOf(refund, facts, made)
    if (row) made.push(row)
    else if (refund.parts.some(({ orderId }) => facts.linesOf(orderId).some(isShippedByUs)))
      without.push(refund)
  }
  const left = joined.flatMap((refund) => voided.get(keyOf(refund)) ?? [])
  await leaveVoided(tx, left, actor)
  if (joined.length > 0) await join(tx, joined, actor)
  await makeReturns(tx, made, actor)
  // All shipped goods of these refunds are on other returns already. An event on the order says why no return was created.
  await noteShipping(
    tx,
    without.flatMap(({ refundNo, parts }) =>
      parts.map(({ orderId }) => ({ orderId, event: 'return_not_made', detail: { refundNo } })),
    ),
    actor,
  )
  return new Set(left.map(({ id }) => id))
}

/** Takes the refund from voided returns, since a refund has one return. */
async function leaveVoided(tx: Tx, voided: readonly ReturnRow[], actor: Actor): Promise<void> {
  if (voided.length === 0) return
  await clearRefunds(
    tx,
    voided.map(({ id }) => id),
  )
  await addReturnEvents(
    tx,
    voided.map(({ id, refundNo }) => ({ returnId: id, event: 'refund_moved', detail: { refundNo } })),
    actor,
  )
}

/**
 * True if the refund can be linked with this return, which has no refund yet: same order, and goods of the refund. A refund of money only
 * is linked only with a refused parcel.
 */
function matchesRefund(one: ReturnRow, lines: readonly ReturnLine[], refund: Refund): boolean {
  if (!wantsGoods(refund) && one.kind !== 'refused') return false
  return refund.parts.some(
    ({ orderId, oid }) =>
      orderId === one.orderId &&
      (oid === '' || lines.some((line) => line.orderId === orderId && line.oid === oid)),
  )
}

/** Returns the refund shares that name pieces; if none does, all shares, which then mean all pieces. */
function partsWithGoods({ parts }: Refund): readonly RefundOfOrder[] {
  const named = parts.filter(({ quantity }) => quantity > 0)
  return named.length > 0 ? named : parts
}

/** Makes the return of a refund from its pieces that are on no other return yet; undefined: there are none. */
function rowOf(refund: Refund, facts: Facts, others: readonly NewReturn[]): NewReturn | undefined {
  const spoken = (orderId: string, lineNo: number) =>
    others
      .flatMap(({ lines }) => lines)
      .filter((line) => line.orderId === orderId && line.lineNo === lineNo)
      .reduce((sum, { quantity }) => sum + quantity, 0)
  const lines = partsWithGoods(refund).flatMap(({ orderId, oid, quantity }) => {
    const all = facts.linesOf(orderId).filter(isShippedByUs)
    const meant = oid === '' ? all : all.filter((line) => line.oid === oid)
    const named = quantity > 0 && meant.length === 1 ? quantity : Number.POSITIVE_INFINITY
    return meant.flatMap((line) => {
      const left = Math.min(named, facts.left(line) - spoken(orderId, line.lineNo))
      return left > 0 ? [{ ...line, quantity: left }] : []
    })
  })
  const [first] = lines
  if (!first) return undefined
  return {
    ...headOf(first),
    kind: refund.kind === 'exchange' ? 'exchange' : 'return',
    origin: 'refund',
    refundNo: refund.refundNo,
    refundStatus: refund.status,
    courier: refund.courier,
    waybillNo: refund.waybillNo.toUpperCase(),
    reason: refund.reason,
    amountFen: refund.amountFen,
    deadline: refund.deadline ?? null,
    exchangeWhen: 'received',
    lines,
  }
}

async function join(tx: Tx, joined: readonly FollowedRefund[], actor: Actor): Promise<void> {
  const ids = joined.map(({ id }) => id)
  await joinRefunds(tx, joined)
  await addReturnEvents(
    tx,
    joined.map(({ id, refundNo }) => ({ returnId: id, event: 'adopted', detail: { refundNo } })),
    actor,
  )
  const now = await writeBackReceipts(tx, ids, actor)
  const byId = new Map(now.map((one) => [one.id, one]))
  const pairs = joined.flatMap((refund) => {
    const one = byId.get(refund.id)
    return one ? [{ refund, one }] : []
  })
  await stopExchangesOf(tx, pairs, new Set(ids), actor)
  await settleAutomatically(tx, now, actor)
}

/**
 * Holds, by a job, the exchange orders of refunds that were closed or refused, or are no exchange any more. A refund that has not changed since does not
 * do so twice, because a person may have let the order go.
 */
async function stopExchangesOf(
  tx: Tx,
  pairs: readonly { refund: Pick<FollowedRefund, 'kind' | 'status'>; one: ReturnRow }[],
  changed: ReadonlySet<string>,
  actor: Actor,
): Promise<void> {
  const stopping = pairs.flatMap(({ refund: { kind, status }, one: { id, no, exchangeOrderId, ...one } }) =>
    exchangeOrderId !== null &&
    one.status !== 'voided' &&
    (kind !== 'exchange' || status === 'closed' || status === 'refused')
      ? [{ id, no, orderId: exchangeOrderId }]
      : [],
  )
  if (stopping.length === 0) return
  const before = await stoppedExchanges(
    tx,
    stopping.map(({ id }) => id),
  )
  const fresh = stopping.filter(({ id }) => changed.has(id) || !before.has(id))
  await addReturnEvents(
    tx,
    fresh.map(({ id }) => ({ returnId: id, event: 'exchange_stopped' })),
    actor,
  )
  await sendEvent(
    tx,
    'returns.stop_exchange',
    fresh.map(({ no, orderId }) => ({ no, orderId })),
  )
}

type RefundWithReturn = { refund: Refund; one: ReturnRow }

async function update(tx: Tx, standing: readonly RefundWithReturn[], actor: Actor): Promise<void> {
  const ids = standing.map(({ one }) => one.id)
  const changed = await writeRefunds(
    tx,
    standing.map(({ refund, one }) => ({ ...refund, id: one.id })),
  )
  await addReturnEvents(
    tx,
    standing
      .filter(({ one }) => changed.has(one.id))
      .map(({ one, refund: { kind, status, amountFen, waybillNo } }) => ({
        returnId: one.id,
        event: 'refund',
        detail: { kind, status, amountFen, waybillNo },
      })),
    actor,
  )
  const now = await returnsById(tx, ids)
  const refundOf = new Map(standing.map(({ refund, one }) => [one.id, refund]))
  const pairs = now.flatMap((one) => {
    const refund = refundOf.get(one.id)
    return refund ? [{ refund, one }] : []
  })
  const off = pairs.filter(({ refund, one }) => isOff(refund, one))
  const closed = off.flatMap(({ refund, one }) => (refund.status === 'closed' ? [one] : []))
  const moneyOnly = off.flatMap(({ refund, one }) => (refund.status === 'closed' ? [] : [one]))
  const voided = [
    ...(await transition(tx, closed, { event: 'void', detail: { reason: 'refund_closed' } }, actor)),
    ...(await transition(tx, moneyOnly, { event: 'void', detail: { reason: 'money_only' } }, actor)),
  ].map(({ id }) => id)
  await stopExchangesOf(
    tx,
    pairs.filter(({ one }) => !voided.includes(one.id)),
    changed,
    actor,
  )
  await addClosedProblems(
    tx,
    closed
      .filter((one) => one.status === 'received' && owesGoodsBack(one) && changed.has(one.id))
      .map(({ id }) => id),
    actor.name,
  )
  await revive(
    tx,
    pairs
      .filter(({ refund, one }) => !isOff(refund, one) && (changed.has(one.id) || isVoidedByItself(one)))
      .map(({ one }) => one),
    standing,
    actor,
  )
  await writeBackReceipts(tx, [...changed], actor)
  await settleAutomatically(
    tx,
    now.filter((one) => !closed.includes(one)),
    actor,
  )
  await enqueueWaybillMatch(
    tx,
    now.map(({ waybillNo }) => waybillNo),
  )
}

/** True if the buyer has closed the refund or wants only money. A refused parcel comes back anyway. */
const isOff = ({ kind, status }: Refund, one: ReturnRow) =>
  one.kind !== 'refused' && (status === 'closed' || (kind !== 'return' && kind !== 'exchange'))

/** True if the goods were received and nothing was sent for them. */
const owesGoodsBack = ({ kind, exchangeOrderId }: ReturnRow) =>
  kind !== 'exchange' || exchangeOrderId === null

/** True if the system voided the return, so no person decided that nothing comes back. */
const isVoidedByItself = ({ voidReason }: ReturnRow) => Object.hasOwn(ownVoidReasons, voidReason)

/**
 * Revives voided returns: the buyer has applied again with the same refund number, or has changed the refund after a person voided the
 * return, or the system voided the return and its goods are shipped again. The goods must be shipped, without an open intercept, and on no
 * other return.
 */
async function revive(
  tx: Tx,
  now: readonly ReturnRow[],
  standing: readonly RefundWithReturn[],
  actor: Actor,
): Promise<void> {
  const wanted = new Set(standing.filter(({ refund }) => wantsGoods(refund)).map(({ one }) => one.id))
  const voided = now.filter(({ id, status }) => status === 'voided' && wanted.has(id))
  if (voided.length === 0) return
  const lines = await linesOf(
    tx,
    voided.map(({ id }) => id),
  )
  const all = [...lines.values()].flat()
  const facts = await factsOf(tx, [...new Set(all.map(({ orderId }) => orderId))])
  const fits = ({ id }: ReturnRow) =>
    (lines.get(id) ?? []).every(({ orderId, orderLineNo, quantity }) => {
      const line = facts.linesOf(orderId).find(({ lineNo }) => lineNo === orderLineNo)
      const isOut = line !== undefined && isShippedByUs(line) && !facts.isSought(orderId)
      return isOut && facts.left(line) >= quantity
    })
  await transition(tx, voided.filter(fits), { event: 'revive' }, actor)
}
