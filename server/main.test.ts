import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { startPostgres } from './core/embedded/postgres.ts'
import { isRunning } from './core/embedded/processes.ts'

type House = { process: ChildProcess; port: number; output: () => string; exit: Promise<number | null> }

let dataDir: string
const houses: House[] = []
/** `npm run prove deaths` runs these as well (docs/decisions/0056). */
const rare = { skip: process.env['DEATHS'] !== 'all' }

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
  // The link comes after the line that says ready.
  await until(() => house.output().includes('logs'))
  assert.match(house.output(), new RegExp(`http://localhost:${house.port}/setup\\?token=\\S+`))

  house.process.kill('SIGINT')
  assert.equal(await house.exit, 0)
  assert.match(house.output(), /Stopped\s*$/)
  await assert.rejects(stat(join(dataDir, 'postgres', 'postmaster.pid')), 'the database is stopped too')
  await assert.rejects(fetch(`http://127.0.0.1:${house.port}/healthz`))
})

test('asked to stop before it came to the database, it ends, also where none ever answers', async () => {
  const port = await freePort()
  const stranger = await holdPort(port)
  const house = spawnMain(port, {
    DATABASE_URL: `postgres://nobody@127.0.0.1:${await freePort()}/none`,
    DATA_DIR: join(dataDir, 'early'),
  })
  await until(() => house.output().includes(`Port ${port} is in use, waiting`))
  house.process.kill('SIGTERM')
  await until(() => house.output().includes('Stopping;'))
  await new Promise((settle) => stranger.close(settle))
  const code = await Promise.race([house.exit, sleep(10_000).then(() => 'still there')])
  house.process.kill('SIGKILL')
  assert.equal(code, 0)
  assert.doesNotMatch(house.output(), /does not answer yet|still in use/)
})

test('one Ctrl-C that arrives three times through npm is one request to stop', rare, async () => {
  const house = await begin()
  for (let press = 0; press < 3; press++) house.process.kill('SIGINT')
  assert.equal(await house.exit, 0)
  assert.doesNotMatch(house.output(), /Stopping at once/)
})

test('a killed web process comes back by itself', async () => {
  const house = await running()
  const [web] = await childrenOf(house)
  assert.ok(web)
  process.kill(web, 'SIGKILL')
  await until(() => house.output().includes('web ended unexpectedly (SIGKILL)'))
  await until(() => answers(house.port))
})

test('a killed database comes back by itself, and those who were connected work on', async () => {
  const house = await running()
  // The worker starts last; a worker that finds no database is restarted.
  await until(() => /working/.test(house.output()))
  const [web, worker] = await childrenOf(house)
  const database = await postmasterPid()
  const killedAt = Date.now()
  process.kill(database, 'SIGKILL')
  await until(async () => (await postmasterPid().catch(() => database)) !== database)
  await until(() => answers(house.port))
  assert.ok(Date.now() - killedAt < 30_000)
  assert.deepEqual(await childrenOf(house), [web, worker])
})

test(
  'a database whose port something else holds for five seconds comes back on it, and everybody works on',
  rare,
  async () => {
    const house = await running()
    await until(() => /working/.test(house.output()))
    const children = await childrenOf(house)
    const port = Number(await readFile(join(dataDir, 'postgres.port'), 'utf8'))
    const database = await postmasterPid()
    process.kill(database, 'SIGKILL')
    const stranger = await holdPort(port)
    await sleep(5000)
    await until(async () => !(await answers(house.port)))
    await new Promise((settle) => stranger.close(settle))
    await until(() => answers(house.port))
    assert.equal(Number(await readFile(join(dataDir, 'postgres.port'), 'utf8')), port)
    assert.deepEqual(await childrenOf(house), children)
  },
)

test(
  'a web process that finds no database at its start is started again, and the house lives',
  rare,
  async () => {
    const house = await running()
    await until(() => /working/.test(house.output()))
    const [web, worker] = await childrenOf(house)
    const port = Number(await readFile(join(dataDir, 'postgres.port'), 'utf8'))
    process.kill(await postmasterPid(), 'SIGKILL')
    const stranger = await holdPort(port)
    process.kill(web ?? 0, 'SIGKILL')
    const deaths = () => house.output().split('web ended unexpectedly (exit code 1)').length - 1
    await until(() => deaths() > 0 || house.process.exitCode !== null)
    assert.equal(house.process.exitCode, null, house.output().slice(-500))
    await new Promise((settle) => stranger.close(settle))
    await until(() => answers(house.port))
    assert.equal((await childrenOf(house))[1], worker)
  },
)

test(
  'a database that somebody started on another port is found there, and everybody is told',
  rare,
  async () => {
    const house = await running()
    await until(() => /working/.test(house.output()))
    const before = await childrenOf(house)
    const place = join(dataDir, 'postgres')
    const port = Number(await readFile(`${place}.port`, 'utf8'))
    process.kill(await postmasterPid(), 'SIGKILL')
    const stranger = await holdPort(port)
    // Without `insist`, as at the first start of another process.
    const moved = await startPostgres({ dataDir: place })
    assert.notEqual(new URL(moved.url).port, String(port))
    await until(() => answers(house.port))
    await until(async () => (await childrenOf(house)).every((pid) => !before.includes(pid)))
    await until(() => answers(house.port))
    await new Promise((settle) => stranger.close(settle))
  },
)

test('a second house on the same data folder is refused by name, and the first goes on', async () => {
  const house = await running()
  const second = spawnMain(await freePort())
  assert.equal(await second.exit, 1)
  assert.match(second.output(), new RegExp(`process ${house.process.pid}\\) uses the data folder`))
  assert.equal(await answers(house.port), true)
  await end(house)
  await assert.rejects(stat(join(dataDir, 'postgres', 'postmaster.pid')), 'stopped, it is not started again')
})

test(
  'web and worker are two houses on one folder, also at an IPv6 address, and each keeps its own log of audit links',
  rare,
  async () => {
    const database = await startPostgres({ dataDir: join(dataDir, 'postgres') })
    const client = new pg.Client({ connectionString: database.url })
    await client.connect()
    const addRow = () =>
      client.query(`insert into audit_log (actor_kind, actor_id, actor_name, action, subject_type, subject_id)
      values ('system', '', '', 'test', 'test', '')`)
    const logOf = (role: string) =>
      readFile(join(dataDir, 'logs', `audit-seal${role}.log`), 'utf8').catch(() => '')
    const before = await logOf('')
    await addRow()
    const web = spawnMain(await freePort(), { LISTEN_HOST: '::1' }, ['--role=web'])
    await until(() => web.process.exitCode !== null || web.output().includes('ready ('))
    assert.equal((await fetch(`http://[::1]:${web.port}/healthz`)).status, 200)
    await until(async () => /"auditSeal"/.test(await logOf('.web')))
    await addRow()
    const worker = spawnMain(await freePort(), {}, ['--role=worker'])
    await until(async () => /"auditSeal"/.test(await logOf('.worker')))
    assert.equal(await logOf(''), before)
    await end(worker)
    await end(web)
    await client.end()
    await database.stop()
  },
)

test('what says ready works, and the process that stays is small', rare, async () => {
  // As the launcher does: from the second start on, Node does not keep the memory that it needed for compiling.
  const cache = { NODE_COMPILE_CACHE: join(dataDir, 'cache') }
  await end(await begin(undefined, cache))
  const house = await begin(undefined, cache)
  assert.match(house.output().slice(0, house.output().indexOf('ready (')), /"msg":"working"/)
  await sleep(1000)
  const mb = await residentMb(house.process.pid ?? 0)
  assert.ok(mb <= 80, `${mb} MB`)
  await end(house)
})

test(
  'a database that is not up yet is waited for, and said so; one that is too old is refused untouched',
  rare,
  async () => {
    const server = await startPostgres({ dataDir: join(dataDir, 'postgres') })
    await server.stop()
    const waiting = spawnMain(await freePort(), {
      DATABASE_URL: server.url,
      DATA_DIR: join(dataDir, 'outside'),
      SEALING_KEY_PATH: join(dataDir, 'keys', 'sealing.json'),
    })
    await until(() => /The database does not answer yet, waiting: .*ECONNREFUSED/.test(waiting.output()))
    assert.doesNotMatch(waiting.output(), new RegExp(new URL(server.url).password))
    const again = await startPostgres({ dataDir: join(dataDir, 'postgres') })
    await until(() => waiting.output().includes('ready ('))
    waiting.process.kill('SIGTERM')
    assert.equal(await waiting.exit, 0)

    const client = new pg.Client({ connectionString: again.url })
    await client.connect()
    // Simulates an older server: of two functions with one name, the first in the search path is called.
    await client.query(`
    create schema older; set search_path = older;
    create function older.current_setting(text) returns text language sql as
      $$select case $1 when 'server_version_num' then '150019' when 'server_version' then '15.19'
        else pg_catalog.current_setting($1) end$$`)
    const options = encodeURIComponent('-c search_path=older,pg_catalog')
    const old = spawnMain(await freePort(), {
      DATABASE_URL: `${again.url}?options=${options}`,
      DATA_DIR: join(dataDir, 'outside'),
    })
    assert.equal(await old.exit, 1)
    assert.match(
      old.output(),
      /The database is PostgreSQL 15\.19; Sanyi needs 17 or newer\. Nothing was changed\./,
    )
    const tables = await client.query(`select from pg_tables where schemaname = 'older'`)
    assert.equal(tables.rowCount, 0)
    await client.query('drop schema older cascade')
    await client.end()
    await again.stop()
  },
)

test('a key file that is gone, foreign or broken stops the start by name; nothing of it is printed, none is made', async () => {
  await end(await begin())
  const path = join(dataDir, 'keys', 'sealing.json')
  const whole = await readFile(path, 'utf8')
  const foreign = whole.replace(/"seal": "...../, '"seal": "QUJDR')
  const cases = [
    { text: undefined, says: /sealing\.json is missing, and the database holds what key 1 sealed/ },
    { text: foreign, says: /sealing\.json is not this database's: key 1 is another/ },
    { text: whole.slice(0, 60), says: /sealing\.json is not whole \(line 5\)/ },
  ]
  for (const { text, says } of cases) {
    if (text === undefined) await rm(path)
    else await writeFile(path, text)
    const house = spawnMain(await freePort())
    assert.equal(await house.exit, 1)
    assert.match(house.output(), says)
    assert.doesNotMatch(house.output(), /ready|ended unexpectedly|QUJD|"seal"/)
    assert.equal(await readFile(path, 'utf8').catch(() => undefined), text)
  }
  await writeFile(path, whole)
  await end(await begin())
})

test(
  'a key file that is broken while all runs stops nothing; who starts then ends the house with its words',
  rare,
  async () => {
    const house = await begin()
    const path = join(dataDir, 'keys', 'sealing.json')
    const whole = await readFile(path, 'utf8')
    await writeFile(path, '{"keys":[')
    const [, worker] = await childrenOf(house)
    assert.equal(await answers(house.port), true)
    process.kill(worker ?? 0, 'SIGKILL')
    assert.equal(await house.exit, 1)
    assert.match(house.output(), /sealing\.json is not whole \(line 1\)/)
    assert.equal(house.output().split('ended unexpectedly').length, 2)
    await writeFile(path, whole)
  },
)

test(
  'killed whole, it leaves no process on the port, and the next start finds everything',
  rare,
  async () => {
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
  },
)

test('a port that something else holds is named, and nothing is started', async () => {
  const port = await freePort()
  const stranger = await holdPort(port)
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

/** Returns the house that the test before has left running and in order, or starts one. A start takes five seconds of processor time. */
async function running(): Promise<House> {
  const last = houses.at(-1)
  if (last && last.process.exitCode === null && (await answers(last.port))) return last
  if (last?.process.exitCode === null) await end(last)
  return begin()
}

async function end(house: House): Promise<void> {
  house.process.kill('SIGTERM')
  assert.equal(await house.exit, 0)
}

async function begin(wanted?: number, settings: Record<string, string> = {}): Promise<House> {
  const house = spawnMain(wanted ?? (await freePort()), settings)
  await until(async () => house.process.exitCode !== null || (await answers(house.port)))
  await until(() => house.process.exitCode !== null || house.output().includes('ready ('))
  assert.equal(house.process.exitCode, null, house.output())
  return house
}

/** Takes the port as soon as it is free. */
async function holdPort(port: number): Promise<Server> {
  for (let tries = 0; tries < 1000; tries++) {
    const server = createServer((socket) => socket.destroy())
    const held = await new Promise<boolean>((settle) => {
      server.once('error', () => settle(false))
      server.listen({ port, host: '127.0.0.1', exclusive: true }, () => settle(true))
    })
    if (held) return server
    await sleep(2)
  }
  throw new Error(`port ${port} does not become free`)
}

async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Math.round(Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024)
}

function spawnMain(port: number, settings: Record<string, string> = {}, args: string[] = []): House {
  const script = fileURLToPath(new URL('./main.ts', import.meta.url))
  const child = spawn(process.execPath, [script, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      PORT: String(port),
      DATA_DIR: dataDir,
      DATABASE_URL: '',
      PUBLIC_URL: `http://localhost:${port}`,
      ...settings,
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

/** Returns the pids of web and worker, in this order, by their process titles. */
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
  const [last] = houses.slice(-1)
  assert.fail(`it did not happen within 30 s; ${last?.output().slice(-500)}`)
}
