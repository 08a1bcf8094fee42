import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { parseJson } from '../../lib/json.ts'
import { type Fields, isFields } from '../fields.ts'

/** Reads an answer of a platform from the fixtures beside the test at `url`. */
export function answerIn(url: string, name: string): Fields {
  const answer = parseJson(readFileSync(new URL(`fixtures/${name}.json`, url), 'utf8'))
  return isFields(answer) ? answer : assert.fail('no object')
}
