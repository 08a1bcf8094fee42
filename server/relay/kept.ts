import { hash } from 'node:crypto'
import { type FileHandle, open, readFile, rename, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { type KeyRing, seal, unseal } from '../lib/seal.ts'
import { StartError } from '../lib/stopping.ts'

/** Entries that outlive the process. */
export type Kept<Value> = {
  readonly entries: ReadonlyMap<string, Value>
  /** The number of lines that were damaged when the file was opened, and are left out. */
  readonly damaged: number
  /** Sets an entry. After it resolves, the entry is on the disk; if it rejects, the entry may be there. */
  keep(key: string, value: Value): Promise<void>
  /** Removes entries. After a crash they may be there again. */
  forget(keys: readonly string[]): void
  close(): Promise<void>
}

/** The name for which the lines are sealed. */
const boundTo = 'relay'
/** The file is rewritten when it has more lines than this beyond two for each entry. */
const spareLines = 2000

type Waiting = { line: string; settle: () => void; fail: (error: unknown) => void }

/**
 * Returns a name for the folder of a relay's memory. A copy of the folder, also on another machine, has another name, because it
 * does not know the calls that are begun at the original.
 */
export async function memoryName(folder: string): Promise<string> {
  const { dev, ino, birthtimeNs } = await stat(folder, { bigint: true })
  return hash('sha256', [hostname(), dev, ino, birthtimeNs].join(' '), 'hex').slice(0, 40)
}

/**
 * Opens a file of sealed lines, one for each change, and returns the entries that they add up to. A line that was not written whole is the
 * last one, and its `keep` never resolved. `isValue`: entries of another form are left out, so a new version may be started over an old
 * file. @throws {StartError} if no line of the file can be opened, because the key file is another one.
 */
export async function openKept<Value>(
  path: string,
  ring: KeyRing,
  isValue: (value: unknown) => value is Value,
): Promise<Kept<Value>> {
  const { entries, damaged } = await readEntries(path, ring, isValue)
  const lineOf = (key: string, value: Value | null) =>
    `${seal(ring, boundTo, JSON.stringify([key, value])).toString('base64')}\n`
  let handle: FileHandle | undefined
  let lines = 0
  /** False after a failure: a line may have been written in part, or the file's new name may not be on the disk. */
  let isWhole = false
  let waiting: Waiting[] = []
  let work: Promise<void> | undefined
  await writeAnew()

  async function writeAnew(): Promise<void> {
    isWhole = false
    const draft = await open(`${path}.new`, 'w', 0o600)
    const size = entries.size
    try {
      await draft.writeFile([...entries].map(([key, value]) => lineOf(key, value)).join(''))
      await draft.sync()
      await rename(`${path}.new`, path)
    } catch (error) {
      await draft.close()
      throw error
    }
    const former = handle
    handle = draft
    lines = size
    await former?.close()
    const folder = await open(dirname(path), 'r')
    await folder.sync().finally(() => folder.close())
    isWhole = true
  }

  /** Writes the waiting lines, group after group: those that came while the disk was busy are synced together. */
  async function turns(): Promise<void> {
    while (waiting.length > 0) {
      const group = waiting
      waiting = []
      try {
        if (!isWhole || lines > 2 * entries.size + spareLines) await writeAnew()
        await append(group)
        for (const { settle } of group) settle()
      } catch (error) {
        for (const { fail } of group) fail(error)
      }
    }
    work = undefined
  }

  async function append(group: readonly Waiting[]): Promise<void> {
    isWhole = false
    await handle?.appendFile(group.map(({ line }) => line).join(''))
    await handle?.datasync()
    lines += group.length
    isWhole = true
  }

  const write = (line: string) =>
    new Promise<void>((settle, fail) => {
      waiting.push({ line, settle, fail })
      work ??= turns()
    })
  return {
    entries,
    damaged,
    keep(key, value) {
      entries.set(key, value)
      return write(lineOf(key, value))
    },
    forget(keys) {
      for (const key of keys) if (entries.delete(key)) write(lineOf(key, null)).catch(() => {})
    },
    async close() {
      await work
      await handle?.close()
    },
  }
}

async function readEntries<Value>(
  path: string,
  ring: KeyRing,
  isValue: (value: unknown) => value is Value,
): Promise<{ entries: Map<string, Value>; damaged: number }> {
  const entries = new Map<string, Value>()
  let damaged = 0
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  // What follows the last line break was not written whole.
  const lines = text.split('\n').slice(0, -1)
  for (const line of lines) {
    const entry = opened(line, ring)
    if (!entry) damaged += 1
    else if (isValue(entry[1])) entries.set(String(entry[0]), entry[1])
    else entries.delete(String(entry[0]))
  }
  if (damaged > 0 && damaged === lines.length)
    throw new StartError(
      `${path} 读不了：keys/sealing.json 不是写它的那一份。放回原来的，或移走这个文件：途中的请求会到平台核对，没转告的消息由列表补上。\n` +
        `${path} cannot be read: keys/sealing.json is not the one it was written with. Put that back, or move the file away: calls under way are then looked up on the platform, and the lists find the trades that messages named.`,
    )
  return { entries, damaged }
}

/** Undefined: the line is damaged. A crash of the machine can damage lines that were not synced yet. */
function opened(line: string, ring: KeyRing): unknown[] | undefined {
  try {
    const entry: unknown = JSON.parse(unseal(ring, boundTo, Buffer.from(line, 'base64')).toString('utf8'))
    return Array.isArray(entry) ? entry : undefined
  } catch {
    return undefined
  }
}
