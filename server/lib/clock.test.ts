import assert from 'node:assert/strict'
import { test } from 'node:test'
import { databaseSays, sharedMs, sharedNow } from './clock.ts'

test('what the database said goes on by itself: neither a clock that is set, nor a slow answer moves it', (t) => {
  const started = performance.now()
  const since = () => performance.now() - started
  const said = Date.parse('2026-03-01T00:00:00Z')
  const near = (ms: number) => assert.ok(Math.abs(sharedMs() - ms - since()) < 20, String(sharedMs() - ms))
  databaseSays(said, 1)
  near(said)
  t.mock.method(Date, 'now', () => said + 600_000)
  near(said)
  t.mock.method(Date, 'now', () => said - 600_000)
  near(said)
  databaseSays(said + since() + 400, 500)
  near(said)
  databaseSays(said + since() + 600, 500)
  near(said + 600)
  assert.equal(Number.isInteger(sharedMs()), true)
  assert.equal(sharedNow().toISOString().slice(0, 16), '2026-03-01T00:00')
})
