import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { sql } from 'kysely'
import { wholeScope } from '../../server/core/access/actor.ts'
import { isAboutTheServer } from '../../server/core/batches/bisect.ts'
import { shipDeliveries } from '../../server/flows/ship.ts'
import type { StationAnswer } from '../../server/fulfilment/stations/contract.ts'
import { recount, scan, setAside, weigh } from '../../server/fulfilment/stations/station.ts'
import { clerk, rowsOf } from '../one-shop.ts'
import { given } from './desk-attempt.ts'
import { ownNo } from './desk-own.ts'
import type { Desk, Round } from './desk-place.ts'

const by = { actor: clerk, scope: wholeScope }

/** A parcel is checked, weighed and shipped at one of two stations. */
export const stationCommand = fc.record({
  do: fc.constant('station' as const),
  trade: fc.nat({ max: 3 }),
  station: fc.nat({ max: 1 }),
  how: fc.constantFrom('whole', 'whole', 'whole', 'wrong', 'twice', 'recount', 'leave', 'aside', 'short'),
})
type Station = typeof stationCommand extends fc.Arbitrary<infer Value> ? Value : never

type Send = (work: (at: { station: string; key: string }) => Promise<StationAnswer>) => Promise<StationAnswer>

export async function atStation(desk: Desk, round: Round, { trade, station, how }: Station): Promise<void> {
  const tid = round.trades[trade % round.trades.length]?.tid ?? ''
  const [parcel] = await rowsOf<{ code: string }>(
    desk.db,
    sql`
      select case when waybill_no = '' or id % 2 = 0 then no else waybill_no end as code from delivery
      where tid in (${tid}, ${ownNo(tid)}) order by status = 'cancelled', id desc limit 1`,
  )
  if (!parcel) return
  const send = sender(`R${round.no} 台 ${station}`, how === 'twice')
  const deps = { db: desk.db, leaving: { ask: async () => {}, ship: shipDeliveries } }
  const scanned = (code: string) => send((at) => scan(deps, { ...at, code }, by))
  let answer = await scanned(parcel.code)
  if (how === 'recount') answer = await send((at) => recount(deps, at, by))
  if (how === 'wrong') answer = await scanned(round.codes[trade % round.codes.length] ?? '')
  let serial = ''
  const toCount = how === 'leave' || how === 'short' || how === 'aside' ? 1 : 40
  for (let pieces = 0; pieces < toCount && answer.verdict.kind !== 'stop'; pieces += 1) {
    const line = answer.parcel?.lines.find(({ counted, wanted }) => counted < wanted)
    if (!line) break
    answer = await scanned(line.code)
    // 扫串号: the piece counts with its serial number, which is in the parcel once.
    if (answer.parcel?.asksSerial && how === 'wrong' && serial !== '') answer = await scanned(serial)
    if (answer.parcel?.asksSerial) {
      serial = `SN-${randomUUID().slice(0, 13)}`
      answer = await scanned(serial)
    }
  }
  if (how === 'leave') return
  if (how === 'short' || how === 'aside')
    answer = await send((at) => setAside(deps, { ...at, short: how === 'short' }, by))
  if (answer.parcel?.workState === 'weigh')
    answer = await send((at) => weigh(deps, { ...at, grams: 800 }, by))
  const isGone = () => !answer.parcel || ['stop', 'stuck', 'shipped'].includes(answer.verdict.kind)
  for (const { waybillNo } of answer.parcel?.packages.filter((one) => !one.isScanned) ?? [])
    if (!isGone()) answer = await scanned(waybillNo)
  if (answer.verdict.kind === 'stop') await scanned('LJ-01')
  else if (answer.parcel) await send((at) => setAside(deps, at, by))
}

/**
 * Returns a function that sends a scan of this station. `twice`: each scan is sent again with its key, and gets the same verdict, unless the
 * parcel has become ready meanwhile and is shipped now.
 */
function sender(station: string, twice: boolean): Send {
  return async (work) => {
    const at = { station, key: randomUUID() }
    const first = await again(() => work(at))
    if (!twice) return first
    const second = await again(() => work(at))
    const isShippedNow =
      ['opened', 'done'].includes(first.verdict.kind) &&
      ['shipped', 'stop', 'stuck'].includes(second.verdict.kind)
    if (!isShippedNow) assert.deepEqual(second.verdict, first.verdict)
    return second
  }
}

/** A browser sends a scan again, with its key, if the server gave it up because of a conflict. */
async function again<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work()
    } catch (error) {
      if (!isAboutTheServer(error) || tries === 5) throw error
      given.up += 1
    }
  }
}
