import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { test } from 'node:test'
import { beginningOf, isRunning, programOf } from './processes.ts'

test('a process is known by its program and its beginning, also where only ps tells them', async () => {
  const child = spawn('sleep', ['30'], { stdio: 'ignore' })
  const pid = child.pid ?? 0
  for (const platform of ['linux', 'darwin'] as const) {
    assert.equal(await programOf(pid, platform), 'sleep', platform)
    assert.notEqual(await beginningOf(pid, platform), '', platform)
    assert.equal(await beginningOf(pid, platform), await beginningOf(pid, platform), platform)
  }
  assert.notEqual(await beginningOf(pid), await beginningOf(process.pid))
  assert.equal(isRunning(pid), true)
  const gone = new Promise((settle) => child.once('exit', settle))
  child.kill('SIGKILL')
  await gone
  assert.equal(isRunning(pid), false)
  assert.equal(await programOf(pid), '')
  assert.equal(await beginningOf(pid), '')
})
