import type { Refusal } from '../../core/decide.ts'
import type { LocalizedText } from '../../lib/localized-text.ts'
import { type HoldReason, holdReasons } from './lifecycle.ts'

// Labels of holds, and how each is lifted. Pure: server and pages use them.

type Lifter = (typeof holdReasons)[HoldReason]['by']

const remedies: Record<Lifter, LocalizedText> = {
  refund: { zh: '处理退款，或等它关闭', en: 'Handle the refund, or wait until it closes' },
  difference: { zh: '先处理差异', en: 'Settle the change first' },
  match: { zh: '匹配商品后自动解除', en: 'Match the goods; it then ends automatically' },
  person: { zh: '处理好后解除挂起', en: 'Release it once that is settled' },
}

/** The reason of the earliest lifter here is named first: what the platform or the catalogue ends comes before what a person must lift. */
const ranks: readonly Lifter[] = ['refund', 'difference', 'match', 'person']

const isHoldReason = (text: string): text is HoldReason => Object.hasOwn(holdReasons, text)
const lifterOf = (reason: string): Lifter => (isHoldReason(reason) ? holdReasons[reason].by : 'person')

export function firstHoldReason(reasons: readonly string[]): string {
  const rank = (reason: string) => ranks.indexOf(lifterOf(reason))
  return reasons.toSorted((a, b) => rank(a) - rank(b))[0] ?? ''
}

export function holdNames(reasons: readonly string[]): LocalizedText {
  const first = firstHoldReason(reasons)
  const named = [first, ...reasons.filter((reason) => reason !== first)].map((reason) =>
    isHoldReason(reason) ? holdReasons[reason] : { zh: reason, en: reason },
  )
  return {
    zh: named.map(({ zh }) => zh).join('、'),
    en: named.map(({ en }) => en.toLowerCase()).join(', '),
  }
}

export function holdWords(reasons: readonly string[]): LocalizedText {
  const names = holdNames(reasons)
  const remedy = remedies[lifterOf(firstHoldReason(reasons))]
  return { zh: `挂起：${names.zh}。${remedy.zh}`, en: `On hold: ${names.en}. ${remedy.en}` }
}

/** Returns why no person may lift a hold with this reason; undefined: a person may. */
export function heldBySystem(reason: string): Refusal | undefined {
  const by = isHoldReason(reason) ? holdReasons[reason].by : undefined
  return by === 'refund' ? heldByRefund : by === 'match' ? heldByMatch : undefined
}
const heldByRefund: Refusal = {
  code: 'hold_of_refund',
  message: {
    zh: '退款申请中。退款关闭或拒绝后自动解除',
    en: 'Refund open. Lifted automatically once the refund is closed or refused',
  },
}
const heldByMatch: Refusal = {
  code: 'hold_of_match',
  message: {
    zh: '商品未匹配。平台商品匹配到 SKU 后自动解除',
    en: 'Unmatched goods. Lifted automatically once the listing is matched with a SKU',
  },
}
