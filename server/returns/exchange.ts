import { sql } from 'kysely'
import { type By, systemActor, wholeScope } from '../core/access/actor.ts'
import type { Database, Tx } from '../core/db/db.ts'
import type { Row } from '../core/db/rows.ts'
import type { Outcome } from '../core/decide.ts'
import type { KeyRing } from '../lib/seal.ts'
import { unnestRows } from '../lib/unnest.ts'
import { copyOrders } from '../orders/create/copy.ts'
import { exchangeTimes, whyNoExchange } from './lifecycle.ts'
import { addReturnEvents, linesOf, returnsById } from './queries.ts'
import { answerReturns, lockReturns, settleAutomatically } from './transition.ts'

/**
 * 换货单: creates one reship order with the replacement goods for each return, also the goods of other parts of a split order: the pieces
 * that came back, or those asked for if they are sent before. The return is locked in the same transaction and stores the order's id, so
 * that a second call creates none.
 */
export async function makeExchanges(
  tx: Tx,
  ring: KeyRing,
  ids: readonly string[],
  { actor, scope }: By,
): Promise<Outcome[]> {
  const held = await lockReturns(tx, ids, scope)
  const lines = await linesOf(
    tx,
    held.map(({ id }) => id),
  )
  const outcomes = answerReturns(ids, held, (one) => whyNoExchange(one) ?? undefined)
  const may = new Set(outcomes.filter((one) => one.done).map(({ id }) => id))
  const making = held.filter(({ id }) => may.has(id))
  if (making.length === 0) return outcomes
  const made = await copyOrders(
    tx,
    ring,
    making.map(({ id, no, orderId, exchangeWhen }) => ({
      key: `exchange/${no}`,
      orderId,
      kind: 'reship' as const,
      reason: `换货 ${no}`,
      lines: (lines.get(id) ?? []).flatMap((line) => {
        const quantity = exchangeWhen === 'received' ? line.good + line.defective : line.quantity
        return quantity > 0 ? [{ orderId: line.orderId, lineNo: line.orderLineNo, quantity }] : []
      }),
    })),
    { actor, scope },
  )
  const linked = making.flatMap(({ id }, at) => {
    const order = made[at]
    return order?.done ? [{ id, orderId: order.id, no: order.no }] : []
  })
  await writeExchanges(tx, linked)
  await addReturnEvents(
    tx,
    linked.map(({ id, no }) => ({ returnId: id, event: 'exchanged', detail: { no } })),
    actor,
  )
  const ofLinked = linked.map(({ id }) => id)
  await settleAutomatically(tx, await returnsById(tx, ofLinked), actor)
  return outcomes.map((one) => {
    const answer = made[making.findIndex(({ id }) => id === one.id)]
    if (!one.done || !answer || answer.done) return one
    const { code, message } = answer
    return {
      id: one.id,
      done: false,
      code,
      ...(message ? { message } : {}),
      ...(one.ref ? { ref: one.ref } : {}),
    }
  })
}

async function writeExchanges(
  tx: Tx,
  rows: readonly { id: string; orderId: string; no: string }[],
): Promise<void> {
  await sql`
    update return_order t set exchange_order_id = d.order_id, exchange_order_no = d.no, version = t.version + 1
    from ${unnestRows('d', rows, [
      ['id', 'int8', (row) => row.id],
      ['order_id', 'int8', (row) => row.orderId],
      ['no', 'text', (row) => row.no],
    ])}
    where t.id = d.id`.execute(tx)
}

/**
 * Creates the exchange orders of due returns with an id after `after`, at most `limit`. A return is due when its goods were received without
 * an open problem, or when it is confirmed if it is to be exchanged at confirmation (`whyNoExchange`). `last`: the last id that was read; undefined: there are no more.
 */
export async function makeDueExchanges(
  db: Database,
  ring: KeyRing,
  after: string,
  limit: number,
): Promise<{ last: string | undefined; made: number; seen: number }> {
  const found = await sql<Row<'return_order', 'id'>>`
    select id from return_order
    where kind = 'exchange' and exchange_order_id is null and status <> 'voided' and id > ${after}::bigint
      and refund_status <> 'closed' and status <> 'unconfirmed'
      and (exchange_when = ${exchangeTimes[0]} or status <> 'confirmed' and open_problems = 0 and good + defective > 0)
    order by id limit ${limit}`.execute(db)
  const ids = found.rows.map(({ id }) => id)
  if (ids.length === 0) return { last: undefined, made: 0, seen: 0 }
  const outcomes = await db
    .transaction()
    .execute((tx) => makeExchanges(tx, ring, ids, { actor: systemActor, scope: wholeScope }))
  return { last: ids.at(-1), made: outcomes.filter(({ done }) => done).length, seen: ids.length }
}
