import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { every, lookAgainMs } from './every.ts'

const refused = (status: number) => Object.assign(new Error(), { status })

test('what is forbidden is not asked again; what went wrong otherwise is', () => {
  const next = (error: Error | null) => every(10_000)({ state: { error } })
  assert.equal(next(refused(403)), false)
  for (const error of [null, refused(0), refused(404), refused(500), new TypeError('broken')])
    assert.equal(next(error), 10_000)
})

test('what is waited for is looked at soon for a minute, and then seldom', () => {
  assert.deepEqual([0, 59_999, 60_000, 3_600_000].map(lookAgainMs), [2_000, 2_000, 15_000, 15_000])
})

test('no page asks again and again but through every', () => {
  const folder = fileURLToPath(new URL('../../', import.meta.url))
  const asking = globSync('**/*.{ts,tsx}', { cwd: folder }).flatMap((file) => {
    const parts = readFileSync(join(folder, file), 'utf8').split('refetchInterval: ').slice(1)
    return parts.map((part) => ({ file, how: part.slice(0, 450) }))
  })
  assert.deepEqual(
    asking.filter(({ file, how }) => file !== 'ui/base/every.test.ts' && !/\bevery\(/.test(how)),
    [],
  )
  assert.ok(asking.length > 20)
})
