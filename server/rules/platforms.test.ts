import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { connectors } from '../connectors/index.ts'
import { assertWritten } from '../testing/surface.ts'
import { begin, end, guidedPlatforms, printedPart } from './platform-guide.ts'
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

test('nine platforms have a page of the guide of their own', () => assert.equal(guidedPlatforms.length, 9))

for (const connector of guidedPlatforms)
  test(`the guide of ${connector.id} says what it lacks in the words of the connector`, () => {
    for (const language of ['zh', 'en'] as const) {
      const path = `docs/guide/${language}/platform-${connector.id}.md`
      const text = readFileSync(path, 'utf8')
      const [before = '', rest = ''] = text.split(begin)
      const whole = before + printedPart(connector, language) + rest.slice(rest.indexOf(end) + end.length)
      assertWritten(path, whole, process.env['SURFACE'] === 'write')
    }
  })
