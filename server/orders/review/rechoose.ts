import { sql } from 'kysely'
import type { Actor, By, Scope } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { type Outcome, wrongStatus } from '../../core/decide.ts'
import { activeWarehouses } from '../../inventory/relations.ts'
import type { LocalizedText } from '../../lib/localized-text.ts'
import { reassignOrders } from '../allocation/goods.ts'
import { answerOrders, withoutForeignEditLocks } from '../order/access.ts'
import { statusWords } from '../order/lifecycle.ts'
import { type LockedOrder, lockOrders } from '../order/queries.ts'
import { redoSourcing, type SourcingRequest } from '../sourcing/place.ts'
import { judgeAgain } from './judge-again.ts'

export type RedoSourcingInput = { what: 'warehouse' | 'courier' | 'both'; overHand?: boolean | undefined }

/**
 * 重新分仓、重新选快递: applies the current sourcing rules again. A value that a person chose stays unless `overHand` is true. An order that moves
 * to another warehouse also gets a courier by the rules.
 */
export function redoSourcingByRules(
  tx: Tx,
  ids: readonly string[],
  { what, overHand = false }: RedoSourcingInput,
  { actor, scope }: By,
): Promise<Outcome[]> {
  const warehouse = what !== 'courier'
  const courier = what === 'warehouse' ? 'if_moved' : true
  const wish = { warehouse, courier, overHand } as const
  return chooseFor(tx, ids, wish, { actor, scope, words: whatWords[what] })
}

/**
 * 改仓: moves orders to the warehouse that a person chose. Their goods are requested there, and a courier that the rules had chosen is
 * chosen again.
 */
export async function setWarehouse(
  tx: Tx,
  ids: readonly string[],
  warehouseId: string,
  { actor, scope }: By,
): Promise<Outcome[]> {
  const found = await sql`select from ${activeWarehouses} w where w.id = ${warehouseId}::bigint`.execute(tx)
  if (found.rows.length === 0)
    return withoutForeignEditLocks(tx, ids, { actor, scope }, async (granted) =>
      answerOrders(granted, await lockOrders(tx, granted), () => noSuchWarehouse),
    )
  const wish = { warehouse: true, courier: 'if_moved', overHand: false, warehouseId } as const
  return chooseFor(tx, ids, wish, { actor, scope, words: whatWords.warehouse })
}

type Asker = { actor: Actor; scope: Scope; words: LocalizedText }

function chooseFor(
  tx: Tx,
  ids: readonly string[],
  wish: SourcingRequest,
  { actor, scope, words }: Asker,
): Promise<Outcome[]> {
  return withoutForeignEditLocks(tx, ids, { actor, scope }, async (granted) => {
    const orders = await lockOrders(tx, granted)
    const open = orders.filter((order) => isOpen(order)).map(({ id }) => id)
    const placed = await redoSourcing(tx, open, wish, actor)
    const changed = new Set(placed.map(({ id }) => id))
    await judgeAgain(tx, [...changed], actor)
    await reassignOrders(
      tx,
      placed.filter(({ moved }) => moved).map(({ id }) => id),
    )
    return answerOrders(granted, orders, (order) => {
      if (changed.has(order.id)) return undefined
      return isOpen(order) ? unchanged : tooLate(order, words)
    })
  })
}

const isOpen = ({ status, origin }: LockedOrder) => status === 'unconfirmed' && origin !== 'record'

const whatWords = {
  warehouse: { zh: '改仓', en: 'change the warehouse' },
  courier: { zh: '改快递', en: 'change the courier' },
  both: { zh: '改仓、改快递', en: 'change warehouse and courier' },
} as const satisfies Record<RedoSourcingInput['what'], LocalizedText>

const unchanged = {
  code: 'already',
  message: { zh: '结果没有变', en: 'It stays as it is' },
}
const noSuchWarehouse = {
  code: 'no_warehouse',
  message: { zh: '没有这个仓库，或已停用', en: 'There is no such warehouse in use' },
}

const tooLate = ({ status }: LockedOrder, step: LocalizedText) => wrongStatus(statusWords[status], step)
