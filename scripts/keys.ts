// npm run keys -- list | add | drop <n>: manages the sealing keys of this installation, also while it runs.
import { join } from 'node:path'
import { loadConfig } from '../server/config.ts'
import { forgetKey, openKeyRing, rememberKeys } from '../server/core/access/key-check.ts'
import { isMigrated, resealFrom } from '../server/core/access/reseal.ts'
import { type Database, openDatabase } from '../server/core/db/db.ts'
import { compareClocks } from '../server/core/embedded/house-process.ts'
import { assertEmbeddedDatabase } from '../server/core/embedded/owner-database.ts'
import { startPostgres } from '../server/core/embedded/postgres.ts'
import { addKey, assertReplaced, dropKey, listKeys, readKeyFile } from '../server/lib/key-file.ts'
import { loadKeyRing } from '../server/lib/seal.ts'
import { sealedPlaces } from '../server/worker.ts'

const config = loadConfig()
const path = config.sealingKeyPath
const [command = '', argument] = process.argv.slice(2)

const commands: Record<string, () => Promise<void>> = { list, add, drop }
const chosen = commands[command]
if (!chosen) {
  console.error('npm run keys -- list | add | drop <n>')
  process.exit(2)
}
try {
  await chosen()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

async function list(): Promise<void> {
  const uses = await withDatabase(countUses)
  const keys = await listKeys(path)
  for (const { number, state, usedFrom } of keys) {
    const from = usedFrom ? `, from ${usedFrom.toISOString()}` : ''
    console.log(`${number}  ${state}${from}`)
    for (const [name, count] of uses.get(number) ?? []) console.log(`     ${name.padEnd(28)} ${count}`)
  }
  const lost = [...uses.keys()].filter((number) => !keys.some((key) => key.number === number))
  for (const number of lost) console.log(`${number}  MISSING, and values name it: put the key file back`)
}

async function countUses(db: Database): Promise<Map<number, [name: string, count: number][]>> {
  const uses = new Map<number, [string, number][]>()
  for (const place of sealedPlaces) {
    for (const [number, count] of await place.uses(db)) {
      uses.set(number, [...(uses.get(number) ?? []), [place.name, count]])
    }
  }
  return uses
}

async function add(): Promise<void> {
  const { number, usedFrom } = await withDatabase(async (db) => {
    const added = await addKey(path)
    await rememberKeys(db, await loadKeyRing(path))
    await resealFrom(db, new Date(added.usedFrom.getTime() + 15_000))
    return added
  })
  console.log(`Key ${number} is used from ${usedFrom.toISOString()}. Back up ${path} now.`)
  console.log(
    'The task 更换密钥 (change of keys) then seals everything anew; after it: npm run keys -- list, drop <n>.',
  )
}

async function drop(): Promise<void> {
  const number = Number(argument)
  if (!Number.isInteger(number)) throw new Error('npm run keys -- drop <n>')
  await withDatabase(async (db) => {
    assertReplaced(await readKeyFile(path), number)
    for (const place of sealedPlaces) {
      if (await place.names(db, number))
        throw new Error(
          `${place.name} still names key ${number}: run the task 更换密钥 (change of keys) first.`,
        )
    }
    await forgetKey(db, number)
    await dropKey(path, number)
  })
  console.log(`Key ${number} is dropped. Who signed in under it and has not since signs in again.`)
}

/** Opens the database of the running Sanyi. If Sanyi does not run, the embedded database is started meanwhile. */
async function withDatabase<T>(work: (db: Database) => Promise<T>): Promise<T> {
  if (!config.databaseUrl) await assertEmbeddedDatabase(config.dataDir)
  const embedded = config.databaseUrl
    ? undefined
    : await startPostgres({ dataDir: join(config.dataDir, 'postgres'), insist: true })
  const { db, close } = openDatabase(config.databaseUrl ?? embedded?.url ?? '', {
    max: 1,
    name: 'sanyi keys',
  })
  try {
    if (!(await isMigrated(db)))
      throw new Error('The database is empty or of an older version: start Sanyi once.')
    // A new key is used from a certain time on, so this machine's clock must agree with the clocks of the other processes.
    await compareClocks(db)
    await openKeyRing(db, path, () => sealedPlaces)
    return await work(db)
  } finally {
    await close()
    if (embedded && !embedded.adopted) await embedded.stopIfUnused()
  }
}
