import { createHash } from 'node:crypto'
import type { Actor, Scope } from '../actor.ts'
import type { Tx } from '../db.ts'
import { AppError } from '../errors.ts'
import { type KeyRing, seal } from '../lib/seal.ts'
import { enqueueAction } from '../outbox/actions.ts'
import { orderTexts, writeTexts } from './difference-queries.ts'
import { changedBy } from './edit.ts'
import { lastActs } from './edit-queries.ts'
import { facetsFor } from './facets.ts'
import { chooseChanged } from './goods.ts'
import { judgeAgain } from './judge.ts'
import { isOwn } from './lifecycle.ts'
import { addOrderEvents, bumpVersion, lockOrders, orderIdsIn } from './queries.ts'
import { otherHolder } from './transition.ts'

export type MemoWish = { memo: string; flag: number; version: number }

/**
 * The seller's memo and flag: on the order now, and on the shop through the outbox (kind `trade.memo`). The words travel
 * sealed; an order of our own has no shop to be told. Throws `not_found`, `locked`, `conflict` when somebody changed the order meanwhile.
 */
export async function writeMemo(
  tx: Tx,
  ring: KeyRing,
  id: string,
  wish: MemoWish,
  actor: Actor,
  scope: Scope,
): Promise<void> {
  const granted = await orderIdsIn(tx, [id], scope)
  const [order] = granted.has(id) ? await lockOrders(tx, [id]) : []
  if (!order) throw new AppError('not_found', { what: { zh: '销售单', en: 'Sales order' } })
  const holder = otherHolder(order, actor)
  if (holder) throw new AppError('locked', { who: holder })
  if (!(await bumpVersion(tx, id, wish.version))) {
    const { zh, en } = changedBy((await lastActs(tx, [id])).get(id)).message
    throw new AppError('conflict', { what: { zh: `销售单（${zh}）`, en: `Sales order (${en})` } })
  }
  const [texts] = await orderTexts(tx, [id])
  if (!texts) return
  const changed = { ...texts, sellerMemo: wish.memo, flag: wish.flag }
  await writeTexts(tx, [{ ...changed, facets: facetsFor(texts.facets, changed), addressFrom: null }])
  await addOrderEvents(tx, [{ orderId: id, event: 'memo', detail: { flag: wish.flag } }], actor)
  if (order.status === 'unconfirmed') await chooseChanged(tx, [id], actor)
  await judgeAgain(tx, [id], actor)
  if (isOwn(order.origin)) return
  const text = JSON.stringify({ memo: wish.memo })
  await enqueueAction(
    tx,
    {
      shopId: order.shopId,
      kind: 'trade.memo',
      subject: { type: 'sales_order', id },
      idempotencyKey: `trade.memo/${id}/${wish.version}/${createHash('sha256').update(`${text}${wish.flag}`).digest('hex').slice(0, 16)}`,
      payload: { tid: order.tid, flag: wish.flag },
      secret: seal(ring, order.shopId, text),
    },
    actor,
  )
}
