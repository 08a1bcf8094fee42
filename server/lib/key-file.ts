import { open, readFile, rename, stat } from 'node:fs/promises'
import { sharedMs } from './clock.ts'
import { type KeyFile, type KeyRing, newKey, parseKeyFile, toRing } from './seal.ts'

/**
 * Milliseconds from the creation of a key until it is used for sealing. By then every process has read the new file and can open the
 * values.
 */
const usedInMs = 60_000

/**
 * Milliseconds for which a key must have been the current one before an older key may be dropped. By then no process seals with the older
 * key.
 */
const restMs = 300_000

const mostKeys = 255

export type ListedKey = { number: number; state: 'old' | 'current' | 'coming'; usedFrom: Date | null }

export async function listKeys(path: string, now = sharedMs()): Promise<ListedKey[]> {
  const file = await readKeyFile(path)
  const current = toRing(file, now).current.number
  return file.keys
    .toSorted((a, b) => a.number - b.number)
    .map(({ number, usedFrom }) => ({
      number,
      state: number === current ? 'current' : number < current ? 'old' : 'coming',
      usedFrom: usedFrom === undefined ? null : new Date(usedFrom),
    }))
}

/** Adds a key. Running processes read it within seconds, and seal with it from `usedFrom` on, a minute later. */
export async function addKey(
  path: string,
  options: { usedInMs?: number } = {},
): Promise<{ number: number; usedFrom: Date }> {
  const file = await readKeyFile(path)
  const number = Math.max(...file.keys.map((key) => key.number)) + 1
  if (number > mostKeys) throw new Error('There is no number left for a new key.')
  const usedFrom = new Date(sharedMs() + (options.usedInMs ?? usedInMs))
  await writeKeyFile(path, { keys: [...file.keys, { ...newKey(number), usedFrom: usedFrom.toISOString() }] })
  return { number, usedFrom }
}

/**
 * Removes a key from the file. Values sealed with it can never be opened again, so the caller must check first that there are none. Throws
 * unless a newer key has been in use for five minutes.
 */
export async function dropKey(path: string, number: number, now = sharedMs()): Promise<void> {
  const file = await readKeyFile(path)
  assertReplaced(file, number, now)
  await writeKeyFile(path, { keys: file.keys.filter((key) => key.number !== number) })
}

/** Throws unless a newer key has been in use for five minutes. */
export function assertReplaced(file: KeyFile, number: number, now = sharedMs()): void {
  if (!file.keys.some((key) => key.number === number)) throw new Error(`The key file has no key ${number}.`)
  const { current } = toRing(file, now)
  if (number >= current.number) throw new Error(`Key ${number} is in use: add a newer one first.`)
  const since = file.keys.find((key) => key.number === current.number)?.usedFrom
  if (since !== undefined && now - Date.parse(since) < restMs)
    throw new Error(`Key ${current.number} took over less than five minutes ago: wait a little.`)
}

export async function readKeyFile(path: string): Promise<KeyFile> {
  return parseKeyFile(await readFile(path, 'utf8'), path)
}

/** Writes a new file, syncs it to the disk and renames it, so that a crash never loses the keys. */
async function writeKeyFile(path: string, file: KeyFile): Promise<void> {
  const draft = `${path}.${process.pid}.new`
  const handle = await open(draft, 'w', 0o600)
  try {
    await handle.writeFile(JSON.stringify(file, null, 2))
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(draft, path)
}

type Watch = {
  everyMs?: number
  /** Called when keys were added or removed, or another key became the current one. */
  onChange?: (ring: KeyRing) => void
  /** Called once when the file is missing or unreadable. The ring does not change. */
  onError?: (error: unknown) => void
}

/**
 * Keeps a key ring equal to its file by checking the file every two seconds. Watching the file would cost more, and would not work on
 * network folders and mounted secrets. Returns the function that stops it.
 */
export function watchKeyFile(ring: KeyRing, path: string, watch: Watch = {}): () => void {
  const state: WatchState = { stamp: '', file: undefined, failed: false }
  let looking = false
  const timer = setInterval(() => {
    if (looking) return
    looking = true
    void look(ring, path, state, watch).finally(() => {
      looking = false
    })
  }, watch.everyMs ?? 2000)
  timer.unref()
  return () => clearInterval(timer)
}

type WatchState = { stamp: string; file: KeyFile | undefined; failed: boolean }

async function look(ring: KeyRing, path: string, state: WatchState, watch: Watch): Promise<void> {
  try {
    const { mtimeNs, size, ino } = await stat(path, { bigint: true })
    const stamp = `${mtimeNs} ${size} ${ino}`
    if (stamp !== state.stamp || !state.file) state.file = await readKeyFile(path)
    state.stamp = stamp
    // The current key is determined again even if the file has not changed, because the time from which a key is used may have come.
    const next = toRing(state.file)
    assertOurs(ring, next, path)
    state.failed = false
    if (become(ring, next)) watch.onChange?.(ring)
  } catch (error) {
    if (!state.failed) watch.onError?.(error)
    state.failed = true
  }
}

/** Throws if the file belongs to another installation: a key never changes under its number, and all keys are never replaced at once. */
function assertOurs(ring: KeyRing, next: KeyRing, path: string): void {
  const shared = [...ring.byNumber.values()].flatMap((key) => {
    const other = next.byNumber.get(key.number)
    return other ? [{ key, other }] : []
  })
  const same = shared.every(({ key, other }) => key.seal.equals(other.seal) && key.hash.equals(other.hash))
  if (shared.length === 0 || !same)
    throw new Error(`The key file ${path} holds other keys than those in use; it is not read.`)
}

/** Changes the ring in place. Returns true if something changed. */
function become(ring: KeyRing, next: KeyRing): boolean {
  const numbers = (one: KeyRing) => [...one.byNumber.keys()].join(' ')
  const same = numbers(ring) === numbers(next) && ring.current.number === next.current.number
  if (same) return false
  ring.byNumber = next.byNumber
  ring.current = next.current
  return true
}
