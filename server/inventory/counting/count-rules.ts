import { already, type Refusal } from '../../core/decide.ts'
import type { LocalizedText } from '../../lib/localized-text.ts'

/** The rules of a counting task (盘点任务). Pure. */

export const countStatuses = ['open', 'done', 'cancelled'] as const
export type CountStatus = (typeof countStatuses)[number]
export const countStatusWords = {
  open: { zh: '在盘', en: 'Being counted' },
  done: { zh: '已盘完', en: 'Done' },
  cancelled: { zh: '已取消', en: 'Cancelled' },
} as const satisfies Record<CountStatus, LocalizedText>

/**
 * What a count means. `part`: other places of the SKU are still to be counted. `matches`: no difference. `recount`: it differs, so all its
 * places are counted a second time. `settled`: the second count decides. `moved`: goods moved meanwhile, so it is counted again.
 */
export const countVerdicts = ['part', 'matches', 'recount', 'settled', 'moved'] as const
export type CountVerdict = (typeof countVerdicts)[number]

export type Place = { lineNo: number; skuId: string }
export type Entry = {
  lineNo: number
  round: number
  quantity: number
  expected: number
  /** Pieces that may have left the shelf unnoted: as many less than expected are no difference. */
  maybePacked: number
  countedBy: string
  countedById: string
}

/** The state of one SKU in a task. `open`: places that are still to be counted in this round. */
export type SkuCount = {
  round: 1 | 2
  open: number[]
  /** Pieces more than the books say, less if negative; undefined: not decided yet. */
  difference: number | undefined
}

/** The places of each SKU, with their counts. */
export function bySku<Line extends Place, Counted extends Entry>(
  lines: readonly Line[],
  entries: readonly Counted[],
) {
  const skuAt = new Map(lines.map(({ lineNo, skuId }) => [lineNo, skuId]))
  const counted = Map.groupBy(entries, ({ lineNo }) => skuAt.get(lineNo))
  const places = Map.groupBy(lines, ({ skuId }) => skuId)
  return new Map([...places].map(([skuId, of]) => [skuId, { places: of, entries: counted.get(skuId) ?? [] }]))
}

/**
 * Pieces more than can be on the shelf, or less (negative) than must be there; 0: the count can be right. From `expected` less
 * `maybePacked` to `expected` the count can be right, because missing pieces may be in parcels.
 */
export function gapOf(
  counted: number,
  { expected, maybePacked }: Pick<Entry, 'expected' | 'maybePacked'>,
): number {
  const off = counted - expected
  return Math.max(off, 0) + Math.min(off + maybePacked, 0)
}

type Total = { difference: number; isSteady: boolean }

/** Returns the sum of a round over all places; undefined: a place is not counted. */
function totalOf(places: readonly Place[], entries: readonly Entry[], round: number): Total | undefined {
  const counted = places.map(({ lineNo }) =>
    entries.find((one) => one.lineNo === lineNo && one.round === round),
  )
  const whole = counted.filter((one) => one !== undefined)
  const [first] = whole
  if (!first || whole.length < places.length) return undefined
  return {
    difference: gapOf(
      whole.reduce((sum, { quantity }) => sum + quantity, 0),
      first,
    ),
    isSteady: whole.every(
      ({ expected, maybePacked }) => expected === first.expected && maybePacked === first.maybePacked,
    ),
  }
}

/** Decides about a SKU by what was counted at its places. The second count decides, because the first was looked at by one person only. */
export function countOf(places: readonly Place[], entries: readonly Entry[]): SkuCount {
  const openIn = (round: number) =>
    places
      .filter(({ lineNo }) => !entries.some((one) => one.lineNo === lineNo && one.round === round))
      .map(({ lineNo }) => lineNo)
  const first = totalOf(places, entries, 1)
  if (!first) return { round: 1, open: openIn(1), difference: undefined }
  if (first.difference === 0) return { round: 1, open: [], difference: 0 }
  return { round: 2, open: openIn(2), difference: totalOf(places, entries, 2)?.difference }
}

/** The state of a SKU in its task. `second`: it differs, and waits for a second count. `left_out`: the task ended before it was decided. */
export const countStates = ['first', 'second', 'matches', 'differs', 'left_out'] as const
export type CountState = (typeof countStates)[number]
export const countStateWords = {
  first: { zh: '要数', en: 'To be counted' },
  second: { zh: '等第二遍', en: 'Waits for a second count' },
  matches: { zh: '对得上', en: 'No difference' },
  differs: { zh: '有差异', en: 'Differs' },
  left_out: { zh: '没数完，不计入', en: 'Not finished; left out' },
} as const satisfies Record<CountState, LocalizedText>

export function stateOf({ round, difference }: SkuCount, status: CountStatus): CountState {
  if (difference !== undefined) return difference === 0 ? 'matches' : 'differs'
  if (status !== 'open') return 'left_out'
  return round === 1 ? 'first' : 'second'
}

/** Returns why the task cannot be ended; undefined: it can. */
export const whyNotEnded = ({ status }: { status: CountStatus }): Refusal | undefined =>
  status === 'open' ? undefined : already({ zh: '已结束', en: 'Ended' })

/** Returns what this round of the SKU means, now that another place was counted. */
export function verdictOf(places: readonly Place[], entries: readonly Entry[], round: number): CountVerdict {
  const total = totalOf(places, entries, round)
  if (!total) return 'part'
  if (!total.isSteady) return 'moved'
  if (round === 2) return 'settled'
  return total.difference === 0 ? 'matches' : 'recount'
}

/** The people who counted the SKU first. Another one should count it a second time. */
export const firstCounters = (places: readonly Place[], entries: readonly Entry[]) =>
  new Map(
    entries
      .filter(({ lineNo, round }) => round === 1 && places.some((place) => place.lineNo === lineNo))
      .map(({ countedById, countedBy }) => [countedById, countedBy]),
  )

type Asked = { round: number; lineNo: number; userId: string; alone: boolean }

/** Returns why this count is not taken; undefined: it is. */
export function whyNotCounted(
  status: CountStatus,
  places: readonly Place[],
  entries: readonly Entry[],
  { round, lineNo, userId, alone }: Asked,
): Refusal | undefined {
  if (status !== 'open') return ended
  const now = countOf(places, entries)
  if (now.round !== round || !now.open.includes(lineNo)) return counted(entries, lineNo)
  const others = firstCounters(places, entries)
  return round === 2 && !alone && others.has(userId) ? sameCounter : undefined
}

const ended: Refusal = {
  code: 'ended',
  message: { zh: '这个盘点已结束', en: 'This count has ended' },
}
const sameCounter: Refusal = {
  code: 'same_counter',
  message: {
    zh: '第一遍是你数的，请别人数第二遍',
    en: 'You counted it first; somebody else should count it again',
  },
}
function counted(entries: readonly Entry[], lineNo: number): Refusal {
  const last = entries.findLast((one) => one.lineNo === lineNo)
  const name = last?.countedBy ?? ''
  return {
    code: 'counted',
    message: { zh: `${name} 已数过`.trim(), en: `${name || 'Somebody'} has counted it` },
  }
}
