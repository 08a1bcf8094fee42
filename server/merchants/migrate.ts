import { dirname } from 'node:path'
import type { Directory } from '../core/directory/directory.ts'
import { hasDatabase } from '../core/directory/merchant-database.ts'
import {
  applicationRoleOf,
  keyPathOf,
  listMerchants,
  merchantOf,
  ownerUrlOf,
  serverOf,
} from '../core/directory/merchants.ts'
import { migrateInstallation } from '../start/migrating.ts'

/**
 * Migrates the databases of one merchant or of all, one after the other. Each says its steps and its last backup first, and one without a
 * backup is refused, as an upgrade of one installation is. Throws after the last one if some failed; the others are done. A merchant
 * whose drop was killed after its database had gone has nothing to migrate, and is only named.
 */
export async function migrateMerchants(
  directory: Directory,
  { key, anyway, say }: { key: string | undefined; anyway: boolean; say: (line: string) => void },
): Promise<void> {
  if (key !== undefined) await merchantOf(directory, key)
  const failed: string[] = []
  for (const merchant of await listMerchants(directory)) {
    if ((key !== undefined && merchant.key !== key) || merchant.state === 'making') continue
    const began = performance.now()
    try {
      const server = await serverOf(directory, merchant.server)
      if (merchant.state === 'suspended' && !(await hasDatabase(server, merchant.key))) {
        say(`${merchant.key}  ${halfDropped(merchant.key)}`)
        continue
      }
      const ownerUrl = ownerUrlOf(directory, merchant, server)
      const application = applicationRoleOf(merchant.key)
      await migrateInstallation({
        ...{ ownerUrl, application },
        settings: {
          dataDir: dirname(keyPathOf(directory, merchant.key)),
          ...{ isEmbedded: false, anyway, backup: `npm run merchant -- backup ${merchant.key}` },
        },
        say: (line) => say(`  ${merchant.key}  ${line}`),
      })
      say(`${merchant.key}  ${((performance.now() - began) / 1000).toFixed(1)} s`)
    } catch (error) {
      failed.push(merchant.key)
      say(`${merchant.key}  ${error instanceof Error ? error.message : error}`)
    }
  }
  if (failed.length > 0) throw new Error(`未升级 · not migrated: ${failed.join(', ')}`)
}

const halfDropped = (key: string) =>
  `库已经没有了，没什么要升级：再敲一遍 drop ${key} --yes 就删完 · ` +
  `its database is gone, so nothing is migrated: drop ${key} --yes once more completes the drop`
