import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { mailServer } from '../server/alarms/notices/mail-testing.ts'
import { plain, receiver } from '../server/alarms/notices/testing.ts'
import { readKept } from '../server/alarms/watchdog/kept.ts'
import { startPostgres } from '../server/core/embedded/postgres.ts'
import { isRunning } from '../server/core/embedded/processes.ts'
import { loadKeyRing } from '../server/lib/seal.ts'
import { until } from '../server/testing/until.ts'
import { secretHash } from '../server/users/sign-in/secret-hash.ts'

/** `npm run prove watchdog` keeps the real pace; here it is forty times as fast. */
const isReal = process.env['WATCHDOG_PACE'] === 'real'
const pace = isReal ? [] : ['--every', '0.3', '--after', '2', '--again', '0.1']
const mostMs = isReal ? 120_000 : 60_000
const main = fileURLToPath(new URL('../server/main.ts', import.meta.url))
const watchdog = fileURLToPath(new URL('../server/watchdog.ts', import.meta.url))
const bossKey = `sk_${'b'.repeat(43)}`
const dogKey = `sk_${'d'.repeat(43)}`

const begun: ChildProcess[] = []
// A process that a failed test leaves behind would keep this one from ending.
afterEach(async () => {
  for (const { pid, exitCode, signalCode } of begun.splice(0))
    if (pid !== undefined && exitCode === null && signalCode === null) kill([pid, ...(await below(pid))])
})

type Running = { process: ChildProcess; output: () => string; exit: Promise<number | null> }

function start(script: string, args: string[], env: Record<string, string>): Running {
  const child = fork(script, args, {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    execArgv: ['--disable-warning=ExperimentalWarning'],
    env: { ...process.env, SIMULATOR: '1', LOG_LEVEL: 'info', DATABASE_URL: '', ...env },
  })
  begun.push(child)
  let text = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
  const exit = new Promise<number | null>((settle) => child.once('exit', (code) => settle(code)))
  return { process: child, output: () => text, exit }
}

/** The processes below this one, with those that they started. */
async function below(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  const own = text.trim().split(' ').filter(Boolean).map(Number)
  const more = await Promise.all(own.map(below))
  return [...own, ...more.flat()]
}

function kill(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {}
  }
}

/** A house with its embedded database on a port of its own, as `npm start` runs it. */
async function openHouse(port: number) {
  const dataDir = await mkdtemp(join(tmpdir(), 'sanyi-watchdog-'))
  const env = { DATA_DIR: dataDir, PORT: String(port), PUBLIC_URL: `http://localhost:${port}` }
  let running: Running
  const begin = async () => {
    running = start(main, [], env)
    await until(() => running.output().includes('ready ('), 240_000).catch((error: unknown) => {
      // A main process that is left behind would keep this test from ending.
      running.process.kill('SIGTERM')
      throw error
    })
  }
  await begin()
  const postmaster = async () =>
    Number((await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0])
  return {
    dataDir,
    url: `http://127.0.0.1:${port}`,
    begin,
    output: () => running.output(),
    postmaster,
    async killAll() {
      const pids = [running.process.pid ?? 0, await postmaster(), ...(await below(running.process.pid ?? 0))]
      kill(pids)
      await running.exit
      await until(() => !pids.some(isRunning))
    },
    killMain: () => kill([running.process.pid ?? 0]),
    async call(method: string, path: string, body: unknown) {
      const headers = { authorization: `Bearer ${bossKey}`, 'content-type': 'application/json' }
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
        method,
        headers,
        body: JSON.stringify(body),
      })
      assert.equal(answer.status, 201, await answer.text())
    },
    async [Symbol.asyncDispose]() {
      running.process.kill('SIGTERM')
      await running.exit
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

type House = Awaited<ReturnType<typeof openHouse>>

/** Two keys of an administrator: one that sets up channels, and one of a watchdog. */
async function giveKeys({ dataDir }: House): Promise<void> {
  const { url } = await startPostgres({ dataDir: join(dataDir, 'postgres') })
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(
    `with person as (
      insert into app_user (email, name, all_shops, all_warehouses) values ('boss@example.com', '店长', true, true) returning id
    ), part as (
      insert into role (name, permissions) values ('everything', '{*}') returning id
    ), granted as (
      insert into user_role (user_id, role_id) select person.id, part.id from person, part
    )
    insert into api_key (name, prefix, key_hash, permissions, created_by, all_shops, all_warehouses)
    select k.name, 'sk_', k.hash, array[k.may], person.id, true, true
    from person, (values ('店长', $1::bytea, 'tasks.write'), ('路由器旁', $2::bytea, 'watchdogs.serve')) k (name, hash, may)`,
    [secretHash(bossKey), secretHash(dogKey)],
  )
  await client.end()
}

async function addChannels(house: House, hook: string, smtp: string): Promise<void> {
  const mail = { host: '127.0.0.1', port: smtp, from: 'dog@example.com', to: 'boss@example.com' }
  await house.call('POST', '/api/alarm-channels', {
    ...{ ...plain, kind: 'webhook', name: '程序', kinds: ['worker_silent'] },
    credentials: { address: hook, secret: 'a-secret-of-sixteen' },
  })
  await house.call('POST', '/api/alarm-channels', {
    ...{ ...plain, kind: 'mail', name: '邮箱', kinds: ['worker_silent'], language: 'en' },
    credentials: { ...mail, user: 'robot', password: 'pass-of-robot' },
  })
}

/** Alarms of the house itself are not counted here: those of a watchdog have this kind. */
const said = ({ bodies }: Pick<Awaited<ReturnType<typeof receiver>>, 'bodies'>, name: string): string[] =>
  bodies()
    .filter(({ text }) => text.includes(`看门狗“${name}”`))
    .map(({ title }) => title)

const freePort = async () => {
  await using probe = await receiver()
  return Number(new URL(probe.url).port)
}

test('the house is killed: the watchdog says so once, also after its own kill, again later, and when the house is back', async (t) => {
  await using house = await openHouse(await freePort())
  await using hook = await receiver()
  await using post = await mailServer()
  const dogDir = await mkdtemp(join(tmpdir(), 'sanyi-dog-'))
  await giveKeys(house)
  await addChannels(house, `${hook.url}/hook`, post.port)
  const env = { DATA_DIR: dogDir }
  const first = start(main, ['--role=watchdog', house.url, dogKey, ...pace], env)
  await until(() => first.output().includes(`看门狗在看 ${house.url}，通知 2 处`), 60_000)

  const killedAt = performance.now()
  await house.killAll()
  await until(() => said(hook, '路由器旁').length > 0 && post.mails.length > 0, mostMs)
  const seconds = (performance.now() - killedAt) / 1000
  t.diagnostic(`the message was at its receivers ${seconds.toFixed(1)} s after the kill`)
  assert.deepEqual(said(hook, '路由器旁'), ['【严重】三易没有应答'])
  const [told] = hook.bodies()
  assert.match(told.text, /^【严重】三易没有应答\n从 \d\d-\d\d \d\d:\d\d:\d\d 起：连不上（ECONNREFUSED）\n/)
  assert.deepEqual(
    told.alarms.map(({ kind, tone }: { kind: string; tone: string }) => [kind, tone]),
    [['house_silent', 'bad']],
  )
  assert.deepEqual(
    post.mails.map(({ to }) => to),
    [['boss@example.com']],
  )

  // One that is killed between a message and its note sends it again, so that none is lost.
  const ring = await loadKeyRing(join(dogDir, 'keys', 'sealing.json'))
  await until(async () => {
    const kept = await readKept(join(dogDir, 'watchdog', 'installation'), ring)
    return Object.keys(kept?.outage?.sent ?? {}).length === 2
  })
  kill([first.process.pid ?? 0, ...(await below(first.process.pid ?? 0))])
  await first.exit
  const second = start(
    main,
    ['--role=watchdog', ...(isReal ? [] : [...pace.slice(0, 4), '--again', '0.2'])],
    env,
  )
  await until(() => second.output().includes('看门狗在看'), 60_000)
  await sleep(2000)
  assert.deepEqual(said(hook, '路由器旁'), ['【严重】三易没有应答'])
  if (!isReal) {
    await until(() => said(hook, '路由器旁').length > 1, mostMs)
    assert.equal(said(hook, '路由器旁')[1], '【严重】三易仍没有应答，已 1 分钟')
  }

  await house.begin()
  await until(() => said(hook, '路由器旁').at(-1) === '【恢复】三易又有应答', mostMs)
  await sleep(2000)
  assert.equal(said(hook, '路由器旁').length, isReal ? 2 : 3)
  second.process.kill('SIGTERM')
  assert.equal(await second.exit, 0)
  await rm(dogDir, { recursive: true })
})

test('beside the house: a wanted end is no alarm, and the end of main.ts is told before the watchdog ends too', async (t) => {
  await using house = await openHouse(await freePort())
  await using hook = await receiver()
  await using post = await mailServer()
  await giveKeys(house)
  await addChannels(house, `${hook.url}/hook`, post.port)
  const { url } = await startPostgres({ dataDir: join(house.dataDir, 'postgres') })
  const env = { DATA_DIR: house.dataDir, DATABASE_URL: url, PORT: new URL(house.url).port }
  const beside = () => start(watchdog, ['--own', ...pace], env)
  const isKnown = async (dog: Running) => {
    await until(
      () =>
        readFile(join(house.dataDir, 'watchdog', 'own')).then(
          () => true,
          () => false,
        ),
      60_000,
    )
    await sleep(isReal ? 12_000 : 1500)
    assert.equal(dog.process.exitCode, null)
  }

  const wanted = beside()
  await isKnown(wanted)
  wanted.process.send('stop')
  wanted.process.disconnect()
  assert.equal(await wanted.exit, 0)

  const orphan = beside()
  await isKnown(orphan)
  orphan.process.disconnect()
  house.killMain()
  const killedAt = performance.now()
  await until(() => hook.bodies().some(({ title }) => title === '【严重】三易没有应答'), mostMs)
  const seconds = (performance.now() - killedAt) / 1000
  t.diagnostic(`the message was at its receivers ${seconds.toFixed(1)} s after the end of main.ts`)
  const [told] = hook.bodies()
  assert.match(told.text, /：本机的网页进程没有应答（connect ECONNREFUSED 127\.0\.0\.1:\d+）\n/)
  assert.equal(await orphan.exit, 0)
  kill([await house.postmaster()])
})
