import assert from 'node:assert/strict'
import { test } from 'node:test'

// The pages read the browser's language when they are loaded.
Object.assign(globalThis, { localStorage: { getItem: () => 'zh', setItem: () => undefined } })
const { coverageText } = await import('./coverage-text.ts')

type Row = Parameters<typeof coverageText>[0]
const both = (change: Partial<Row>) =>
  ([0, 1] as const).map((language) =>
    coverageText({ state: 'complete', reason: null, parked: 0, ...change }, (words, params) => {
      const text = 'zh' in words ? (language === 0 ? words.zh : words.en) : words[language]
      return text.replace('{n}', String(params?.['n'] ?? ''))
    }),
  )

test('a shop is whole but for what could not be read only where nothing else is missing', () => {
  assert.deepEqual(both({ parked: 2 }), ['2 条异常数据，其余完整', '2 unreadable, the rest complete'])
  assert.deepEqual(both({ parked: 2, state: 'chasing' }), ['追赶中', 'Catching up'])
  assert.deepEqual(both({ parked: 2, state: 'paused' }), ['已暂停', 'Paused'])
  assert.deepEqual(both({}), ['完整', 'Complete'])
})
