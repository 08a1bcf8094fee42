import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type KeyRing, seal, unseal } from '../../lib/seal.ts'
import type { InstallationAnswer } from './contract.ts'
import type { Outage } from './outage.ts'

/** What a watchdog keeps on its disk. `address` and `key` are empty for the one that runs beside the installation. */
export type Kept = { address: string; key: string; answer: InstallationAnswer | null; outage: Outage | null }

/** The name for which the file is sealed. */
const boundTo = 'watchdog'

/** Reads the file; undefined if there is none. Throws if it was sealed with another key. */
export async function readKept(path: string, ring: KeyRing): Promise<Kept | undefined> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  return bytes && JSON.parse(unseal(ring, boundTo, bytes).toString('utf8'))
}

/** Replaces the file in one step, so that one that is killed while it writes keeps the former. */
export async function writeKept(path: string, ring: KeyRing, kept: Kept): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await writeFile(`${path}.new`, seal(ring, boundTo, JSON.stringify(kept)), { mode: 0o600 })
  await rename(`${path}.new`, path)
}
