import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import fc from 'fast-check'
import { sql } from 'kysely'
import { wholeScope } from '../../server/core/access/actor.ts'
import type { Tx } from '../../server/core/db/db.ts'
import { AppError } from '../../server/errors.ts'
import {
  nextDocuments,
  printLabels,
  settleDocuments,
  stopPrinting,
} from '../../server/fulfilment/printing/print.ts'
import { renewShipSteps } from '../../server/fulfilment/ship-steps.ts'
import {
  cancelWaves,
  claimWaves,
  cutWaves,
  endPicking,
  handOverWaves,
  pickPieces,
} from '../../server/fulfilment/waves/pick.ts'
import { plainRule } from '../../server/fulfilment/waves/plan-rules.ts'
import { makeWaves, saveRules } from '../../server/fulfilment/waves/planning.ts'
import { reportShort } from '../../server/fulfilment/waves/short.ts'
import { sortPiece } from '../../server/fulfilment/waves/sort.ts'
import { viewWave } from '../../server/fulfilment/waves/view.ts'
import { clerk, rowsOf } from '../one-shop.ts'
import { attempt } from './desk-attempt.ts'
import { tidsOf } from './desk-own.ts'
import type { Desk, Round } from './desk-place.ts'
import { atStation, stationCommand } from './desk-stations.ts'
import { trackCommand, tracked } from './desk-tracks.ts'

// What is done with parcels in the warehouse: labels are printed, waves are picked and sorted, stations check, weigh and ship.

const by = { actor: clerk, scope: wholeScope }
const trade = fc.nat({ max: 3 })
const trades = fc.uniqueArray(trade, { minLength: 1, maxLength: 3 })

const printCommand = fc.record({
  do: fc.constant('print' as const),
  trades,
  /** `gone`: the browser ends with documents in hand. `later`: the job waits. */
  how: fc.constantFrom('printed', 'printed', 'printed', 'jam', 'gone', 'later', 'again'),
})
const jobCommand = fc.record({
  do: fc.constant('print_job' as const),
  how: fc.constantFrom('settle', 'settle', 'go_on', 'stop'),
  last: fc.nat({ max: 2 }),
})
const waveActs = [
  ...(['plan', 'claim', 'pick', 'pick_all', 'short', 'sort', 'sort_all'] as const),
  ...(['cut', 'cancel', 'hand_over', 'whole', 'whole', 'whole'] as const),
]
const waveCommand = fc.record({
  do: fc.constant('wave' as const),
  trade,
  act: fc.constantFrom(...waveActs),
  /** True: the phone sends each scan twice. */
  twice: fc.boolean(),
})

/** The kinds of commands with their frequencies. */
export const parcelKinds = [
  { weight: 4, arbitrary: printCommand },
  { weight: 3, arbitrary: jobCommand },
  { weight: 8, arbitrary: waveCommand },
  { weight: 8, arbitrary: stationCommand },
  { weight: 3, arbitrary: trackCommand },
]
export type ParcelCommand =
  (typeof parcelKinds)[number]['arbitrary'] extends fc.Arbitrary<infer Value> ? Value : never

export async function withParcels(desk: Desk, round: Round, one: ParcelCommand): Promise<void> {
  switch (one.do) {
    case 'print':
      return print(desk, await deliveriesOf(desk, tidsOf(round, one.trades)), one.how)
    case 'print_job':
      return settleJob(desk, round, one)
    case 'wave':
      return wave(desk, round, one)
    case 'station':
      return atStation(desk, round, one)
    case 'track':
      return tracked(desk, round, one)
  }
}

async function deliveriesOf(desk: Desk, tids: readonly string[]): Promise<string[]> {
  const rows = await rowsOf<{ id: string }>(
    desk.db,
    sql`select id from delivery where tid = any(${[...tids]}::text[]) and status <> 'cancelled' order by id`,
  )
  return rows.map(({ id }) => id)
}

async function print(
  desk: Desk,
  ids: readonly string[],
  how: 'printed' | 'jam' | 'gone' | 'later' | 'again',
): Promise<void> {
  const reason = how === 'again' ? '面单糊了' : ''
  const { job } = await attempt(desk, (tx) => printLabels(tx, { ids, printer: '', reason }, by))
  if (job === null || how === 'later') return
  await goOn(desk, job, how)
}

/** Takes the documents of a job two at a time, and says what came of them. */
async function goOn(desk: Desk, jobId: string, how: 'printed' | 'jam' | 'gone' | 'again'): Promise<void> {
  let results: { seq: number; printed: boolean; message: string }[] = []
  for (;;) {
    const said = results
    const documents = await attempt(desk, (tx) =>
      nextDocuments(tx, desk.ring, { jobId, results: said, most: 2 }, by),
    )
    if (documents.length === 0 || how === 'gone') return
    results = documents.map(({ seq }) => ({ seq, printed: how !== 'jam' || seq % 2 === 0, message: '' }))
  }
}

/** Lets a clerk settle, continue or stop a job that was not finished. */
async function settleJob(
  desk: Desk,
  { trades: all }: Round,
  { how, last }: { how: 'settle' | 'go_on' | 'stop'; last: number },
): Promise<void> {
  const open = await rowsOf<{ id: string }>(
    desk.db,
    sql`
      select distinct p.job_id as id from print_document p join waybill w on w.id = p.waybill_id
      join delivery d on d.id = w.delivery_id
      where d.tid = any(${all.map(({ tid }) => tid)}::text[]) and p.state in ('waiting', 'spooled', 'failed') order by 1 desc`,
  )
  const [job] = open
  if (!job) return
  if (how === 'stop') await attempt(desk, (tx) => stopPrinting(tx, job.id, by))
  else if (how === 'settle') await attempt(desk, (tx) => settleDocuments(tx, { jobId: job.id, last }, by))
  else await goOn(desk, job.id, 'printed')
}

/** Gives both warehouses rules, one for each way of sorting. */
export async function saveWaveRules(desk: Desk): Promise<void> {
  const rule = (
    name: string,
    goods: 'single' | 'many',
    sorting: 'none' | 'picking' | 'after',
    ordersTo: number,
  ) => ({ ...plainRule, name, goods, sorting, ordersTo })
  const [first = '', second = ''] = desk.warehouses
  const request = { ip: '', id: '' }
  const rules = [rule('先拣后分', 'many', 'after', 2), rule('边拣边分', 'single', 'picking', 3)]
  const others = [rule('边拣边分', 'many', 'picking', 2), rule('一人一车', 'single', 'none', 2)]
  await desk.run((tx) => saveRules(tx, { warehouseId: first, rules }, { ...by, request }))
  await desk.run((tx) => saveRules(tx, { warehouseId: second, rules: others }, { ...by, request }))
}

/** What both warehouses require before a parcel leaves. */
const demands: readonly (readonly [string, string])[] = [
  ['{}', '{}'],
  ['{print,check}', '{}'],
  ['{wave,check}', '{print}'],
  ['{check,weigh}', '{wave}'],
  ['{print,wave,check,weigh}', '{check}'],
]

/** The warehouses require other steps from now on, also for the deliveries that wait. */
export async function demandSteps(desk: Desk, which: number): Promise<void> {
  const [first, second] = demands[which % demands.length] ?? ['{}', '{}']
  for (const [at, steps] of [first, second].entries()) {
    const id = desk.warehouses[at] ?? ''
    await attempt(desk, async (tx) => {
      await sql`update warehouse set ship_steps = ${steps}::text[] where id = ${id}`.execute(tx)
      await renewShipSteps(tx, id)
    })
  }
}

type Wave = { do: 'wave'; trade: number; act: (typeof waveActs)[number]; twice: boolean }

async function wave(desk: Desk, round: Round, one: Wave): Promise<void> {
  const tids = tidsOf(round, [one.trade])
  if (one.act === 'plan' || one.act === 'whole')
    for (const id of desk.warehouses) await attempt(desk, (tx) => makeWaves(tx, id, by))
  if (one.act === 'plan') return
  const found = await rowsOf<{ id: string }>(
    desk.db,
    sql`
      select m.wave_id as id from wave_delivery m join delivery d on d.id = m.delivery_id
      where d.tid = any(${tids}::text[]) order by m.live desc, m.wave_id desc limit 1`,
  )
  const [chosen] = found
  if (chosen) await withWave(desk, chosen.id, one)
}

async function withWave(desk: Desk, id: string, { act, twice }: Wave): Promise<void> {
  if (act === 'cancel') await attempt(desk, (tx) => cancelWaves(tx, [id], by))
  else await attempt(desk, (tx) => claimWaves(tx, [id], { takeOver: true }, by))
  if (act === 'pick' || act === 'short') await pickSome(desk, id, { act, twice, most: 1 })
  if (act === 'pick_all' || act === 'whole') await pickSome(desk, id, { act: 'pick', twice, most: 99 })
  if (act === 'sort') await sortSome(desk, id, { twice, most: 1 })
  if (act === 'sort_all' || act === 'whole') await sortSome(desk, id, { twice, most: 99 })
  if (act === 'cut') await attempt(desk, (tx) => cutWaves(tx, [id], by))
  if (act === 'hand_over' || act === 'whole') await attempt(desk, (tx) => handOverWaves(tx, [id], by))
}

type Some = { act: 'pick' | 'short'; twice: boolean; most: number }

/** Takes the pieces of the open lines as they are shown, or reports that they are not there. */
async function pickSome(desk: Desk, waveId: string, { act, twice, most }: Some): Promise<void> {
  const { lines } = await viewWave(desk.db, waveId, wholeScope)
  for (const { seq, wanted } of lines.filter((line) => !line.done).slice(0, most)) {
    const asked = { waveId, key: randomUUID(), seq }
    const answer = await onceOrTwice<{ left: number }>(desk, twice, (tx) =>
      act === 'short'
        ? reportShort(tx, { ...asked, found: Math.floor(wanted / 2) }, by)
        : pickPieces(tx, { ...asked, pieces: wanted }, by),
    )
    if (answer?.left === 0) await attempt(desk, (tx) => endPicking(tx, waveId, by))
  }
}

async function sortSome(desk: Desk, waveId: string, { twice, most }: Omit<Some, 'act'>): Promise<void> {
  const due = await rowsOf<{ code: string }>(
    desk.db,
    sql`
      select s.code from wave_piece p join sku s on s.id = p.sku_id cross join generate_series(1, p.picked - p.sorted)
      where p.wave_id = ${waveId} order by p.delivery_id, p.sku_id limit ${most}`,
  )
  for (const { code } of due) {
    const asked = { waveId, key: randomUUID(), code }
    await onceOrTwice(desk, twice, (tx) => sortPiece(tx, asked, by))
  }
}

/** Sends a scan, and with the same key again. What was answered is answered again; undefined: it was refused. */
async function onceOrTwice<Answer>(
  desk: Desk,
  twice: boolean,
  work: (tx: Tx) => Promise<Answer>,
): Promise<Answer | undefined> {
  const first = await refusable(() => attempt(desk, work))
  if (first && twice) assert.deepEqual(await attempt(desk, work), first)
  return first
}

async function refusable<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof AppError) return undefined
    throw error
  }
}
