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
  const { hostname, port: serverPort, username, password, pathname } = new URL(databaseUrl)
  const place = `host=${hostname} port=${serverPort} dbname=${pathname.slice(1)} user=${username} password='${decodeURIComponent(password)}'`
  const started = await startPooler({
    databases: `sanyi = ${place}`,
    settings: `auth_type = any\ndefault_pool_size = 12\n${more}`,
  })
  return started && { ...started, url: `postgres://${username}@${started.host}/sanyi` }
}

export type ServerPooler = Omit<Pooler, 'url' | 'reconnect'> & { host: string; pid: number | undefined }

/** Starts PgBouncer in front of all databases of a server; every role signs in with its own password. */
export function openServerPooler(ownerUrl: string, more = ''): Promise<ServerPooler | undefined> {
  const { hostname, port, username, password } = new URL(ownerUrl)
  return startPooler({
    databases: `* = host=${hostname} port=${port}`,
    settings: `auth_type = scram-sha-256
auth_user = ${username}
auth_dbname = postgres
auth_query = select usename, passwd from pg_shadow where usename = $1
max_client_conn = 5000
${more}`,
    users: `"${username}" "${decodeURIComponent(password)}"\n`,
  })
}

type Setting = { databases: string; settings: string; users?: string }

async function startPooler({
  databases,
  settings,
  users,
}: Setting): Promise<(ServerPooler & Pick<Pooler, 'reconnect'>) | undefined> {
  const program = found() ?? installed()
  if (program === undefined) return undefined
  const folder = await mkdtemp(join(tmpdir(), 'sanyi-pooler-'))
  await chmod(folder, 0o755)
  const port = await freePort()
  const config = join(folder, 'pgbouncer.ini')
  const userFile = join(folder, 'users.txt')
  if (users !== undefined) await writeFile(userFile, users)
  await writeFile(
    config,
    `[databases]
${databases}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
admin_users = admin
pool_mode = transaction
${users === undefined ? '' : `auth_file = ${userFile}`}
${settings}
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
    host: `127.0.0.1:${port}`,
    pid: child.pid,
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
