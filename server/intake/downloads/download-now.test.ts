import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import { AppError } from '../../errors.ts'
import { testApp } from '../../testing/app.ts'
import { requestDownload } from './download-now.ts'

test('a span that ends before it begins, or is longer than 90 days, is refused and names its field', async () => {
  await using house = await testApp()
  const by = { actor: systemActor, scope: wholeScope }
  const fieldOf = (from: string, to: string) =>
    house.db
      .transaction()
      .execute((tx) => requestDownload(tx, 'trade_pull', { shopId: '1', from, to }, by))
      .then(
        () => 'taken',
        (error: unknown) => (error instanceof AppError ? `${error.code} ${error.field}` : String(error)),
      )
  assert.equal(await fieldOf('2026-11-20T00:00:00Z', '2026-11-19T00:00:00Z'), 'invalid_input to')
  assert.equal(await fieldOf('2026-11-20T00:00:00Z', '2026-11-20T00:00:00Z'), 'invalid_input to')
  assert.equal(await fieldOf('2026-08-01T00:00:00Z', '2026-11-20T00:00:00Z'), 'invalid_input to')
})
