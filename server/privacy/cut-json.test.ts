import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withoutWords } from './cut-json.ts'

test('words are cut from texts alone: numbers of 64 bits and names of fields stay as they are', () => {
  const document =
    '{"20": 2000, "tid": 9007199254740993, "note": ["买家 20", {"note": "寄到 20 号"}], "at": null}'
  assert.equal(
    withoutWords(document, ['20', 'note']),
    '{"20": 2000, "tid": 9007199254740993, "note": ["买家 ***", {"note": "寄到 *** 号"}], "at": null}',
  )
})

test('a word with quotes, backslashes, line breaks or dollar signs is found as it was written', () => {
  const word = '王"$&\\\n小'
  const document = JSON.stringify({ note: `给${word}，`, other: '王小' })
  assert.equal(withoutWords(document, [word]), '{"note":"给***，","other":"王小"}')
})
