// npm run restore -- BACKUP [--replace]: restores a backup into the database of this installation, which must not run. --replace: its users, shops and
// all other rows are replaced.
import { parseArgs } from 'node:util'
import { loadConfig, storageOf } from '../server/config.ts'
import { missingKeyWords } from '../server/core/backup/key-words.ts'
import { type Manifest, sumOf } from '../server/core/backup/manifest.ts'
import { withBackup } from '../server/core/backup/place.ts'
import { assertRoom } from '../server/core/backup/refusal.ts'
import { restoreBackup } from '../server/core/backup/restore.ts'
import { lockDataFolder } from '../server/core/embedded/house-lock.ts'
import { restoreSettings, withOwnerDatabase } from '../server/core/embedded/owner-database.ts'
import { toChinaTime } from '../server/lib/time.ts'
import { showProgress } from './progress.ts'

/** The tables and their indexes take this many times the bytes of the rows. */
const spaceFactor = 3

const config = loadConfig()
try {
  const { values, positionals } = parseArgs({
    options: { replace: { type: 'boolean', default: false } },
    allowPositionals: true,
  })
  const [folder] = positionals
  if (folder === undefined) throw new Error('npm run restore -- BACKUP [--replace]')
  await withBackup(folder, storageOf(config), (local, manifest) =>
    restore({ folder: local, manifest, replace: values.replace }),
  )
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}

type Restoring = { folder: string; manifest: Manifest; replace: boolean }

async function restore({ folder, manifest, replace }: Restoring): Promise<void> {
  const unlocks = []
  for (const part of ['web', 'worker']) unlocks.push(await lockDataFolder(config.dataDir, part))
  try {
    if (config.databaseUrl === undefined)
      await assertRoom(config.dataDir, sumOf(manifest, 'bytes') * spaceFactor, { zh: '恢复', en: 'restore' })
    const began = performance.now()
    await withOwnerDatabase(
      config,
      (url) => restoreBackup({ url, folder, manifest, replace, onProgress: showProgress }),
      restoreSettings,
    )
    const seconds = (performance.now() - began) / 1000
    const bytes = sumOf(manifest, 'bytes') / 1e6
    console.log(
      `已恢复到 ${toChinaTime(new Date(manifest.takenAt))} · Restored: ${sumOf(manifest, 'rows')} rows, ${bytes.toFixed(1)} MB ` +
        `in ${seconds.toFixed(1)} s, ${(bytes / seconds).toFixed(0)} MB/s`,
    )
    const keys = await missingKeyWords(manifest, config.sealingKeyPath)
    console.log(keys || '密钥文件对得上,可以启动 · The key file matches: npm start')
  } finally {
    for (const unlock of unlocks) await unlock()
  }
}
