import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { isRunning } from '../../testing/database.ts'
import { type Child, keepRunning } from './children.ts'
import { openLogFile } from './log-file.ts'

let folder: string

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sanyi-children-'))
})

after(() => rm(folder, { recursive: true, force: true }))

test('a child that dies is started again after a second, and its death is told', async () => {
  const { child, lines, output } = await begin(`console.log('up'); setTimeout(() => process.exit(3), 50)`)
  await until(() => count(output, 'up') === 2)
  await child.stop(1000)
  assert.match(lines[0] ?? '', /^web ended unexpectedly \(exit code 3\); starting it again in 1 s$/)
  const starts = count(output, 'up')
  await sleep(1500)
  assert.equal(count(output, 'up'), starts, 'stopped children stay stopped')
})

test('a stop lets the child finish what it is doing', async () => {
  const { child, lines, output } = await begin(
    `console.log('up'); const t = setInterval(() => {}, 1000)
     process.on('disconnect', () => setTimeout(() => { console.log('finished'); clearInterval(t) }, 200))`,
  )
  await until(() => count(output, 'up') === 1)
  await child.stop(5000)
  assert.equal(count(output, 'finished'), 1)
  assert.deepEqual(lines, [])
})

test('a child that does not end in time is killed', async () => {
  const { child, output } = await begin(`console.log('up'); setInterval(() => {}, 1000)`)
  await until(() => count(output, 'up') === 1)
  const began = performance.now()
  await child.stop(300)
  const took = performance.now() - began
  assert.ok(took >= 290 && took < 2000, `${took} ms`)
})

test('a stop during the pause after a death does not wait for the pause, and starts nothing', async () => {
  const { child, lines, output } = await begin(`console.log('up'); process.exit(1)`)
  await until(() => lines.length === 1)
  const began = performance.now()
  await child.stop(1000)
  assert.ok(performance.now() - began < 500)
  assert.equal(count(output, 'up'), 1)
})

test('a child that is renewed starts at once with what has changed, and nobody calls it a death', async () => {
  const lines: string[] = []
  const output = new PassThrough()
  const env = { ...process.env, PLACE: 'first' }
  const script = await scriptOf(
    `console.log(process.env.PLACE); process.send('working'); process.on('disconnect', () => process.exit(0)); setInterval(() => {}, 1000)`,
  )
  const child = keepRunning({
    name: 'web',
    script,
    env: () => env,
    output,
    log: (line) => lines.push(line),
  })
  await child.working
  env.PLACE = 'second'
  const began = performance.now()
  child.renew(5000)
  await until(() => count(output, 'second') === 1)
  assert.ok(performance.now() - began < 1000)
  await child.stop(1000)
  assert.deepEqual(lines, [])
  assert.equal(count(output, 'first'), 1)
})

test('a child that is renewed in the pause after a death starts at once', async () => {
  const { child, lines, output } = await begin(`console.log('up'); process.exit(1)`)
  await until(() => lines.length === 3)
  child.renew(1000)
  const began = performance.now()
  await until(() => count(output, 'up') === 4)
  assert.ok(performance.now() - began < 1000, 'it would have waited for 4 s')
  await child.stop(1000)
})

test('when the parent is killed its children end by themselves', async () => {
  const pidFile = join(folder, 'pid')
  const script = await scriptOf(
    `import { writeFileSync } from 'node:fs'
     writeFileSync(${JSON.stringify(pidFile)}, String(process.pid))
     const t = setInterval(() => {}, 1000)
     process.on('disconnect', () => clearInterval(t))`,
  )
  const module = new URL('./children.ts', import.meta.url).href
  const parentScript = await scriptOf(
    `const { keepRunning } = await import(${JSON.stringify(module)})
     keepRunning({ name: 'web', script: ${JSON.stringify(script)}, env: () => process.env, output: process.stdout, log() {} })`,
  )
  const parent = spawn(process.execPath, [parentScript], { stdio: 'ignore' })
  await until(async () => (await readFile(pidFile, 'utf8').catch(() => '')) !== '')
  const pid = Number(await readFile(pidFile, 'utf8'))
  parent.kill('SIGKILL')
  await until(() => !isRunning(pid))
})

test('a log file that has grown is put aside, and nothing of it is lost', async () => {
  const path = join(folder, 'logs', 'web.log')
  const copy = new PassThrough()
  const log = openLogFile(path, { largestBytes: 100, copy })
  for (let number = 0; number < 10; number++) log.write(`${number}`.repeat(60))
  await new Promise<void>((settle) => log.end(settle))
  const names = ['web.log', 'web.log.1', 'web.log.2', 'web.log.3', 'web.log.4', 'web.log.5']
  const sizes = names.map(
    async (name) => (await readFile(join(folder, 'logs', name), 'utf8').catch(() => '')).length,
  )
  assert.deepEqual(await Promise.all(sizes), [0, 120, 120, 120, 120, 120])
  assert.equal((await readFile(`${path}.1`, 'utf8')).slice(-1), '9')
  assert.equal(copy.readableLength, 600)
})

test('a log that cannot be written drops its lines, says so once, and goes on when it can be written again', async () => {
  const place = join(folder, 'full')
  await mkdir(place)
  // A device that is always full, instead of the log file.
  await symlink('/dev/full', join(place, 'web.log'))
  const told: string[] = []
  const copy = new PassThrough()
  const log = openLogFile(join(place, 'web.log'), { copy, onTrouble: (line) => told.push(line) })
  const write = (text: string) => new Promise((settle) => log.write(text, settle))
  for (let number = 0; number < 3; number++) await write(`lost ${number}\n`)
  assert.equal(told.length, 1)
  assert.match(told[0] ?? '', /cannot be written \(ENOSPC\); its lines are dropped/)
  await rm(join(place, 'web.log'))
  await write('kept\n')
  await write('kept too\n')
  await new Promise<void>((settle) => log.end(settle))
  assert.equal(await readFile(join(place, 'web.log'), 'utf8'), '\nkept\nkept too\n')
  assert.equal(told.length, 2)
  assert.match(told[1] ?? '', /is written again; 3 lines were dropped/)
  assert.equal(copy.readableLength, 'lost 0\n'.length * 3 + 'kept\nkept too\n'.length)
})

test('whose reader is gone loses its lines, works on and can end', async () => {
  const module = new URL('../http/http-log.ts', import.meta.url).href
  const done = join(folder, 'done')
  const script = await scriptOf(
    `import { writeFileSync } from 'node:fs'
     const { buildLog } = await import(${JSON.stringify(module)})
     const log = buildLog({ logLevel: 'info' }, 'web')
     log.info('first')
     await new Promise((settle) => process.stdin.once('end', settle).resume())
     for (let line = 0; line < 100; line++) log.info({ line }, 'nobody reads this')
     writeFileSync(${JSON.stringify(done)}, 'done')
     process.exit(0)`,
  )
  const child = spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'pipe'] })
  await new Promise((settle) => child.stdout.once('data', settle))
  child.stdout.destroy()
  child.stderr.destroy()
  child.stdin.end()
  const code = await Promise.race([
    new Promise((settle) => child.once('exit', settle)),
    sleep(10_000).then(() => 'still there'),
  ])
  child.kill('SIGKILL')
  assert.equal(code, 0)
  assert.equal(await readFile(done, 'utf8'), 'done')
})

async function begin(code: string): Promise<{ child: Child; lines: string[]; output: PassThrough }> {
  const lines: string[] = []
  const output = new PassThrough()
  const script = await scriptOf(code)
  const child = keepRunning({
    name: 'web',
    script,
    env: () => process.env,
    output,
    log: (line) => lines.push(line),
  })
  return { child, lines, output }
}

async function scriptOf(code: string): Promise<string> {
  const path = join(folder, `child-${Math.random().toString(36).slice(2)}.mjs`)
  await writeFile(path, code)
  return path
}

const seen = new WeakMap<PassThrough, string>()

function count(output: PassThrough, word: string): number {
  const chunk = output.read() as Buffer | null
  seen.set(output, (seen.get(output) ?? '') + (chunk?.toString() ?? ''))
  return (seen.get(output) ?? '').split(word).length - 1
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (await condition()) return
    await sleep(25)
  }
  assert.fail('it did not happen within 10 s')
}
