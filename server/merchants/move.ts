import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { makeBackup } from '../core/backup/make-backup.ts'
import { sumOf } from '../core/backup/manifest.ts'
import { restoreBackup } from '../core/backup/restore.ts'
import type { Directory } from '../core/directory/directory.ts'
import { createMerchantDatabase, dropMerchantDatabase } from '../core/directory/merchant-database.ts'
import { arrive, depart } from '../core/directory/merchant-states.ts'
import { applicationRoleOf, merchantOf, ownerUrlOf, serverOf } from '../core/directory/merchants.ts'
import { migrateInstallation } from '../start/migrating.ts'
import { closeMerchant, stateWords } from './suspend.ts'

type Move = {
  key: string
  to: string
  /** Rows are in files of this folder on their way. */
  staging: string
  say: (line: string) => void
}

/**
 * Moves a merchant to another server. It is closed meanwhile; every row is copied from one moment after its last write. A move that was killed at any step is
 * completed by the same call: until the directory names the new server, the database there is made again from the beginning. The database on the
 * former server stays, closed, until `clearFormer`.
 */
export async function moveMerchant(directory: Directory, { key, to, staging, say }: Move): Promise<void> {
  const target = await serverOf(directory, to)
  const before = await merchantOf(directory, key)
  if (before.server === to && before.movingTo === null)
    return say(`${key} 已在 ${to} · ${key} is on ${to} already`)
  if (!(await depart(directory, key, to))) throw new Error(stateWords(before))
  const merchant = await merchantOf(directory, key)
  const source = await serverOf(directory, merchant.server)
  say(`${key}: 停写 · closing it on ${source.name}`)
  await closeMerchant(directory, merchant)
  const place = join(staging, key)
  await rm(place, { recursive: true, force: true })
  try {
    const { folder, manifest } = await makeBackup({ url: ownerUrlOf(directory, merchant, source), place })
    say(
      `${key}: ${sumOf(manifest, 'rows')} 行 rows, ${(sumOf(manifest, 'bytes') / 1e6).toFixed(1)} MB → ${to}`,
    )
    await dropMerchantDatabase(target, key)
    await createMerchantDatabase(directory, merchant, target)
    const url = ownerUrlOf(directory, merchant, target)
    await restoreBackup({ url, folder, manifest, replace: false })
    await migrateInstallation({
      ownerUrl: url,
      application: applicationRoleOf(key),
      settings: undefined,
      say,
    })
  } finally {
    await rm(place, { recursive: true, force: true })
  }
  await arrive(directory, key, to)
  say(`${key}: 已在 ${to} · it is on ${to} now`)
}

/** Drops the closed database that a move has left on a former server. */
export async function clearFormer(directory: Directory, key: string, name: string): Promise<void> {
  const merchant = await merchantOf(directory, key)
  if (merchant.server === name || merchant.movingTo !== null)
    throw new Error(`${key} 在用 ${name} 上的库 · ${key} uses its database on ${name}`)
  await dropMerchantDatabase(await serverOf(directory, name), key)
}
