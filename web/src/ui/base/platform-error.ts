import type { Say } from '../../words.ts'
import { troubleText } from './code-words.ts'

// Our own sentences that are stored among the platforms' answers, by their beginnings.
const ours: readonly (readonly [start: string, zh: string])[] = [
  ['The platform sent a code to the shop owner', '平台已把短信验证码发给店主，填好再同意一次'],
  ['The platform did not refuse the refund', '平台没有拒绝成功'],
  ['This platform has no such action', '这个平台没有这个接口'],
  ['The refusal message must have', '拒绝说明要 2 到 200 个字'],
  ['The proof picture may have', '凭证图片太大'],
  ['A memo may have', '备注太长，最多 500 个汉字'],
  ['This platform cannot empty a note', '这个平台的备注不能清空'],
  ['At most', '超过平台一次能同意的笔数或金额'],
]

/** Returns the platform's reason: its own text, or our sentence in the user's language. */
export function platformErrorText(error: string, say: Say): string {
  const known = ours.find(([start]) => error.startsWith(start))
  return known ? say([known[1], error]) : troubleText(error, say)
}

/** True if the platform has sent a code to the shop's owner and waits for it. */
export function asksForCode(error: string): boolean {
  return error.startsWith('The platform sent a code')
}
