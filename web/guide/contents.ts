import type { LocalizedPair } from '../../server/lib/localized-text.ts'

/** The pages of the guide in their order. A page has the same name in both languages. */
export const groups: readonly { words: LocalizedPair; pages: readonly string[] }[] = [
  { words: ['开始', 'Start'], pages: ['start'] },
  { words: ['仓库', 'Warehouse'], pages: ['printing'] },
  { words: ['订单', 'Orders'], pages: ['orders'] },
]
