import type { Shown } from '../core/lists/declare-contract.ts'
import type { LocalizedText } from '../lib/localized-text.ts'

/** The lifecycle of 库存同步. Pure: server, API and buttons use it. */

export type StockSyncRule = {
  /** Warehouse ids; empty: all active warehouses. */
  warehouses: string[]
  percent: number
  plus: number
  safety: number
  /** The least quantity to show, even without stock, for goods that can be reordered at any time. */
  min: number
  /** The largest quantity to show; null: no limit. */
  max: number | null
}

export const usualRule: StockSyncRule = {
  warehouses: [],
  percent: 100,
  plus: 0,
  safety: 0,
  min: 0,
  max: null,
}

export type PartStock = {
  code: string
  /** Pieces of the component in one piece of the listing. */
  each: number
  warehouses: readonly { id: string; name: string; available: number; short: number }[]
  /** Pieces that staged trades will need, in any warehouse. */
  staged: number
}

export type StockSyncInput = {
  rule: StockSyncRule
  /** True: the rule belongs to the listing, not to its shop. */
  own: boolean
  parts: readonly PartStock[]
}

export type StockSyncTrace = {
  own: boolean
  rule: StockSyncRule
  parts: {
    code: string
    each: number
    /** `id`: left out in calculations of earlier versions. `name` empty: the warehouses that the reader may not see, together. */
    warehouses: { id?: string; name: string; available: number; short: number }[]
    /** Staged demand for the component; left out: 0. */
    staged?: number
    /** Free pieces of the component in all these warehouses together, less the staged demand. */
    free: number
    /** Pieces of the listing for which the free pieces are enough. */
    makes: number
  }[]
  base: number
  quantity: number
}

const mostPieces = 99_999_999

/**
 * Calculates a listing's quantity: free pieces in the rule's warehouses, of a bundle as many as its scarcest component allows; times
 * percent, rounded down; plus `plus`; minus safety stock; between min and max. Pieces for backorders and for staged demand are not free.
 */
export function listingQuantity({ rule, own, parts }: StockSyncInput): {
  quantity: number
  trace: StockSyncTrace
} {
  const traced = parts.map(({ code, each, warehouses, staged }) => {
    const chosen = warehouses
      .filter(({ id }) => rule.warehouses.length === 0 || rule.warehouses.includes(id))
      .map(({ id, name, available, short }) => ({ id, name, available, short }))
    const there = chosen.reduce((sum, { available, short }) => sum + Math.max(0, available - short), 0)
    const free = Math.max(0, there - staged)
    const needed = staged > 0 ? { staged } : {}
    return { code, each, warehouses: chosen, ...needed, free, makes: Math.floor(free / each) }
  })
  const base = traced.length === 0 ? 0 : Math.min(...traced.map(({ makes }) => makes))
  const wanted = Math.floor((base * rule.percent) / 100) + rule.plus - rule.safety
  const capped = Math.min(wanted, rule.max ?? mostPieces, mostPieces)
  const quantity = Math.max(capped, rule.min, 0)
  return { quantity, trace: { own, rule, parts: traced, base, quantity } }
}

export const otherWarehouses: LocalizedText = { zh: '其他仓', en: 'Other warehouses' }

/** Writes the calculation as text: "杭州仓 可用 12 + 广州仓 可用 3 = 15，× 80% = 12，− 安全库存 2 = 10". */
export function traceWords(trace: Shown<StockSyncTrace>): LocalizedText {
  return { zh: traceLine(trace, 'zh'), en: traceLine(trace, 'en') }
}

function traceLine({ rule, parts, base, quantity }: Shown<StockSyncTrace>, language: 'zh' | 'en'): string {
  const say = (zh: string, en: string) => (language === 'zh' ? zh : en)
  const steps = parts.map((part) => {
    const shelves = part.warehouses.map(({ name, available, short }) =>
      say(
        `${name || otherWarehouses.zh} 可用 ${available}${short > 0 ? ` − 缺货待配 ${short}` : ''}`,
        `${name || otherWarehouses.en} ${available} free${short > 0 ? ` − ${short} waited for` : ''}`,
      ),
    )
    const staged = part.staged ?? 0
    const plain = part.warehouses.length === 1 && part.warehouses[0]?.short === 0 && staged === 0
    const shelf = shelves.length === 0 ? say('没有库存', 'no stock') : shelves.join(' + ')
    const sum =
      staged > 0 ? `${shelf} − ${say(`待转单要用 ${staged}`, `${staged} for staged trades`)}` : shelf
    const makes = part.each > 1 ? say(`，每件用 ${part.each}`, `, ${part.each} each`) : ''
    const name = parts.length > 1 ? `${part.code}: ` : ''
    return `${name}${sum}${plain ? '' : ` = ${part.free}`}${makes}${part.each > 1 ? ` → ${part.makes}` : ''}`
  })
  if (parts.length > 1) steps.push(say(`最少的一种够 ${base} 套`, `the scarcest is enough for ${base}`))
  let at = base
  if (rule.percent !== 100) {
    at = Math.floor((base * rule.percent) / 100)
    steps.push(`× ${rule.percent}% = ${at}`)
  }
  if (rule.plus !== 0) {
    at += rule.plus
    steps.push(`${rule.plus > 0 ? '+' : '−'} ${Math.abs(rule.plus)} = ${at}`)
  }
  if (rule.safety !== 0) {
    at -= rule.safety
    steps.push(say(`− 安全库存 ${rule.safety} = ${at}`, `− ${rule.safety} held back = ${at}`))
  }
  if (rule.max !== null && at > rule.max) steps.push(say(`最多 ${rule.max}`, `at most ${rule.max}`))
  else if (at < rule.min && rule.min > 0) steps.push(say(`至少 ${rule.min}`, `at least ${rule.min}`))
  else if (at < 0) steps.push(say(`不足，按 ${quantity}`, `too few: ${quantity}`))
  return steps.join(say('，', ', '))
}

export const stockSyncStates = ['failed', 'waiting', 'synced', 'paused', 'off'] as const
export type StockSyncState = (typeof stockSyncStates)[number]

export const stockSyncStateLabels: Record<StockSyncState, LocalizedText> = {
  failed: { zh: '失败', en: 'Failed' },
  waiting: { zh: '待同步', en: 'Waiting' },
  synced: { zh: '已同步', en: 'Up to date' },
  paused: { zh: '已暂停', en: 'Paused' },
  off: { zh: '未开启', en: 'Off' },
}

export const syncFailures = ['gone', 'unmatched', 'listing_gone', 'refused', 'not_told', 'manual'] as const
export type SyncFailure = (typeof syncFailures)[number]

export const syncFailureLabels: Record<SyncFailure, LocalizedText & { zhRemedy: string; enRemedy: string }> =
  {
    gone: {
      zh: '平台商品已下架删除',
      en: 'The listing is gone',
      zhRemedy: '重新上架后自动恢复',
      enRemedy: 'It continues automatically once it is back',
    },
    unmatched: {
      zh: '没有匹配 SKU，平台停在上次的数',
      en: 'Matches no SKU; the platform shows what it had',
      zhRemedy: '到平台商品里匹配',
      enRemedy: 'Match it under Listings',
    },
    listing_gone: {
      zh: '平台说没有这个商品',
      en: 'The platform knows no such listing',
      zhRemedy: '等下一次商品下载核对；确认还在就重推',
      enRemedy: 'The next listing download will tell; resync if it is there',
    },
    refused: {
      zh: '平台拒绝',
      en: 'The platform refused',
      zhRemedy: '按平台的原因处理后重推',
      enRemedy: 'Deal with its reason, then resync',
    },
    not_told: {
      zh: '没有推成',
      en: 'Could not be told',
      zhRemedy: '15 分钟后自动再试，也可以现在重推',
      enRemedy: 'Tried again after 15 minutes, or resync now',
    },
    manual: {
      zh: '已由人工接手',
      en: 'Taken over by a person',
      zhRemedy: '库存再变时继续推，也可以重推',
      enRemedy: 'Goes on with the next change, or resync',
    },
  }

/** Milliseconds after a temporary failure at which the quantity is sent again. */
const retryAfterMs = 15 * 60_000

export type StockSyncFacts = {
  on: boolean
  /** True if an unfinished action exists, which sends the newest quantity when it runs. */
  open: boolean
  quantity: number | null
  toldQuantity: number | null
  /** The version of the quantity that the platform accepted last; 0: it has accepted none, or the accepted one does not count any more. */
  toldVersion: number
  problem: SyncFailure | ''
  problemAt: Date | null
  /** Time of the last listing download that contained the listing. */
  listedAt: Date | null
}

export function mustSend(standing: StockSyncFacts, wanted: number, now: Date): boolean {
  const { on, open, quantity, problem, problemAt, listedAt } = standing
  if (!on) return false
  if (open) return wanted !== quantity
  switch (problem) {
    case '':
      return standing.toldVersion === 0 || wanted !== standing.toldQuantity
    case 'gone':
    case 'unmatched':
      return true
    case 'listing_gone':
      return listedAt !== null && problemAt !== null && listedAt > problemAt
    case 'not_told':
      return wanted !== quantity || now.getTime() - (problemAt?.getTime() ?? 0) >= retryAfterMs
    case 'refused':
    case 'manual':
      return wanted !== quantity
  }
}
