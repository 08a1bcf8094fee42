import type { Actor, By } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Outcome, Refusal } from '../../core/decide.ts'
import { keepUnmatchedHolds, reassignOrders } from '../allocation/goods.ts'
import { waitTogether } from '../holds/ship-after.ts'
import { answerOrders, lockWithRelated, otherLockOwner, withoutForeignEditLocks } from '../order/access.ts'
import { lineFacets, withoutGoods } from '../order/facets.ts'
import { whyEditLocked } from '../order/lifecycle.ts'
import { addOrderEvents, type LockedOrder, lockOrders, refreshOrders } from '../order/queries.ts'
import { judgeAgain } from '../review/judge-again.ts'
import { updateSettlements } from '../settle/settlements.ts'
import { transition } from '../status/transition.ts'
import { splittableLines, splittableOrders, withParents, writeShifts } from './split-queries.ts'
import { whyNotUnsplit } from './split-rules.ts'
import { carryHolds, moveLinesToParent } from './unsplit-queries.ts'

/**
 * 取消拆单: moves goods and money of child orders back to their parents and voids the empty child orders. The parent requests stock for all
 * its goods again, has the holds of parent and child that a person must lift, and gets the later of their planned ship dates.
 */
export async function unsplitOrders(
  tx: Tx,
  ids: readonly string[],
  { actor, scope }: By,
): Promise<Outcome[]> {
  await lockWithRelated(tx, ids, scope, withParents)
  return withoutForeignEditLocks(tx, ids, { actor, scope }, async (granted) => {
    const orders = new Map(
      (await lockOrders(tx, await withParents(tx, granted))).map((order) => [order.id, order]),
    )
    const facts = await splittableOrders(tx, granted)
    const lines = await splittableLines(tx, granted)
    const refusalOf = (order: LockedOrder) => {
      const fact = facts.get(order.id)
      const root = fact && orders.get(fact.rootId)
      if (!fact || !root || root.id === order.id) return whyNotUnsplit(order, null)
      const locked = whyEditLocked(otherLockOwner(root, actor))
      if (locked) return ofRoot(root, locked)
      if (lines.get(order.id)?.some(({ refunds }) => refunds)) return refunded
      return whyNotUnsplit(order, root)
    }
    const asked = granted.flatMap((id) => orders.get(id) ?? [])
    const parts = asked.filter((order) => !refusalOf(order))
    const outcomes = answerOrders(granted, asked, refusalOf)
    await takeBack(
      tx,
      parts.flatMap((part) => {
        const root = orders.get(facts.get(part.id)?.rootId ?? '')
        return root ? [{ part, root }] : []
      }),
      actor,
    )
    return outcomes
  })
}

type Pair = { part: LockedOrder; root: LockedOrder }

async function takeBack(tx: Tx, pairs: readonly Pair[], actor: Actor): Promise<void> {
  if (pairs.length === 0) return
  const partIds = pairs.map(({ part }) => part.id)
  const rootIds = [...new Set(pairs.map(({ root }) => root.id))]
  const moved = await moveLinesToParent(
    tx,
    pairs.map(({ part, root }) => ({ partId: part.id, rootId: root.id })),
  )
  const rootOf = new Map(pairs.map(({ part, root }) => [part.id, root.id]))
  await carryHolds(
    tx,
    pairs.map(({ part, root }) => ({ partId: part.id, rootId: root.id })),
  )
  await waitTogether(tx, rootOf, actor)
  const facts = await splittableOrders(tx, [...partIds, ...rootIds])
  const lines = await splittableLines(tx, rootIds)
  const facetsOf = (id: string) => [
    ...withoutGoods(facts.get(id)?.facets ?? []),
    ...lineFacets((lines.get(id) ?? []).filter(({ gift }) => !gift)),
  ]
  const back = moved.map(({ partId, ...sums }) => ({ id: rootOf.get(partId) ?? '', ...sums }))
  await writeShifts(tx, [
    ...[...Map.groupBy(back, ({ id }) => id)].map(([id, rows]) => ({
      ...totalOf(rows),
      id,
      facets: facetsOf(id),
    })),
    ...moved.map(({ partId, ...sums }) => ({ ...negative(sums), id: partId, facets: facetsOf(partId) })),
  ])
  await transition(tx, partIds, { event: 'void', detail: { reason: 'unsplit' } }, actor)
  await addOrderEvents(
    tx,
    pairs.map(({ part, root }) => ({ orderId: root.id, event: 'unsplit', detail: { no: part.no } })),
    actor,
  )
  const all = [...rootIds, ...partIds]
  await keepUnmatchedHolds(tx, all)
  await refreshOrders(tx, all)
  await updateSettlements(tx, await lockOrders(tx, all), actor)
  await judgeAgain(tx, rootIds, actor)
  await reassignOrders(tx, all)
}

type Sums = { goodsFen: number; discountFen: number; paymentFen: number; quantity: number }

const totalOf = (rows: readonly Sums[]): Sums =>
  rows.reduce((total, row) => ({
    goodsFen: total.goodsFen + row.goodsFen,
    discountFen: total.discountFen + row.discountFen,
    paymentFen: total.paymentFen + row.paymentFen,
    quantity: total.quantity + row.quantity,
  }))
const negative = ({ goodsFen, discountFen, paymentFen, quantity }: Sums): Sums => ({
  goodsFen: -goodsFen,
  discountFen: -discountFen,
  paymentFen: -paymentFen,
  quantity: -quantity,
})

const ofRoot = ({ no }: LockedOrder, { code, message: { zh, en } }: Refusal): Refusal => ({
  code,
  message: { zh: `${no} ${zh}`, en: `${no}: ${en}` },
})

const refunded: Refusal = {
  code: 'refunded',
  message: { zh: '这张单上有退款，不能合回去', en: 'A refund is about it; it stays apart' },
}
