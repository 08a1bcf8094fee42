import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { readable } from './readable-log.ts'

const line = (fields: object) =>
  JSON.stringify({ level: 30, time: 1_795_802_243_113, name: 'web', ...fields })
const words = (text: string) => stripVTControlCharacters(readable(text)).replace(/^\S+ /, '')

test('a log line is shown as its level, process, words and fields', () => {
  assert.equal(words(line({ msg: 'working' })), 'info  web    working')
  assert.equal(
    words(line({ level: 40, name: 'worker', msg: 'slow', ms: 9.2, route: '/healthz', disk: { free: 1 } })),
    'warn  worker slow  ms=9.2 route=/healthz disk={"free":1}',
  )
  assert.match(stripVTControlCharacters(readable(line({}))), /^\d\d:\d\d:\d\d info/)
})

test('an error is shown with its fields, and its places below', () => {
  const err = { type: 'error', code: '58P01', message: 'no file', stack: ['at one', 'at two'] }
  assert.equal(
    words(line({ level: 50, msg: 'failed', err })),
    'error web    failed  type=error code=58P01 message=no file\n    at one\n    at two',
  )
})

test('what is no log line stays as it is', () => {
  const others = ['已停止 · Stopped', '', '{"at":"2026-11-27","auditSeal":"1"}', '{ not JSON', '7']
  assert.deepEqual(others.map(readable), others)
})
