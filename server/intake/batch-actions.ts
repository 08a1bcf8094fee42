import Type from 'typebox'
import type { Scope } from '../actor.ts'
import { type BatchAction, defineBatchAction, type Walk } from '../batches/batch.ts'
import type { Tx } from '../db.ts'
import type { KeyRing } from '../lib/seal.ts'
import { extentOf, type ListPage, listIds } from '../list.ts'
import { type RefundFilter, refundFilter, type TradeFilter, tradeFilter } from './contract.ts'
import { convertTrades } from './convert.ts'
import { convertRefunds } from './convert-refunds.ts'
import { processRefunds, unprocessRefunds } from './refund-decisions.ts'
import { refundQuery, refundTable } from './refund-list.ts'
import { tradeQuery, tradeTable } from './trade-list.ts'
import { processTrades, removeTrades, unprocessTrades } from './trades.ts'

const none = Type.Object({}, { additionalProperties: false })

/** Every action of the pool over a selection, or over all that a filter matches. */
export function intakeBatchActions(ring: KeyRing): BatchAction[] {
  const trades = tradeWalk(ring)
  const refunds = refundWalk(ring)
  return [
    defineBatchAction({
      action: 'trades.convert',
      name: { zh: '批量转单', en: 'Convert trades' },
      permission: 'trades.convert',
      input: Type.Object({ asRecord: Type.Boolean({ default: false }) }, { additionalProperties: false }),
      parallel: 2,
      ...trades,
      run: (tx, ids, input, actor, scope) => convertTrades(tx, ids, actor, scope, input),
    }),
    defineBatchAction({
      action: 'trades.process',
      name: { zh: '批量标记已处理', en: 'Mark trades processed' },
      permission: 'trades.process',
      input: none,
      ...trades,
      run: (tx, ids, _, actor, scope) => processTrades(tx, ids, actor, scope),
    }),
    defineBatchAction({
      action: 'trades.unprocess',
      name: { zh: '批量撤销已处理', en: 'Undo processed trades' },
      permission: 'trades.process',
      input: none,
      ...trades,
      run: (tx, ids, _, actor, scope) => unprocessTrades(tx, ids, actor, scope),
    }),
    defineBatchAction({
      action: 'trades.remove',
      name: { zh: '批量移除', en: 'Remove trades' },
      permission: 'trades.remove',
      input: none,
      ...trades,
      run: (tx, ids, _, actor, scope) => removeTrades(tx, ids, actor, scope),
    }),
    defineBatchAction({
      action: 'refunds.convert',
      name: { zh: '批量转退单', en: 'Convert refunds' },
      permission: 'refunds.convert',
      input: none,
      ...refunds,
      run: (tx, ids, _, actor, scope) => convertRefunds(tx, ids, actor, scope),
    }),
    defineBatchAction({
      action: 'refunds.process',
      name: { zh: '退单批量标记已处理', en: 'Mark refunds processed' },
      permission: 'refunds.process',
      input: none,
      ...refunds,
      run: (tx, ids, _, actor, scope) => processRefunds(tx, ids, actor, scope),
    }),
    defineBatchAction({
      action: 'refunds.unprocess',
      name: { zh: '退单批量撤销已处理', en: 'Undo processed refunds' },
      permission: 'refunds.process',
      input: none,
      ...refunds,
      run: (tx, ids, _, actor, scope) => unprocessRefunds(tx, ids, actor, scope),
    }),
  ]
}

/** Sorted by what no verb here changes, so the walk neither skips nor repeats. */
function tradeWalk(ring: KeyRing) {
  const query = (tx: Tx, filter: TradeFilter, scope: Scope) => tradeQuery(tx, ring, filter, scope, 'paidAt')
  return {
    filter: tradeFilter,
    count: async (tx: Tx, filter: TradeFilter, scope: Scope) =>
      extentOf(tx, tradeTable, await query(tx, filter, scope)),
    resolve: async (tx: Tx, filter: TradeFilter, scope: Scope, cap: number, after: string | null) =>
      walkOf(
        await listIds(tx, tradeTable, await query(tx, filter, scope), {
          limit: cap,
          after: after ?? undefined,
        }),
      ),
  }
}

function refundWalk(ring: KeyRing) {
  const query = (filter: RefundFilter, scope: Scope) => refundQuery(ring, filter, scope, 'modifiedAt')
  return {
    filter: refundFilter,
    count: (tx: Tx, filter: RefundFilter, scope: Scope) => extentOf(tx, refundTable, query(filter, scope)),
    resolve: async (tx: Tx, filter: RefundFilter, scope: Scope, cap: number, after: string | null) =>
      walkOf(await listIds(tx, refundTable, query(filter, scope), { limit: cap, after: after ?? undefined })),
  }
}

const walkOf = ({ ids, next }: ListPage): Walk => ({ ids, after: next })
