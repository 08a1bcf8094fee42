import { sql } from 'kysely'
import { type SkuOfCode, skusOfCodes } from '../../catalog/names.ts'
import { skuPrices } from '../../catalog/relations.ts'
import type { By } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Row, Rows } from '../../core/db/rows.ts'
import type { Outcome, Refusal } from '../../core/decide.ts'
import { unnestRows } from '../../lib/unnest.ts'
import { changeReservedLines } from '../allocation/goods.ts'
import { answerOrders, withoutForeignEditLocks } from '../order/access.ts'
import { openRefund } from '../order/open-refunds.ts'
import { addOrderEvents, bumpVersions, lockOrders } from '../order/queries.ts'
import { orderedSku } from '../order/relations.ts'
import { judgeAgain } from '../review/judge-again.ts'
import { whyNotSubstituted } from './rules.ts'

type Line = Row<'order_line', 'orderId' | 'lineNo' | 'quantity'> & {
  /** Id of the SKU that the buyer ordered, also after several substitutions. */
  orderedId: Rows['sku']['id']
  orderedFen: number | null
  refunding: boolean
}
type Changed = Line & { diffFen: number | null }

/**
 * 换货品: replaces one SKU on order lines by another, piece for piece, before the order is released. A line keeps its number, quantity
 * and money, so that refunds and platform changes still find it. The reservation moves in the same transaction.
 */
export function substituteGoods(
  tx: Tx,
  ids: readonly string[],
  { from, to }: { from: string; to: string },
  { actor, scope }: By,
): Promise<Outcome[]> {
  return withoutForeignEditLocks(tx, ids, { actor, scope }, async (granted) => {
    const orders = await lockOrders(tx, granted)
    const skus = await skusOfCodes(tx, [from, to])
    const [old, next] = [skus.get(from), skus.get(to)]
    const refuseAll = whyNoPair(old, next)
    if (refuseAll || !old || !next) return answerOrders(granted, orders, () => refuseAll)
    const open = orders.filter((order) => !whyNotSubstituted(order)).map(({ id }) => id)
    const lines = Map.groupBy(await linesOf(tx, open, old.id), ({ orderId }) => orderId)
    const free = [...lines.values()].filter((own) => !own.some(({ refunding }) => refunding)).flat()
    const changed = free.map((line) => ({ ...line, diffFen: diffOf(line, next) }))
    await writeLines(tx, changed, next.id)
    const done = [...new Set(changed.map(({ orderId }) => orderId))]
    await addOrderEvents(
      tx,
      changed.map(({ orderId, lineNo, quantity, diffFen }) => ({
        orderId,
        event: 'substituted',
        detail: { line: lineNo, skus: [from, to], quantity, diffFen },
      })),
      actor,
    )
    await bumpVersions(tx, done)
    await judgeAgain(tx, done, actor)
    await changeReservedLines(
      tx,
      done,
      changed.map(({ orderId, lineNo }) => ({ orderId, lineNo, left: 0 })),
    )
    const refused = (id: string) => (lines.has(id) ? hasRefund : noLine(from))
    return answerOrders(
      granted,
      orders,
      (order) => whyNotSubstituted(order) ?? (done.includes(order.id) ? undefined : refused(order.id)),
    )
  })
}

function whyNoPair(old: SkuOfCode | undefined, next: SkuOfCode | undefined): Refusal | undefined {
  if (!old || !next) return noSku
  if (old.id === next.id) return same
  return next.active ? undefined : retired
}

async function linesOf(tx: Tx, ids: readonly string[], skuId: string): Promise<Line[]> {
  const found = await sql<Line>`
    select l.order_id as "orderId", l.line_no as "lineNo", ${orderedSku} as "orderedId", p.price_fen::float8 as "orderedFen",
      l.quantity - l.refunded_quantity as quantity, ${openRefund} as refunding
    from order_line l join ${skuPrices} as p on p.sku_id = ${orderedSku}
    where l.order_id = any(${[...ids]}::bigint[]) and l.sku_id = ${skuId}::bigint and not l.gift and l.refunded_quantity < l.quantity
    order by 1, 2`.execute(tx)
  return found.rows
}

/**
 * Returns by how many fen the list price of the new SKU is above that of the ordered SKU. Null: the line gets its ordered SKU again, or a
 * price is unknown.
 */
function diffOf({ orderedId, orderedFen }: Line, next: SkuOfCode): number | null {
  if (orderedId === next.id || orderedFen === null || next.priceFen === null) return null
  return next.priceFen - orderedFen
}

async function writeLines(tx: Tx, lines: readonly Changed[], skuId: string): Promise<void> {
  await sql`
    update order_line l
    set sku_id = ${skuId}::bigint, substitute_for = nullif(d.ordered_id, ${skuId}::bigint), substitute_diff_fen = d.diff_fen
    from ${unnestRows('d', lines, [
      ['order_id', 'int8', (row) => row.orderId],
      ['line_no', 'int2', (row) => row.lineNo],
      ['ordered_id', 'int8', (row) => row.orderedId],
      ['diff_fen', 'int8', (row) => row.diffFen],
    ])}
    where l.order_id = d.order_id and l.line_no = d.line_no`.execute(tx)
}

const noSku = { code: 'no_sku', message: { zh: '没有这个 SKU 编码', en: 'There is no such SKU' } }
const same = { code: 'already', message: { zh: '两个是同一个 SKU', en: 'Both are the same SKU' } }
const retired = {
  code: 'sku_retired',
  message: { zh: '换成的 SKU 已停用', en: 'The SKU that is to be sent is retired' },
}
const hasRefund = {
  code: 'refund_open',
  message: {
    zh: '这件商品在退款中。退款结束后可用',
    en: 'A refund of it is open. Available once it has ended',
  },
}
const noLine = (code: string): Refusal => ({
  code: 'no_line',
  message: { zh: `没有 ${code} 可换`, en: `It has no ${code} to substitute` },
})
