import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isAboutTheServer } from './bisect.ts'

const failed = (code: string) => Object.assign(new Error('broken'), { code })

test('a connection that broke is about the server, whatever the length of its code, and a broken row is not', () => {
  for (const code of ['ECONNRESET', 'EPIPE', '08006', '40P01', '57P01'])
    assert.equal(isAboutTheServer(failed(code)), true, code)
  for (const code of ['23505', '22P02', 'ERR_ASSERTION', ''])
    assert.equal(isAboutTheServer(failed(code)), false, code)
})
