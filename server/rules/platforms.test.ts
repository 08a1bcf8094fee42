import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connectors } from '../connectors/index.ts'
import { assertWritten } from '../testing/surface.ts'
import { platformTable } from './platform-table.ts'

test('the page of what each platform has says what the connectors declare', () => {
  assertWritten('docs/platforms.md', platformTable(), process.env['SURFACE'] === 'write')
})

test('every action that a platform lacks has its reason in both languages', () => {
  const actions = [
    ...(['refuseRefund', 'agreeRefund', 'reportCancel', 'updateMemo'] as const),
    ...(['ship', 'changeWaybill', 'updateStock', 'reportReturn'] as const),
  ]
  const unexplained = connectors.flatMap(({ id, actions: has, cannot }) =>
    actions
      .filter((name) => !has[name] && !(cannot[name]?.zh && cannot[name].en))
      .map((name) => `${id} ${name}`),
  )
  assert.deepEqual(unexplained, [])
  const unlimited = connectors.filter((one) => !one.actions.changeWaybill !== !one.shipping?.changes)
  assert.deepEqual(unlimited, [])
})
