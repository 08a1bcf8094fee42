import { openKeyRing } from '../core/access/key-check.ts'
import { openDatabase } from '../core/db/db.ts'
import type { Directory } from '../core/directory/directory.ts'
import { createMerchantDatabase } from '../core/directory/merchant-database.ts'
import { setState } from '../core/directory/merchant-states.ts'
import {
  applicationRoleOf,
  enterMerchant,
  keyPathOf,
  ownerUrlOf,
  publicUrlOf,
  serverOf,
} from '../core/directory/merchants.ts'
import { migrateInstallation } from '../start/migrating.ts'
import { setupLink } from '../users/sign-in/setup.ts'
import { sealedPlaces } from '../worker.ts'

export type NewMerchant = {
  key: string
  server: string
  hosts: readonly string[]
  /** The address of the web process (`publicUrlOf`). */
  publicUrl: string
  say: (line: string) => void
}

/**
 * Makes a merchant: its database and roles, its tables, its own sealing keys. Returns the link with which its first administrator signs up.
 * A making that was interrupted is completed by the same call.
 */
export async function addMerchant(directory: Directory, wanted: NewMerchant): Promise<string> {
  const { key, say } = wanted
  const server = await serverOf(directory, wanted.server)
  const merchant = await enterMerchant(directory, wanted)
  await createMerchantDatabase(directory, merchant, server)
  const ownerUrl = ownerUrlOf(directory, merchant, server)
  await migrateInstallation({ ownerUrl, application: applicationRoleOf(key), settings: undefined, say })
  const { db, close } = openDatabase(ownerUrl, { max: 1, name: 'sanyi start' })
  try {
    await openKeyRing(db, keyPathOf(directory, key), () => sealedPlaces)
    await setState(directory, key, ['making'], 'active')
    return (await setupLink(db, publicUrlOf(wanted.publicUrl, merchant))) ?? ''
  } finally {
    await close()
  }
}
