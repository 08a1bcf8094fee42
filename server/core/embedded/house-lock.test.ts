import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { lockDataFolder } from './house-lock.ts'
import { beginningOf } from './processes.ts'

const aFolder = () => mkdtemp(join(tmpdir(), 'house-'))

test('a folder that one holds is refused to the next by name, and is free when it was given back', async () => {
  const folder = await aFolder()
  const giveBack = await lockDataFolder(folder, 'web')
  await assert.rejects(
    lockDataFolder(folder, 'web'),
    new RegExp(`process ${process.pid}\\) uses the data folder`),
  )
  const other = await lockDataFolder(folder, 'worker')
  await giveBack()
  await other()
  assert.deepEqual(await readdir(folder), [])
  await (await lockDataFolder(folder, 'web'))()
  await rm(folder, { recursive: true })
})

test('what a killed process left behind counts no more, also when its number was given away again', async () => {
  const folder = await aFolder()
  const script = `await (await import(${JSON.stringify(new URL('house-lock.ts', import.meta.url).href)})).lockDataFolder(${JSON.stringify(folder)}, 'web'); console.log('held'); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await new Promise((settle) => child.stdout.once('data', settle))
  await assert.rejects(lockDataFolder(folder, 'web'), /uses the data folder/)
  const gone = new Promise((settle) => child.once('exit', settle))
  child.kill('SIGKILL')
  await gone
  await (await lockDataFolder(folder, 'web'))()

  const former = { pid: process.pid, began: 'before the reboot', host: hostname() }
  await writeFile(join(folder, 'web.lock'), JSON.stringify(former))
  await (await lockDataFolder(folder, 'web'))()
  await writeFile(join(folder, 'web.lock'), '{"pid":')
  await (await lockDataFolder(folder, 'web'))()
  assert.deepEqual(await readdir(folder), [])
  await rm(folder, { recursive: true })
})

test('of many who find a dead lock at once, one takes the house', async () => {
  for (let round = 0; round < 60; round += 1) {
    const folder = await aFolder()
    await writeFile(join(folder, 'web.lock'), JSON.stringify({ pid: 1, began: 'long ago', host: hostname() }))
    const tried = await Promise.allSettled(Array.from({ length: 8 }, () => lockDataFolder(folder, 'web')))
    assert.equal(tried.filter(({ status }) => status === 'fulfilled').length, 1)
    const kept = JSON.parse(await readFile(join(folder, 'web.lock'), 'utf8'))
    assert.deepEqual(kept, { pid: process.pid, began: await beginningOf(process.pid), host: hostname() })
    await rm(folder, { recursive: true })
  }
})
