import type { Refusal } from '../../core/decide.ts'
import {
  isUnshipped,
  type OrderStatus,
  type PlatformChangeKind,
  platformChangeRules,
  statusWords,
} from './lifecycle.ts'

export const nothingOpen: Refusal = {
  code: 'no_difference',
  message: { zh: '没有未处理的平台变更', en: 'No open difference' },
}

/** Returns why a platform change of this kind cannot be applied to an order in this status; undefined: it can be applied. */
export function whyNotApplied(
  kind: PlatformChangeKind,
  status: OrderStatus | undefined,
): Refusal | undefined {
  const { applies, zh, en } = platformChangeRules[kind]
  if (applies === 'any' || (applies === 'unconfirmed' && status === 'unconfirmed')) return undefined
  if (applies === 'never' || status === undefined)
    return {
      code: 'cannot_apply',
      message: { zh: `${zh}不能自动应用，手工处理后忽略`, en: `${en}: handle it by hand, then ignore` },
    }
  const now = statusWords[status]
  const [until, later] = isUnshipped(status)
    ? ['。退回未确认后可用', '. Available once it is unconfirmed']
    : ['', '']
  return {
    code: 'not_unconfirmed',
    message: { zh: `${now.zh}，不能改${zh}${until}`, en: `${now.en}: the ${en.toLowerCase()} stays${later}` },
  }
}
