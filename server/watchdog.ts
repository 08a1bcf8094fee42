import { hostname } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { askInstallation, type Look } from './alarms/watchdog/ask-installation.ts'
import { type Kept, readKept, writeKept } from './alarms/watchdog/kept.ts'
import { type Pace, usualPace } from './alarms/watchdog/outage.ts'
import { type WatchParts, watch } from './alarms/watchdog/watch.ts'
import { channelsToTell } from './alarms/watchdog/watched-channels.ts'
import { type Config, loadConfig } from './config.ts'
import { openDatabase } from './core/db/db.ts'
import { buildLog } from './core/http/http-log.ts'
import { sharedMs } from './lib/clock.ts'
import { quietly } from './lib/quiet.ts'
import { type KeyRing, loadKeyRing } from './lib/seal.ts'
import { exitWithStartError, StartError } from './lib/stopping.ts'
import { minuteMs, secondMs } from './lib/time.ts'
import { askHealth } from './start/ask-health.ts'

// 看门狗: speaks when the installation does not answer. With `--own` it is a child of main.ts beside the installation; otherwise it runs anywhere, without a
// database, and gets its channels from the installation under a key.

/** How often the channels are read from the database. */
const channelsMs = minuteMs
/** How long it goes on after main.ts was killed: its message is about that. */
const orphanMs = 10 * minuteMs
/** The web process may answer for a while after main.ts was killed. */
const lingerMs = 30 * secondMs

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    own: { type: 'boolean', default: false },
    every: { type: 'string' },
    after: { type: 'string' },
    again: { type: 'string' },
    planned: { type: 'string' },
  },
})
const config = loadConfig()
const log = buildLog(config, 'watchdog')
const ring = await loadKeyRing(config.sealingKeyPath).catch(exitWithStartError)
const path = join(config.dataDir, 'watchdog', values.own ? 'own' : 'installation')
const parts = {
  log,
  pace: paceOf(values),
  simulator: config.simulator,
  write: (kept: Kept) => writeKept(path, ring, kept),
}
await (values.own ? runOwn(config) : runElsewhere(positionals)).catch(exitWithStartError)
process.exit(0)

type PaceWords = { every?: string; after?: string; again?: string; planned?: string }

/** `every` and `after` in seconds, `again` and `planned` in minutes. */
function paceOf({ every, after, again, planned }: PaceWords): Pace {
  const read = (text: string | undefined, unitMs: number, usual: number) => {
    const count = Number(text)
    return text === undefined || !(count > 0) ? usual : count * unitMs
  }
  return {
    lookMs: read(every, secondMs, usualPace.lookMs),
    silentMs: read(after, secondMs, usualPace.silentMs),
    wantedMs: read(planned, minuteMs, usualPace.wantedMs),
    againMs: read(again, minuteMs, usualPace.againMs),
  }
}

/** The first contact must succeed, so that a person who sets it up sees its faults. */
async function runElsewhere([address = '', key = '']: string[]): Promise<void> {
  const former = await readKept(path, ring)
  const kept: Kept | undefined = address === '' ? former : placeOf(address, key, former)
  if (!kept)
    throw new StartError(
      '第一次启动要给地址和密钥：npm run watchdog -- 地址 密钥（在告警通知页新增看门狗可得）。\n' +
        'The first start needs address and key: npm run watchdog -- ADDRESS KEY, which Alarm notices shows for a new watchdog.',
    )
  if (!kept.answer || kept.key !== former?.key) kept.answer = await firstAnswer(kept)
  await writeKept(path, ring, kept)
  const stopping = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stopping.abort())
  process.on('disconnect', () => stopping.abort())
  if (process.connected === false) stopping.abort()
  log.info({ address: kept.address }, 'watching')
  process.send?.({ watching: kept.address, channels: kept.answer.channels.length })
  await watch(
    { ...parts, look: (holdMs) => askInstallation(kept.address, kept.key, holdMs) },
    kept,
    stopping.signal,
  )
}

function placeOf(address: string, key: string, former: Kept | undefined): Kept {
  const isAddress = URL.canParse(address) && /^https?:$/.test(new URL(address).protocol)
  if (!isAddress || !/^sk_[\w-]{20,100}$/.test(key))
    throw new StartError(
      '地址要以 https:// 或 http:// 开头，密钥以 sk_ 开头。\nThe address begins with https:// or http://, and the key with sk_.',
    )
  const place = address.replace(/\/+$/, '')
  return former?.address === place ? { ...former, key } : { address: place, key, answer: null, outage: null }
}

async function firstAnswer({ address, key }: Kept) {
  const look = await askInstallation(address, key)
  if (look.well && look.answer) return look.answer
  const why = look.well
    ? {
        zh: `密钥不对，或已删除（HTTP ${look.refused}）`,
        en: `the key is wrong, or was removed (HTTP ${look.refused})`,
      }
    : look.why
  throw new StartError(`看门狗：${address} ${why.zh}。\nWatchdog: ${address}: ${why.en}.`)
}

async function runOwn(own: Config): Promise<void> {
  const kept = (await readKept(path, ring).catch(() => undefined)) ?? {
    ...{ address: '', key: '', answer: null, outage: null },
  }
  const ending = new AbortController()
  let isWanted = false
  let orphanedAt = process.connected === false ? sharedMs() : undefined
  process.on('message', (word) => {
    isWanted ||= word === 'stop'
  })
  process.on('disconnect', () => {
    if (isWanted) ending.abort()
    orphanedAt ??= sharedMs()
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => ending.abort())
  const look = ownLook(own, ring)
  const whole: WatchParts = { ...parts, look }
  await watch(whole, kept, ending.signal, ({ outage, answer }) => {
    if (orphanedAt === undefined) return false
    const aloneMs = sharedMs() - orphanedAt
    const hasSent = outage !== null && Object.keys(outage.sent).length > 0
    const isBack = outage === null && aloneMs > lingerMs
    return !answer?.channels.length || hasSent || isBack || aloneMs > orphanMs
  })
}

/** Looks at the installation of this machine, and reads its channels while the database answers. */
function ownLook(own: Config, ownRing: KeyRing): () => Promise<Look> {
  const warn = quietly(log)
  const database = openDatabase(own.databaseUrl ?? '', {
    ...{ max: 1, name: 'sanyi watchdog', statementMs: 10 * secondMs },
    onError: (error) => warn(error, 'database connection lost'),
  })
  let readAt = Number.NEGATIVE_INFINITY
  const name = hostname()
  return async () => {
    const said = await askHealth(own)
    if (said !== '') {
      const why = {
        zh: `本机的网页进程没有应答（${said}）`,
        en: `the web process of this machine does not answer (${said})`,
      }
      return { well: false, why }
    }
    if (performance.now() - readAt < channelsMs) return { well: true }
    try {
      const channels = await channelsToTell(database.db, ownRing)
      readAt = performance.now()
      return { well: true, answer: { name, publicUrl: own.publicUrl, channels } }
    } catch (error) {
      warn(error, 'the channels cannot be read')
      return { well: true }
    }
  }
}
