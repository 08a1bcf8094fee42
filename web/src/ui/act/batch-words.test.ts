import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

// The pages read the browser's language when they are loaded.
Object.assign(globalThis, { localStorage: { getItem: () => 'zh', setItem: () => undefined } })
const { outcomeText } = await import('./batch-words.ts')
const { say } = await import('../../words.ts')

test('a refused row says the server’s sentence, else what its code means, and never the code', () => {
  const message = { zh: '订单刚刚动过，看一眼再改', en: 'It has just changed' }
  assert.equal(outcomeText({ code: 'changed', message }, say), message.zh)
  assert.equal(outcomeText({ code: 'on_hold', message: null }, say), '挂起中')
  assert.equal(outcomeText({ code: 'some_new_code' }, say), '现在做不了')
  assert.equal(outcomeText(undefined, say), '现在做不了')
})

test('no page words a refused row by itself', () => {
  const folder = fileURLToPath(new URL('../../', import.meta.url))
  const files = globSync('**/*.{ts,tsx}', { cwd: folder }).filter((file) => !/\.test\.ts$/.test(file))
  const own = files.filter((file) => {
    const text = readFileSync(join(folder, file), 'utf8')
    return /\.message\s*\?\s*say\([^)]*\)\s*:\s*\(?(refusalText|[\w.?]+\.code)/.test(text)
  })
  assert.deepEqual(own, ['ui/act/batch-words.ts'])
  assert.ok(files.length > 200)
})
