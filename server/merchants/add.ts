import { access } from 'node:fs/promises'
import { openKeyRing } from '../core/access/key-check.ts'
import { openDatabase } from '../core/db/db.ts'
import type { Directory } from '../core/directory/directory.ts'
import { createMerchantDatabase, hasUsedDatabase } from '../core/directory/merchant-database.ts'
import { setState } from '../core/directory/merchant-states.ts'
import {
  applicationRoleOf,
  enterMerchant,
  keyPathOf,
  listMerchants,
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
  const isEntered = (await listMerchants(directory)).some((one) => one.key === key)
  // A new merchant would get the rows of another.
  if (!isEntered && (await hasUsedDatabase(server, key))) throw new Error(usedWords(key, server.name))
  const merchant = await enterMerchant(directory, wanted)
  await createMerchantDatabase(directory, merchant, server)
  const ownerUrl = ownerUrlOf(directory, merchant, server)
  await migrateInstallation({ ownerUrl, application: applicationRoleOf(key), settings: undefined, say })
  const { db, close } = openDatabase(ownerUrl, { max: 1, name: 'sanyi start' })
  try {
    if (!isEntered) await sayFormerKeys(keyPathOf(directory, key), say)
    await openKeyRing(db, keyPathOf(directory, key), () => sealedPlaces)
    await setState(directory, key, ['making'], 'active')
    return (await setupLink(db, publicUrlOf(wanted.publicUrl, merchant))) ?? ''
  } finally {
    await close()
  }
}

/** A drop leaves the key file. A merchant that is brought back from its backup needs it, and a new merchant should have keys of its own. */
async function sayFormerKeys(path: string, say: NewMerchant['say']): Promise<void> {
  const isThere = await access(path).then(
    () => true,
    () => false,
  )
  if (isThere)
    say(
      `用的是 ${path} 里从前的密钥；这是新商家的话，drop 后把它移走再 add · ` +
        `It takes the former keys in ${path}. If this is a new merchant: drop it, move that file away, and add it again`,
    )
}

const usedWords = (key: string, server: string) =>
  `${server} 上已有 ${key} 的库，里面有用户或店铺，是从前的商家的:换一个代号，或先备份再删掉那个库 · ` +
  `${server} has a database of ${key} with users or shops, those of a former merchant: use another key, or back that database up and drop it first`
