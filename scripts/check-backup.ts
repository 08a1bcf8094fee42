// npm run check-backup -- BACKUP: checks the checksum, size and row count of every table of a backup. Needs no database. For a PLACE it checks the base
// backups and the log from which a second can be restored.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig, storageOf } from '../server/config.ts'
import { checkBackup } from '../server/core/backup/check-backup.ts'
import { missingKeyWords } from '../server/core/backup/key-words.ts'
import { lastMigrationOf, sumOf } from '../server/core/backup/manifest.ts'
import { withBackup } from '../server/core/backup/place.ts'
import { checkLog } from '../server/core/point-in-time/check-log.ts'
import { logFoldersIn } from '../server/core/point-in-time/log-place.ts'
import { toChinaTime } from '../server/lib/time.ts'

const [folder] = process.argv.slice(2)
if (folder === undefined) {
  console.error('npm run check-backup -- BACKUP')
  process.exit(2)
}
const config = loadConfig()
try {
  const logs = await logFoldersIn(folder, storageOf(config)).catch(() => [])
  process.exitCode = logs.length > 0 ? await checkLogs(folder, logs) : await checkOne(folder)
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
}

async function checkOne(backup: string): Promise<number> {
  const { manifest, wrong } = await withBackup(backup, storageOf(config), checkBackup)
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
  return wrong.length > 0 ? 1 : 0
}

async function checkLogs(place: string, logs: readonly string[]): Promise<number> {
  const scratch = await mkdtemp(join(tmpdir(), 'sanyi-check-'))
  let damaged = 0
  try {
    for (const log of logs) {
      const { bases, timeline, segments, last, wrong } = await checkLog({
        ...{ place, folder: log, storage: storageOf(config), scratch },
      })
      for (const { name, manifest } of bases)
        console.log(
          `${log} ${name} · PostgreSQL ${manifest.serverVersion} · ${toChinaTime(new Date(manifest.endedAt))}`,
        )
      console.log(`${segments} segments of the log, timeline ${timeline}, the last ${last || '—'}`)
      for (const line of wrong) console.log(line)
      damaged += wrong.length
    }
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
  console.log(
    damaged > 0
      ? '日志不连续或有损坏 · The log has gaps or is damaged'
      : '基础备份完好,日志连续 · The base backups are whole, and the log has no gap',
  )
  return damaged > 0 ? 1 : 0
}
