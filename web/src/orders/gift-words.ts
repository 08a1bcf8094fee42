import { giftMisses } from '../../../server/orders/gifts/lifecycle.ts'
import type { Say } from '../words.ts'

export function giftMissText(miss: string, say: Say): string {
  const words = Object.entries(giftMisses).find(([name]) => name === miss)?.[1]
  return say(words ?? ['不符合', 'Does not fit'])
}
