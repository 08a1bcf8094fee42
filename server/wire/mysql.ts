import { secondMs } from '../lib/time.ts'

export type MysqlPlace = { host: string; port: number; schema: string; user: string; password: string }

/** A row with its values as text; null: empty. */
export type TextRow = Readonly<Record<string, string | null>>

export type MysqlConnection = {
  /** Runs one statement with its parameters. Rejects with a `MysqlError`. */
  rows(text: string, values: readonly (string | number)[]): Promise<TextRow[]>
  end(): void
}

/** An error of a database of a platform. `code`: a short word; the message of the server may quote the login. */
export class MysqlError extends Error {
  readonly code: string

  constructor(code: string) {
    super(`The database of the platform failed: ${code}.`)
    this.code = code
  }
}

const connectMs = 5 * secondMs
const statementMs = 20 * secondMs

/**
 * Connects to a MySQL database inside the platform's network. Times are those of China, as the platform writes them. Nothing of this machine is
 * sent but the statements: no local file, and no password in the clear.
 */
export async function openMysql({ schema, ...place }: MysqlPlace): Promise<MysqlConnection> {
  // Most installations have no such database, so the client is loaded with the first one.
  const { createConnection } = await import('mysql2/promise')
  const connection = await createConnection({
    ...{ ...place, database: schema, connectTimeout: connectMs, disableEval: true },
    ...{ dateStrings: true, supportBigNumbers: true, bigNumberStrings: true, multipleStatements: false },
    flags: ['-LOCAL_FILES'],
  }).catch(failed)
  // Without a listener an error between two statements would end the process; the next statement reports it.
  connection.on('error', () => {})
  const opened: MysqlConnection = {
    async rows(text, values) {
      const [rows] = await connection
        .query({ sql: text, values: [...values], timeout: statementMs })
        .catch(failed)
      return Array.isArray(rows) ? rows.map((row) => textRow(row)) : []
    },
    end: () => connection.destroy(),
  }
  try {
    await opened.rows("set time_zone = '+08:00'", [])
  } catch (error) {
    opened.end()
    throw error
  }
  return opened
}

function textRow(row: object): TextRow {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      value === null || value === undefined ? null : String(value),
    ]),
  )
}

const knownCodes: Readonly<Record<string, string>> = {
  ER_ACCESS_DENIED_ERROR: 'login_refused',
  ER_DBACCESS_DENIED_ERROR: 'login_refused',
  ER_TABLEACCESS_DENIED_ERROR: 'login_refused',
  ER_BAD_DB_ERROR: 'no_table',
  ER_NO_SUCH_TABLE: 'no_table',
  ER_BAD_FIELD_ERROR: 'no_table',
  PROTOCOL_CONNECTION_LOST: 'disconnected',
  PROTOCOL_SEQUENCE_TIMEOUT: 'timeout',
}

function failed(error: unknown): never {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  throw new MysqlError(knownCodes[code] ?? (/^E[A-Z]+$/.test(code) ? code : 'database_failed'))
}
