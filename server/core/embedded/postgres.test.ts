import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { chmod, mkdtemp, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import pg from 'pg'
import { type Postgres, startPostgres } from './postgres.ts'

let folder: string
let dataDir: string
const started: Postgres[] = []

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sanyi-postgres-'))
  // As root, the server's account must be able to enter, but mkdtemp makes folders accessible to their owner only.
  await chmod(folder, 0o755)
  dataDir = join(folder, 'postgres')
})

after(async () => {
  for (const server of started) await server.stop().catch(() => {})
  await rm(folder, { recursive: true, force: true })
})

test('of two first starts at once, one creates the server and the other takes it over', async () => {
  const [first, second] = await Promise.all([begin(), begin()])
  assert.equal(first.url, second.url)
  assert.deepEqual([first.adopted, second.adopted].sort(), [false, true])
  assert.deepEqual(await answer(first.url, 'select current_database() as value'), 'sanyi')
})

test('the server is UTF-8, in UTC, durable, and reachable from this machine only', async () => {
  const { url } = await begin()
  const setting = (name: string) => answer(url, `select current_setting('${name}') as value`)
  assert.equal(await setting('server_encoding'), 'UTF8')
  assert.equal(await setting('timezone'), 'UTC')
  assert.equal(await setting('fsync'), 'on')
  assert.equal(await setting('listen_addresses'), '127.0.0.1')
  assert.equal(await answer(url, `select upper('é') as value`), 'É')
})

test('a wrong password is refused, and the right one is readable by its owner alone', async () => {
  const { url } = await begin()
  const wrong = new URL(url)
  wrong.password = 'wrong'
  await assert.rejects(answer(wrong.href, 'select 1 as value'), { code: '28P01' })
  assert.equal((await stat(`${dataDir}.password`)).mode & 0o777, 0o600)
  assert.doesNotMatch(await readFile(`${dataDir}.log`, 'utf8'), new RegExp(new URL(url).password))
})

test('stopped and started again it has the same address and the same rows', async () => {
  const server = await begin()
  await answer(server.url, 'create table kept as select 7 as value')
  await server.stop()
  const again = await begin()
  assert.equal(again.adopted, false)
  assert.equal(again.url, server.url)
  assert.equal(await answer(again.url, 'select value from kept'), 7)
})

test('a server that others use is not stopped by whoever leaves first', async () => {
  const server = await begin()
  const other = new pg.Client({ connectionString: server.url })
  await other.connect()
  assert.equal(await server.stopIfUnused(), false)
  assert.equal(await answer(server.url, 'select 1 as value'), 1)
  await other.end()
})

test('the server outlives a starter that is killed, and the next start takes it over', async () => {
  await (await begin()).stop()
  const starter = spawn(process.execPath, ['--input-type=module', '--eval', starterScript()], {
    stdio: 'pipe',
  })
  const url = await new Promise<string>((settle) => {
    starter.stdout.once('data', (chunk) => settle(String(chunk).trim()))
  })
  starter.kill('SIGKILL')
  await new Promise((settle) => starter.once('exit', settle))
  const next = await begin()
  assert.equal(next.adopted, true)
  assert.equal(next.url, url)
})

test('committed rows survive the killing of the server and of all its processes', async () => {
  const server = await begin()
  await answer(server.url, 'create table survived as select 9 as value')
  process.kill(await postmasterPid(), 'SIGKILL')
  const again = await begin()
  assert.equal(again.adopted, false)
  assert.equal(await answer(again.url, 'select value from survived'), 9)
})

test('a left-over postmaster.pid that names some other process is cleared away', async () => {
  const server = await begin()
  const file = join(dataDir, 'postmaster.pid')
  const lines = (await readFile(file, 'utf8')).split('\n')
  await server.stop()
  // The pid now belongs to this test, as may happen after a reboot.
  await writeFile(file, [String(process.pid), ...lines.slice(1)].join('\n'))
  const again = await begin()
  assert.equal(again.adopted, false)
  assert.notEqual(await postmasterPid(), process.pid)
})

test('a left-over postmaster.pid that names the server of another cluster is cleared away, and that server left alone', async () => {
  const server = await begin()
  const file = join(dataDir, 'postmaster.pid')
  const lines = (await readFile(file, 'utf8')).split('\n')
  await server.stop()
  const other = await startPostgres({ dataDir: join(folder, 'other') })
  started.push(other)
  const [pid = ''] = (await readFile(join(folder, 'other', 'postmaster.pid'), 'utf8')).split('\n')
  await writeFile(file, [pid, ...lines.slice(1)].join('\n'))
  const again = await begin()
  assert.equal(again.adopted, false)
  assert.equal(await answer(other.url, 'select 1 as value'), 1)
})

test('when something else has taken its port it moves to another one', async () => {
  const server = await begin()
  await server.stop()
  const port = Number(new URL(server.url).port)
  const stranger = createServer()
  await new Promise<void>((settle) => stranger.listen(port, '127.0.0.1', settle))
  const again = await begin()
  stranger.close()
  assert.notEqual(new URL(again.url).port, String(port))
  assert.equal(await answer(again.url, 'select value from kept'), 7)
})

test('a cluster whose password is lost is left alone and said so', async () => {
  await (await begin()).stop()
  const password = await readFile(`${dataDir}.password`)
  await rm(`${dataDir}.password`)
  await assert.rejects(startPostgres({ dataDir }), /password file .* is missing/)
  await writeFile(`${dataDir}.password`, password, { mode: 0o600 })
  assert.equal(await answer((await begin()).url, 'select value from kept'), 7)
})

test('data of another version is left alone, and both versions are named', async () => {
  await (await begin()).stop()
  const file = join(dataDir, 'PG_VERSION')
  const version = (await readFile(file, 'utf8')).trim()
  await writeFile(file, '16\n')
  await assert.rejects(
    startPostgres({ dataDir }),
    new RegExp(`is of PostgreSQL 16, and this version brings PostgreSQL ${version}`),
  )
  await writeFile(file, `${version}\n`)
  assert.equal(await answer((await begin()).url, 'select value from kept'), 7)
})

test('a database of another account is said to be that, and not made anew', async () => {
  const parent = await mkdtemp(join(folder, 'theirs-'))
  await chmod(parent, 0o755)
  const theirs = join(parent, 'postgres')
  const other = await startPostgres({ dataDir: theirs, settings: { shared_buffers: '32MB' } })
  await other.stop()
  const cluster = await realpath(theirs)
  const { mode } = await stat(cluster)
  await chmod(cluster, 0)
  const module = new URL('./postgres.ts', import.meta.url).href
  const script = `
    const { startPostgres } = await import(${JSON.stringify(module)})
    await startPostgres({ dataDir: ${JSON.stringify(theirs)}, log: console.log }).catch((error) => console.log(error.message))`
  // Root may read everything, so another account is used.
  const account = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}
  if (process.getuid?.() === 0) await chmod(`${theirs}.password`, 0o644)
  const asked = spawn(process.execPath, ['--input-type=module', '--eval', script], { ...account, cwd: '/' })
  let said = ''
  for (const stream of [asked.stdout, asked.stderr]) {
    stream.on('data', (chunk) => {
      said += String(chunk)
    })
  }
  await new Promise((settle) => asked.once('close', settle))
  await chmod(cluster, mode & 0o777)
  assert.match(said, /cannot be read \(EACCES\): it belongs to another account/)
  assert.doesNotMatch(said, /Creating the database/)
})

test('as root, below a folder that nobody else may enter, the cluster lies elsewhere behind a link', async (t) => {
  if (process.getuid?.() !== 0) return t.diagnostic('only root needs this')
  const closed = await mkdtemp(join(folder, 'closed-'))
  await chmod(closed, 0o700)
  const lines: string[] = []
  const server = await startPostgres({ dataDir: join(closed, 'postgres'), log: (line) => lines.push(line) })
  started.push(server)
  const place = await realpath(join(closed, 'postgres'))
  assert.match(place, /^\/var\/lib\/sanyi\/postgres-[0-9a-f]{12}$/)
  assert.ok(lines.some((line) => line.includes(place)))
  assert.equal(await answer(server.url, 'select 1 as value'), 1)
  await server.stop()
  await rm(place, { recursive: true })
})

async function begin(): Promise<Postgres> {
  const server = await startPostgres({ dataDir, settings: { shared_buffers: '32MB' } })
  started.push(server)
  return server
}

async function answer(url: string, statement: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(statement)).rows[0]?.value
  } finally {
    await client.end()
  }
}

async function postmasterPid(): Promise<number> {
  return Number((await readFile(join(dataDir, 'postmaster.pid'), 'utf8')).split('\n')[0])
}

function starterScript(): string {
  const module = new URL('./postgres.ts', import.meta.url).href
  return `
    const { startPostgres } = await import(${JSON.stringify(module)})
    const server = await startPostgres({ dataDir: ${JSON.stringify(dataDir)} })
    process.stdout.write(server.url)
    setInterval(() => {}, 1000)
  `
}
