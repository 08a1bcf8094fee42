import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { readGuide } from '../web/guide/source.ts'
import { sectionOfPage } from '../web/src/guide/sections.ts'
import type { GuideNode } from '../web/src/guide/types.ts'
import { openBrowser, pictureFailures, visit } from './browser.ts'
import { openHouse } from './house.ts'

const house = await openHouse({ trades: { 'shanyu-tmall': 8 }, spreadSeconds: 20_000 })
const chromium = await openBrowser()
after(async () => {
  await chromium[Symbol.asyncDispose]()
  await house[Symbol.asyncDispose]()
})
await house.download()
const page = await chromium.open(house.url, house.admin)
pictureFailures(() => page)

/** Returns the words that are followed by their key, such as `**转销售单** <kbd>C</kbd>`. */
function keysIn(nodes: readonly GuideNode[]): [key: string, word: string][] {
  return nodes.flatMap((node, at): [string, string][] => {
    if (typeof node === 'string') return []
    const [space, key] = [nodes[at + 1], nodes[at + 2]]
    if (node.tag === 'strong' && space === ' ' && typeof key === 'object' && key.tag === 'kbd')
      return [[(key.children ?? []).join(''), (node.children ?? []).join('')]]
    return keysIn(node.children ?? [])
  })
}

const bare = (words: string) => words.replace(/…$/, '')

test('a key that a guide has beside a word has that word on the page too, as far as its first tab has the key', async () => {
  const wrong: string[] = []
  let count = 0
  for (const [path, to] of Object.entries(sectionOfPage)) {
    const [name = '', id = ''] = to.split('#')
    const section = readGuide('zh', name).sections.find((each) => each.id === id)
    const named = keysIn(section?.body ?? []).filter(([key]) => /^[A-Z]$/.test(key))
    if (named.length === 0 || path.includes('$')) continue
    await visit(page, house.url + path)
    await page.keyboard.press('?')
    const rows = page.getByRole('region', { name: '快捷键' }).locator('.row')
    await rows.first().waitFor()
    await page.waitForTimeout(500)
    const shown = new Map(
      (await rows.allInnerTexts()).map((text) => {
        const [key = '', ...words] = text.split(/\s+/)
        return [key, words.join(' ')]
      }),
    )
    await page.keyboard.press('Escape')
    for (const [key, word] of named) {
      const there = shown.get(key)
      if (there === undefined) continue
      count += 1
      if (bare(there) !== bare(word)) wrong.push(`${path}: ${key} is ${there}, not ${word}`)
    }
  }
  assert.deepEqual(wrong, [])
  assert.ok(count > 30, `${count} keys`)
})
