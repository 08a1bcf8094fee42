import type { Actor, By } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Refusal } from '../../core/decide.ts'
import type { LocalizedText } from '../../lib/localized-text.ts'
import { waybillLimits } from '../../shops/waybill-limits.ts'
import { keepUnmatchedHolds, transferReserved } from '../allocation/goods.ts'
import { looseGifts, ordersWithGifts } from '../gifts/queries.ts'
import { replan } from '../holds/ship-after.ts'
import { lockWithRelated, withoutForeignEditLocks } from '../order/access.ts'
import {
  flagFacets,
  lineFacets,
  plannedFacet,
  statusFacet,
  withoutGoods,
  withWarehouse,
} from '../order/facets.ts'
import { isOffPlatform } from '../order/lifecycle.ts'
import { addOrderEvents, type LockedOrder, liftHoldsOf, lockOrders, refreshOrders } from '../order/queries.ts'
import { judgeAgain } from '../review/judge-again.ts'
import { updateSettlements } from '../settle/settlements.ts'
import { transition } from '../status/transition.ts'
import { splitLine } from './split-money.ts'
import { partsMax, tooManyParts } from './split-plans.ts'
import {
  type CreatedChild,
  freeNumbers,
  insertChildren,
  insertPieces,
  type NewChild,
  type Piece,
  type SplittableLine,
  type SplittableOrder,
  splittableLines,
  splittableOrders,
  withParents,
  writeShifts,
  writeStaying,
} from './split-queries.ts'
import { whySplitNever } from './split-rules.ts'
import { waybillWarning } from './waybill-limit-rules.ts'

/**
 * The goods of one child order. `warehouseId`: its warehouse, `shipAfter`: its planned ship date; left out: as the order that is split.
 */
export type ChildRequest = {
  lines: readonly { lineNo: number; quantity: number }[]
  warehouseId?: string | undefined
  shipAfter?: Date | undefined
}

/**
 * `version`: the version that the person saw; left out: any version is accepted. `shipAfter`: the planned ship date of the order itself
 * after the split; left out: unchanged. `cause`: the reason, shown in the order's events.
 */
export type SplitRequest = {
  id: string
  version?: number | undefined
  parts: readonly ChildRequest[]
  shipAfter?: Date | null | undefined
  cause: string
}

export type SplitOutcome =
  | {
      id: string
      done: true
      ref: string
      parts: { id: string; no: string }[]
      /** A warning that the platform will not show the waybills of all these parcels. */
      warning?: LocalizedText
    }
  | { id: string; done: false; code: string; message?: LocalizedText; ref?: string }

type Plan = {
  wish: SplitRequest
  order: LockedOrder
  facts: SplittableOrder
  lines: readonly SplittableLine[]
}

/**
 * 拆单: moves goods of an order into child orders, with their share of the money to the last 分 and their reservations. Each line keeps its
 * trade and platform line; the freight stays on the order. Child orders of a confirmed order are confirmed too unless a guard refuses.
 * Goods that a refund concerns stay on the order.
 */
export async function splitOrders(
  tx: Tx,
  wishes: readonly SplitRequest[],
  { actor, scope }: By,
): Promise<SplitOutcome[]> {
  const wishOf = new Map(wishes.map((wish) => [wish.id, wish]))
  const made = new Map<string, CreatedChild[]>()
  const warnings = new Map<string, LocalizedText>()
  await lockWithRelated(tx, [...wishOf.keys()], scope, withParents)
  const outcomes = await withoutForeignEditLocks(tx, [...wishOf.keys()], { actor, scope }, async (ids) => {
    const orders = await lockOrders(tx, ids)
    const facts = await splittableOrders(tx, ids)
    const lines = await splittableLines(tx, ids)
    const plans: Plan[] = []
    const answers = orders.map((order) => {
      const [wish, fact, own] = [wishOf.get(order.id), facts.get(order.id), lines.get(order.id) ?? []]
      const why = wish && fact ? whyNotSplit(order, own, wish) : nothingMoved
      if (wish && fact && !why) plans.push({ wish, order, facts: fact, lines: own })
      return why
        ? { id: order.id, done: false as const, ...why, ref: order.no }
        : { id: order.id, done: true as const, ref: order.no }
    })
    for (const [id, warning] of await warningsOf(tx, plans)) warnings.set(id, warning)
    for (const part of await carryOut(tx, plans, actor))
      made.set(part.sourceId, [...(made.get(part.sourceId) ?? []), part])
    return answers
  })
  return outcomes.map((outcome) =>
    outcome.done
      ? {
          ...outcome,
          ref: outcome.ref ?? '',
          parts: (made.get(outcome.id) ?? []).map(({ id, no }) => ({ id, no })),
          ...withWarning(warnings.get(outcome.id)),
        }
      : outcome,
  )
}

const withWarning = (warning: LocalizedText | undefined) => (warning ? { warning } : {})

async function warningsOf(tx: Tx, plans: readonly Plan[]): Promise<[string, LocalizedText][]> {
  const told = plans.filter(({ order }) => !isOffPlatform(order.origin))
  if (told.length === 0) return []
  const limits = await waybillLimits(
    tx,
    told.map(({ order }) => order.shopId),
  )
  return told.flatMap(({ order, lines, wish }): [string, LocalizedText][] => {
    const warning = waybillWarning(limits.get(order.shopId) ?? 'none', lines, wish.parts)
    return warning ? [[order.id, warning]] : []
  })
}

function whyNotSplit(
  order: LockedOrder,
  lines: readonly SplittableLine[],
  { parts, version }: SplitRequest,
): Refusal | undefined {
  const never = whySplitNever(order)
  if (never) return never
  if (version !== undefined && version !== order.version) return changed
  if (parts.length === 0 || parts.some((part) => part.lines.length === 0)) return nothingMoved
  if (parts.length > partsMax) return tooManyParts
  const asked = Map.groupBy(
    parts.flatMap((part) => part.lines),
    ({ lineNo }) => lineNo,
  )
  for (const [lineNo, wanted] of asked) {
    const line = lines.find((one) => one.lineNo === lineNo)
    const quantity = wanted.reduce((sum, one) => sum + one.quantity, 0)
    if (!line || wanted.some((one) => !Number.isSafeInteger(one.quantity) || one.quantity < 1)) return noLine
    if (line.refunds) return refunded(lineNo)
    if (quantity > line.quantity) return tooMany(lineNo)
  }
  const isSold = ({ lineNo }: { lineNo: number }) =>
    lines.some((line) => line.lineNo === lineNo && !line.gift)
  if (parts.some((part) => !part.lines.some(isSold))) return giftsAlone
  const stays = soldOf(lines).some(
    ({ lineNo, quantity, refundedQuantity }) =>
      (asked.get(lineNo) ?? []).reduce((left, one) => left - one.quantity, quantity - refundedQuantity) > 0,
  )
  return stays ? undefined : nothingStays
}

async function carryOut(tx: Tx, plans: readonly Plan[], actor: Actor): Promise<CreatedChild[]> {
  if (plans.length === 0) return []
  const ids = plans.map(({ order }) => order.id)
  const byRoot = Map.groupBy(plans, ({ facts }) => facts.rootId)
  const wanted = [...byRoot].map(([rootId, own]) => ({
    rootId,
    count: own.reduce((sum, { wish }) => sum + wish.parts.length, 0),
  }))
  const cut = cutOrders(plans, await freeNumbers(tx, wanted))
  const parts = await insertChildren(
    tx,
    cut.flatMap(({ parts }) => parts),
    actor.name,
  )
  const pieces = piecesOf(cut, parts)
  await insertPieces(tx, pieces)
  await writeStaying(
    tx,
    cut.flatMap(({ plan, staying }) => staying.map((piece) => ({ ...piece, orderId: plan.order.id }))),
  )
  await writeShifts(tx, cut.map(shiftOf))
  await looseGifts(tx, ids)
  await liftGiftHolds(tx, cut, actor)
  await addSplitEvents(tx, plans, parts, actor)
  const all = [...ids, ...parts.map(({ id }) => id)]
  await keepUnmatchedHolds(tx, all)
  await refreshOrders(tx, all)
  const sources = await lockOrders(tx, ids)
  await updateSettlements(tx, sources, actor)
  const confirmed = new Set(sources.filter(({ status }) => status === 'confirmed').map(({ id }) => id))
  const again = new Set(parts.filter(({ sourceId }) => confirmed.has(sourceId)).map(({ id }) => id))
  if (again.size > 0)
    await transition(tx, [...again], { event: 'confirm', detail: { reason: 'split' } }, actor)
  await judgeAgain(
    tx,
    all.filter((id) => !confirmed.has(id) && !again.has(id)),
    actor,
  )
  await replan(
    tx,
    new Map(
      plans.flatMap(({ wish: { id, shipAfter } }) => (shipAfter === undefined ? [] : [[id, shipAfter]])),
    ),
    actor,
  )
  const relocated = new Set(
    cut.flatMap(({ parts }) => parts.flatMap((part) => (part.warehouseId ? [part.no] : []))),
  )
  await transferReserved(
    tx,
    pieces.map(({ orderId, sourceId, lineNo, quantity }) => ({
      fromId: sourceId,
      toId: orderId,
      lineNo,
      quantity,
    })),
    { all, moved: parts.filter(({ no }) => relocated.has(no)).map(({ id }) => id) },
  )
  return parts
}

/** Lifts the hold of gifts on the orders whose gifts all left with their parts, where the hold goes on. */
async function liftGiftHolds(tx: Tx, cut: readonly CutOrder[], actor: Actor): Promise<void> {
  const gave = cut.filter(({ parts }) =>
    parts.some(({ pieces }) => pieces.some(({ soldQuantity }) => soldQuantity === 0)),
  )
  if (gave.length === 0) return
  const ids = gave.map(({ plan }) => plan.order.id)
  const kept = new Set(await ordersWithGifts(tx, ids))
  const holds = ids.filter((id) => !kept.has(id)).map((orderId) => ({ orderId, reason: 'gift', source: '' }))
  const lifted = await liftHoldsOf(tx, holds, actor.name)
  const events = lifted.map(({ orderId, reason }) => ({ orderId, event: 'release_hold', detail: { reason } }))
  await addOrderEvents(tx, events, actor)
}

type CutOrder = { plan: Plan; parts: NewChild[]; staying: Piece[] }

/** Divides the lines of each order among its child orders and itself. `numbers`: the free numbers of each parent. */
function cutOrders(plans: readonly Plan[], numbers: ReadonlyMap<string, readonly number[]>): CutOrder[] {
  const used = new Map<string, number>()
  return plans.map((plan) => {
    const { wish, facts, lines } = plan
    const cut = lines.flatMap((line) => cutLine(line, wish.parts) ?? [])
    const before = used.get(facts.rootId) ?? 0
    used.set(facts.rootId, before + wish.parts.length)
    const free = numbers.get(facts.rootId) ?? []
    return {
      plan,
      staying: cut.map(({ rest }) => rest),
      parts: wish.parts.map((part, at) => {
        const pieces = cut.flatMap(({ pieces }) => pieces[at] ?? []).filter(({ quantity }) => quantity > 0)
        const nth = free[before + at]
        if (nth === undefined) throw new Error(`Order ${facts.rootNo} has no free number for a part.`)
        return newPart(plan, part, pieces, nth)
      }),
    }
  })
}

function newPart(
  { wish, facts, lines }: Plan,
  { warehouseId, shipAfter }: ChildRequest,
  pieces: Piece[],
  nth: number,
): NewChild {
  const facets = [
    statusFacet('unconfirmed'),
    ...facetsFor(facts, lines, pieces)
      .slice(1)
      // The desk lock stays on the order that is split.
      .filter((one) => one !== flagFacets.locked && (!shipAfter || one !== plannedFacet)),
    ...(shipAfter ? [plannedFacet] : []),
  ]
  return {
    no: `${facts.rootNo}-${nth}`,
    sourceId: wish.id,
    rootId: facts.rootId,
    ownTid: `${facts.rootTid}-${nth}`,
    facets: warehouseId ? withWarehouse(facets, warehouseId) : facets,
    warehouseId: warehouseId ?? null,
    shipAfter: shipAfter ?? null,
    pieces,
  }
}

/** Divides one line. `pieces`: one share for each child order, `rest`: the share that stays. Undefined: nothing of the line leaves. */
function cutLine(
  line: SplittableLine,
  parts: readonly ChildRequest[],
): { rest: Piece; pieces: Piece[] } | undefined {
  const moved = parts.map((part) =>
    part.lines.reduce((sum, one) => sum + (one.lineNo === line.lineNo ? one.quantity : 0), 0),
  )
  const gone = moved.reduce((sum, one) => sum + one, 0)
  const [rest, ...pieces] = splitLine(line, [line.quantity - gone, ...moved]).map((piece) => ({
    lineNo: line.lineNo,
    ...piece,
    soldQuantity: line.gift ? 0 : piece.quantity,
    goodsFen: line.priceFen * piece.quantity,
  }))
  return rest && gone > 0 ? { rest, pieces } : undefined
}

/** Gifts are left out of the facets, so an order is not found by its gifts. */
const soldOf = (lines: readonly SplittableLine[]) => lines.filter(({ gift }) => !gift)

/** Returns the order's facets, with the facets of its goods replaced by those of these pieces. */
const facetsFor = (facts: SplittableOrder, lines: readonly SplittableLine[], pieces: readonly Piece[]) => [
  ...withoutGoods(facts.facets),
  ...lineFacets(soldOf(lines).filter(({ lineNo }) => pieces.some((piece) => piece.lineNo === lineNo))),
]

function shiftOf({ plan: { order, facts, lines }, parts, staying }: CutOrder) {
  const gone = (of: Exclude<keyof Piece, 'lineNo'>) =>
    -parts.flatMap(({ pieces }) => pieces).reduce((sum, piece) => sum + piece[of], 0)
  const whole = staying.filter(({ quantity }) => quantity === 0).map(({ lineNo }) => lineNo)
  const left = soldOf(lines).filter(({ lineNo }) => !whole.includes(lineNo))
  return {
    id: order.id,
    goodsFen: gone('goodsFen'),
    discountFen: gone('discountFen'),
    paymentFen: gone('paymentFen'),
    quantity: gone('soldQuantity'),
    facets: [...withoutGoods(facts.facets), ...lineFacets(left)],
  }
}

function piecesOf(cut: readonly CutOrder[], made: readonly CreatedChild[]) {
  const idOf = new Map(made.map(({ id, no }) => [no, id]))
  return cut.flatMap(({ parts }) =>
    parts.flatMap(({ no, sourceId, pieces }) => {
      const orderId = idOf.get(no)
      if (orderId === undefined) throw new Error(`Part ${no} was not made.`)
      return pieces.map((piece) => ({ ...piece, orderId, sourceId }))
    }),
  )
}

async function addSplitEvents(
  tx: Tx,
  plans: readonly Plan[],
  parts: readonly CreatedChild[],
  actor: Actor,
): Promise<void> {
  const bySource = Map.groupBy(parts, ({ sourceId }) => sourceId)
  await addOrderEvents(
    tx,
    plans.flatMap(({ order, wish: { cause } }) => {
      const made = bySource.get(order.id) ?? []
      return [
        { orderId: order.id, event: 'split', detail: { cause, parts: made.map(({ no }) => no) } },
        ...made.map(({ id }) => ({ orderId: id, event: 'split_from', detail: { cause, no: order.no } })),
      ]
    }),
    actor,
  )
}

const changed: Refusal = {
  code: 'changed',
  message: { zh: '订单刚被改过，刷新后再拆', en: 'The order has just changed; look again' },
}
const nothingMoved: Refusal = {
  code: 'nothing_moved',
  message: { zh: '没有选要拆出的商品', en: 'No goods were chosen' },
}
const nothingStays: Refusal = {
  code: 'nothing_stays',
  message: { zh: '至少留一件商品在原单', en: 'Something must stay on the order' },
}
const giftsAlone: Refusal = {
  code: 'gifts_alone',
  message: { zh: '赠品不能单独成单，和买的商品一起拆', en: 'Gifts go with goods that were bought' },
}
const noLine: Refusal = { code: 'no_line', message: { zh: '没有这行商品或数量不对', en: 'No such line' } }
const refunded = (lineNo: number): Refusal => ({
  code: 'line_refunded',
  message: { zh: `第 ${lineNo} 行有退款，留在原单`, en: `Line ${lineNo} has a refund and stays` },
})
const tooMany = (lineNo: number): Refusal => ({
  code: 'too_many',
  message: { zh: `第 ${lineNo} 行没有这么多`, en: `Line ${lineNo} has not that many` },
})
