import { setTimeout as sleep } from 'node:timers/promises'
import type { Directory } from '../core/directory/directory.ts'
import { busySessions, closeDatabase, reopenDatabase } from '../core/directory/merchant-database.ts'
import { setState } from '../core/directory/merchant-states.ts'
import { type Merchant, merchantOf, serverOf } from '../core/directory/merchants.ts'

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
  await reopenDatabase(await serverOf(directory, merchant.server), key)
  await setState(directory, key, ['suspended'], 'active')
}

/** Waits until web and workers have left a merchant that is not active, then closes its database for them. */
export async function closeMerchant(directory: Directory, { key, server: name }: Merchant): Promise<void> {
  const server = await serverOf(directory, name)
  await sleep(noticingMs)
  await untilOrLate(leavingMs, async () => (await merchantOf(directory, key)).worker === null)
  await untilOrLate(endingMs, async () => (await busySessions(server, key)) === 0)
  await closeDatabase(server, key)
}

async function untilOrLate(ms: number, holds: () => Promise<boolean>): Promise<void> {
  const began = performance.now()
  while (!(await holds()) && performance.now() - began < ms) await sleep(lookMs)
}

export const stateWords = ({ key, state, movingTo }: Merchant): string =>
  `商家 ${key} 的状态是 ${state}${movingTo ? `(到 ${movingTo})` : ''}:先把那条命令做完 · ` +
  `Merchant ${key} is ${state}${movingTo ? ` to ${movingTo}` : ''}: complete that command first`
