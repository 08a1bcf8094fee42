import { sql } from 'kysely'
import type { By } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import { notFound, type Outcome } from '../../core/decide.ts'
import { sendEvent } from '../../events.ts'
import { unnestRows } from '../../lib/unnest.ts'
import { liveOffPlatformOrders } from '../../orders/order/numbers.ts'
import { voidOrders } from '../../orders/status/void.ts'
import { tradeReasonFacet } from '../staged/trade-columns.ts'
import { decideConversion } from './convert-verdict.ts'
import { type ConvertFacts, lockForConvert } from './convertible.ts'

// Handles trades whose number an off-platform order already has. The unique key of orders allows only one of the two, so the trade is
// blocked until a person decides.

/** Returns by trade id the number of the off-platform order that has the trade's number. */
export async function duplicatesOf(
  tx: Tx,
  trades: readonly ConvertFacts[],
): Promise<ReadonlyMap<string, string>> {
  const own = new Map(
    (await liveOffPlatformOrders(tx, trades)).map(({ shopId, tid, no }) => [`${shopId}/${tid}`, no]),
  )
  return new Map(
    trades.flatMap(({ id, shop_id, tid }) => {
      const no = own.get(`${shop_id}/${tid}`)
      return no === undefined ? [] : [[id, no] as const]
    }),
  )
}

/**
 * Blocks trades whose number an off-platform order has; its number is given by trade id. The reason stays until the order is voided, or the
 * trade itself has another reason.
 */
export async function blockDuplicates(
  tx: Tx,
  duplicates: readonly (readonly [string, string])[],
): Promise<void> {
  if (duplicates.length === 0) return
  await sql`
    update staged_trade t
    set reason = 'duplicate', facets[3] = ${tradeReasonFacet('duplicate')}, order_no = d.no
    from ${unnestRows('d', duplicates, [
      ['id', 'int8', ([id]) => id],
      ['no', 'text', ([, no]) => no],
    ])}
    where t.id = d.id and (t.reason, t.order_no) is distinct from ('duplicate', d.no)`.execute(tx)
}

/**
 * 作废同号单并转单: voids the off-platform orders with the same trade number, so that the trades can be converted. A job converts them after the
 * commit, because both voiding and converting change reservations.
 */
export async function convertInstead(
  tx: Tx,
  ids: readonly string[],
  { actor, scope }: By,
): Promise<Outcome[]> {
  const facts = new Map((await lockForConvert(tx, ids)).map((row) => [row.id, row]))
  const verdicts = new Map(ids.map((id) => [id, decideConversion(facts.get(id), scope, false)]))
  const trades = [...facts.values()].filter(({ id }) => verdicts.get(id) === 'trade')
  const own = await liveOffPlatformOrders(tx, trades)
  const voided = await voidOrders(
    tx,
    own.map(({ id }) => id),
    'duplicate',
    { actor, scope },
  )
  const refused = new Map(
    voided.flatMap((outcome) => {
      const order = own.find(({ id }) => id === outcome.id)
      return order && !outcome.done ? [[`${order.shopId}/${order.tid}`, outcome] as const] : []
    }),
  )
  const free = trades.filter(({ shop_id, tid }) => !refused.has(`${shop_id}/${tid}`))
  const byShop = Map.groupBy(free, ({ shop_id }) => shop_id)
  await sendEvent(
    tx,
    'intake.number_freed',
    [...byShop].map(([shopId, rows]) => ({ shopId, tids: rows.map(({ tid }) => tid), convertBy: actor })),
  )
  const freed = new Set(free.map(({ id }) => id))
  return ids.map((id): Outcome => {
    if (freed.has(id)) return { id, done: true }
    const verdict = verdicts.get(id)
    if (verdict !== undefined && typeof verdict !== 'string') return { id, ...verdict }
    const fact = facts.get(id)
    const why = refused.get(`${fact?.shop_id}/${fact?.tid}`)
    return { ...(why ?? { done: false, ...notFound({ zh: '交易', en: 'Trade' }) }), id }
  })
}
