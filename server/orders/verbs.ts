import { defineRowVerb, defineVerb, plain, rowsOfList, type VerbRows } from '../core/verbs.ts'
import { blacklistBuyers, removeFromBlacklist } from './buyers/blacklist.ts'
import { blacklistFields } from './buyers/contract.ts'
import { bookPayment } from './create/pay.ts'
import { addGifts, giveAgain, removeGifts } from './gifts/change.ts'
import { addGiftFields, removeGiftFields } from './gifts/contract.ts'
import { holdFields, liftHoldFields, shipAfterFields } from './holds/contract.ts'
import { holdOrders, liftHolds } from './holds/holds.ts'
import { holdOf, liftHoldInputOf, shipAfterOf } from './holds/input.ts'
import { planShipping } from './holds/ship-after.ts'
import { orderFilter } from './list/contract.ts'
import { orderQuery, orderTable, type SearchParts } from './list/order-list.ts'
import { mergeOrders, mergeWithCandidates, unmergeOrders } from './merge/merge.ts'
import { memosFields, resolveChangesFields } from './platform-changes/contract.ts'
import { resolvePlatformChanges } from './platform-changes/differences.ts'
import { memoOf, writeMemos } from './platform-changes/memo.ts'
import { shipOverInput } from './refunds/notice-contract.ts'
import { restoreOrders } from './refunds/restore.ts'
import { shipOverRefunds } from './refunds/ship-over.ts'
import { confirmOrders, unconfirmOrders, waiveOrders } from './review/confirm.ts'
import {
  courierFields,
  editInput,
  servicesFields,
  urgentFields,
  waiveFields,
} from './review/desk-contract.ts'
import { clearEditLocks, setEditLocks } from './review/desk-lock.ts'
import { editOrders } from './review/edit.ts'
import { redoSourcingByRules, setWarehouse } from './review/rechoose.ts'
import { chooseFields, warehouseFields } from './sourcing/choice-contract.ts'
import { splitOrdersBy } from './split/split-by.ts'
import { howOf, splitByFields } from './split/split-contract.ts'
import { unsplitOrders } from './split/unsplit.ts'
import { voidFields } from './status/contract.ts'
import { voidOrders } from './status/void.ts'
import { substituteFields } from './substitute/contract.ts'
import { substituteGoods } from './substitute/substitute.ts'
import { orderVerbs as declared, reviewVerbs, shipmentVerbs } from './verbs-contract.ts'

export const orderVerbs = (parts: SearchParts) =>
  [reviewVerbsOf(parts), orderVerbsOf(parts), shipmentVerbsOf(orderVerbRows(parts))].flat()

/**
 * The orders of a verb over a filter are sorted by creation time. No verb changes that, so the chunks neither skip nor repeat an order.
 */
export const orderVerbRows = (parts: SearchParts) => ({
  of: 'order',
  tag: 'orders',
  walk: rowsOfList({
    filter: orderFilter,
    table: orderTable,
    query: (filter, scope, tx) => orderQuery(tx, parts, filter, { scope, sort: 'createdAt' }),
    numbers: 'no',
  }),
})

function reviewVerbsOf(parts: SearchParts) {
  const { ring } = parts
  const rows = orderVerbRows(parts)
  return [
    defineVerb(reviewVerbs.confirm, { rows, run: plain(confirmOrders) }),
    defineVerb(reviewVerbs.unconfirm, { rows, run: plain(unconfirmOrders) }),
    defineVerb(reviewVerbs.waive, {
      rows,
      input: waiveFields,
      run: (tx, ids, input, by) => waiveOrders(tx, ids, input, by),
    }),
    defineVerb(reviewVerbs.lock, { rows, run: plain(setEditLocks) }),
    defineVerb(reviewVerbs.unlock, {
      rows,
      run: (tx, ids, _, by) => clearEditLocks(tx, ids, { others: false }, by),
    }),
    defineVerb(reviewVerbs.forceUnlock, {
      rows,
      run: (tx, ids, _, by) => clearEditLocks(tx, ids, { others: true }, by),
    }),
    defineVerb(reviewVerbs.memo, {
      rows,
      input: memosFields,
      run: (tx, ids, input, by) => writeMemos(tx, ring, { ids, change: memoOf(input) }, by),
    }),
    defineVerb(reviewVerbs.urgent, {
      rows,
      input: urgentFields,
      run(tx, ids, { urgent }, by) {
        const edits = ids.map((id) => ({ id, urgent }))
        return editOrders(tx, ring, edits, by)
      },
    }),
    defineVerb(reviewVerbs.courier, {
      rows,
      input: courierFields,
      run(tx, ids, { courier }, by) {
        const edits = ids.map((id) => ({ id, courier }))
        return editOrders(tx, ring, edits, by)
      },
    }),
    defineVerb(reviewVerbs.services, {
      rows,
      input: servicesFields,
      run: (tx, ids, services, by) =>
        editOrders(
          tx,
          ring,
          ids.map((id) => ({ id, services })),
          by,
        ),
    }),
    defineRowVerb(reviewVerbs.edit, {
      rows,
      body: editInput,
      run: (tx, { edits }, by) => editOrders(tx, ring, edits, by),
    }),
  ]
}

function orderVerbsOf(parts: SearchParts) {
  const rows = orderVerbRows(parts)
  return [
    defineVerb(declared.hold, {
      rows,
      input: holdFields,
      run: (tx, ids, input, by) => holdOrders(tx, ids, holdOf(input), by),
    }),
    defineVerb(declared.liftHold, {
      rows,
      input: liftHoldFields,
      bulkInput: ['reason'],
      run: (tx, ids, input, by) => liftHolds(tx, ids, liftHoldInputOf(input), by),
    }),
    defineVerb(declared.resolveChanges, {
      rows,
      input: resolveChangesFields,
      bulkInput: ['how', 'kinds'],
      run: (tx, ids, input, by) => resolvePlatformChanges(tx, ids, input, by),
    }),
    defineVerb(declared.void, {
      rows,
      input: voidFields,
      run: (tx, ids, { reason }, by) => voidOrders(tx, ids, reason, by),
    }),
    defineRowVerb(declared.shipOver, {
      rows,
      body: shipOverInput,
      run: async (tx, { ids: [id = ''], reason }, by) => [await shipOverRefunds(tx, id, reason, by)],
    }),
    defineVerb(declared.restore, { rows, run: plain(restoreOrders) }),
    defineVerb(declared.shipAfter, {
      rows,
      input: shipAfterFields,
      run: (tx, ids, input, by) => planShipping(tx, ids, shipAfterOf(input), by),
    }),
    defineVerb(declared.bookPayment, { rows, run: plain(bookPayment) }),
    defineVerb(declared.blacklist, {
      rows,
      input: blacklistFields,
      run(tx, ids, { until, ...input }, by) {
        const entry = { ...input, until: until ? new Date(until) : null }
        return blacklistBuyers(tx, parts.ring, { ids, input: entry }, by)
      },
    }),
    defineVerb(declared.unblacklist, {
      rows: { of: 'blacklistEntry', tag: 'orders' },
      run: plain(removeFromBlacklist),
    }),
  ]
}

const shipmentVerbsOf = (rows: VerbRows) => [
  defineVerb(shipmentVerbs.warehouse, {
    rows,
    input: warehouseFields,
    run: (tx, ids, { warehouseId }, by) => setWarehouse(tx, ids, warehouseId, by),
  }),
  defineVerb(shipmentVerbs.substitute, {
    rows,
    input: substituteFields,
    run: (tx, ids, input, by) => substituteGoods(tx, ids, input, by),
  }),
  defineVerb(shipmentVerbs.redoSourcing, {
    rows,
    input: chooseFields,
    run: (tx, ids, input, by) => redoSourcingByRules(tx, ids, input, by),
  }),
  defineVerb(shipmentVerbs.splitBy, {
    rows,
    input: splitByFields,
    run: (tx, ids, { how }, by) => splitOrdersBy(tx, ids, [howOf(how)], by),
  }),
  defineVerb(shipmentVerbs.unsplit, { rows, run: plain(unsplitOrders) }),
  defineVerb(shipmentVerbs.merge, { rows, run: plain(mergeOrders) }),
  defineVerb(shipmentVerbs.mergeWithCandidates, { rows, run: plain(mergeWithCandidates) }),
  defineVerb(shipmentVerbs.unmerge, { rows, run: plain(unmergeOrders) }),
  defineVerb(shipmentVerbs.regiveGifts, { rows, run: (tx, ids, _, by) => giveAgain(tx, ids, by) }),
  defineVerb(shipmentVerbs.addGift, {
    rows,
    input: addGiftFields,
    run: (tx, ids, input, by) => addGifts(tx, ids, input, by),
  }),
  defineVerb(shipmentVerbs.removeGift, {
    rows,
    input: removeGiftFields,
    run: (tx, ids, input, by) => removeGifts(tx, ids, input, by),
  }),
]
