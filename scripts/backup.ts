// npm run backup -- PLACE: backs up the database into a new folder of PLACE (a folder, or s3://BUCKET/FOLDER), also while Sanyi runs. The sealing keys are not in it.
import { loadConfig, storageOf } from '../server/config.ts'
import { sumOf } from '../server/core/backup/manifest.ts'
import { backupInto } from '../server/core/backup/place.ts'
import { withOwnerDatabase } from '../server/core/embedded/owner-database.ts'
import { noteBackup } from '../server/core/upgrade/last-backup.ts'
import { showProgress } from './progress.ts'

const [place] = process.argv.slice(2)
if (place === undefined) {
  console.error('npm run backup -- PLACE')
  process.exit(2)
}
const config = loadConfig()
const stopped = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stopped.abort())
const began = performance.now()
try {
  const { folder, manifest } = await withOwnerDatabase(config, (url) =>
    backupInto({ url, place, signal: stopped.signal, onProgress: showProgress }, storageOf(config)),
  )
  const seconds = (performance.now() - began) / 1000
  const [bytes, stored] = [sumOf(manifest, 'bytes') / 1e6, sumOf(manifest, 'storedBytes') / 1e6]
  const isNoted = await noteBackup(config.dataDir, manifest.takenAt)
  console.log(folder)
  console.log(
    `${manifest.tables.length} tables, ${sumOf(manifest, 'rows')} rows, ${bytes.toFixed(1)} MB (${stored.toFixed(1)} MB stored) ` +
      `in ${seconds.toFixed(1)} s, ${(bytes / seconds).toFixed(0)} MB/s`,
  )
  console.log(
    `密钥不在备份里,另存 ${config.sealingKeyPath} · The keys are not in the backup: keep ${config.sealingKeyPath} elsewhere`,
  )
  if (!isNoted)
    console.log(
      `${config.dataDir} 写不进去，升级时不知道有这次备份：DATA_DIR 给成启动时的那个 · ` +
        `${config.dataDir} cannot be written, so an upgrade will not know of this backup: give the DATA_DIR of the start`,
    )
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
