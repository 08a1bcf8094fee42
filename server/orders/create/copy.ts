import type { Actor, By } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Refusal } from '../../core/decide.ts'
import { sharedNow } from '../../lib/clock.ts'
import type { KeyRing } from '../../lib/seal.ts'
import { noOrder } from '../order/access.ts'
import { type Personal, personalOf } from '../order/personal.ts'
import { addOrderEvents, orderIdsIn } from '../order/queries.ts'
import { type CopiedOrder, copiedOrders, insertSources } from './copy-queries.ts'
import { type Created, createdOf } from './create.ts'
import {
  createOffPlatformOrders,
  numberFor,
  type OffPlatformLine,
  type OffPlatformOrder,
} from './own-orders.ts'

export type CopyRequest = {
  key: string
  orderId: string
  kind: 'copy' | 'reship'
  reason?: string | undefined
  /** `orderId`: the order that has the line, such as another part of a split order; left out: the request's own. */
  lines: readonly { orderId?: string; lineNo: number; quantity: number }[]
}

/**
 * 复制 and 补发: makes new orders with the receiver and chosen goods of existing ones. A copy has the same prices, and the payment in
 * proportion to its pieces; a reship costs nothing, needs a reason, and has at most the ordered quantities. A row of `order_source` links
 * the two orders, and each order that gave a line gets an event.
 */
export async function copyOrders(
  tx: Tx,
  ring: KeyRing,
  wishes: readonly CopyRequest[],
  { actor, scope }: By,
): Promise<Created[]> {
  const granted = await orderIdsIn(tx, [...new Set(wishes.flatMap(ordersOf))], scope)
  const sources = new Map((await copiedOrders(tx, [...granted])).map((order) => [order.id, order]))
  const asked = wishes.map((wish) => {
    const source = sources.get(wish.orderId)
    const chosen = wish.lines.map(({ orderId = wish.orderId, lineNo, quantity }) => ({
      line: sources.get(orderId)?.lines.find((one) => one.lineNo === lineNo),
      key: `${orderId}/${lineNo}`,
      lineNo,
      quantity,
    }))
    const refusal = source ? whyNotCopied(wish, chosen) : noOrder
    return source && !refusal
      ? { wish, source, order: orderOf(ring, { source, wish, chosen }, actor) }
      : { wish, refusal }
  })
  const made = await createOffPlatformOrders(
    tx,
    ring,
    asked.flatMap(({ order }) => order ?? []),
    actor,
  )
  const answers = createdOf(
    asked.map(({ wish: { key }, order, refusal = noOrder }) => ({ key, order, refusal })),
    made,
  )
  await linkSources(tx, asked, answers, actor)
  return answers
}

const ordersOf = ({ orderId, lines }: CopyRequest) => [
  ...new Set([orderId, ...lines.map((line) => line.orderId ?? orderId)]),
]

type Line = CopiedOrder['lines'][number]
type Chosen = { line: Line | undefined; key: string; lineNo: number; quantity: number }

async function linkSources(
  tx: Tx,
  asked: readonly { wish: CopyRequest; source?: CopiedOrder }[],
  answers: readonly Created[],
  actor: Actor,
): Promise<void> {
  const links = asked.flatMap(({ wish, source }, at) => {
    const answer = answers[at]
    return source && answer?.done ? [{ wish, source, id: answer.id, no: answer.no }] : []
  })
  if (links.length === 0) return
  await insertSources(
    tx,
    links.map(({ wish, source, id }) => ({
      orderId: id,
      sourceId: source.id,
      reason: wish.reason?.trim() ?? '',
    })),
  )
  await addOrderEvents(
    tx,
    links.flatMap(({ wish, no }) =>
      ordersOf(wish).map((orderId) => ({
        orderId,
        event: wish.kind === 'reship' ? 'reshipped' : 'copied',
        detail: { no },
      })),
    ),
    actor,
  )
}

function whyNotCopied({ kind, reason }: CopyRequest, chosen: readonly Chosen[]): Refusal | undefined {
  if (kind === 'reship' && !reason?.trim()) return noReason
  if (new Set(chosen.map(({ key }) => key)).size < chosen.length) return noLine
  for (const { line, lineNo, quantity } of chosen) {
    if (!line) return noLine
    if (kind === 'reship' && quantity > line.quantity) return tooMany(lineNo)
  }
  return undefined
}

const noReason: Refusal = {
  code: 'no_reason',
  message: { zh: '补发要写原因', en: 'Say why it is sent once more' },
}
const noLine: Refusal = {
  code: 'no_line',
  message: { zh: '没有这一行商品，或选了两次', en: 'No such line, or chosen twice' },
}
const tooMany = (lineNo: number): Refusal => ({
  code: 'too_many',
  message: { zh: `第 ${lineNo} 行补发的比原来多`, en: `Line ${lineNo}: more than was ordered` },
})

function orderOf(
  ring: KeyRing,
  { source, wish, chosen }: { source: CopiedOrder; wish: CopyRequest; chosen: readonly Chosen[] },
  actor: Actor,
): OffPlatformOrder {
  const free = wish.kind === 'reship'
  const now = sharedNow()
  const personal: Personal = personalOf(ring, source.shopId, source.personal)
  const cod = source.cod && !free
  return {
    shopId: source.shopId,
    outerNo: numberFor(actor, wish.key),
    origin: wish.kind,
    personal,
    lines: goodsOf(wish, chosen).map(({ line, quantity }) => lineOf(line, quantity, free)),
    postFeeFen: free ? 0 : source.postFeeFen,
    paidAt: free || (source.paid && !cod) ? now : null,
    cod,
    orderedAt: now,
    sellerMemo: free ? (wish.reason?.trim() ?? '') : source.sellerMemo,
    ownNote: '',
    courier: source.courier,
    urgent: false,
  }
}

/**
 * Returns the goods of the new order. A copy leaves out gifts that rules gave, because the rules are applied to the copy itself. If only
 * such gifts were chosen, they are copied.
 */
function goodsOf({ kind }: CopyRequest, chosen: readonly Chosen[]) {
  const found = chosen.flatMap(({ line, quantity }) => (line ? [{ line, quantity }] : []))
  const bought = found.filter(({ line }) => !line.byRule)
  return kind === 'copy' && bought.length > 0 ? bought : found
}

function lineOf(line: Line, quantity: number, free: boolean): OffPlatformLine {
  const { lineNo: _, byRule: __, paymentFen: whole, ...goods } = line
  const priceFen = free ? 0 : line.priceFen
  const paymentFen = free ? 0 : Math.round((whole * quantity) / line.quantity)
  return {
    ...goods,
    quantity,
    priceFen,
    discountFen: Math.max(0, priceFen * quantity - paymentFen),
    paymentFen,
  }
}
