import { sql } from 'kysely'
import { pino } from 'pino'
import { systemActor } from '../../server/core/access/actor.ts'
import type { Database } from '../../server/core/db/db.ts'
import type { Running } from '../../server/core/jobs/engine.ts'
import type { Action } from '../../server/core/outbox/handlers.ts'
import { startOutbox } from '../../server/core/outbox/loop.ts'
import type { RunContext } from '../../server/core/tasks/kinds.ts'
import { autoConvertRefunds } from '../../server/flows/auto-convert.ts'
import { shippingAction } from '../../server/fulfilment/write-back/outbox.ts'
import { intakeActions } from '../../server/intake/outbox.ts'
import { countDemand } from '../../server/intake/trades/staged-needs.ts'
import { PlatformError } from '../../server/lib/platform-error.ts'
import { reservingWaiting } from '../../server/orders/allocation/goods-jobs.ts'
import { exchanging } from '../../server/returns/tasks.ts'
import { receiptAction } from '../../server/returns/write-back/outbox.ts'
import type { OpenedShop } from '../../server/shops/calls.ts'
import { until } from '../../server/testing/until.ts'
import { jobs } from '../../server/worker.ts'
import { checkDesk, type Wrong } from '../check/desk.ts'
import { rowsOf } from '../one-shop.ts'
import { numberHandlers } from './desk-numbers.ts'
import type { Desk } from './desk-place.ts'

const silent = pino({ level: 'silent' })

/** Does follow-up work as a worker does: counts changed trades, and runs the jobs enqueued so far. Returns their number. */
export async function workOff({ db }: { db: Database }): Promise<number> {
  while (await countDemand(db));
  const taken = await rowsOf<{ name: string; data: unknown }>(
    db,
    sql`delete from job where state = 'created' and name <> 'dead_letters' and start_after <= now() returning name, data`,
  )
  for (const [name, rows] of Map.groupBy(taken, (row) => row.name)) {
    const payloads = rows.map(({ data }) => data)
    await jobs.find((job) => job.name === name)?.run({ db, log: silent }, payloads)
  }
  return taken.length
}

/** Runs the tasks: converts staged refunds, enqueues exchanges, and promises stock to waiting orders. */
export async function runTasks(desk: Desk): Promise<void> {
  const params = { allStatuses: desk.conversion === 'on', refundsPerRun: 1_000_000 }
  await autoConvertRefunds({ ...aRun(desk), params, shop: { id: desk.shopId } })
  await exchanging(desk.ring).run(aRun(desk), undefined)
  await reservingWaiting.run(aRun(desk), undefined)
}

/** Repeats until nothing is in progress: tasks and jobs are done, and every shipment is written back. */
export async function comeToRest(desk: Desk): Promise<void> {
  while ((await workOff(desk)) > 0);
  await runTasks(desk)
  while ((await workOff(desk)) > 0);
  await until(async () => {
    const open = await rowsOf(
      desk.db,
      sql`select from platform_action where state in ('pending', 'sending') or next_at is not null or lease_until is not null limit 1`,
    )
    return open.length === 0
  }, 60_000)
}

const aRun = ({ db }: Desk): RunContext<unknown> => ({
  db,
  params: {},
  window: undefined,
  signal: new AbortController().signal,
  progress: () => {},
  actor: systemActor,
  log: silent,
  taskId: '1',
  runId: '1',
  fence: '1',
})

/** A platform that loses calls and answers and sometimes refuses. It accepts every shipment, however often it is sent. */
export function platform(desk: Desk, dice: () => number): Running {
  const answer = (refusal: string, heard: () => void) => {
    const luck = dice()
    if (luck < 0.1) throw new PlatformError('retry', 'lost', 'never arrived', { unclear: true })
    if (luck < 0.2) throw new PlatformError('rejected', refusal, 'not so')
    heard()
    if (luck < 0.4) throw new PlatformError('retry', 'timeout', 'no answer', { unclear: true })
    return null
  }
  return startOutbox({
    db: desk.db,
    log: silent,
    pollMs: 15,
    openShop: async () => ({}) as never,
    handlers: [
      {
        ...shippingAction,
        lookAfterSeconds: 0,
        send: async (_shop, action) => {
          const parcel = parcelOf(action.payload)
          return answer('waybill_invalid', () =>
            desk.shipped.set(parcel, (desk.shipped.get(parcel) ?? 0) + 1),
          )
        },
        look: async (_shop, action) => (desk.shipped.has(parcelOf(action.payload)) ? 'done' : 'not_done'),
      },
      { ...receiptAction, lookAfterSeconds: 0, send: async () => answer('no_waybill', () => {}) },
      ...numberHandlers(desk, answer),
      ...reporting.map((handler) => ({
        ...handler,
        lookAfterSeconds: 0,
        send: async () => answer('refund_ended', () => {}),
      })),
      ...agreeing.map((handler) => ({
        ...handler,
        lookAfterSeconds: 0,
        send: async (_shop: OpenedShop, action: Action) =>
          answer('agree_refused', () => desk.agreed.add(refundOf(action.payload))),
        look: async (_shop: OpenedShop, action: Action) =>
          desk.agreed.has(refundOf(action.payload)) ? ('done' as const) : ('not_done' as const),
      })),
    ],
  })
}

const agreeing = intakeActions.filter(({ kind }) => kind === 'refund.agree')
const reporting = intakeActions.filter(({ kind }) => kind === 'refund.cancel')

const refundOf = (payload: unknown): string =>
  typeof payload === 'object' && payload !== null && 'refundId' in payload ? String(payload.refundId) : ''

/** Returns trade and waybill, because a split trade has several parcels. */
function parcelOf(payload: unknown): string {
  return typeof payload === 'object' && payload !== null && 'tid' in payload && 'waybillNo' in payload
    ? `${payload.tid} ${payload.waybillNo}`
    : ''
}

/** Returns the violations at rest, including differences to the platform's record. */
export async function wrongAtTheDesk(desk: Desk): Promise<Wrong[]> {
  return [
    ...(await wrongShipments(desk)),
    ...(await wrongNumbers(desk)),
    ...(await wrongRefunds(desk)),
    ...(await checkDesk(desk.client)),
  ]
}

/** Compares our waybill numbers with the source's record. */
async function wrongNumbers(desk: Desk): Promise<Wrong[]> {
  const rows = await rowsOf<{ id: string; no: string; state: string }>(
    desk.db,
    sql`select id, waybill_no as no, state from waybill`,
  )
  const ours = new Map(rows.map((row) => [row.id, row]))
  const lost = [...desk.numbers].filter(([id, no]) => ours.get(id)?.no !== no)
  const untrue = rows.filter(
    ({ no, state }) => no !== '' && desk.numbersBack.has(no) !== (state === 'returned'),
  )
  return [
    ...lost.map(([id, no]) => ({ rule: 'a number that the source gave is with us', id, found: no })),
    ...untrue.map(({ id, state }) => ({
      rule: 'what we call given back the source has back',
      id,
      found: state,
    })),
  ]
}

async function wrongShipments(desk: Desk): Promise<Wrong[]> {
  const told = await rowsOf<{ parcel: string }>(
    desk.db,
    sql`select d.tid || ' ' || d.waybill_no as parcel from sales_order o
        join delivery d on d.order_id = o.id and d.status = 'shipped' where o.written_back_at is not null`,
  )
  const known = new Set(told.map(({ parcel }) => parcel))
  const untold = [...desk.shipped.keys()].filter((parcel) => !known.has(parcel))
  const twice = [...desk.shipped].filter(([, times]) => times > 1)
  const untrue = [...known].filter((parcel) => !desk.shipped.has(parcel))
  return [
    ...untold.map((id) => ({ rule: 'what the platform shipped we know of', id, found: '' })),
    ...twice.map(([id, times]) => ({ rule: 'a parcel is shipped once on the platform', id, found: times })),
    ...untrue.map((id) => ({ rule: 'what we call written back the platform shipped', id, found: '' })),
  ]
}

/** Checks that the newest version of each refund is stored, whatever order they arrived in. */
async function wrongRefunds(desk: Desk): Promise<Wrong[]> {
  const rows = await rowsOf<{ no: string; is: string }>(
    desk.db,
    sql`select refund_no as no, concat_ws(' ', version, kind, status, amount_fen, quantity, waybill_no) as is from staged_refund`,
  )
  const ours = new Map(rows.map(({ no, is }) => [no, is]))
  return [...desk.refunds].flatMap(([id, one]) => {
    const { version, refundKind, status, amountFen, quantity, waybillNo } = one
    const is = [version, refundKind, status, amountFen, quantity, waybillNo].join(' ')
    const found = ours.get(id)
    return found === is
      ? []
      : [{ rule: 'a refund is with us as the platform has it', id, found: [is, found] }]
  })
}

export async function deadlocks({ db }: { db: Database }): Promise<number> {
  const [row] = await rowsOf<{ n: number }>(
    db,
    sql`select deadlocks::int as n from pg_stat_database where datname = current_database()`,
  )
  return row?.n ?? -1
}
