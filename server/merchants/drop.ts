import type { Directory } from '../core/directory/directory.ts'
import { dropMerchantDatabase, hasOwnDatabase } from '../core/directory/merchant-database.ts'
import { forgetMerchant, setState } from '../core/directory/merchant-states.ts'
import { listServers, type Merchant, merchantOf, type Server, serverOf } from '../core/directory/merchants.ts'
import { closeMerchant, stateWords } from './suspend.ts'

/**
 * Drops a merchant with its database and roles, also those that a move has left on other servers: a later merchant with this key would get its
 * rows. Its key file stays, because its backups need it. May be repeated after it was killed.
 */
export async function dropMerchant(directory: Directory, key: string): Promise<void> {
  const merchant = await merchantOf(directory, key)
  if (merchant.state === 'moving') throw new Error(stateWords(merchant))
  if (await setState(directory, key, ['active', 'suspended'], 'suspended'))
    await closeMerchant(directory, merchant)
  await dropMerchantDatabase(await serverOf(directory, merchant.server), key)
  const failed: string[] = []
  for (const server of await listServers(directory))
    if (server.name !== merchant.server)
      await dropFormer(directory, merchant, server).catch((error: unknown) =>
        failed.push(`${server.name} (${error instanceof Error ? error.message : error})`),
      )
  if (failed.length > 0) throw new Error(failedWords(failed.join(', ')))
  await forgetMerchant(directory, key)
}

async function dropFormer(directory: Directory, merchant: Merchant, server: Server): Promise<void> {
  if (await hasOwnDatabase(directory, merchant, server)) await dropMerchantDatabase(server, merchant.key)
}

const failedWords = (servers: string) =>
  `这些服务器上可能还有搬走后留下的旧库，没能去删 · A former database may still be at: ${servers}\n` +
  '连得上了再敲一遍就删完；服务器不会回来的，用 server 把它的名字给另一台 · ' +
  'The same command completes the drop once they answer. Give the name of a server that is gone to another one with the command server.'
