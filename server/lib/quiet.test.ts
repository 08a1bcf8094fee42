import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pino } from 'pino'
import { quietly } from './quiet.ts'

test('a trouble that comes back is told once in half a minute, with its words and how often it came', () => {
  const lines: Record<string, unknown>[] = []
  const log = pino({ base: null, timestamp: false }, { write: (line) => void lines.push(JSON.parse(line)) })
  let now = 0
  const warn = quietly(log, () => now)
  const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5432'), { code: 'ECONNREFUSED' })
  // The queue reports an error as a plain object with its fields.
  const handed = { ...refused, message: refused.message, stack: refused.stack, queue: 'a' }
  for (let turn = 0; turn < 100; turn += 1) {
    warn(refused, 'a turn failed', { name: 'tasks' })
    warn(handed, 'jobs: the database did not answer')
    now += 500
  }
  assert.deepEqual(
    lines.map(({ msg, name, again, err }) => [msg, name, again, Object(err).reason]),
    [
      ['a turn failed', 'tasks', undefined, 'connect ECONNREFUSED 127.0.0.1:5432'],
      ['jobs: the database did not answer', undefined, undefined, 'connect ECONNREFUSED 127.0.0.1:5432'],
      ['a turn failed', 'tasks', 59, 'connect ECONNREFUSED 127.0.0.1:5432'],
      ['jobs: the database did not answer', undefined, 59, 'connect ECONNREFUSED 127.0.0.1:5432'],
    ],
  )
})

test('another trouble is told at once, and what quotes a value keeps its words to itself', () => {
  const lines: Record<string, unknown>[] = []
  const log = pino({ base: null, timestamp: false }, { write: (line) => void lines.push(JSON.parse(line)) })
  const warn = quietly(log, () => 0)
  warn(Object.assign(new Error('invalid input syntax: "13812345678"'), { code: '22P02' }), 'a turn failed')
  warn(Object.assign(new Error('terminating connection'), { code: '57P01' }), 'a turn failed')
  assert.deepEqual(
    lines.map(({ err }) => [Object(err).code, Object(err).reason]),
    [
      ['22P02', undefined],
      ['57P01', 'terminating connection'],
    ],
  )
  assert.doesNotMatch(JSON.stringify(lines), /1381/)
})
