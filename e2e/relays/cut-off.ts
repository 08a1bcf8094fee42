import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { sql } from 'kysely'
import { createRandom } from '../../sandbox/world/random.ts'
import { loadKeyRing } from '../../server/lib/seal.ts'
import { keepEvidence } from '../check/evidence.ts'
import { type Checked, describe } from '../checker.ts'
import { endOfDay } from '../day.ts'
import { type House, openHouse } from '../day-house.ts'
import { openWarehouses } from '../hands/place.ts'
import { peopleAtWork, type Work } from '../people.ts'
import { hurry } from '../settle.ts'
import { aRelay, type RelayProcess } from './relay-process.ts'

type CutOffOptions = {
  minutes: number
  /** Trades of each of the four shops at the start. */
  trades: number
  seed: string
  log?: (line: string) => void
}

type CutOffEnd = {
  checked: Checked
  restless: string[]
  work: Work
  kills: number
  /** Trades that were made on the platforms while the line was cut. */
  tradesDuring: number
  /** Parcels that left here while the line was cut, and were written back afterwards. */
  shippedDuring: number
  /** The seconds from the mended line until no write-back waited. */
  healedSeconds: number
  messages: {
    sent: number
    /** While the line was cut. */
    acknowledgedDuring: number
    /** At the end. */
    unacknowledged: number
    missing: number
    doubled: number
  }
  /** Calls that are still on their way at the end. */
  leftCalls: number
  evidence: string | undefined
}

/** The shops of Tmall, Taobao and Pinduoduo, which are the first of the demo. */
const shopCount = 4

/**
 * Four shops are called through a relay while trades are made, shipped and pushed. The line between relay and core is cut for this time, and
 * for moments before and after, and the relay is killed at random all the while. Then everything comes to rest and is checked.
 */
async function cutOff({ minutes, trades, seed, log = () => {} }: CutOffOptions): Promise<CutOffEnd> {
  await using house = await openHouse({ trades, shops: shopCount, seed })
  await openWarehouses(house)
  await using relay = await relayOfHouse(house)
  await house.start('web')
  await hurry(house)
  await house.start('worker')
  await house.control('rate', { newTradesPerMinute: 60, eventsPerMinute: 120 })
  const over = new AbortController()
  using _ending = { [Symbol.dispose]: () => over.abort() }
  const people = peopleAtWork(house, { people: 2, hands: 1 }, seed, over.signal)
  const killing = new AbortController()
  const killed = killAtRandom(relay, seed, killing.signal)
  await shortCuts(relay, seed)
  log('the line is cut')
  relay.cut()
  const before = await countsOf(house)
  await sleep(minutes * 60_000)
  const during = await countsOf(house)
  relay.mend()
  log('the line is mended')
  await shortCuts(relay, `${seed} after`)
  killing.abort()
  const kills = await killed
  over.abort()
  const work = await people
  await house.control('rate', { newTradesPerMinute: 0, eventsPerMinute: 0 })
  const healedSeconds = await untilHealed(house)
  log(`no write-back waits ${healedSeconds} s later`)
  const end = await endOfDay(house, restMs)
  const messages = await compareMessages(house)
  await house.stop('worker')
  const left = await sql`select from relay_call`.execute(house.db)
  const isClean = end.checked.differences.length + end.restless.length === 0
  return {
    ...{ work, kills, healedSeconds, leftCalls: left.rows.length },
    ...{ checked: end.checked, restless: end.restless },
    tradesDuring: during.trades - before.trades,
    shippedDuring: during.shipped - before.shipped,
    messages: { ...messages, acknowledgedDuring: during.acknowledged - before.acknowledged },
    evidence: isClean ? undefined : await keepEvidence(house, end.checked),
  }
}

/** The time in which everything comes to rest at the end. Every call takes its way through the relay. */
const restMs = 600_000

/** Starts a relay for all shops. It follows the clock of the house, and its log is searched for personal data too. */
async function relayOfHouse(house: House): Promise<RelayProcess> {
  const relay = await aRelay({
    ...{ db: house.db, coreUrl: house.url, sandboxUrl: house.sandbox.url, shops: house.shops },
    ring: await loadKeyRing(String(house.environment()['SEALING_KEY_PATH'])),
    aheadMs: () => Number(house.environment()['CLOCK_AHEAD_MS']),
  })
  const own = { name: 'relay' }
  house.logs.push(Object.defineProperty(own, 'text', { get: relay.log }) as House['logs'][number])
  const { advance } = house
  house.advance = async (ms) => {
    await advance(ms)
    await relay.kill()
    await relay.start()
  }
  return relay
}

/** Kills the relay again and again until the signal. Returns how often. */
async function killAtRandom(relay: RelayProcess, seed: string, signal: AbortSignal): Promise<number> {
  const random = createRandom(`kills/${seed}`)
  let kills = 0
  for (; !signal.aborted; kills += 1) {
    await sleep(random.between(1000, 20_000), undefined, { signal }).catch(() => {})
    await relay.kill()
    await sleep(random.between(0, 3000))
    await relay.start()
  }
  return kills
}

/** Cuts the line for moments, as a bad network does. */
async function shortCuts(relay: RelayProcess, seed: string): Promise<void> {
  const random = createRandom(`cuts/${seed}`)
  for (let cut = 0; cut < 8; cut += 1) {
    await sleep(random.between(1000, 6000))
    relay.cut()
    await sleep(random.between(10, 2000))
    relay.mend()
  }
}

async function countsOf({ sandbox, db }: House) {
  const shipped = await sql<{ n: number }>`
    select count(*)::int as n from platform_action where kind = 'trade.ship'`.execute(db)
  const { shops } = sandbox.world
  return {
    trades: shops.reduce((sum, shop) => sum + shop.trades.size, 0),
    acknowledged: sandbox.sandbox.push.counts.confirmed,
    shipped: shipped.rows[0]?.n ?? 0,
  }
}

/** Waits until no write-back is open, without hurrying anything. Returns the seconds that it took. */
async function untilHealed({ db }: House): Promise<number> {
  const began = performance.now()
  for (; performance.now() - began < 900_000; await sleep(500)) {
    const open = await sql`
      select from platform_action where state in ('pending', 'sending') or (state = 'unknown' and next_at is not null) limit 1`.execute(
      db,
    )
    if (open.rows.length === 0) break
  }
  return Math.round((performance.now() - began) / 1000)
}

/** Compares the messages that the platforms have sent with those that are kept here. */
async function compareMessages({ db, sandbox }: House) {
  const { counts, owed } = sandbox.sandbox.push
  const unacknowledged = () => [...owed.values()].reduce((sum, some) => sum + some.size, 0)
  for (const end = performance.now() + 60_000; unacknowledged() > 0 && performance.now() < end; )
    await sleep(200)
  // The relay has acknowledged the last ones a moment ago.
  await sleep(5000)
  const found = await sql<{ rows: number; numbers: number }>`
    select count(*)::int as rows, count(distinct message_id)::int as numbers from push_message`.execute(db)
  const { rows = 0, numbers = 0 } = found.rows[0] ?? {}
  const sent = counts.published
  return { sent, unacknowledged: unacknowledged(), missing: sent - numbers, doubled: rows - numbers }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '3' },
      trades: { type: 'string', default: '60' },
      seed: { type: 'string', default: String(Date.now()) },
    },
  })
  console.log(`seed ${values.seed}`)
  const end = await cutOff({
    minutes: Number(values.minutes),
    trades: Number(values.trades),
    seed: values.seed,
    log: (line) => console.log(`${new Date().toISOString()} ${line}`),
  })
  const { messages, checked, restless } = end
  console.log(
    `cut for ${values.minutes} minutes, killed ${end.kills} times; meanwhile ${end.tradesDuring} trades were made, ${end.shippedDuring} parcels left, ${messages.acknowledgedDuring} messages were acknowledged`,
  )
  console.log(
    `messages: ${messages.sent} sent, ${messages.unacknowledged} never acknowledged, ${messages.missing} missing, ${messages.doubled} doubled; ${end.leftCalls} calls left; write-backs caught up in ${end.healedSeconds} s`,
  )
  for (const what of [...new Set(end.work.broken)].slice(0, 20)) console.log(`broken: ${what}`)
  for (const what of restless.slice(0, 20)) console.log(`not at rest: ${what}`)
  console.log(describe(checked))
  if (end.evidence) console.log(`tables, books and logs: ${end.evidence}`)
  const faults =
    end.leftCalls + messages.unacknowledged + messages.missing + messages.doubled + restless.length
  process.exitCode = faults + checked.differences.length === 0 ? 0 : 1
}
