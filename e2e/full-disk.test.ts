import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { openDatabase } from '../server/core/db/db.ts'
import { loadKeyRing } from '../server/lib/seal.ts'
import { callerAt } from '../server/testing/app.ts'
import { freePort } from '../server/testing/free-port.ts'
import { until } from '../server/testing/until.ts'
import { sessionCookieName, signCookie } from '../server/users/sign-in/auth.ts'
import { fillUp } from './month/fill-up.ts'

test('a full disk ends nothing and loses nothing: its reason is said on console, page and health, and all goes on once there is room', async (t) => {
  const house = await onSmallDisk()
  if (!house) return t.diagnostic('only where a disk can be mounted that nobody else sees')
  try {
    await until(() => house.output().includes('ready ('), 100_000)
    const { boss, close, count } = await bossOf(house)
    const kept: string[] = []
    /** Adds a SKU and returns the answer. */
    const add = async (): Promise<{ status: number; code: unknown; text: string }> => {
      const code = `FULL-${kept.length}-${randomBytes(3).toString('hex')}`
      const rows = [
        { code, productCode: code, name: '货'.repeat(100), spec: randomBytes(60).toString('hex') },
      ]
      const { status, body } = await boss.call('POST', '/api/skus', { rows })
      if (status === 200) kept.push(code)
      return { status, code: Object(body).code, text: JSON.stringify(body) }
    }
    assert.equal((await add()).status, 200)
    const children = await house.children()

    await house.fill()
    const said = new Map<unknown, string>()
    await until(async () => {
      const { status, code, text } = await add()
      if (status !== 200) said.set(code, text)
      return said.has('disk_full')
    }, 60_000)
    assert.match(said.get('disk_full') ?? '', /磁盘满了.*once space is freed, and nothing is lost/)
    assert.deepEqual(
      [...said.keys()].filter((code) => code !== 'disk_full' && code !== 'unavailable'),
      [],
    )
    const health = Object((await boss.call('GET', '/healthz')).body)
    assert.match(String(health.warning ?? health.reason), /The disk is full|database does not answer/)
    assert.match(health.warning ?? '', /磁盘满了/)
    await until(async () => {
      const { body } = await boss.call('GET', '/api/alarms')
      const alarm = Object(body).rows?.find(({ kind }: { kind: string }) => kind === 'disk_low')
      return /^The disk is full/.test(alarm?.title.en ?? '')
    }, 30_000)
    await until(() => /磁盘满了.* · The disk is full/.test(house.output()), 30_000)
    await until(() => /cannot be written \(ENOSPC\); its lines are dropped/.test(house.output()), 60_000)

    await house.free()
    await until(async () => (await add()).status === 200, 60_000)
    await until(() => /磁盘(又有空间|快满)/.test(house.output().split('磁盘满了').at(-1) ?? ''), 30_000)
    await until(() => /is written again; \d+ lines were dropped/.test(house.output()), 60_000)
    assert.equal(await count(kept), kept.length)
    assert.ok(kept.length >= 2)
    assert.deepEqual(await house.children(), children)
    assert.doesNotMatch(house.output(), /ended unexpectedly/)
    await close()
  } finally {
    await house.end()
  }
})

type SmallHouse = {
  url: string
  output: () => string
  /** A path as the processes in their mount namespace see it. */
  path: (...parts: string[]) => string
  children(): Promise<number[]>
  fill(): Promise<void>
  free(): Promise<void>
  end(): Promise<void>
}

/** Starts Sanyi in its own mount namespace, with a disk of 400 MB in memory. From outside it is accessible through /proc. */
async function onSmallDisk(): Promise<SmallHouse | undefined> {
  const apart = process.getuid?.() === 0 ? ['--mount'] : ['--map-current-user', '--keep-caps', '--mount']
  if (spawnSync('unshare', [...apart, 'true']).status !== 0) return undefined
  const folder = await mkdtemp(join(tmpdir(), 'sanyi-small-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const main = fileURLToPath(new URL('../server/main.ts', import.meta.url))
  const script = 'mount -t tmpfs -o size=400m,mode=755 none "$0" && exec "$@"'
  const child = spawn('unshare', [...apart, 'sh', '-c', script, folder, process.execPath, main], {
    env: { ...process.env, PORT: String(port), DATA_DIR: folder, DATABASE_URL: '', PUBLIC_URL: url },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
  }
  const path = (...parts: string[]) => join('/proc', String(child.pid), 'root', folder, ...parts)
  return {
    url,
    path,
    output: () => text,
    children: () => childrenOf(child),
    fill: () => fillUp(path('filler')),
    free: () => rm(path('filler')),
    async end() {
      const gone = new Promise((settle) => child.once('exit', settle))
      child.kill('SIGTERM')
      await gone
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function childrenOf({ pid }: ChildProcess): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')
  return text.trim().split(' ').map(Number)
}

async function bossOf({ url, path }: SmallHouse) {
  const port = (await readFile(path('postgres.port'), 'utf8')).trim()
  const password = (await readFile(path('postgres.password'), 'utf8')).trim()
  const { db, close } = openDatabase(`postgres://sanyi:${password}@127.0.0.1:${port}/sanyi`, { max: 2 })
  const token = randomBytes(24).toString('hex')
  const made = await sql<{ id: string }>`
    with person as (
      insert into app_user (email, name, all_shops, shop_ids) values ('boss@example.com', '店长', true, '{}') returning id
    ), part as (
      insert into role (name, permissions) values ('everything', '{*}') returning id
    ), granted as (
      insert into user_role (user_id, role_id) select person.id, part.id from person, part
    ), session as (
      insert into user_session (user_id, token, expires_at) select id, ${token}, now() + interval '1 day' from person
    )
    select id from person`.execute(db)
  const ring = await loadKeyRing(path('keys', 'sealing.json'))
  const cookie = `${sessionCookieName({ publicUrl: url })}=${signCookie(ring, token)}`
  return {
    boss: callerAt(url, made.rows[0]?.id ?? '', cookie),
    close,
    async count(codes: readonly string[]) {
      const found = await sql<{ n: number }>`
        select count(*)::int as n from sku where code = any(${[...codes]}::text[])`.execute(db)
      return found.rows[0]?.n
    },
  }
}
