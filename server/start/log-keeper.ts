import { realpath, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadConfig, storageOf } from '../config.ts'
import { openDatabase } from '../core/db/db.ts'
import { lockDataFolder } from '../core/embedded/house-lock.ts'
import { buildLog } from '../core/http/http-log.ts'
import {
  assertRoomToKeep,
  beginKeeping,
  endKeeping,
  type KeeperParts,
  type Keeping,
  keepBases,
  sendWaiting,
} from '../core/point-in-time/keep-log.ts'
import {
  type KeptPlace,
  noteBases,
  noteEnded,
  noteFailure,
  noteKept,
  noteSent,
  whereToKeep,
} from '../core/point-in-time/kept-log.ts'
import type { LocalizedText } from '../lib/localized-text.ts'
import { quietly } from '../lib/quiet.ts'
import { whenAskedToStop } from '../lib/stopping.ts'

// Keeps the log of the embedded database, so that it can be restored to any second: sends the segments that the server hands over to the place
// of the nightly backup, and makes a base backup there each day. A child of main.ts, which alone gets the address for the owner of the tables.

/** Milliseconds between two looks at the segments that wait, and at the settings. */
const sendEveryMs = 1000
const settingsEveryMs = 15_000
const basesEveryMs = 300_000
/** Milliseconds after a failure. */
const pauseMs = 10_000

const config = loadConfig()
const log = buildLog(config, 'log-keeper')
const warn = quietly(log)
const url = config.databaseOwnerUrl ?? ''
const stopping = new AbortController()
const { pool, close } = openDatabase(url, {
  ...{ name: 'sanyi log keeper', max: 1 },
  onError: (error) => warn(error, 'database connection lost'),
})

whenAskedToStop(async (why) => {
  log.info({ why }, 'stopping')
  stopping.abort()
  await ended
  process.exit(0)
})

const ended = run()
await ended

async function run(): Promise<void> {
  const parts: KeeperParts = {
    url,
    cluster: await realpath(join(config.dataDir, 'postgres')),
    scratch: join(config.dataDir, 'log-staging'),
    storage: storageOf(config),
    log,
  }
  const unlock = await locked()
  process.send?.('working')
  try {
    while (!stopping.signal.aborted) {
      await keep(parts).catch((error: unknown) => warn(error, 'the log is not kept'))
      await pause(pauseMs)
    }
  } finally {
    await unlock?.()
    await close()
  }
}

/** Waits while the keeper of another start of this installation runs. */
async function locked(): Promise<(() => Promise<void>) | undefined> {
  while (!stopping.signal.aborted) {
    try {
      return await lockDataFolder(config.dataDir, 'log-keeper')
    } catch {
      await pause(pauseMs)
    }
  }
  return undefined
}

/** Keeps the log while the settings stay as they are. */
async function keep(parts: KeeperParts): Promise<void> {
  const wanted = await whereToKeep(pool)
  if (!wanted) {
    await endKeeping(parts)
    await noteEnded(pool)
    return pauseWhile(async () => (await whereToKeep(pool)) === undefined)
  }
  await noteKept(pool, wanted.place)
  const failures = new Map<string, LocalizedText>()
  const failed = async (what: string, error: unknown) => {
    warn(error, `the log keeper fails: ${what}`)
    failures.set(what, wordsOf(error))
    await noteFailure(pool, failures.get(what) ?? null)
  }
  const well = async (what: string) => {
    if (failures.delete(what)) await noteFailure(pool, [...failures.values()].at(0) ?? null)
  }
  try {
    await assertRoomToKeep(parts)
    const keeping = await beginKeeping(parts, wanted)
    await noteFailure(pool, null)
    const turn = new AbortController()
    const signal = AbortSignal.any([turn.signal, stopping.signal])
    const report = { failed, well }
    const works = [sending(keeping, report, signal), basing(keeping, report, signal)]
    try {
      await Promise.race([...works, watching(wanted, signal)])
    } finally {
      turn.abort()
      await Promise.allSettled(works)
    }
  } catch (error) {
    await failed('start', error)
  } finally {
    await rm(parts.scratch, { recursive: true, force: true })
  }
}

type Report = {
  failed(what: string, error: unknown): Promise<void>
  well(what: string): Promise<void>
}

async function sending(keeping: Keeping, { failed, well }: Report, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const last = await sendWaiting(keeping, signal)
      if (last) await noteSent(pool, last)
      await well('sending')
    } catch (error) {
      if (signal.aborted) return
      await failed('sending', error)
      // Segments that cannot be sent must not fill the disk of the database.
      await assertRoomToKeep(keeping)
      await sleep(pauseMs, undefined, { signal }).catch(() => {})
    }
    await sleep(sendEveryMs, undefined, { signal }).catch(() => {})
  }
}

async function basing(keeping: Keeping, { failed, well }: Report, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      const { rows } = await pool.query<{ now: Date }>('select now() as now')
      await noteBases(pool, await keepBases(keeping, rows[0]?.now ?? new Date(Number.NaN), signal))
      await well('base backup')
    } catch (error) {
      if (signal.aborted) return
      await failed('base backup', error)
    }
    await sleep(basesEveryMs, undefined, { signal }).catch(() => {})
  }
}

/** Messages for a person have a line in Chinese and one in English. */
function wordsOf(error: unknown): LocalizedText {
  const [zh = '', en = zh] = (error instanceof Error ? error.message : String(error)).split('\n')
  return { zh, en }
}

/** Settles when the settings changed. */
async function watching(before: KeptPlace, signal: AbortSignal): Promise<void> {
  const isSame = async () => {
    const now = await whereToKeep(pool)
    if (now) await noteKept(pool, now.place)
    return now?.place === before.place && now.days === before.days
  }
  do await sleep(settingsEveryMs, undefined, { signal }).catch(() => {})
  while (!signal.aborted && (await isSame()))
}

async function pauseWhile(holds: () => Promise<boolean>): Promise<void> {
  do await pause(settingsEveryMs)
  while (!stopping.signal.aborted && (await holds()))
}

async function pause(ms: number): Promise<void> {
  await sleep(ms, undefined, { signal: stopping.signal }).catch(() => {})
}
