import { randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { beginningOf, isRunning } from './processes.ts'
import { clearAway } from './stale-file.ts'

type Holder = { pid: number; began: string; host: string }

/**
 * Locks the data folder for one part of the installation (`web`, `worker` …), because two processes would write the same log files. Returns
 * the function that unlocks it. Throws an error with a message for a person if another process has the lock. The lock file of a killed
 * process is ignored.
 */
export async function lockDataFolder(dataDir: string, part: string): Promise<() => Promise<void>> {
  const file = join(dataDir, `${part}.lock`)
  await mkdir(dataDir, { recursive: true })
  const mine: Holder = { pid: process.pid, began: await beginningOf(process.pid), host: hostname() }
  const draft = `${file}.${randomUUID()}`
  await writeFile(draft, JSON.stringify(mine))
  try {
    for (let tries = 0; tries < 500; tries += 1) {
      // The lock file is a hard link to a complete file, so no process reads half of it.
      if (await taken(draft, file)) return () => giveBack(file, mine)
      const holder = read(await readFile(file, 'utf8').catch(() => ''))
      if (holder && (await lives(holder))) throw inUse(dataDir, holder)
      await clearAway(file, { turn: `${file}.clearing`, isStale })
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

const isStale = async (text: string) => {
  const holder = read(text)
  return !(holder && (await lives(holder)))
}

async function giveBack(file: string, mine: Holder): Promise<void> {
  const holder = read(await readFile(file, 'utf8').catch(() => ''))
  if (holder?.pid === mine.pid && holder.began === mine.began) await rm(file, { force: true })
}

/**
 * True if the process that wrote the lock file still runs. False if it ran on another machine or in another container, which cannot be
 * checked from here.
 */
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
