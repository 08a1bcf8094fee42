import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { type KeyRing, loadKeyRing, seal, unseal } from '../../lib/seal.ts'
import { StartError } from '../../lib/stopping.ts'
import { type Database, type OpenDatabase, openDatabase } from '../db/db.ts'
import { directoryTables } from './directory-tables.ts'

/**
 * 商家目录: the database in which an operator of many installations keeps which merchant has which host names, server, database and roles.
 * It holds no rows of a merchant; passwords in it are sealed with the directory's own keys.
 */
export type Directory = {
  db: Database
  pool: OpenDatabase['pool']
  ring: KeyRing
  /** The folder with a folder of keys for each merchant. */
  keysFolder: string
  close(): Promise<void>
}

export type DirectorySettings = {
  directoryUrl: string | undefined
  sealingKeyPath: string
  dataDir: string
}

/** Opens the directory; its first use creates its tables. Throws a StartError without an address or without its keys. */
export async function openDirectory(
  { directoryUrl, sealingKeyPath, dataDir }: DirectorySettings,
  onError: (error: Error) => void = () => {},
): Promise<Directory> {
  if (directoryUrl === undefined)
    throw new StartError(
      '没有设置 DIRECTORY_URL:商家目录的数据库地址。\nDIRECTORY_URL is missing: the address of the directory of merchants.',
    )
  const { db, pool, close } = openDatabase(directoryUrl, { max: 3, name: 'sanyi directory', onError })
  try {
    await createTables(pool)
    await assertKeys(pool, sealingKeyPath)
    return {
      db,
      pool,
      close,
      ring: await loadKeyRing(sealingKeyPath),
      keysFolder: join(dataDir, 'merchants'),
    }
  } catch (error) {
    await close()
    throw error
  }
}

const tablesLock = 7_214_035

async function createTables(pool: OpenDatabase['pool']): Promise<void> {
  const { rows } = await pool.query<{ name: string | null }>(
    `select to_regclass('merchant_worker')::text as name`,
  )
  if (rows[0]?.name) return
  const client = await pool.connect()
  try {
    await client.query('begin')
    await client.query('select pg_advisory_xact_lock($1)', [tablesLock])
    await client.query(directoryTables)
    await client.query('commit')
  } catch (error) {
    await client.query('rollback').catch(() => {})
    throw error
  } finally {
    client.release()
  }
}

/** A new key file beside a directory that has sealed passwords would be a wrong one. */
async function assertKeys(pool: OpenDatabase['pool'], path: string): Promise<void> {
  const isThere = await access(path).then(
    () => true,
    () => false,
  )
  if (isThere) return
  const { rows } = await pool.query<{ used: boolean }>('select exists (select from merchant_server) as used')
  if (rows[0]?.used)
    throw new StartError(
      `商家目录的密钥文件 ${path} 不见了。所有机器共用同一个文件,把它放回来。\n` +
        `The key file ${path} of the directory is missing. All machines share one file: put it back.`,
    )
}

/** `about`: the server or merchant to which the text belongs; it cannot be opened for another one. */
export const sealText = ({ ring }: Directory, about: string, text: string): Buffer => seal(ring, about, text)

export function openText({ ring }: Directory, about: string, sealed: Uint8Array): string {
  try {
    return unseal(ring, about, sealed).toString('utf8')
  } catch (cause) {
    throw new StartError(
      `商家目录的密钥文件打不开 ${about} 的密码:它是另一个目录的。\n` +
        `The key file of the directory does not open the password of ${about}: it belongs to another directory.`,
      cause instanceof StartError ? cause.exitCode : 1,
    )
  }
}
