import type { Directory } from '../core/directory/directory.ts'
import {
  applicationRoleOf,
  listMerchants,
  merchantOf,
  ownerUrlOf,
  serverOf,
} from '../core/directory/merchants.ts'
import { migrateInstallation } from '../start/migrating.ts'

/** Migrates the databases of one merchant or of all, one after the other. Throws after the last one if some failed; the others are done. */
export async function migrateMerchants(
  directory: Directory,
  key: string | undefined,
  say: (line: string) => void,
): Promise<void> {
  if (key !== undefined) await merchantOf(directory, key)
  const failed: string[] = []
  for (const merchant of await listMerchants(directory)) {
    if ((key !== undefined && merchant.key !== key) || merchant.state === 'making') continue
    const began = performance.now()
    try {
      const ownerUrl = ownerUrlOf(directory, merchant, await serverOf(directory, merchant.server))
      const application = applicationRoleOf(merchant.key)
      await migrateInstallation({ ownerUrl, application, settings: undefined, say })
      say(`${merchant.key}  ${((performance.now() - began) / 1000).toFixed(1)} s`)
    } catch (error) {
      failed.push(merchant.key)
      say(`${merchant.key}  ${error instanceof Error ? error.message : error}`)
    }
  }
  if (failed.length > 0) throw new Error(`未升级 · not migrated: ${failed.join(', ')}`)
}
