import { sql } from 'kysely'
import type { Actor, By } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { type Outcome, wrongStatus } from '../../core/decide.ts'
import {
  answerOrders,
  lockOwnerKey,
  otherLockOwner,
  withinScope,
  withoutForeignEditLocks,
} from '../order/access.ts'
import { flagFacets } from '../order/facets.ts'
import { isUnshipped, statusWords, whyEditLocked } from '../order/lifecycle.ts'
import { addOrderEvents, facetWhen, lockOrders } from '../order/queries.ts'

/** 锁定: until it is unlocked, only this user can change the order. Changes from the platform are still applied. */
export function setEditLocks(tx: Tx, ids: readonly string[], { actor, scope }: By): Promise<Outcome[]> {
  return withoutForeignEditLocks(tx, ids, { actor, scope }, async (granted) => {
    const orders = await lockOrders(tx, granted)
    const locking = orders.filter((order) => order.lockedBy === null && isUnshipped(order.status))
    const done = new Set(locking.map((order) => order.id))
    await writeEditLock(tx, [...done], actor)
    await addOrderEvents(
      tx,
      locking.map((order) => ({ orderId: order.id, event: 'lock', detail: {} })),
      actor,
    )
    return answerOrders(granted, orders, (order) => {
      if (done.has(order.id)) return undefined
      return order.lockedBy === null ? cannotLock(order) : alreadyYours
    })
  })
}

/** 解锁: removes edit locks. `others`: also those of other users; the caller must have checked the permission. */
export function clearEditLocks(
  tx: Tx,
  ids: readonly string[],
  { others }: { others: boolean },
  { actor, scope }: By,
): Promise<Outcome[]> {
  return withinScope(tx, ids, scope, async (granted) => {
    const orders = await lockOrders(tx, granted)
    const unlocking = orders.filter(
      (order) => order.lockedBy !== null && (others || order.lockedBy === lockOwnerKey(actor)),
    )
    const done = new Set(unlocking.map((order) => order.id))
    await writeEditLock(tx, [...done], null)
    await addOrderEvents(
      tx,
      unlocking.map((order) => ({
        orderId: order.id,
        event: 'unlock',
        detail: { holder: order.lockedName },
      })),
      actor,
    )
    return answerOrders(granted, orders, (order) =>
      done.has(order.id) ? undefined : (whyEditLocked(otherLockOwner(order, actor)) ?? notLocked),
    )
  })
}

async function writeEditLock(tx: Tx, ids: readonly string[], holder: Actor | null): Promise<void> {
  if (ids.length === 0) return
  await sql`
    update sales_order
    set locked_by = ${holder && lockOwnerKey(holder)}, locked_name = ${holder?.name ?? ''},
        locked_at = ${holder ? sql`now()` : null}, version = version + 1, updated_at = now(),
        facets = ${facetWhen(sql.ref('facets'), flagFacets.locked, sql.lit(holder !== null))}
    where id = any(${ids}::bigint[])`.execute(tx)
}

const alreadyYours = { code: 'already', message: { zh: '已由你锁定', en: 'Locked by you already' } }
const notLocked = { code: 'not_locked', message: { zh: '没有锁定', en: 'Not locked' } }

const cannotLock = ({ status }: { status: keyof typeof statusWords }) =>
  wrongStatus(statusWords[status], { zh: '锁定', en: 'lock' })
