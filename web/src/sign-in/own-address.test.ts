import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ownAddress } from './own-address.ts'

const origin = 'https://erp.example'

test('after signing in one goes back to a page of ours', () => {
  assert.equal(ownAddress('/orders?q=%E7%8E%8B&open=3', origin), `${origin}/orders?q=%E7%8E%8B&open=3`)
  assert.equal(ownAddress(`${origin}/trades`, origin), `${origin}/trades`)
  assert.equal(ownAddress(undefined, origin), '/')
})

test('no link leads out of here through the sign-in page', () => {
  for (const next of [
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '/\n/evil.example',
    ' //evil.example',
    'https:evil.example',
    'https:///evil.example',
    'https://erp.example//evil.example',
    'javascript:alert(1)',
    'data:text/html,x',
    'http://erp.example.evil.example',
    'https://erp.example@evil.example',
  ]) {
    assert.equal(new URL(ownAddress(next, origin), origin).origin, origin, next)
  }
})
