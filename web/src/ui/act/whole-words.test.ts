import assert from 'node:assert/strict'
import { test } from 'node:test'

// The pages read the browser's language when they are loaded.
Object.assign(globalThis, { localStorage: { getItem: () => 'zh', setItem: () => undefined } })
const { wholeWords } = await import('./whole-words.ts')

test('a button over a whole tab says its number, one in the singular and a bounded one in the plural', () => {
  const words = ['取号 {n} 单', 'Take {n} {n|number|numbers}'] as const
  assert.deepEqual(
    ['1', '6', '1,000+'].map((n) => wholeWords(words, n)),
    [
      ['取号 1 单', 'Take 1 number'],
      ['取号 6 单', 'Take 6 numbers'],
      ['取号 1,000+ 单', 'Take 1,000+ numbers'],
    ],
  )
})
