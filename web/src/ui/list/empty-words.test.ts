import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Field } from './filters.ts'
import type { Search } from './search-params.ts'

// The pages read the browser's language when they are loaded.
Object.assign(globalThis, { localStorage: { getItem: () => 'zh', setItem: () => undefined } })
const { emptyText } = await import('./empty-words.ts')
const { say } = await import('../../words.ts')

const fields: Field[] = [
  { key: 'shop', label: ['店铺', 'Shop'], kind: 'shops' },
  { key: 'platform', label: ['平台', 'Platform'], kind: 'platforms' },
  { key: 'title', label: ['商品', 'Goods'], kind: 'text' },
]
const due = {
  title: ['4 小时内没有到期的退款', 'None'],
  remedy: ['快到期的会出现在这里。', 'They appear here.'],
} as const
const tabs = [{ key: 'open' }, { key: 'due', empty: { title: due.title, remedy: due.remedy } }]
const english = (words: readonly [string, string] | { en: string }) => ('en' in words ? words.en : words[1])
const text = (search: Search, more: object = {}) => {
  const { title, remedy } = emptyText({ fields, search, scope: '', tabs, tab: 'due', ...more }, say)
  return [title, remedy]
}

test('a tab says its own text only if neither platform nor shop nor filter hides rows', () => {
  assert.deepEqual(text({ tab: 'due' }), ['4 小时内没有到期的退款', '快到期的会出现在这里。'])
  assert.deepEqual(text({ platform: 'one' }), ['这个平台在这里没有', '看全部平台，或换一个标签页。'])
  assert.deepEqual(text({ title: '灯' }), ['没有符合筛选的行', '去掉一个筛选，或换一个标签页。'])
  assert.deepEqual(text({}, { scope: '7' }), ['没有符合筛选的行', '在左上角选全部店铺，或换一个标签页。'])
  assert.deepEqual(text({ title: '灯', platform: 'one' }, { scope: '7' }), [
    '没有符合筛选的行',
    '去掉一个筛选，在左上角选全部店铺，看全部平台，或换一个标签页。',
  ])
  // The page's own filter by shop is in force instead of the shop of all pages.
  assert.deepEqual(text({ shop: '8' }, { scope: '7' }), [
    '没有符合筛选的行',
    '去掉一个筛选，或换一个标签页。',
  ])
})

test('another tab is advised only if it may have rows', () => {
  const of = (open: number, more: object = {}) =>
    text({ title: '灯' }, { counts: { open: { count: open }, due: { count: 0 } }, ...more })[1]
  assert.equal(of(0), '去掉一个筛选。')
  assert.equal(of(2), '去掉一个筛选，或换一个标签页。')
  assert.equal(of(0, { tab: 'open' }), '去掉一个筛选。')
  assert.equal(of(0, { counts: { due: { count: 0 } } }), '去掉一个筛选，或换一个标签页。')
  assert.deepEqual(text({}, { tab: 'open', counts: { due: { count: 0 } } }), ['这里没有', ''])
})

test('a page without tabs advises none', () => {
  const history = { tabs: [], tab: '' }
  assert.deepEqual(text({ platform: 'one' }, history), ['这个平台在这里没有', '看全部平台。'])
  assert.deepEqual(text({}, history), ['这里没有', ''])
  assert.deepEqual(text({}, { tab: 'open' }), ['这里没有', '换一个标签页。'])
  assert.equal(
    emptyText({ fields, search: { title: 'x', platform: 'one' }, scope: '', ...history }, english).remedy,
    'Remove a filter, or look at all platforms.',
  )
})
