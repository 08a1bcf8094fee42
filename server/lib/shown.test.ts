import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pictureType } from './files/picture.ts'
import { maskName } from './mask.ts'
import { buyerSearchKeys, makeBuyerKeys } from './people.ts'
import { memoryKeyRing, searchHash } from './seal.ts'

test('of a name its first letter is shown, and of a name of one letter nothing', () => {
  assert.deepEqual(['', '王', '🍊', '王明', '王小明', '欧阳小小明', '王**'].map(maskName), [
    '',
    '*',
    '*',
    '王*',
    '王**',
    '欧**',
    '王**',
  ])
})

test('a nick is found as it is written and without the spaces around it, also one that was hashed with them', () => {
  const ring = memoryKeyRing()
  const keys = makeBuyerKeys(ring, 5, { nick: '  前后空格 ' })
  const found = (text: string) => new Set(buyerSearchKeys(ring, 'nick', text))
  for (const text of ['前后空格', ' 前后空格', '  前后空格 '])
    assert.ok(
      keys.every((key) => found(text).has(key)),
      text,
    )
  assert.ok(!found('前后 空格').has(keys[0] ?? 0))
  const [kindAndMonth = 0] = makeBuyerKeys(ring, 5, { nick: '前后空格' })
  const before = kindAndMonth - searchHash(ring, 'nick', '前后空格') + searchHash(ring, 'nick', '  前后空格 ')
  assert.ok(found('前后空格').has(before))
  assert.deepEqual(makeBuyerKeys(ring, 5, { nick: '   ' }), [])
})

test('a picture is known by its first bytes', () => {
  const bytes = (hex: string) => pictureType(Buffer.from(hex, 'hex'))
  assert.deepEqual(
    ['89504e470d0a1a0a00', 'ffd8ffe0', '474946383961', '', '89504e', '3c7376673e'].map(bytes),
    ['image/png', 'image/jpeg', 'image/gif', undefined, undefined, undefined],
  )
})
