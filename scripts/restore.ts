// npm run restore -- BACKUP [--replace [--keys-later]]: restores a backup into the database of this installation, which must not run. --replace: its users,
// shops and all other rows are replaced. --keys-later: also where the key file does not open the backup's values.
// npm run restore -- --quiet PROGRAM: closes the shops of a database that this program has restored, until they were read again.
// npm run restore -- PLACE --at '2026-11-30 10:23:45': restores the embedded database as it was at that second (China), from base backup and log.
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { loadConfig, storageOf } from '../server/config.ts'
import { missingKeyWords } from '../server/core/backup/key-words.ts'
import { type Manifest, sumOf } from '../server/core/backup/manifest.ts'
import { withBackup } from '../server/core/backup/place.ts'
import { quietRestored } from '../server/core/backup/quiet.ts'
import { assertRoom } from '../server/core/backup/refusal.ts'
import { assertRestorable, restoreBackup } from '../server/core/backup/restore.ts'
import { lockDataFolder } from '../server/core/embedded/house-lock.ts'
import {
  hasEmbeddedDatabase,
  restoreSettings,
  withOwnerDatabase,
} from '../server/core/embedded/owner-database.ts'
import { breakLog } from '../server/core/point-in-time/keeping-script.ts'
import { recover } from '../server/core/point-in-time/recover.ts'
import { readRecovered } from '../server/core/point-in-time/recovered.ts'
import { fromChinaTime, toChinaTime } from '../server/lib/time.ts'
import { showProgress } from './progress.ts'

/** The tables and their indexes take this many times the bytes of the rows. */
const spaceFactor = 3

const config = loadConfig()
const usage =
  "npm run restore -- BACKUP [--replace [--keys-later]]\nnpm run restore -- PLACE --at '2026-11-30 10:23:45' [--replace] [--disk OLD_DATA_FOLDER] [--timeline N]\nnpm run restore -- --quiet PROGRAM"
try {
  const { values, positionals } = parseArgs({
    options: {
      replace: { type: 'boolean', default: false },
      'keys-later': { type: 'boolean', default: false },
      at: { type: 'string' },
      disk: { type: 'string' },
      timeline: { type: 'string' },
      quiet: { type: 'string' },
    },
    allowPositionals: true,
  })
  const [folder] = positionals
  const { at, disk, timeline, replace, quiet } = values
  if (folder === undefined && quiet === undefined) throw new Error(usage)
  if (folder === undefined) await closeShops(quiet ?? '')
  else if (at !== undefined) await recoverAt(folder, { at, disk, timeline, replace })
  else
    await withBackup(folder, storageOf(config), (local, manifest) =>
      restore({ folder: local, manifest, replace, keysLater: values['keys-later'] }),
    )
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

/** Calls `work` while no other process of this installation can start. */
async function alone<T>(work: () => Promise<T>): Promise<T> {
  const unlocks: (() => Promise<void>)[] = []
  try {
    for (const part of ['web', 'worker']) unlocks.push(await lockDataFolder(config.dataDir, part))
    return await work()
  } finally {
    for (const unlock of unlocks) await unlock()
  }
}

/** For a database that another program restored, such as pgBackRest. */
async function closeShops(program: string): Promise<void> {
  const at = await alone(() => withOwnerDatabase(config, (url) => quietRestored(url, program)))
  console.log(
    `数据库在 ${toChinaTime(at)},店铺读完前不确认、不发货、不回写,可以启动 · The database is of ${toChinaTime(at)}; nothing leaves for a shop until it was read again: npm start`,
  )
}

type At = {
  at: string
  disk: string | undefined
  timeline: string | undefined
  replace: boolean
}

async function recoverAt(place: string, { at, disk, timeline, replace }: At): Promise<void> {
  if (config.databaseUrl !== undefined)
    throw new Error(
      '恢复到某一秒只用于三易自带的数据库;自己的 PostgreSQL 用 pgBackRest(docs/operations.md)。\n' +
        'Only the embedded database is restored to a second by this command; for a PostgreSQL of your own there is pgBackRest (docs/operations.md).',
    )
  const request = {
    ...{ dataDir: join(config.dataDir, 'postgres'), place, disk, replace },
    at: at === 'end' ? undefined : secondOf(at),
    timeline: timeline === undefined ? undefined : Number(timeline),
    storage: storageOf(config),
    say: (line: string) => console.log(line),
  }
  const began = performance.now()
  const { base, label, moved } = await alone(() => recover(request))
  const found = await withOwnerDatabase(config, readRecovered)
  const seconds = (performance.now() - began) / 1000
  console.log(
    `已恢复到 ${at},最后一笔提交在 ${found.takenAt} · Restored: the last transaction is of ${found.takenAt} (China); ` +
      `${base.name} and the log after it, in ${seconds.toFixed(1)} s`,
  )
  if (moved)
    console.log(`原来的数据库移到了 ${moved},确认无误后可删 · The former database was moved to ${moved}`)
  if (found.backup !== label) throw new Error('The restored database has another record of its restore.')
  const keys = await missingKeyWords({ keys: found.keys }, config.sealingKeyPath)
  console.log(keys || '密钥文件对得上,可以启动 · The key file matches: npm start')
}

function secondOf(text: string): Date {
  try {
    return fromChinaTime(text)
  } catch {
    throw new Error(`--at '2026-11-30 10:23:45'(北京时间)或 --at end,不是 ${text}。\n${usage}`)
  }
}

type Restoring = { folder: string; manifest: Manifest; replace: boolean; keysLater: boolean }

async function restore({ folder, manifest, replace, keysLater }: Restoring): Promise<void> {
  await alone(async () => {
    await assertReplaces({ manifest, replace, keysLater })
    if (config.databaseUrl === undefined) {
      await assertRoom(config.dataDir, sumOf(manifest, 'bytes') * spaceFactor, { zh: '恢复', en: 'restore' })
      await breakLog(join(config.dataDir, 'postgres'))
    }
    const began = performance.now()
    await withOwnerDatabase(
      config,
      (url) => restoreBackup({ url, folder, manifest, replace, onProgress: showProgress }),
      { create: true, settings: restoreSettings },
    )
    const seconds = (performance.now() - began) / 1000
    const bytes = sumOf(manifest, 'bytes') / 1e6
    console.log(
      `已恢复到 ${toChinaTime(new Date(manifest.takenAt))} · Restored: ${sumOf(manifest, 'rows')} rows, ${bytes.toFixed(1)} MB ` +
        `in ${seconds.toFixed(1)} s, ${(bytes / seconds).toFixed(0)} MB/s`,
    )
    const keys = await missingKeyWords(manifest, config.sealingKeyPath)
    console.log(keys || '密钥文件对得上,可以启动 · The key file matches: npm start')
  })
}

/** Refuses before anything is changed. The rows that are there can be read, and those of a backup without its keys cannot. */
async function assertReplaces({ manifest, replace, keysLater }: Omit<Restoring, 'folder'>): Promise<void> {
  if (config.databaseUrl === undefined && !(await hasEmbeddedDatabase(config.dataDir))) return
  const replaces = await withOwnerDatabase(config, (url) => assertRestorable(url, { manifest, replace }))
  if (!replaces || keysLater) return
  const keys = await missingKeyWords(manifest, config.sealingKeyPath)
  if (keys)
    throw new Error(
      `${keys}\n什么都没有改动。密钥以后再放也要替换,加上 --keys-later。\n` +
        'Nothing was changed. To replace the rows nevertheless, and put the keys there later, add --keys-later.',
    )
}
