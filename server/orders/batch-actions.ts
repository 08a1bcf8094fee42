import Type from 'typebox'
import type { Scope } from '../core/access/actor.ts'
import { type BatchAction, defineBatchAction } from '../core/batches/batch.ts'
import type { Database, Tx } from '../core/db/db.ts'
import { extentOf, listIds, numbersOf } from '../core/lists/list.ts'
import { bookPayment } from './create/pay.ts'
import { addGifts, giveAgain, removeGifts } from './gifts/change.ts'
import { addGiftFields, removeGiftFields } from './gifts/contract.ts'
import { holdFields, liftHoldFields, shipAfterFields } from './holds/contract.ts'
import { holdOrders, liftHolds } from './holds/holds.ts'
import { holdOf, liftHoldInputOf, shipAfterOf } from './holds/input.ts'
import { planShipping } from './holds/ship-after.ts'
import { type OrderFilter, orderFilter } from './list/contract.ts'
import { orderQuery, orderTable, type SearchParts } from './list/order-list.ts'
import { mergeWithCandidates, unmergeOrders } from './merge/merge.ts'
import { memosFields, resolveChangesFields } from './platform-changes/contract.ts'
import { resolvePlatformChanges } from './platform-changes/differences.ts'
import { memoOf, writeMemos } from './platform-changes/memo.ts'
import { restoreOrders } from './refunds/restore.ts'
import { confirmOrders, unconfirmOrders, waiveOrders } from './review/confirm.ts'
import { courierFields, urgentFields, waiveFields } from './review/desk-contract.ts'
import { clearEditLocks, setEditLocks } from './review/desk-lock.ts'
import { editOrders } from './review/edit.ts'
import { redoSourcingByRules, setWarehouse } from './review/rechoose.ts'
import { chooseFields, warehouseFields } from './sourcing/choice-contract.ts'
import { splitOrdersBy } from './split/split-by.ts'
import { howOf, splitByFields } from './split/split-contract.ts'
import { unsplitOrders } from './split/unsplit.ts'
import { voidFields } from './status/contract.ts'
import { voidOrders } from './status/void.ts'

const closed = { additionalProperties: false }
const none = Type.Object({}, closed)

/** Every action on orders over a selection, or over all that a filter matches. */
export function orderBatchActions(parts: SearchParts): BatchAction[] {
  const orders = orderWalk(parts)
  return [
    defineBatchAction({
      action: 'orders.void',
      name: { zh: '批量作废', en: 'Void orders' },
      permission: 'orders.void',
      input: Type.Object(voidFields, closed),
      ...orders,
      run: (tx, ids, input, actor, scope) => voidOrders(tx, ids, input.reason, actor, scope),
    }),
    defineBatchAction({
      action: 'orders.restore',
      name: { zh: '批量恢复', en: 'Restore orders' },
      permission: 'orders.restore',
      input: none,
      ...orders,
      run: (tx, ids, _, actor, scope) => restoreOrders(tx, ids, actor, scope),
    }),
    defineBatchAction({
      action: 'orders.hold',
      name: { zh: '批量挂起', en: 'Hold orders' },
      permission: 'orders.hold',
      input: Type.Object(holdFields, closed),
      ...orders,
      run: (tx, ids, input, actor, scope) => holdOrders(tx, ids, holdOf(input), actor, scope),
    }),
    defineBatchAction({
      action: 'orders.release_hold',
      name: { zh: '批量解除挂起', en: 'Release orders from hold' },
      permission: 'orders.hold',
      input: Type.Object({ reason: liftHoldFields.reason }, closed),
      ...orders,
      run: (tx, ids, input, actor, scope) => liftHolds(tx, ids, liftHoldInputOf(input), actor, scope),
    }),
    defineBatchAction({
      action: 'orders.settle_differences',
      name: { zh: '批量处理平台变更', en: 'Settle differences' },
      permission: 'orders.hold',
      input: Type.Object({ how: resolveChangesFields.how, kinds: resolveChangesFields.kinds }, closed),
      ...orders,
      run: (tx, ids, input, actor, scope) => resolvePlatformChanges(tx, ids, input, actor, scope),
    }),
    ...reviewActions(parts, orders),
    ...choiceActions(orders),
    ...splitActions(orders),
    ...giftActions(orders),
    ...offPlatformActions(orders),
  ]
}

function reviewActions({ ring }: SearchParts, orders: ReturnType<typeof orderWalk>): BatchAction[] {
  return [
    defineBatchAction({
      action: 'orders.memo',
      name: { zh: '批量写备注插旗', en: 'Memo and flag of orders' },
      permission: 'memo.write',
      input: Type.Object(memosFields, closed),
      ...orders,
      run: (tx, ids, input, actor, scope) => writeMemos(tx, ring, ids, memoOf(input), { actor, scope }),
    }),
    defineBatchAction({
      action: 'orders.confirm',
      name: { zh: '批量确认', en: 'Confirm orders' },
      permission: 'orders.confirm',
      input: none,
      ...orders,
      run: (tx, ids, _, actor, scope) => confirmOrders(tx, ids, actor, scope),
    }),
    defineBatchAction({
      action: 'orders.unconfirm',
      name: { zh: '批量反确认', en: 'Unconfirm orders' },
      permission: 'orders.unconfirm',
      input: none,
      ...orders,
      run: (tx, ids, _, actor, scope) => unconfirmOrders(tx, ids, actor, scope),
    }),
    defineBatchAction({
      action: 'orders.waive',
      name: { zh: '批量放行问题', en: 'Waive problems' },
      permission: 'orders.confirm',
      input: Type.Object(waiveFields, closed),
      ...orders,
      run: (tx, ids, input, actor, scope) => waiveOrders(tx, ids, input, actor, scope),
    }),
    defineBatchAction({
      action: 'orders.lock',
      name: { zh: '批量锁定', en: 'Lock orders' },
      permission: 'orders.lock',
      input: none,
      ...orders,
      run: (tx, ids, _, actor, scope) => setEditLocks(tx, ids, actor, scope),
    }),
    defineBatchAction({
      action: 'orders.unlock',
      name: { zh: '批量解锁', en: 'Unlock orders' },
      permission: 'orders.lock',
      input: none,
      ...orders,
      run: (tx, ids, _, actor, scope) => clearEditLocks(tx, ids, { others: false }, actor, scope),
    }),
    defineBatchAction({
      action: 'orders.force_unlock',
      name: { zh: '批量强制解锁', en: "Unlock others' orders" },
      permission: 'orders.unlock',
      input: none,
      ...orders,
      run: (tx, ids, _, actor, scope) => clearEditLocks(tx, ids, { others: true }, actor, scope),
    }),
    defineBatchAction({
      action: 'orders.courier',
      name: { zh: '批量改快递', en: 'Choose the courier' },
      permission: 'orders.edit',
      input: Type.Object(courierFields, closed),
      ...orders,
      run: (tx, ids, { courier }, actor, scope) => {
        const edits = ids.map((id) => ({ id, courier }))
        return editOrders(tx, ring, edits, actor, scope)
      },
    }),
    defineBatchAction({
      action: 'orders.urgent',
      name: { zh: '批量加急', en: 'Mark urgent' },
      permission: 'orders.edit',
      input: Type.Object(urgentFields, closed),
      ...orders,
      run: (tx, ids, { urgent }, actor, scope) => {
        const edits = ids.map((id) => ({ id, urgent }))
        return editOrders(tx, ring, edits, actor, scope)
      },
    }),
  ]
}

function choiceActions(orders: ReturnType<typeof orderWalk>): BatchAction[] {
  return [
    defineBatchAction({
      action: 'orders.choose',
      name: { zh: '批量按规则重选', en: 'Choose anew by the rules' },
      permission: 'orders.edit',
      input: Type.Object(chooseFields, closed),
      ...orders,
      run: (tx, ids, input, actor, scope) => redoSourcingByRules(tx, ids, input, actor, scope),
    }),
    defineBatchAction({
      action: 'orders.warehouse',
      name: { zh: '批量改仓', en: 'Choose the warehouse' },
      permission: 'orders.edit',
      input: Type.Object(warehouseFields, closed),
      ...orders,
      run: (tx, ids, { warehouseId }, actor, scope) => setWarehouse(tx, ids, warehouseId, actor, scope),
    }),
  ]
}

function splitActions(orders: ReturnType<typeof orderWalk>): BatchAction[] {
  return [
    defineBatchAction({
      action: 'orders.split',
      name: { zh: '批量拆单', en: 'Split orders' },
      permission: 'orders.split',
      input: Type.Object(splitByFields, closed),
      ...orders,
      run: (tx, ids, { how }, actor, scope) => splitOrdersBy(tx, ids, [howOf(how)], actor, scope),
    }),
    defineBatchAction({
      action: 'orders.unsplit',
      name: { zh: '批量取消拆单', en: 'Put split orders together' },
      permission: 'orders.split',
      input: none,
      ...orders,
      run: (tx, ids, _, actor, scope) => unsplitOrders(tx, ids, actor, scope),
    }),
    defineBatchAction({
      action: 'orders.merge',
      name: { zh: '批量合单', en: 'Merge orders' },
      permission: 'orders.split',
      input: none,
      ...orders,
      run: (tx, ids, _, actor, scope) => mergeWithCandidates(tx, ids, actor, scope),
    }),
    defineBatchAction({
      action: 'orders.unmerge',
      name: { zh: '批量取消合单', en: 'Take orders out of parcels' },
      permission: 'orders.split',
      input: none,
      ...orders,
      run: (tx, ids, _, actor, scope) => unmergeOrders(tx, ids, actor, scope),
    }),
  ]
}

function giftActions(orders: ReturnType<typeof orderWalk>): BatchAction[] {
  return [
    defineBatchAction({
      action: 'orders.gifts',
      name: { zh: '批量重算赠品', en: 'Give gifts anew' },
      permission: 'orders.edit',
      input: none,
      ...orders,
      run: (tx, ids, _, actor, scope) => giveAgain(tx, ids, { actor, scope }),
    }),
    defineBatchAction({
      action: 'orders.gift_add',
      name: { zh: '批量加赠品', en: 'Add a gift' },
      permission: 'orders.edit',
      input: Type.Object(addGiftFields, closed),
      ...orders,
      run: (tx, ids, input, actor, scope) => addGifts(tx, ids, input, { actor, scope }),
    }),
    defineBatchAction({
      action: 'orders.gift_remove',
      name: { zh: '批量去掉赠品', en: 'Take a gift off' },
      permission: 'orders.edit',
      input: Type.Object(removeGiftFields, closed),
      ...orders,
      run: (tx, ids, input, actor, scope) => removeGifts(tx, ids, input, { actor, scope }),
    }),
  ]
}

function offPlatformActions(orders: ReturnType<typeof orderWalk>): BatchAction[] {
  return [
    defineBatchAction({
      action: 'orders.book_payment',
      name: { zh: '批量登记付款', en: 'Book payments' },
      permission: 'orders.create',
      input: none,
      ...orders,
      run: (tx, ids, _, actor, scope) => bookPayment(tx, ids, actor, scope),
    }),
    defineBatchAction({
      action: 'orders.ship_after',
      name: { zh: '批量定计划发货日', en: 'Plan shipping' },
      permission: 'orders.edit',
      input: Type.Object(shipAfterFields, closed),
      ...orders,
      run: (tx, ids, input, actor, scope) => planShipping(tx, ids, shipAfterOf(input), actor, scope),
    }),
  ]
}

/** Sorted by what no verb here changes, so the walk neither skips nor repeats. */
export function orderWalk(parts: SearchParts) {
  const query = (tx: Tx, filter: OrderFilter, scope: Scope) =>
    orderQuery(tx, parts, filter, scope, 'createdAt')
  return {
    filter: orderFilter,
    count: async (tx: Tx, filter: OrderFilter, scope: Scope) =>
      extentOf(tx, orderTable, await query(tx, filter, scope)),
    resolve: async (tx: Tx, filter: OrderFilter, scope: Scope, cap: number, after: string | null) => {
      const page = { limit: cap, after: after ?? undefined }
      const { ids, next } = await listIds(tx, orderTable, await query(tx, filter, scope), page)
      return { ids, after: next }
    },
    numbers: (db: Database, ids: readonly string[]) => numbersOf(db, orderTable, 'no', ids),
  }
}
