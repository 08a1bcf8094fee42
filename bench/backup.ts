import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { makeBackup } from '../server/core/backup/make-backup.ts'
import { sumOf } from '../server/core/backup/manifest.ts'
import { restoreBackup } from '../server/core/backup/restore.ts'
import { restoreSettings, withOwnerDatabase } from '../server/core/embedded/owner-database.ts'
import type { KeyRing } from '../server/lib/seal.ts'
import { convertOwn } from './convert.ts'
import { benchDir, open } from './database.ts'
import { removeOwn, stageOwn } from './ingest.ts'
import { report } from './report.ts'
import type { World } from './world/world.ts'

/**
 * Backs up staged trades with their payloads and the sales orders that were converted from them, and restores them into a new embedded
 * server, as the commands do. MB are those of the rows as COPY writes them.
 */
export async function benchBackup(world: World, ring: KeyRing, count: number): Promise<void> {
  const place = await mkdtemp(join(benchDir, 'backup-'))
  const orders = await fill(world, ring, count)
  try {
    let began = performance.now()
    const { folder, manifest } = await makeBackup({ url: world.url, place })
    const backupSeconds = (performance.now() - began) / 1000
    const megabytes = sumOf(manifest, 'bytes') / 1e6
    began = performance.now()
    await withOwnerDatabase(
      { databaseUrl: undefined, databaseOwnerUrl: undefined, dataDir: place },
      (url) => restoreBackup({ url, folder, manifest, replace: false }),
      { create: true, settings: restoreSettings },
    )
    const restoreSeconds = (performance.now() - began) / 1000
    const work = `${orders.toLocaleString('en')} orders with their trades and payloads, ${Math.round(megabytes)} MB of rows`
    report({
      name: 'backup',
      work,
      figure: megabytes / backupSeconds,
      unit: 'MB/s',
      floor: 40,
      atMost: false,
    })
    report({
      name: 'restore',
      work,
      figure: megabytes / restoreSeconds,
      unit: 'MB/s',
      floor: 40,
      atMost: false,
    })
  } finally {
    await rm(place, { recursive: true, force: true })
  }
}

async function fill(world: World, ring: KeyRing, count: number): Promise<number> {
  const { db, close } = open(world.url)
  try {
    await removeOwn(db)
    await stageOwn(world, count)
    return await convertOwn(db, ring)
  } finally {
    await close()
  }
}
