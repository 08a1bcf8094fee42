import Type from 'typebox'
import type { Actor, Scope } from '../core/access/actor.ts'
import { type BatchAction, defineBatchAction, type Walk } from '../core/batches/batch.ts'
import type { Database, Tx } from '../core/db/db.ts'
import type { Outcome } from '../core/decide.ts'
import { extentOf, type ListPage, listIds, numbersOf } from '../core/lists/list.ts'
import type { KeyRing } from '../lib/seal.ts'
import type { Permission } from '../users/permissions.ts'
import { afterSalesBatchActions } from './aftersales/desk-batch-actions.ts'
import { type RefundFilter, refundFilter, type TradeFilter, tradeFilter } from './contract.ts'
import { convertRefunds } from './refunds/convert-refunds.ts'
import { processRefunds, unprocessRefunds } from './refunds/refund-decisions.ts'
import { refundQuery, refundTable } from './refunds/refund-list.ts'
import { convertTrades } from './trades/convert.ts'
import { convertInstead } from './trades/duplicates.ts'
import { tradeQuery, tradeTable } from './trades/trade-list.ts'
import { processTrades, removeTrades, unprocessTrades } from './trades/trades.ts'

type Verb = (tx: Tx, ids: readonly string[], actor: Actor, scope: Scope) => Promise<Outcome[]>

const none = Type.Object({}, { additionalProperties: false })

/** Every action of the pool over a selection, or over all that a filter matches. */
export function intakeBatchActions(ring: KeyRing): BatchAction[] {
  const [trades, refunds] = [tradeWalk(ring), refundWalk(ring)]
  const tradeAct = (action: string, permission: Permission, zh: string, en: string, verb: Verb) =>
    defineBatchAction({ action, permission, name: { zh, en }, input: none, ...trades, run: plain(verb) })
  const refundAct = (action: string, permission: Permission, zh: string, en: string, verb: Verb) =>
    defineBatchAction({ action, permission, name: { zh, en }, input: none, ...refunds, run: plain(verb) })
  return [
    ...afterSalesBatchActions(ring),
    defineBatchAction({
      action: 'trades.convert',
      name: { zh: '批量转单', en: 'Convert trades' },
      permission: 'trades.convert',
      input: Type.Object({ asRecord: Type.Boolean({ default: false }) }, { additionalProperties: false }),
      ...trades,
      run: (tx, ids, input, actor, scope) => convertTrades(tx, ids, actor, scope, input),
    }),
    tradeAct('trades.process', 'trades.process', '批量标记已处理', 'Mark trades processed', processTrades),
    tradeAct(
      'trades.unprocess',
      'trades.process',
      '批量撤销已处理',
      'Undo processed trades',
      unprocessTrades,
    ),
    tradeAct(
      'trades.convert_instead',
      'orders.void',
      '批量作废同号单并转单',
      'Void the others, convert',
      convertInstead,
    ),
    tradeAct('trades.remove', 'trades.remove', '批量移除', 'Remove trades', removeTrades),
    refundAct('refunds.convert', 'refunds.convert', '批量转退单', 'Convert refunds', convertRefunds),
    refundAct(
      'refunds.process',
      'refunds.process',
      '退单批量标记已处理',
      'Mark refunds processed',
      processRefunds,
    ),
    refundAct(
      'refunds.unprocess',
      'refunds.process',
      '退单批量撤销已处理',
      'Undo processed refunds',
      unprocessRefunds,
    ),
  ]
}

const plain = (verb: Verb) => (tx: Tx, ids: readonly string[], _input: object, actor: Actor, scope: Scope) =>
  verb(tx, ids, actor, scope)

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
    numbers: (db: Database, ids: readonly string[]) => numbersOf(db, tradeTable, 'tid', ids),
  }
}

function refundWalk(ring: KeyRing) {
  const query = (filter: RefundFilter, scope: Scope) => refundQuery(ring, filter, scope, 'modifiedAt')
  return {
    filter: refundFilter,
    count: (tx: Tx, filter: RefundFilter, scope: Scope) => extentOf(tx, refundTable, query(filter, scope)),
    resolve: async (tx: Tx, filter: RefundFilter, scope: Scope, cap: number, after: string | null) =>
      walkOf(await listIds(tx, refundTable, query(filter, scope), { limit: cap, after: after ?? undefined })),
    numbers: (db: Database, ids: readonly string[]) => numbersOf(db, refundTable, 'refund_no', ids),
  }
}

const walkOf = ({ ids, next }: ListPage): Walk => ({ ids, after: next })
