import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

type House = { process: ChildProcess; port: number; output: () => string; exit: Promise<number | null> }

let dataDir: string
const houses: House[] = []

before(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'sanyi-main-'))
  await chmod(dataDir, 0o755)
})

after(async () => {
  for (const house of houses) {
    if (house.process.exitCode === null && house.process.signalCode === null) house.process.kill('SIGTERM')
    await house.exit
  }
  await rm(dataDir, { recursive: true, force: true })
})

test('the first start creates the database, answers, and prints the link for the first administrator', async () => {
  const house = await begin()
  assert.equal((await fetch(`http://127.0.0.1:${house.port}/healthz`)).status, 200)
  assert.match(house.output(), new RegExp(`http://localhost:${house.port}/setup\\?token=\\S+`))
  assert.match(house.output(), /logs/)

  house.process.kill('SIGINT')
  assert.equal(await house.exit, 0)
  assert.match(house.output(), /Stopped\s*$/)
  await assert.rejects(stat(join(dataDir, 'postgres', 'postmaster.pid')), 'the database is stopped too')
  await assert.rejects(fetch(`http://127.0.0.1:${house.port}/healthz`))
})

test('one Ctrl-C that arrives three times through npm is one request to stop', async () => {
  const house = await begin()
  for (let press = 0; press < 3; press++) house.process.kill('SIGINT')
  assert.equal(await house.exit, 0)
  assert.doesNotMatch(house.output(), /Stopping at once/)
})

test('a killed web process comes back by itself', async () => {
  const house = await begin()
  const [web] = await childrenOf(house)
  assert.ok(web)
  process.kill(web, 'SIGKILL')
  await until(() => house.output().includes('web ended unexpectedly (SIGKILL)'))
  await until(() => answers(house.port))
  house.process.kill('SIGTERM')
  assert.equal(await house.exit, 0)
})

test('a killed database comes back by itself, and those who were connected work on', async () => {
  const house = await begin()
  // The worker starts last, and one that finds no database yet is started again.
  await until(() => /working/.test(house.output()))
  const [web, worker] = await childrenOf(house)
  const database = await postmasterPid()
  const killedAt = Date.now()
  process.kill(database, 'SIGKILL')
  await until(async () => (await postmasterPid().catch(() => database)) !== database)
  await until(() => answers(house.port))
  assert.ok(Date.now() - killedAt < 30_000)
  assert.deepEqual(await childrenOf(house), [web, worker])
  house.process.kill('SIGTERM')
  assert.equal(await house.exit, 0)
  await assert.rejects(stat(join(dataDir, 'postgres', 'postmaster.pid')), 'stopped, it is not started again')
})

test('killed whole, it leaves no process on the port, and the next start finds everything', async () => {
  const house = await begin()
  const children = await childrenOf(house)
  const database = await postmasterPid()
  house.process.kill('SIGKILL')
  await house.exit
  process.kill(database, 'SIGKILL')
  await until(() => children.every((pid) => !isRunning(pid)))

  const next = await begin(house.port)
  assert.notEqual(await postmasterPid(), database)
  next.process.kill('SIGTERM')
  assert.equal(await next.exit, 0)
})

test('a port that something else holds is named, and nothing is started', async () => {
  const stranger = createServer()
  await new Promise<void>((settle) => stranger.listen(0, settle))
  const address = stranger.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const house = spawnMain(port)
  assert.equal(await house.exit, 1)
  stranger.close()
  assert.match(house.output(), new RegExp(`Port ${port} is still in use`))
  await assert.rejects(stat(join(dataDir, 'postgres', 'postmaster.pid')))
})

test('a setting that makes no sense is named before anything starts', async () => {
  const house = spawnMain(99999)
  assert.notEqual(await house.exit, 0)
  assert.match(house.output(), /PORT must be 0 to 65535/)
})

async function begin(wanted?: number): Promise<House> {
  const house = spawnMain(wanted ?? (await freePort()))
  await until(async () => house.process.exitCode !== null || (await answers(house.port)))
  await until(() => house.process.exitCode !== null || house.output().includes('ready ('))
  assert.equal(house.process.exitCode, null, house.output())
  return house
}

function spawnMain(port: number): House {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./main.ts', import.meta.url))], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      PORT: String(port),
      DATA_DIR: dataDir,
      DATABASE_URL: '',
      PUBLIC_URL: `http://localhost:${port}`,
    },
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
  }
  const exit = new Promise<number | null>((settle) => child.once('close', (code) => settle(code)))
  const house = { process: child, port, output: () => text, exit }
  houses.push(house)
  return house
}

async function answers(port: number): Promise<boolean> {
  const response = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => undefined)
  await response?.body?.cancel()
  return response?.ok ?? false
}

/** The pids of web and worker, in that order, as they say themselves in their names. */
async function childrenOf(house: House): Promise<number[]> {
  const pids = await readFile(`/proc/${house.process.pid}/task/${house.process.pid}/children`, 'utf8')
  const found = pids.trim().split(' ').map(Number)
  const named = await Promise.all(
    found.map(async (pid) => ({
      pid,
      command: await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
    })),
  )
  return ['web.ts', 'worker.ts'].flatMap((script) =>
    named.filter(({ command }) => command.includes(script)).map(({ pid }) => pid),
  )
}

async function postmasterPid(): Promise<number> {
  return Number((await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0])
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((settle) => probe.listen(0, settle))
  const address = probe.address()
  await new Promise((settle) => probe.close(settle))
  return typeof address === 'object' && address ? address.port : 0
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (await condition()) return
    await sleep(50)
  }
  assert.fail('it did not happen within 30 s')
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
