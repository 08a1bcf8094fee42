import type { Refusal } from '../../core/decide.ts'
import type { LocalizedText } from '../../lib/localized-text.ts'
import type { ChildRequest } from './split.ts'

/** The most child orders that one split makes. */
export const partsMax = 200

export const tooManyParts: Refusal = {
  code: 'too_many_parts',
  message: {
    zh: `会拆出 ${partsMax} 张以上，放宽上限再拆`,
    en: `It would make more than ${partsMax} orders; allow more in each`,
  },
}

/** Facts of a line by which a split is planned: its unrefunded quantity, and for one piece its weight and its SKUs. */
export type PlannedLine = {
  lineNo: number
  quantity: number
  code: string
  category: string
  weightG: number | null
  /** True if stock has reserved the whole line. */
  promised: boolean
  /** True if a refund concerns the line; it is not split off. */
  refunds: boolean
  /** The line's own planned ship date from the platform; null: none. */
  planAt: Date | null
  parts: readonly { skuId: string; quantity: number }[]
}
export type PlannedOrder = {
  warehouseId: string | null
  shipAfter: Date | null
  lines: readonly PlannedLine[]
}

/** Available pieces by warehouse and SKU; preferred warehouses come first. */
export type Shelves = ReadonlyMap<string, ReadonlyMap<string, number>>

/**
 * Ways to split an order. `stock`: lines that are not fully reserved become a child order that waits.
 * `warehouse`: lines that are not fully reserved move to a warehouse that has them. `quantity`, `weight`: no order has more than the
 * maximum.
 * `category`: one order for each category. `presale`: the lines of these codes get a planned ship date.
 * `days`: one order for each planned ship date of the lines.
 */
export type SplitHow =
  | { by: 'stock' }
  | { by: 'warehouse' }
  | { by: 'quantity'; max: number }
  | { by: 'weight'; maxG: number }
  | { by: 'category' }
  | { by: 'days' }
  | { by: 'presale'; codes: readonly string[]; at: Date }

/** `shipAfter`: new planned ship date of the order itself; null: none, left out: unchanged. */
export type SplitPlan =
  | { parts: ChildRequest[]; shipAfter?: Date | null }
  | { code: string; message: LocalizedText }

export function planSplit(order: PlannedOrder, how: SplitHow, shelves: Shelves): SplitPlan {
  const plan = planOf(order, how, shelves)
  return 'parts' in plan && plan.parts.length > partsMax ? tooManyParts : plan
}

function planOf(order: PlannedOrder, how: SplitHow, shelves: Shelves): SplitPlan {
  const lines = order.lines.filter(({ quantity, refunds }) => quantity > 0 && !refunds)
  switch (how.by) {
    case 'stock':
      return partsOr(
        noShortage,
        apart(
          order,
          lines.filter(({ promised }) => !promised),
        ),
      )
    case 'warehouse':
      return partsOr(nowhere, byWarehouse(order, lines, shelves))
    case 'quantity':
      return partsOr(
        fits,
        byCap(order, lines, how.max, () => 1),
      )
    case 'weight': {
      if (lines.some(({ weightG }) => weightG === null)) return noWeight
      return partsOr(
        fits,
        byCap(order, lines, how.maxG, ({ weightG }) => weightG ?? 0),
      )
    }
    case 'category':
      return partsOr(oneCategory, byCategory(order, lines))
    case 'days':
      return byDays(order, lines)
    case 'presale': {
      const codes = new Set(how.codes.map((code) => code.trim().toLowerCase()))
      const chosen = lines.filter(({ code }) => codes.has(code.toLowerCase()))
      return partsOr(
        noneOfThem,
        apart(order, chosen).map((part) => ({ ...part, shipAfter: how.at })),
      )
    }
  }
}

const partsOr = (refusal: Extract<SplitPlan, { code: string }>, parts: ChildRequest[]): SplitPlan =>
  parts.length > 0 ? { parts } : refusal

const whole = ({ lineNo, quantity }: PlannedLine) => ({ lineNo, quantity })

/** Returns the chosen lines as one child order, if other lines stay on the order; else nothing. */
function apart(order: PlannedOrder, chosen: readonly PlannedLine[]): ChildRequest[] {
  const left = order.lines.filter((line) => line.quantity > 0 && !chosen.includes(line))
  return chosen.length > 0 && left.length > 0 ? [{ lines: chosen.map(whole) }] : []
}

/**
 * Goes through the warehouses and gives each the short lines whose goods it has completely. Lines that no warehouse has stay and wait.
 */
function byWarehouse(order: PlannedOrder, lines: readonly PlannedLine[], shelves: Shelves): ChildRequest[] {
  const short = lines.filter(({ promised, parts }) => !promised && parts.length > 0)
  const open = new Set(short)
  const parts: (ChildRequest & { lines: { lineNo: number; quantity: number }[] })[] = []
  for (const [warehouseId, shelf] of shelves) {
    if (warehouseId === order.warehouseId) continue
    const left = new Map(shelf)
    const taken: PlannedLine[] = []
    for (const line of open) {
      const needs = line.parts.map(({ skuId, quantity }) => ({ skuId, pieces: quantity * line.quantity }))
      if (!needs.every(({ skuId, pieces }) => (left.get(skuId) ?? 0) >= pieces)) continue
      for (const { skuId, pieces } of needs) left.set(skuId, (left.get(skuId) ?? 0) - pieces)
      taken.push(line)
    }
    for (const line of taken) open.delete(line)
    if (taken.length > 0) parts.push({ warehouseId, lines: taken.map(whole) })
  }
  const stays = order.lines.some((line) => line.quantity > 0 && !(short.includes(line) && !open.has(line)))
  // A line must stay on the order. If all lines would leave it, those for the first warehouse stay.
  return stays ? parts : parts.slice(1)
}

/**
 * Fills one order after the other with the lines in sequence; the first is the order itself. A piece that exceeds the maximum gets its
 * own order. A plan with more orders than one split makes is refused, so it ends there.
 */
function byCap(
  order: PlannedOrder,
  lines: readonly PlannedLine[],
  max: number,
  sizeOf: (line: PlannedLine) => number,
): ChildRequest[] {
  const stays = order.lines.filter((line) => line.quantity > 0 && !lines.includes(line))
  const bins: Map<number, number>[] = [new Map()]
  let room = max - stays.reduce((sum, line) => sum + sizeOf(line) * line.quantity, 0)
  let empty = stays.length === 0
  for (const line of lines) {
    const size = sizeOf(line)
    let left = line.quantity
    while (left > 0 && bins.length <= partsMax + 1) {
      const fit = size > 0 ? Math.floor(room / size) : left
      const pieces = Math.min(left, Math.max(fit, empty ? 1 : 0))
      if (pieces === 0) {
        bins.push(new Map())
        room = max
        empty = true
        continue
      }
      bins.at(-1)?.set(line.lineNo, pieces)
      room -= size * pieces
      empty = false
      left -= pieces
    }
  }
  return bins.slice(1).map((bin) => ({ lines: [...bin].map(([lineNo, quantity]) => ({ lineNo, quantity })) }))
}

/**
 * Makes a child order for each category. Lines without a category and lines with a refund stay; if there are none, the first category
 * stays.
 */
function byCategory(order: PlannedOrder, lines: readonly PlannedLine[]): ChildRequest[] {
  const groups = Map.groupBy(
    lines.filter(({ category }) => category !== ''),
    ({ category }) => category,
  )
  const rest = order.lines.some((line) => line.quantity > 0 && (line.category === '' || line.refunds))
  return [...groups.values()].slice(rest ? 0 : 1).map((group) => ({ lines: group.map(whole) }))
}

/**
 * Makes a child order for each later date; lines without a date stay, or else those of the earliest date, or only lines with a refund. If
 * the order's planned date is the last of these dates, it becomes the date of the lines that stay; null: they have none.
 */
function byDays(order: PlannedOrder, lines: readonly PlannedLine[]): SplitPlan {
  const timeOf = ({ planAt }: PlannedLine) => planAt?.getTime() ?? 0
  const days = [...Map.groupBy(lines, timeOf)].toSorted(([one], [other]) => one - other)
  const rest = order.lines.some((line) => line.quantity > 0 && line.refunds)
  const leaving = days.slice(rest && days[0]?.[0] !== 0 ? 0 : 1)
  if (leaving.length === 0) return oneDay
  const [first = 0] = leaving.length < days.length ? (days[0] ?? []) : []
  const last = days.at(-1)?.[0]
  const parts = leaving.map(([day, group]) => ({ lines: group.map(whole), shipAfter: new Date(day) }))
  if (order.shipAfter?.getTime() !== last) return { parts }
  return { parts, shipAfter: first === 0 ? null : new Date(first) }
}

const refuse = (code: string, zh: string, en: string) => ({ code, message: { zh, en } })
const noShortage = refuse('not_short', '没有缺货的商品，或全部缺货', 'Nothing is short, or everything is')
const nowhere = refuse('no_other_warehouse', '别的仓库也没有缺的商品', 'No other warehouse has what is short')
const fits = refuse('fits', '没有超过上限', 'It is within the limit')
const noWeight = refuse(
  'no_weight',
  '有商品没填重量，先在商品里补上',
  'A weight is missing; fill it in on the product',
)
const oneCategory = refuse('one_category', '只有一个类目', 'There is only one category')
const oneDay = refuse(
  'one_day',
  '平台没有给各行不同的发货日',
  'The platform names no different days for its lines',
)
const noneOfThem = refuse('none_of_them', '没有这些商品，或全部都是', 'None of these goods, or nothing else')
