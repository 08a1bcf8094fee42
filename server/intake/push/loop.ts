import type { Logger } from 'pino'
import { isOfRows } from '../../connectors/push.ts'
import { type Claimant, defaultLeaseMs, type Running, repeat, workerName } from '../../core/jobs/engine.ts'
import { askForTurn } from '../../core/jobs/pace.ts'
import { quietly } from '../../lib/quiet.ts'
import { minuteMs, secondMs } from '../../lib/time.ts'
import { type CallDeps, openCall } from '../../shops/calls.ts'
import {
  type Channel,
  endSilent,
  holdChannels,
  isOurs,
  leaveChannels,
  type SocketChannel,
  wantedChannels,
  writeChannels,
} from './channels.ts'
import { type Connection, keepConnection } from './connection.ts'
import { fetchHints } from './fetch.ts'
import {
  type ClaimedHint,
  claimHints,
  delayHints,
  leaveOldHints,
  returnHints,
  storeMessages,
} from './messages.ts'
import { permitShops } from './permits.ts'
import { keepRows } from './rows.ts'
import { watchSilence } from './silence.ts'

export type PushLoop = {
  deps: CallDeps
  log: Logger
  /** Milliseconds between two looks at the channels; undefined: two seconds. */
  everyMs?: number
  leaseMs?: number | undefined
}

/** Milliseconds between two looks for hints that no message of this process announced: those of other workers, and repetitions. */
const lookMs = 500
/** The most shops for which a process fetches at the same time. */
const mostShops = 20

/**
 * 消息推送: holds the channels of the apps, each channel in one worker, stores the messages, and fetches the trades and refunds that they
 * name. Several processes may do so; when one dies, another takes its channels after the lease.
 */
export function startPush({
  deps,
  log,
  everyMs = 2 * secondMs,
  leaseMs = defaultLeaseMs,
}: PushLoop): Running {
  const stopping = new AbortController()
  const { signal } = stopping
  const hints = handling(deps, log, signal)
  const channels = holding({ deps, log, claimant: { worker: workerName(), leaseMs } }, hints.look)
  const loops = [
    repeat(log, { name: 'push channels', signal, everyMs }, channels.turn),
    repeat(log, { name: 'push permits', signal, everyMs }, () => permitShops(deps, signal)),
    repeat(log, { name: 'push hints', signal, everyMs: lookMs }, async () => hints.look()),
    repeat(log, { name: 'old push hints', signal, everyMs: minuteMs }, () => leaveOldHints(deps.db)),
  ]
  return {
    async stop() {
      stopping.abort()
      await Promise.all(loops)
      await channels.stop()
      await hints.settled()
    },
  }
}

type OpenChannel = { channel: SocketChannel; connection: Connection }
type Holder = { deps: CallDeps; log: Logger; claimant: Claimant }

/** Keeps the connections of the channels that this worker holds. */
function holding({ deps, log, claimant }: Holder, onStored: () => void) {
  const held = new Map<string, OpenChannel>()
  const written = { text: '', at: 0 }
  let heldAt = performance.now()
  // An installation that rests would otherwise notice at its next turn only, and then read its lists.
  const unwatch = watchSilence({
    held: () => [...held.values()].map(({ connection }) => connection),
    now: () => performance.now(),
    onSilent: askForTurn,
  })
  const end = async (some: readonly OpenChannel[]) => {
    await Promise.all(some.map(({ connection }) => connection.stop()))
  }
  const drop = (isOver: (one: OpenChannel) => boolean) => {
    const over = [...held.values()].filter(isOver)
    for (const { channel } of over) held.delete(channel.channel)
    return end(over)
  }
  const open = (channel: SocketChannel): OpenChannel => {
    const store = async (messages: Parameters<typeof storeMessages>[3]) => {
      await storeMessages(deps.db, deps.ring, channel.channel, messages)
      onStored()
    }
    const keep = isOfRows(channel) ? keepRows : keepConnection
    return { channel, connection: keep({ log, store }, channel) }
  }
  const look = async () => {
    const all = await wantedChannels(deps)
    await writeOnce(deps, all, written)
    const wanted = all.filter(isOurs)
    const signs = wanted.map(({ channel }) => {
      const connection = held.get(channel)?.connection
      return {
        channel,
        heardMs: connection?.heardMs() ?? null,
        errorCode: connection?.errorCode() ?? '',
      }
    })
    const mine = await holdChannels(deps.db, claimant, signs)
    heldAt = performance.now()
    const now = new Map(wanted.map((channel) => [channel.channel, channel]))
    await drop(({ channel }) => !mine.has(channel.channel) || !isSame(channel, now.get(channel.channel)))
    for (const channel of wanted)
      if (mine.has(channel.channel) && !held.has(channel.channel)) held.set(channel.channel, open(channel))
    const silent = await endSilent(deps.db)
    if (silent.length > 0)
      log.warn({ channels: silent }, 'push is silent: the lists are read as often as before')
  }
  return {
    async turn() {
      await look().catch(async (error: unknown) => {
        // Another worker may hold the channels by now.
        if (performance.now() - heldAt > claimant.leaseMs) await drop(() => true)
        throw error
      })
    },
    async stop() {
      unwatch()
      const names = [...held.keys()]
      await drop(() => true)
      await leaveChannels(deps.db, claimant.worker, names).catch(() => {})
    },
  }
}

/** Writes the channels if they changed, and otherwise now and then, because another version of the program may have written others. */
async function writeOnce(
  deps: CallDeps,
  channels: readonly Channel[],
  written: { text: string; at: number },
): Promise<void> {
  const text = JSON.stringify(channels.map(({ channel, shopIds }) => [channel, shopIds]))
  if (text === written.text && performance.now() - written.at < minuteMs) return
  await writeChannels(deps.db, channels)
  written.text = text
  written.at = performance.now()
}

const isSame = (one: Channel, other: Channel | undefined) =>
  JSON.stringify(one.apps) === JSON.stringify(other?.apps)

/** Fetches what hints name: the hints of a shop one set after the other, several shops at once. */
function handling(deps: CallDeps, log: Logger, signal: AbortSignal) {
  const live = new Map<string, Promise<void>>()
  const warn = quietly(log)
  let looking: Promise<void> | undefined
  let isAsked = false
  const fetchShop = async (shopId: string, hints: readonly ClaimedHint[]) => {
    try {
      await fetchHints(await openCall(deps, shopId, { signal }), hints, signal)
    } catch (error) {
      if (!signal.aborted) warn(error, 'fetching after messages failed', { shop: shopId })
      // A document that always fails delays the others of its set, so the pause grows.
      const putBack = signal.aborted ? returnHints : delayHints
      await putBack(
        deps.db,
        hints.map(({ id }) => id),
      ).catch(() => {})
    }
    live.delete(shopId)
    look()
  }
  const claim = async () => {
    while (isAsked && !signal.aborted && live.size < mostShops) {
      isAsked = false
      const claimed = await claimHints(deps.db, [...live.keys()], mostShops - live.size)
      for (const [shopId, some] of Map.groupBy(claimed, (hint) => hint.shopId))
        live.set(shopId, fetchShop(shopId, some))
    }
  }
  const look = () => {
    isAsked = true
    looking ??= claim()
      .catch((error: unknown) => warn(error, 'push hints could not be claimed'))
      .finally(() => {
        looking = undefined
      })
  }
  return {
    look,
    async settled() {
      await looking
      await Promise.all(live.values())
    },
  }
}
