import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'

/** The settings of the table, in its order. */
async function settingsOf(name: string): Promise<string[]> {
  const text = await readFile(new URL(`../../${name}`, import.meta.url), 'utf8')
  return [...text.matchAll(/^\| (`[A-Z0-9_]+`(?:[,、] ?`[A-Z0-9_]+`)*) \|/gm)].flatMap(([, names = '']) =>
    [...names.matchAll(/`([A-Z0-9_]+)`/g)].map(([, setting = '']) => setting),
  )
}

test('both READMEs list the same settings in the same order', async () => {
  const english = await settingsOf('README.md')
  assert.ok(english.includes('DRAIN_SECONDS') && english.length > 20, english.join(' '))
  assert.deepEqual(await settingsOf('README.zh-CN.md'), english)
})
