import type { RefundKind, RefundStatus } from '../../connectors/connector.ts'
import type { Actor } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
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
import { type FollowedRefund, joinRefunds, writeRefunds } from './follow-queries.ts'

/** What the platform says of a refund's parcel. */
export type ReturnParcel = {
  shopId: string
  refundNo: string
  courier: string
  waybillNo: string
  reason: string
  /** Until then the platform wants its answer. */
  deadline?: Date | null
}

type Facts = Awaited<ReturnType<typeof factsOf>>
type Refund = ReturnParcel & {
  kind: RefundKind
  status: RefundStatus
  amountFen: number
  /** Of orders whose goods it can still be about. */
  parts: readonly RefundOfOrder[]
}

/**
 * 退款 → 退货单, after the refunds were applied to their orders, which are locked for it. One of goods that were shipped makes a
 * return, or joins the one that a person or a parcel made before; each later version follows. Twice, at once or out of order
 * ends the same: what counts is how the orders know the refund now. The parcels are of the versions that were applied.
 */
export async function syncReturns(tx: Tx, parcels: readonly ReturnParcel[], actor: Actor): Promise<void> {
  if (parcels.length === 0) return
  const refunds = refundsOf(parcels, await appliedRefunds(tx, parcels))
  const known = new Map((await returnsOfRefunds(tx, refunds)).map((one) => [keyOf(one), one]))
  const fresh = refunds.filter(
    (refund) => !known.has(keyOf(refund)) && (wantsGoods(refund) || paysOnly(refund)),
  )
  if (fresh.length > 0) await makeOrJoin(tx, fresh, actor)
  const standing = refunds.flatMap((refund) => {
    const one = known.get(keyOf(refund))
    return one ? [{ refund, one }] : []
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

/** Goods come back for it, or will. Refused ones may be asked for again; then they make their return. */
const wantsGoods = ({ kind, status, parts }: Pick<Refund, 'kind' | 'status' | 'parts'>) =>
  parts.length > 0 &&
  (kind === 'return' || kind === 'exchange') &&
  (status === 'applied' || status === 'agreed' || status === 'succeeded')

/** Money only, as buyers ask for a parcel that never reached them: its return is made when that comes back, or was before. */
const paysOnly = ({ kind, status }: Pick<Refund, 'kind' | 'status'>) =>
  kind === 'refund_only' && (status === 'applied' || status === 'agreed' || status === 'succeeded')

async function makeOrJoin(tx: Tx, refunds: readonly Refund[], actor: Actor): Promise<void> {
  const orderIds = [...new Set(refunds.flatMap(({ parts }) => parts.map(({ orderId }) => orderId)))]
  const facts = await factsOf(tx, orderIds)
  const waiting = await returnsWithoutRefund(tx, orderIds)
  const lines = await linesOf(
    tx,
    waiting.map(({ id }) => id),
  )
  const taken = new Set<string>()
  const made: NewReturn[] = []
  const joined: FollowedRefund[] = []
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
    if (!wantsGoods(refund) || partsWithGoods(refund).some(({ orderId }) => facts.isSought(orderId))) continue
    const row = rowOf(refund, facts, made)
    if (row) made.push(row)
    else if (refund.parts.some(({ orderId }) => facts.linesOf(orderId).some(isShippedByUs)))
      without.push(refund)
  }
  if (joined.length > 0) await join(tx, joined, actor)
  await makeReturns(tx, made, actor)
  // All of it is on other returns already: its order says so, since nobody would look for the reason elsewhere.
  await noteShipping(
    tx,
    without.flatMap(({ refundNo, parts }) =>
      parts.map(({ orderId }) => ({ orderId, event: 'return_not_made', detail: { refundNo } })),
    ),
    actor,
  )
}

/** A return of the same order that holds the refund's goods, made before the platform told of it. */
function matchesRefund(one: ReturnRow, lines: readonly ReturnLine[], refund: Refund): boolean {
  if (!wantsGoods(refund) && one.kind !== 'refused') return false
  return refund.parts.some(
    ({ orderId, oid }) =>
      orderId === one.orderId &&
      (oid === '' || lines.some((line) => line.orderId === orderId && line.oid === oid)),
  )
}

/** Of a refund that several orders share, one may have a part of nothing; where no pieces are named, all are meant. */
function partsWithGoods({ parts }: Refund): readonly RefundOfOrder[] {
  const named = parts.filter(({ quantity }) => quantity > 0)
  return named.length > 0 ? named : parts
}

/** Asked for are the pieces that the refund names, as far as they are on no return. */
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
  await settleAutomatically(tx, await writeBackReceipts(tx, ids, actor), actor)
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
  const ended = new Set(standing.filter(({ refund, one }) => isOff(refund, one)).map(({ one }) => one.id))
  const off = now.filter(({ id }) => ended.has(id))
  await transition(tx, off, { event: 'void', detail: { reason: 'refund_closed' } }, actor)
  await addClosedProblems(
    tx,
    off
      .filter((one) => one.status === 'received' && one.kind !== 'exchange' && changed.has(one.id))
      .map(({ id }) => id),
    actor.name,
  )
  await revive(
    tx,
    now.filter((one) => !ended.has(one.id) && (changed.has(one.id) || isVoidedByItself(one))),
    standing,
    actor,
  )
  await settleAutomatically(
    tx,
    now.filter(({ id }) => !ended.has(id)),
    actor,
  )
  await enqueueWaybillMatch(
    tx,
    now.map(({ waybillNo }) => waybillNo),
  )
}

/** The buyer thought better of it, or wants money only. A parcel that was refused comes back all the same. */
const isOff = ({ kind, status }: Refund, one: ReturnRow) =>
  one.kind !== 'refused' && (status === 'closed' || (kind !== 'return' && kind !== 'exchange'))

/** True if the system voided the return: no person decided that nothing comes back. */
const isVoidedByItself = ({ voidReason }: ReturnRow) => Object.hasOwn(ownVoidReasons, voidReason)

/**
 * The buyer asked again by the same number, or what they ask for changed after a person had voided it: the return is wanted
 * after all, if its goods are out of the house, nobody looks for their parcel, and they are on no other by now.
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
