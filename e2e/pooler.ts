import { spawn, spawnSync } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { freePort } from '../server/testing/free-port.ts'

export type Pooler = {
  /** The address of the same database through the pooler. */
  url: string
  /** Closes its connections to the database, each when it is not used, so that the next ones begin with the present settings. */
  reconnect(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Starts PgBouncer in transaction mode in front of a database; undefined if it is missing and cannot be installed. */
export async function openPooler(databaseUrl: string, more = ''): Promise<Pooler | undefined> {
  const program = found() ?? installed()
  if (program === undefined) return undefined
  const folder = await mkdtemp(join(tmpdir(), 'sanyi-pooler-'))
  await chmod(folder, 0o755)
  const port = await freePort()
  const { hostname, port: serverPort, username, password, pathname } = new URL(databaseUrl)
  const config = join(folder, 'pgbouncer.ini')
  await writeFile(
    config,
    `[databases]
sanyi = host=${hostname} port=${serverPort} dbname=${pathname.slice(1)} user=${username} password='${decodeURIComponent(password)}'
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
admin_users = admin
pool_mode = transaction
default_pool_size = 12
${more}
`,
  )
  // PgBouncer refuses to run as root.
  const account = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}
  const child = spawn(program, [config], { ...account, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk) => {
    said += String(chunk)
  })
  const gone = new Promise((settle) => child.once('exit', settle))
  for (let tries = 0; !(await listens(port)); tries += 1) {
    if (tries === 200 || child.exitCode !== null)
      throw new Error(`PgBouncer does not start: ${said.slice(-500)}`)
    await sleep(25)
  }
  return {
    url: `postgres://${username}@127.0.0.1:${port}/sanyi`,
    async reconnect() {
      const console = new pg.Client({ host: '127.0.0.1', port, user: 'admin', database: 'pgbouncer' })
      await console.connect()
      await console.query('reconnect sanyi')
      await console.query('wait_close sanyi')
      await console.end()
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await gone
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function found(): string | undefined {
  const places = ['/usr/sbin', '/usr/bin', '/usr/local/bin', '/usr/local/sbin', '/opt/homebrew/bin']
  return places
    .map((folder) => join(folder, 'pgbouncer'))
    .find((path) => spawnSync(path, ['--version']).status === 0)
}

function installed(): string | undefined {
  if (process.getuid?.() !== 0) return undefined
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  spawnSync('apt-get', ['install', '-y', '--no-install-recommends', 'pgbouncer'], { env })
  return found()
}

function listens(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const socket = createConnection({ port, host: '127.0.0.1' })
    socket.once('connect', () => {
      socket.destroy()
      settle(true)
    })
    socket.once('error', () => settle(false))
  })
}
