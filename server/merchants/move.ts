import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { makeBackup } from '../core/backup/make-backup.ts'
import { sumOf } from '../core/backup/manifest.ts'
import { restoreBackup } from '../core/backup/restore.ts'
import type { Directory } from '../core/directory/directory.ts'
import {
  createMerchantDatabase,
  dropMerchantDatabase,
  hasDatabase,
  hasOwnDatabase,
  isSameServer,
} from '../core/directory/merchant-database.ts'
import { arrive, depart, stay } from '../core/directory/merchant-states.ts'
import {
  applicationRoleOf,
  type Merchant,
  merchantOf,
  ownerUrlOf,
  type Server,
  serverOf,
} from '../core/directory/merchants.ts'
import { migrateInstallation } from '../start/migrating.ts'
import { closeMerchant, openAgain, stateWords } from './suspend.ts'

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
 * former server stays, closed, until `clearFormer`. A move to the server where the merchant is calls off one that was begun and cannot be completed.
 */
export async function moveMerchant(directory: Directory, { key, to, staging, say }: Move): Promise<void> {
  const target = await serverOf(directory, to)
  const merchant = await merchantOf(directory, key)
  if (merchant.server === to) return callOff(directory, merchant, say)
  const source = await serverOf(directory, merchant.server)
  await assertApart(source, target)
  await assertOwn(directory, merchant, target)
  if (!(await depart(directory, key, { from: source.name, to }))) throw new Error(stateWords(merchant))
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
    await restoreBackup({ url, folder, manifest, replace: false, isMove: true })
    await migrateInstallation({
      ownerUrl: url,
      application: applicationRoleOf(key),
      settings: undefined,
      say,
    })
  } finally {
    await rm(place, { recursive: true, force: true })
  }
  if (!(await arrive(directory, key, to))) {
    // This move may have closed the database behind the back of the command that called it off.
    const left = await merchantOf(directory, key)
    if (left.state === 'active') await openAgain(directory, left)
    throw new Error(`${key}: 这次搬家已经取消 · this move was called off meanwhile`)
  }
  say(`${key}: 已在 ${to} · it is on ${to} now`)
}

/** Both commands drop the database at the other server. If two names are of one PostgreSQL, that is the only one. */
async function assertApart(used: Server, other: Server): Promise<void> {
  if (await isSameServer(used, other))
    throw new Error(
      `${used.name} 和 ${other.name} 是同一台服务器，什么都没有动 · ` +
        `${used.name} and ${other.name} are one server, so nothing was done`,
    )
}

/** Another directory may have a merchant of this key on the server, whose rows and roles are not ours. */
async function assertOwn(directory: Directory, merchant: Merchant, server: Server): Promise<void> {
  const { key } = merchant
  if ((await hasDatabase(server, key)) && !(await hasOwnDatabase(directory, merchant, server)))
    throw new Error(
      `${server.name} 上的 ${key} 库不是这个目录建的，什么都没有动 · ` +
        `The database of ${key} on ${server.name} was not made by this directory, so nothing was done`,
    )
}

/** The database at the target stays as it is, incomplete, until `clearFormer`. */
async function callOff(directory: Directory, merchant: Merchant, say: Move['say']): Promise<void> {
  const { key, server, movingTo, afterMove } = merchant
  if (movingTo === null) return say(`${key} 已在 ${server} · ${key} is on ${server} already`)
  if (afterMove === 'active') await openAgain(directory, merchant)
  await stay(directory, merchant)
  say(`${key}: 不搬了，还在 ${server} · it stays on ${server}`)
}

/** Drops the closed database that a move has left on a former server. */
export async function clearFormer(directory: Directory, key: string, name: string): Promise<void> {
  const merchant = await merchantOf(directory, key)
  if (merchant.server === name || merchant.movingTo !== null)
    throw new Error(`${key} 在用 ${name} 上的库 · ${key} uses its database on ${name}`)
  const former = await serverOf(directory, name)
  await assertApart(await serverOf(directory, merchant.server), former)
  await assertOwn(directory, merchant, former)
  await dropMerchantDatabase(former, key)
}
