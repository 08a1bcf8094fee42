import { createHash } from 'node:crypto'
import type { Connection, OkPacketParams } from 'mysql2'
import { createServer } from 'mysql2'
import type { Sandbox } from '../state.ts'
import { nowSeconds } from '../world/world.ts'
import { SqlError, select } from './query.ts'
import { createRds, type Rds, type RdsRow } from './tables.ts'

export interface RunningRds extends Rds {
  /** HOST:PORT/SCHEMA */
  address: string
  user: string
  password: string
  /** Breaks every connection. */
  drop(): void
  close(): Promise<void>
}

/** Protocol 4.1, native passwords, transactions: what the client needs to know. No compression and no TLS. */
const CAPABILITIES = 0x00_08_a2_0d
const UTF8 = 33
const CHINA_SECONDS = 8 * 3600

/**
 * The database of an app as a MySQL server on loopback: login by password, one form of a question, times of UTC until the session names China's.
 * It speaks the protocol by the library's own server side, and knows no SQL but that of `query.ts`.
 */
export async function startRds(sandbox: Sandbox, port = 0): Promise<RunningRds> {
  const rds = createRds(sandbox)
  const [user, password] = ['jdp_reader', 'rds-secret']
  const open = new Set<Connection>()
  const server = createServer((connection: Connection) => {
    open.add(connection)
    serve(sandbox, rds, connection, { user, password })
    connection.on('end', () => open.delete(connection))
    connection.on('error', () => open.delete(connection))
  })
  const inner: import('node:net').Server = Reflect.get(server, '_server')
  await new Promise<void>((resolve) => inner.listen(port, '127.0.0.1', resolve))
  const address = inner.address()
  if (address === null || typeof address === 'string') throw new Error('the database has no port')
  sandbox.push.watchers.add(rds.write)
  const drop = () => {
    for (const connection of open) connection.destroy()
    open.clear()
  }
  return Object.assign(rds, {
    ...{ address: `127.0.0.1:${address.port}/sys_info`, user, password, drop },
    close: () => {
      sandbox.push.watchers.delete(rds.write)
      drop()
      return new Promise<void>((resolve) => inner.close(() => resolve()))
    },
  })
}

interface Login {
  user: string
  database: string
  authPluginData1: Buffer
  authPluginData2: Buffer
  authToken: Buffer
}

function serve(
  { world }: Sandbox,
  rds: Rds,
  connection: Connection,
  known: { user: string; password: string },
): void {
  let isChina = false
  /** Each statement begins with packet 0. */
  const answered = () => {
    connection.sequenceId = 0
  }
  connection.serverHandshake({
    ...{ protocolVersion: 10, serverVersion: '8.0.36', connectionId: 1, statusFlags: 2 },
    ...{ characterSet: UTF8, capabilityFlags: CAPABILITIES },
    authCallback: (login: Login, done: (error: null, refusal?: OkPacketParams) => void) => {
      const isKnown = !rds.faults.refuse && login.user === known.user && isRight(login, known.password)
      done(null, isKnown ? undefined : { message: `Access denied for user '${login.user}'` })
      answered()
    },
  })
  // The library announces what begins with SET under this name.
  connection.on('stmt_prepare', (text: string) => {
    isChina = /^set time_zone = '\+08:00'$/i.test(text) || isChina
    connection.writeOk()
    answered()
  })
  connection.on('query', (text: string) => {
    try {
      const { columns, rows } = select(rds, text, nowSeconds(world) - (isChina ? 0 : CHINA_SECONDS))
      connection.writeTextResult(
        rows.map((row) => picked(row, columns)),
        columns.map(columnOf),
      )
    } catch (error) {
      if (!(error instanceof SqlError)) throw error
      connection.writeError({ code: error.code, message: error.message })
    }
    answered()
  })
}

const picked = (row: RdsRow, columns: readonly string[]) =>
  Object.fromEntries(columns.map((column) => [column, row[column] ?? null]))

/** Numbers are BIGINT, and all else is text: dates too, as the text protocol has them. */
const columnOf = (name: string) => ({
  ...{ catalog: 'def', schema: 'sys_info', table: '', orgTable: '', name, orgName: name },
  ...{ characterSet: UTF8, columnLength: 255, flags: 0, decimals: 0 },
  columnType: /^(tid|oid|refund_id)$/.test(name) ? 8 : 253,
})

/** SHA1(password) XOR SHA1(seed + SHA1(SHA1(password))). */
function isRight({ authPluginData1, authPluginData2, authToken }: Login, password: string): boolean {
  const sha = (...parts: Buffer[]) => createHash('sha1').update(Buffer.concat(parts)).digest()
  const once = sha(Buffer.from(password))
  const seed = Buffer.concat([authPluginData1, authPluginData2]).subarray(0, 20)
  const mask = sha(seed, sha(once))
  return authToken.equals(Buffer.from(once.map((byte, at) => byte ^ (mask[at] ?? 0))))
}
