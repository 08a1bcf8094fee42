import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadConfig } from './config.ts'
import { buildLog, logKeys } from './core/http/http-log.ts'
import { backoffMs } from './lib/backoff.ts'
import { watchKeyFile } from './lib/key-file.ts'
import { quietly } from './lib/quiet.ts'
import { loadKeyRing } from './lib/seal.ts'
import { exitWithStartError, whenAskedToStop } from './lib/stopping.ts'
import { secondMs } from './lib/time.ts'
import { callKeeper, isCallNote } from './relay/calls.ts'
import { coreClient } from './relay/core-client.ts'
import { memoryName, openKept } from './relay/kept.ts'
import { make } from './relay/make.ts'
import { isMessage, isWantedChannel, pushKeeper } from './relay/push.ts'
import { readSettings } from './relay/settings.ts'

// 中继: makes the calls of shops in a platform's cloud, and dials the core. It has no database.

/** Milliseconds between two looks at which connections the core wants. */
const lookMs = 2 * secondMs

const config = loadConfig()
const log = buildLog(config, 'relay')
const warn = quietly(log)
const settings = await readSettings(join(config.dataDir, 'relay.json'), config).catch(exitWithStartError)
const folder = join(config.dataDir, 'relay')
await mkdir(folder, { recursive: true, mode: 0o700 })
const ring = await loadKeyRing(config.sealingKeyPath).catch(exitWithStartError)
const unwatch = watchKeyFile(ring, config.sealingKeyPath, logKeys(log))
const ask = coreClient(settings)
const kept = await openKept(join(folder, 'calls'), ring, isCallNote).catch(exitWithStartError)
const calls = callKeeper({
  ask,
  memory: await memoryName(folder),
  kept,
  make: (request) => make(settings.apps, request),
  onTrouble: (error) => warn(error, 'a call is unclear'),
})
const messages = await openKept(join(folder, 'messages'), ring, isMessage).catch(exitWithStartError)
const held = await openKept(join(folder, 'channels'), ring, isWantedChannel).catch(exitWithStartError)
const push = pushKeeper({ ask, kept: messages, held, apps: settings.apps, log })
for (const [file, { damaged }] of Object.entries({ calls: kept, messages, channels: held }))
  if (damaged > 0) log.warn({ file, lines: damaged }, 'damaged lines of the memory were left out')
let lookedAt = Number.NEGATIVE_INFINITY

const fetching = new AbortController()
const reporting = new AbortController()
const loops = [
  repeat('asking for calls', fetching.signal, calls.fetch),
  repeat('reporting calls', reporting.signal, calls.report),
  repeat('push', reporting.signal, keepPush),
]
log.info({ apps: settings.apps.map(({ platform }) => platform) }, 'relaying')
process.send?.('working')

whenAskedToStop(async (why) => {
  log.info({ why }, 'stopping')
  unwatch()
  fetching.abort()
  // The calls that have begun are made to their end, and reported if the core is there.
  await calls.settled()
  await push.stop()
  await Promise.race([sleep(secondMs), untilReported()])
  reporting.abort()
  await Promise.all(loops)
  await kept.close()
  await messages.close()
  await held.close()
  process.exit(0)
})

/** One request after the other, because the core lets a client have three at once, and calls use two of them. */
async function keepPush(signal: AbortSignal): Promise<void> {
  if (performance.now() - lookedAt > lookMs) {
    lookedAt = performance.now()
    await push.hold(signal)
  }
  if (!(await push.report(signal))) await sleep(100, undefined, { signal })
}

async function untilReported(): Promise<void> {
  while (kept.entries.size + messages.entries.size > 0) await sleep(20)
}

/** Does this again and again until the signal; after a failure it waits, the longer the more there were. */
async function repeat(
  what: string,
  signal: AbortSignal,
  turn: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  for (let failures = 0; !signal.aborted; ) {
    try {
      await turn(signal)
      failures = 0
    } catch (error) {
      if (signal.aborted) break
      warn(error, `${what} failed`)
      failures += 1
      const pauseMs = secondMs / 4 + backoffMs(failures, secondMs / 2, 5 * secondMs)
      await sleep(pauseMs, undefined, { signal }).catch(() => {})
    }
  }
}
