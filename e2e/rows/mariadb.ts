import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Connection, createConnection } from 'mysql2/promise'

/** The tables as the platform makes them, of which the indexes of the refunds are not published. */
const DDL = [
  'create database sys_info character set utf8mb4',
  `create table sys_info.jdp_tb_trade (
    tid bigint primary key, status varchar(64), type varchar(64), seller_nick varchar(32), buyer_nick varchar(32),
    created datetime, modified datetime, jdp_hashcode varchar(128), jdp_response mediumtext, jdp_created datetime, jdp_modified datetime,
    key (seller_nick, jdp_modified), key (jdp_modified), key (seller_nick, modified), key (modified))`,
  `create table sys_info.jdp_tb_refund (
    refund_id bigint primary key, seller_nick varchar(32), buyer_nick varchar(32), status varchar(64), created datetime, tid bigint, oid bigint,
    modified datetime, jdp_hashcode varchar(128), jdp_response mediumtext, jdp_created datetime, jdp_modified datetime, key (jdp_modified))`,
  "create user jdp_reader identified by 'reader-secret'",
  'grant select on sys_info.* to jdp_reader',
]

/** A MariaDB server of this machine (Debian: mariadb-server) with the tables of the data push. */
export class Mariadb {
  readonly port: number
  private readonly folder: string
  private server: ChildProcess

  private constructor(folder: string, port: number) {
    this.folder = folder
    this.port = port
    this.server = this.spawned()
  }

  static async start(): Promise<Mariadb> {
    const folder = await mkdtemp(join(tmpdir(), 'mariadb-'))
    const made = spawnSync(
      'mariadb-install-db',
      [
        `--datadir=${folder}`,
        '--auth-root-authentication-method=normal',
        '--skip-test-db',
        `--user=${userInfo().username}`,
      ],
      { encoding: 'utf8' },
    )
    assert.equal(made.status, 0, `mariadb-server is needed: ${made.error?.message ?? made.stderr}`)
    const database = new Mariadb(folder, await freePort())
    const connection = await database.root()
    for (const statement of DDL) await connection.query(statement)
    await connection.end()
    return database
  }

  get address(): string {
    return `127.0.0.1:${this.port}/sys_info`
  }

  /** Connects as the pusher does. */
  async root(): Promise<Connection> {
    for (let tries = 0; ; tries += 1)
      try {
        return await createConnection({
          host: '127.0.0.1',
          port: this.port,
          user: 'root',
          timezone: '+08:00',
        })
      } catch (error) {
        if (tries > 100) throw error
        await sleep(100)
      }
  }

  async kill(): Promise<void> {
    const gone = once(this.server, 'exit')
    this.server.kill('SIGKILL')
    await gone
  }

  again(): void {
    this.server = this.spawned()
  }

  async stop(): Promise<void> {
    await this.kill()
    await rm(this.folder, { recursive: true, force: true })
  }

  private spawned(): ChildProcess {
    return spawn(
      'mariadbd',
      [
        ...['--no-defaults', `--datadir=${this.folder}`, `--port=${this.port}`, '--bind-address=127.0.0.1'],
        ...[
          `--socket=${join(this.folder, 's')}`,
          `--user=${userInfo().username}`,
          '--innodb-buffer-pool-size=64M',
        ],
      ],
      { stdio: 'ignore' },
    )
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  assert.ok(address !== null && typeof address === 'object')
  return address.port
}
