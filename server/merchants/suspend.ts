import { setTimeout as sleep } from 'node:timers/promises'
import type { Directory } from '../core/directory/directory.ts'
import {
  busySessions,
  closeDatabase,
  joinRoles,
  reopenDatabase,
} from '../core/directory/merchant-database.ts'
import { setState } from '../core/directory/merchant-states.ts'
import {
  applicationRoleOf,
  type Merchant,
  merchantOf,
  ownerUrlOf,
  serverOf,
} from '../core/directory/merchants.ts'
import { migrateInstallation } from '../start/migrating.ts'

/** A worker gives a merchant back within this time; one that has died loses its lease before. */
const leavingMs = 60_000
/** A web process reads the directory each second. */
const noticingMs = 2500
/** Requests under way end within this time. */
const endingMs = 20_000
const lookMs = 250

/**
 * Suspends a merchant: its pages answer 503, its work ends, and its database is closed for web and workers, so that no process can write any more.
 * It may be repeated.
 */
export async function suspendMerchant(directory: Directory, key: string): Promise<void> {
  const isOpen = await setState(directory, key, ['active', 'suspended'], 'suspended')
  const merchant = await merchantOf(directory, key)
  if (!isOpen) throw new Error(stateWords(merchant))
  await closeMerchant(directory, merchant)
}

export async function resumeMerchant(directory: Directory, key: string): Promise<void> {
  const merchant = await merchantOf(directory, key)
  if (merchant.state !== 'suspended' && merchant.state !== 'active') throw new Error(stateWords(merchant))
  await openAgain(directory, merchant)
  await setState(directory, key, ['suspended'], 'active')
}

/**
 * Opens a closed database for web and workers. After a restore it may lack migrations, and the rights of the application's role on tables that were
 * made again.
 */
export async function openAgain(directory: Directory, merchant: Merchant): Promise<void> {
  const server = await serverOf(directory, merchant.server)
  await migrateInstallation({
    ownerUrl: ownerUrlOf(directory, merchant, server),
    application: applicationRoleOf(merchant.key),
    settings: undefined,
    say: () => {},
  })
  await reopenDatabase(server, merchant.key)
}

/** Waits until web and workers have left a merchant that is not active, then closes its database for them. */
export async function closeMerchant(directory: Directory, { key, server: name }: Merchant): Promise<void> {
  const server = await serverOf(directory, name)
  // Merchants of an older program lack it.
  await joinRoles(server, key)
  await sleep(noticingMs)
  await untilOrLate(leavingMs, async () => (await merchantOf(directory, key)).worker === null)
  await untilOrLate(endingMs, async () => (await busySessions(server, key)) === 0)
  // A move may have been called off, or the merchant resumed, while this waited.
  if ((await merchantOf(directory, key)).state === 'active')
    throw new Error(
      `${key}: 这条命令等待时商家又开通了，没有关闭 · ${key} was opened again while this command waited, and stays open`,
    )
  await closeDatabase(server, key)
}

async function untilOrLate(ms: number, holds: () => Promise<boolean>): Promise<void> {
  const began = performance.now()
  while (!(await holds()) && performance.now() - began < ms) await sleep(lookMs)
}

export const stateWords = ({ key, state, server, movingTo }: Merchant): string =>
  `商家 ${key} 的状态是 ${state}${movingTo ? `(到 ${movingTo})` : ''}:先把那条命令做完` +
  `${movingTo ? `，或用 move ${key} --to ${server} 取消` : ''} · ` +
  `Merchant ${key} is ${state}${movingTo ? ` to ${movingTo}` : ''}: complete that command first` +
  `${movingTo ? `, or call it off by move ${key} --to ${server}` : ''}`
