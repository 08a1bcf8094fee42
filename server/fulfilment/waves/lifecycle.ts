import { already, type Refusal, wrongStatus } from '../../core/decide.ts'
import type { LocalizedText } from '../../lib/localized-text.ts'

/** The lifecycle of a wave. Pure: server, API and buttons use it. */

export const waveStatuses = ['open', 'picking', 'picked', 'sorting', 'done', 'cancelled'] as const
export type WaveStatus = (typeof waveStatuses)[number]

export const waveStatusWords: Record<WaveStatus, LocalizedText> = {
  open: { zh: '待领', en: 'To claim' },
  picking: { zh: '拣货中', en: 'Picking' },
  picked: { zh: '已拣', en: 'Picked' },
  sorting: { zh: '播种', en: 'Sorting' },
  done: { zh: '完成', en: 'Done' },
  cancelled: { zh: '已撤销', en: 'Cancelled' },
}

export const waveGoods = ['same', 'single', 'many', 'any'] as const
export type WaveGoods = (typeof waveGoods)[number]
export const waveGoodsWords: Record<WaveGoods, LocalizedText> = {
  same: { zh: '单品，同款', en: 'One SKU, all the same' },
  single: { zh: '单品，不同款', en: 'One SKU each' },
  many: { zh: '多品', en: 'Several SKUs' },
  any: { zh: '不限', en: 'Any' },
}

export const waveSortings = ['none', 'picking', 'after'] as const
export type WaveSorting = (typeof waveSortings)[number]
export const waveSortingWords: Record<WaveSorting, LocalizedText> = {
  none: { zh: '一人一车，不分篮', en: 'One cart, no baskets' },
  picking: { zh: '边拣边分', en: 'Sorted while picking' },
  after: { zh: '先拣后分', en: 'Picked, then sorted' },
}

export const leftReasons = ['short', 'stopped', 'gone', 'cut', 'cancelled'] as const
export type LeftReason = (typeof leftReasons)[number]
export const leftReasonWords: Record<LeftReason, LocalizedText> = {
  short: { zh: '缺货', en: 'Goods not found' },
  stopped: { zh: '已拦截', en: 'Stopped' },
  gone: { zh: '已取消或已发货', en: 'Cancelled or shipped' },
  cut: { zh: '拆出', en: 'Cut out' },
  cancelled: { zh: '波次撤销', en: 'Its wave was cancelled' },
}

const waveEvents = {
  claim: { from: ['open', 'picking'], zh: '领取', en: 'Claim' },
  pick: { from: ['picking'], zh: '拣货', en: 'Pick' },
  cut: { from: ['picking'], zh: '拆出缺货单', en: 'Cut out missing goods' },
  sort: { from: ['picked', 'sorting'], zh: '播种', en: 'Sort' },
  handOver: { from: ['picked', 'sorting'], zh: '交验货', en: 'Hand over' },
  cancel: { from: ['open'], zh: '撤销波次', en: 'Cancel the wave' },
} as const satisfies Record<string, LocalizedText & { from: readonly WaveStatus[] }>
export type WaveEvent = keyof typeof waveEvents

export type WaveFacts = {
  status: WaveStatus
  sorting: WaveSorting
  claimedById: string | null
  claimedBy: string | null
  /** Pieces that wait to be sorted; undefined: not counted. */
  unsorted?: number
}

/** Returns why this person may not do the event with the wave; undefined: it is allowed. */
export function whyNotWave(wave: WaveFacts, event: WaveEvent, userId: string): Refusal | undefined {
  const rule = waveEvents[event]
  const isOwn = wave.claimedById === userId
  if (event === 'claim' && wave.status === 'picking' && isOwn) return already({ zh: '已领', en: 'Claimed' })
  if (!rule.from.some((status) => status === wave.status))
    return wrongStatus(waveStatusWords[wave.status], rule)
  if ((event === 'pick' || event === 'cut') && !isOwn) return pickedByOther(wave.claimedBy ?? '')
  if (event === 'sort' && wave.sorting !== 'after') return noBaskets
  if (event === 'handOver' && wave.sorting === 'after' && wave.unsorted !== 0) return sortFirst
  return undefined
}

const pickedByOther = (name: string): Refusal => ({
  code: 'other_picker',
  message: { zh: `${name} 在拣。先接手`, en: `${name} is picking it. Take it over first` },
})
const noBaskets: Refusal = {
  code: 'nothing_to_sort',
  message: { zh: '这个波次不用播种', en: 'This wave needs no sorting' },
}
const sortFirst: Refusal = {
  code: 'sort_first',
  message: { zh: '先播种，分完自动完成', en: 'Sort it first; it is done with its last piece' },
}

/** `wave.created_by` of waves that no person made. */
export const madeByRules = '自动'

/** The code on a basket: LJ-07. */
export const basketCode = (basket: number) => `LJ-${String(basket).padStart(2, '0')}`
