import type { Directory } from '../core/directory/directory.ts'
import { dropMerchantDatabase } from '../core/directory/merchant-database.ts'
import { forgetMerchant, setState } from '../core/directory/merchant-states.ts'
import { merchantOf, serverOf } from '../core/directory/merchants.ts'
import { closeMerchant, stateWords } from './suspend.ts'

/** Drops a merchant with its database and roles. Its key file stays, because its backups need it. May be repeated after it was killed. */
export async function dropMerchant(directory: Directory, key: string): Promise<void> {
  const merchant = await merchantOf(directory, key)
  if (merchant.state === 'moving') throw new Error(stateWords(merchant))
  if (await setState(directory, key, ['active', 'suspended'], 'suspended'))
    await closeMerchant(directory, merchant)
  await dropMerchantDatabase(await serverOf(directory, merchant.server), key)
  await forgetMerchant(directory, key)
}
