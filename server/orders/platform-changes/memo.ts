import { createHash } from 'node:crypto'
import type { Actor, By, Scope } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Outcome } from '../../core/decide.ts'
import { enqueueActions, ofSubjects, withdrawOfSubjects } from '../../core/outbox/actions.ts'
import { AppError } from '../../errors.ts'
import { type KeyRing, seal } from '../../lib/seal.ts'
import { redoSourcingOfChanged } from '../allocation/goods.ts'
import { answerOrders, otherLockOwner, withinScope, withoutForeignEditLocks } from '../order/access.ts'
import {
  markResolved,
  type OpenPlatformChange,
  type OrderTexts,
  openPlatformChanges,
  orderTexts,
  writeTexts,
} from '../order/difference-queries.ts'
import { facetsFor } from '../order/facets.ts'
import { isOffPlatform } from '../order/lifecycle.ts'
import {
  addOrderEvents,
  bumpVersions,
  type LockedOrder,
  lockOrders,
  refreshOrders,
} from '../order/queries.ts'
import { changedBy } from '../review/edit.ts'
import { lastActs } from '../review/edit-queries.ts'
import { judgeAgain } from '../review/judge-again.ts'

export type MemoRequest = { memo: string; flag: number; version: number }
export type MemoChange = { memo?: string | undefined; flag?: number | undefined }

/**
 * Writes memo and flag of one order. Throws `not_found`, `locked`, and `conflict` if the order is newer than the version that the user
 * saw.
 */
export async function writeMemo(
  tx: Tx,
  ring: KeyRing,
  { id, version, ...change }: MemoRequest & { id: string },
  { actor, scope }: By,
): Promise<void> {
  const [outcome] = await withinScope(tx, [id], scope, async (granted) => {
    const orders = await lockOrders(tx, granted)
    for (const order of orders) {
      const holder = otherLockOwner(order, actor)
      if (holder) throw new AppError('locked', { who: holder })
      if (order.version === version) continue
      const { zh, en } = changedBy((await lastActs(tx, [id])).get(id)).message
      throw new AppError('conflict', { what: { zh: `销售订单（${zh}）`, en: `Sales order (${en})` } })
    }
    await write(tx, ring, { orders, changeOf: () => change }, actor)
    return answerOrders(granted, orders, () => undefined)
  })
  if (!outcome?.done) throw new AppError('not_found', { what: { zh: '销售订单', en: 'Sales order' } })
}

/** 批量写备注、插旗: writes the same memo, flag, or both on all orders. Orders that have these values already stay unchanged. */
export function writeMemos(
  tx: Tx,
  ring: KeyRing,
  { ids, change }: { ids: readonly string[]; change: MemoChange },
  { actor, scope }: { actor: Actor; scope: Scope },
): Promise<Outcome[]> {
  return withoutForeignEditLocks(tx, ids, { actor, scope }, async (granted) => {
    const orders = await lockOrders(tx, granted)
    const written = await write(
      tx,
      ring,
      { orders, changeOf: (texts) => (isSame(texts, change) ? null : change) },
      actor,
    )
    return answerOrders(granted, orders, ({ id }) => (written.has(id) ? undefined : alreadySo))
  })
}

const isSame = (texts: OrderTexts, { memo, flag }: MemoChange) =>
  (memo ?? texts.sellerMemo) === texts.sellerMemo && (flag ?? texts.flag) === texts.flag

const alreadySo = {
  code: 'already',
  message: { zh: '备注和旗标已是这样', en: 'Memo and flag are so already' },
}

type Written = {
  order: LockedOrder
  texts: OrderTexts
  sellerMemo: string
  flag: number
  isFlagOnly: boolean
  /** The platform's changes of memo or flag that the order takes over. */
  taken: readonly OpenPlatformChange[]
}

/**
 * Writes memo and flag on the orders, and enqueues the platform action `trade.memo` with the sealed text for orders of trades. The
 * caller has locked the orders. Returns the ids of the written ones.
 */
async function write(
  tx: Tx,
  ring: KeyRing,
  {
    orders,
    changeOf,
  }: { orders: readonly LockedOrder[]; changeOf: (texts: OrderTexts) => MemoChange | null },
  actor: Actor,
): Promise<Set<string>> {
  const byId = new Map(orders.map((order) => [order.id, order]))
  const shown = await openPlatformChanges(tx, [...byId.keys()])
  const writing = (await orderTexts(tx, [...byId.keys()])).flatMap((texts): Written[] => {
    const [order, change] = [byId.get(texts.id), changeOf(texts)]
    if (!order || !change) return []
    // The platform gets both. One that the person did not change is sent as the platform shows it.
    const taken = shown.filter(
      ({ orderId, kind }) =>
        orderId === texts.id &&
        ((kind === 'memo' && change.memo === undefined) || (kind === 'flag' && change.flag === undefined)),
    )
    const shownOf = (kind: string) => taken.find((one) => one.kind === kind)?.newValue
    const sellerMemo = change.memo ?? shownOf('memo') ?? texts.sellerMemo
    const flag = change.flag ?? Number(shownOf('flag') ?? texts.flag)
    return [{ order, texts, sellerMemo, flag, isFlagOnly: change.memo === undefined, taken }]
  })
  const ids = writing.map(({ order }) => order.id)
  if (ids.length === 0) return new Set()
  await bumpVersions(tx, ids)
  await writeTexts(
    tx,
    writing.map(({ texts, sellerMemo, flag }) => {
      const changed = { ...texts, sellerMemo, flag }
      return { ...changed, facets: facetsFor(texts.facets, changed), addressFrom: null, courierEnds: false }
    }),
  )
  await settleTaken(
    tx,
    writing.flatMap(({ taken }) => taken),
    actor,
  )
  await addOrderEvents(
    tx,
    writing.map(({ order, flag }) => ({ orderId: order.id, event: 'memo', detail: { flag } })),
    actor,
  )
  const unconfirmed = writing.filter(({ order }) => order.status === 'unconfirmed')
  await redoSourcingOfChanged(
    tx,
    unconfirmed.map(({ order }) => order.id),
    actor,
  )
  await judgeAgain(tx, ids, actor)
  const onPlatform = writing.filter(({ order }) => !isOffPlatform(order.origin))
  await tellPlatform(tx, ring, onPlatform, actor)
  return new Set(ids)
}

/** A flag is sent alone, unless a former memo of the order may not have arrived: this action takes its place and brings the memo too. */
async function tellPlatform(tx: Tx, ring: KeyRing, writing: readonly Written[], actor: Actor): Promise<void> {
  const subjects = { type: 'sales_order', ids: writing.map(({ order }) => order.id) }
  const former = await ofSubjects(tx, 'trade.memo', subjects, ['pending', 'sending', 'failed', 'unknown'])
  const withMemo = new Set(
    former.filter(({ payload }) => !isFlagOnly(payload)).map(({ subjectId }) => subjectId),
  )
  // A former one that failed must not be tried again after this one.
  await withdrawOfSubjects(tx, 'trade.memo', subjects, { actor, reason: '之后又改了' })
  await enqueueActions(
    tx,
    writing.map((one) =>
      actionOf(ring, { ...one, isFlagOnly: one.isFlagOnly && !withMemo.has(one.order.id) }),
    ),
    actor,
  )
}

const isFlagOnly = (payload: unknown): boolean =>
  typeof payload === 'object' && payload !== null && 'flagOnly' in payload

async function settleTaken(tx: Tx, taken: readonly OpenPlatformChange[], actor: Actor): Promise<void> {
  if (taken.length === 0) return
  await markResolved(
    tx,
    taken.map(({ id }) => id),
    'applied',
    actor.name,
  )
  await refreshOrders(tx, [...new Set(taken.map(({ orderId }) => orderId))])
  await addOrderEvents(
    tx,
    taken.map(({ orderId, kind }) => ({ orderId, event: 'difference_applied', detail: { kind } })),
    actor,
  )
}

/** The idempotency key contains the order's version, so that each version sends its memo once. */
function actionOf(ring: KeyRing, { order, sellerMemo, flag, isFlagOnly }: Written) {
  const { id, shopId, tid, version } = order
  const text = JSON.stringify({ memo: sellerMemo })
  const digest = createHash('sha256').update(`${text}${flag}`).digest('hex').slice(0, 16)
  return {
    shopId,
    kind: 'trade.memo',
    subject: { type: 'sales_order', id },
    idempotencyKey: `trade.memo/${id}/${version}/${digest}`,
    payload: { tid, flag, ...(isFlagOnly ? { flagOnly: true } : {}) },
    secret: seal(ring, shopId, text),
  }
}

export function memoOf({ memo, flag }: MemoChange): MemoChange {
  if (memo === undefined && flag === undefined)
    throw new AppError('invalid_input', { detail: 'flag' }, 'flag')
  return { memo, flag }
}
