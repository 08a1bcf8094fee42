import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { troubleCodes, troubleWords } from './trouble-words.ts'

const root = new URL('../', import.meta.url)

test('each code that a connector gives its failures has words of its own', async () => {
  const files = (await readdir(root, { recursive: true })).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts'),
  )
  const codes = new Set<string>()
  for (const file of files) {
    const text = await readFile(new URL(file, root), 'utf8')
    for (const [, code = ''] of text.matchAll(/new PlatformError\(\s*'\w+',\s*'([\w.]+)'/g)) codes.add(code)
    for (const [, code = ''] of text.matchAll(/error: '([a-z_]+)'/g)) codes.add(code)
  }
  assert.ok(codes.size >= 10, [...codes].join(' '))
  const told = (code: string) => troubleCodes.includes(code) || /^http_|^\d+$/.test(code)
  assert.deepEqual(
    [...codes].filter((code) => !told(code)),
    [],
  )
})

test('no code comes through as it is, whatever it looks like', () => {
  const strange = [
    'isp.http-connection-timeout',
    'error 53100',
    'TypeError',
    'ECONNABORTED',
    'isv.some_new_thing',
    'SOME_NEW_STATE',
    '',
  ]
  for (const code of [...strange, ...troubleCodes]) {
    const { zh, en } = troubleWords(code)
    assert.match(zh, /^[一-龥，]+$/)
    assert.doesNotMatch(en, /\b[A-Z]+(_[A-Z]+)+\b|\b[a-z]+_[a-z_]+\b|\b[a-z]+[A-Z]\w+\b|\d/)
  }
  assert.equal(troubleWords('50002').zh, '平台返回错误 50002')
})
