import { open, readFile, rename, stat } from 'node:fs/promises'
import { sharedMs } from './clock.ts'
import { type KeyFile, type KeyRing, newKey, parseKeyFile, toRing } from './seal.ts'

/** Longer than any process takes to notice a new file: at first a new key is only known, then it is used. */
const usedInMs = 60_000

/** After so long nobody still writes with the key before. */
const restMs = 300_000

const mostKeys = 255

export type ListedKey = { number: number; state: 'old' | 'current' | 'coming'; usedFrom: Date | null }

/** The keys of the file, oldest first. */
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

/** Adds a key. Running processes learn it within seconds and begin to use it a minute later; the answer says when. */
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
 * Takes a key out of the file. What it sealed can never be opened again: ask first whether anything still names it.
 * Throws when it is in use, or was until a moment ago.
 */
export async function dropKey(path: string, number: number, now = sharedMs()): Promise<void> {
  const file = await readKeyFile(path)
  assertReplaced(file, number, now)
  await writeKeyFile(path, { keys: file.keys.filter((key) => key.number !== number) })
}

/** Throws unless a newer key has been in use for a while. */
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

/** Written beside it and renamed, on the disk before it counts: without its key file a database is worth nothing. */
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
  /** Keys came, went, or another one became the current one. */
  onChange?: (ring: KeyRing) => void
  /** The file is gone or unreadable; the ring stays as it is. Told once, not at every look. */
  onError?: (error: unknown) => void
}

/**
 * Keeps the ring that everybody holds as the file says, looking every two seconds: a look costs less than watching, and
 * also sees files on network folders and in mounted secrets. Answers how to end it.
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
    // Also without a new file: the time of a coming key may have come.
    const next = toRing(state.file)
    assertOurs(ring, next, path)
    state.failed = false
    if (become(ring, next)) watch.onChange?.(ring)
  } catch (error) {
    if (!state.failed) watch.onError?.(error)
    state.failed = true
  }
}

/** A key never changes under its number, and not all of them are replaced at once: such a file is of another house. */
function assertOurs(ring: KeyRing, next: KeyRing, path: string): void {
  const shared = [...ring.byNumber.values()].flatMap((key) => {
    const other = next.byNumber.get(key.number)
    return other ? [{ key, other }] : []
  })
  const same = shared.every(({ key, other }) => key.seal.equals(other.seal) && key.hash.equals(other.hash))
  if (shared.length === 0 || !same)
    throw new Error(`The key file ${path} holds other keys than those in use; it is not read.`)
}

/** Changes the ring in place; answers whether anything changed. */
function become(ring: KeyRing, next: KeyRing): boolean {
  const numbers = (one: KeyRing) => [...one.byNumber.keys()].join(' ')
  const same = numbers(ring) === numbers(next) && ring.current.number === next.current.number
  if (same) return false
  ring.byNumber = next.byNumber
  ring.current = next.current
  return true
}
