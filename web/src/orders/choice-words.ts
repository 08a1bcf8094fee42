import type { LocalizedText } from '../../../server/lib/localized-text.ts'
import { howWords, missWords } from '../../../server/orders/sourcing/choice-lifecycle.ts'
import type { Say } from '../words.ts'

const wordsOf = (table: Record<string, LocalizedText>, key: string, say: Say) => {
  const words = table[key]
  return say(words ?? ['其他', 'other'])
}

export const missText = (miss: string, say: Say) => wordsOf(missWords, miss, say)
export const howText = (how: string, say: Say) => wordsOf(howWords, how, say)
