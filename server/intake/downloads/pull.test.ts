import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { sql } from 'kysely'
import { pino } from 'pino'
import type { Connector } from '../../connectors/connector.ts'
import { connectors } from '../../connectors/index.ts'
import { systemActor } from '../../core/access/actor.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { openCall } from '../../shops/calls.ts'
import { aShippingHouse, type ShippingHouse } from '../../testing/shipping.ts'
import { aTrade } from '../testing.ts'
import { downloadTradesManually } from './pull.ts'

let house: ShippingHouse
let asked: string[]
before(async () => {
  house = await aShippingHouse('tmall')
})
beforeEach(() => {
  asked = []
})
after(() => house[Symbol.asyncDispose]())

/** Downloads by numbers, from a platform that answers `most` times and then ends the run. Returns what the run reports. */
async function pull(numbers: string[], most = Number.POSITIVE_INFINITY) {
  const opened = await openCall({ db: house.db, ring: house.ring, connectors, simulator: true }, house.shopId)
  const { trades } = opened.connector
  const detail: Connector['trades']['detail'] = async (_, tid) => {
    if (asked.length >= most) throw new PlatformError('reauthorise', 'expired', 'The authorisation ended.')
    asked.push(tid)
    return { trade: aTrade({ tid }), raw: '{}' }
  }
  const told: Record<string, unknown> = {}
  const running = downloadTradesManually({
    ...opened,
    connector: { ...opened.connector, trades: { ...trades, detail } },
    db: house.db,
    params: { numbers, status: '' },
    window: undefined,
    signal: new AbortController().signal,
    progress: (counts) => void Object.assign(told, counts),
    actor: systemActor,
    log: pino({ level: 'silent' }),
    taskId: '1',
    runId: '1',
    fence: '1',
  })
  return { running, told }
}

const numbered = (first: number, many: number) =>
  Array.from({ length: many }, (_, index) => String(60_000_000_000 + first + index))
const stagedOf = async (numbers: readonly string[]) =>
  (
    await sql<{ tid: string }>`
      select tid from staged_trade where tid = any(${[...numbers]}::text[]) and state = 'staged' order by tid`.execute(
      house.db,
    )
  ).rows.map(({ tid }) => tid)

test('a number that was typed twice is asked for once', async () => {
  const [one = '', two = ''] = numbered(500, 2)
  const { running, told } = await pull([one, two, one])
  await running
  assert.deepEqual(asked, [one, two])
  assert.deepEqual([told.seen, told.created, told.skipped], [2, 2, {}])
})

test('what arrived before the authorisation ended is staged, and the run still says that it failed', async () => {
  const numbers = numbered(0, 120)
  const { running, told } = await pull(numbers, 70)
  await assert.rejects(running, /authorisation/)
  assert.deepEqual(asked, numbers.slice(0, 70))
  assert.deepEqual(await stagedOf(numbers), numbers.slice(0, 70))
  assert.deepEqual([told.seen, told.created, told.failed], [70, 70, 0])
})
