import { randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rm, rmdir, stat, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { beginningOf, isRunning } from './processes.ts'

type Holder = { pid: number; began: string; host: string }

/**
 * Takes the data folder for one part of the house, as two would write and rotate the same logs. Answers how to give it back;
 * throws words where another holds it. Whoever was killed left its lock behind: it counts only as long as its process lives.
 */
export async function lockDataFolder(dataDir: string, part: string): Promise<() => Promise<void>> {
  const file = join(dataDir, `${part}.lock`)
  await mkdir(dataDir, { recursive: true })
  const mine: Holder = { pid: process.pid, began: await beginningOf(process.pid), host: hostname() }
  const draft = `${file}.${randomUUID()}`
  await writeFile(draft, JSON.stringify(mine))
  try {
    for (let tries = 0; tries < 500; tries += 1) {
      // A name for a whole file: it is never found half written.
      if (await taken(draft, file)) return () => giveBack(file, mine)
      const holder = read(await readFile(file, 'utf8').catch(() => ''))
      if (holder && (await lives(holder))) throw inUse(dataDir, holder)
      await clearAway(file)
    }
    throw new Error(`${file} changes hands all the time.`)
  } finally {
    await rm(draft, { force: true })
  }
}

function taken(draft: string, file: string): Promise<boolean> {
  return link(draft, file).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false
      throw error
    },
  )
}

/** Removes a stale lock file. One process at a time does it and reads the file again first; otherwise it could remove the lock of the process before it. */
async function clearAway(file: string): Promise<void> {
  const turn = `${file}.clearing`
  const mine = await mkdir(turn).then(
    () => true,
    () => false,
  )
  if (!mine) {
    const since = await stat(turn).catch(() => undefined)
    // Clearing takes some milliseconds: the process that began this one has died.
    if (since && Date.now() - since.mtimeMs > 5000) await rmdir(turn).catch(() => {})
    await sleep(20)
    return
  }
  try {
    // If there is no file, another process is about to take the lock: its file must stay.
    const text = await readFile(file, 'utf8').catch(() => undefined)
    const holder = text === undefined ? undefined : read(text)
    if (text !== undefined && !(holder && (await lives(holder)))) await rm(file, { force: true })
  } finally {
    await rmdir(turn).catch(() => {})
  }
}

async function giveBack(file: string, mine: Holder): Promise<void> {
  const holder = read(await readFile(file, 'utf8').catch(() => ''))
  if (holder?.pid === mine.pid && holder.began === mine.began) await rm(file, { force: true })
}

/** Of a process on another machine, or in another container, nothing can be told but that it was there. */
async function lives({ pid, began, host }: Holder): Promise<boolean> {
  if (host !== hostname()) return false
  return isRunning(pid) && (await beginningOf(pid)) === began
}

function read(text: string): Holder | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function inUse(dataDir: string, { pid }: Holder): Error {
  return new Error(
    `数据目录 ${dataDir} 已有一个三易在用(进程 ${pid})。另开一个请换目录:DATA_DIR=… npm start\n` +
      `Another Sanyi (process ${pid}) uses the data folder ${dataDir}. For a second one, choose another: DATA_DIR=… npm start`,
  )
}
