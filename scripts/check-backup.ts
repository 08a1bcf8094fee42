// npm run check-backup -- BACKUP: checks the checksum, size and row count of every table of a backup. Needs no database.
import { loadConfig, storageOf } from '../server/config.ts'
import { checkBackup } from '../server/core/backup/check-backup.ts'
import { missingKeyWords } from '../server/core/backup/key-words.ts'
import { lastMigrationOf, sumOf } from '../server/core/backup/manifest.ts'
import { withBackup } from '../server/core/backup/place.ts'
import { toChinaTime } from '../server/lib/time.ts'

const [folder] = process.argv.slice(2)
if (folder === undefined) {
  console.error('npm run check-backup -- BACKUP')
  process.exit(2)
}
const config = loadConfig()
try {
  const { manifest, wrong } = await withBackup(folder, storageOf(config), checkBackup)
  const { takenAt, version, commit, serverVersion, tables } = manifest
  console.log(
    `${toChinaTime(new Date(takenAt))} · Sanyi ${version}${commit && ` ${commit.slice(0, 8)}`} · ${lastMigrationOf(manifest)} · PostgreSQL ${serverVersion}`,
  )
  console.log(
    `${tables.length} tables, ${sumOf(manifest, 'rows')} rows, ${(sumOf(manifest, 'bytes') / 1e6).toFixed(1)} MB`,
  )
  for (const line of wrong) console.log(line)
  const keys = await missingKeyWords(manifest, config.sealingKeyPath)
  if (keys) console.log(keys)
  console.log(wrong.length > 0 ? '备份有损坏 · The backup is damaged' : '备份完好 · The backup is whole')
  process.exitCode = wrong.length > 0 ? 1 : 0
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
}
