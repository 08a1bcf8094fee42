import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { events } from '../events.ts'
import { jobs } from '../worker.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const callsOf = (path: string, call: string) =>
  [
    ...readFileSync(join(root, path), 'utf8').matchAll(
      new RegExp(`\\b${call}\\(\\s*(?:tx,\\s*)?'([\\w.]+)'`, 'g'),
    ),
  ].map(([, name]) => name)

test('each event has one receiver that works, which is the one in the table', () => {
  assert.deepEqual(jobs.map(({ name }) => name).toSorted(), Object.keys(events).toSorted())
  for (const [name, { receiver }] of Object.entries(events))
    assert.equal(callsOf(receiver, 'receiveEvent').filter((one) => one === name).length, 1, name)
})

test('each event has the senders of the table and no others', () => {
  const named = Object.entries(events).flatMap(([name, { senders }]) =>
    senders.map((path) => `${path} ${name}`),
  )
  const files = globSync('server/**/*.ts', { cwd: root }).filter((path) => !/\.test\.ts$/.test(path))
  const sent = files.flatMap((path) => callsOf(path, 'sendEvent').map((name) => `${path} ${name}`))
  assert.deepEqual([...new Set(sent)].toSorted(), named.toSorted())
})
