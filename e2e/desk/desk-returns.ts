import fc from 'fast-check'
import { sql } from 'kysely'
import { wholeScope } from '../../server/core/access/actor.ts'
import type { InterceptEvent } from '../../server/fulfilment/intercepts/intercept-lifecycle.ts'
import { decideIntercepts } from '../../server/fulfilment/shipping/intercept-verbs.ts'
import { createReturns, returnParcels } from '../../server/returns/create.ts'
import { editReturns } from '../../server/returns/edit.ts'
import { makeExchanges } from '../../server/returns/exchange.ts'
import { claimParcels, registerParcels, stockParcels } from '../../server/returns/parcels/parcels.ts'
import { resolveDiscrepancies } from '../../server/returns/receiving/problems.ts'
import { type Receipt, receiveReturns } from '../../server/returns/receiving/receive.ts'
import { moveReturns } from '../../server/returns/transition.ts'
import { scan } from '../../server/returns/view/view.ts'
import { writeBackReceiptsAgain } from '../../server/returns/write-back/tell-again.ts'
import { clerk, rowsOf } from '../one-shop.ts'
import { attempt } from './desk-attempt.ts'
import type { Desk, Round } from './desk-place.ts'

const trade = fc.nat({ max: 3 })
/** Index among the returns of a round. */
const which = fc.nat({ max: 3 })
const waybill = fc.nat({ max: 2 })
const hows = ['whole', 'counted', 'short', 'bad', 'mixed', 'wrong', 'stale', 'elsewhere'] as const

/** What users do with returned goods and replacements. */
export const returnKinds = [
  {
    weight: 10,
    arbitrary: fc.record({ do: fc.constant('receive' as const), which, how: fc.constantFrom(...hows) }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('scan' as const), waybill }) },
  {
    weight: 9,
    arbitrary: fc.record({
      do: fc.constant('return_make' as const),
      trade,
      line: fc.nat({ max: 2 }),
      pieces: fc.integer({ min: 1, max: 2 }),
      kind: fc.constantFrom('return' as const, 'return' as const, 'exchange' as const),
      when: fc.constantFrom('confirmed' as const, 'received' as const),
      waybill,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('return_move' as const),
      which,
      event: fc.constantFrom('confirm' as const, 'confirm' as const, 'unconfirm', 'settle', 'void'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('return_edit' as const), which, waybill }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('exchange' as const), which }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom('problems' as const, 'tell_again' as const), which }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('parcel' as const),
      waybill,
      goods: fc.nat({ max: 2 }),
      good: fc.nat({ max: 2 }),
      defective: fc.nat({ max: 1 }),
      next: fc.constantFrom(
        '' as const,
        'stock' as const,
        'claim' as const,
        'claim',
        'stock_and_claim' as const,
      ),
      which,
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('refused' as const), trade }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('intercept' as const),
      trade,
      event: fc.constantFrom<InterceptEvent>('pull', 'pull', 'ask', 'return', 'miss', 'money'),
    }),
  },
]
export type ReturnCommand =
  (typeof returnKinds)[number]['arbitrary'] extends fc.Arbitrary<infer Value> ? Value : never
type Of<Do extends ReturnCommand['do']> = Extract<ReturnCommand, { do: Do }>

export async function withReturns(desk: Desk, round: Round, one: ReturnCommand): Promise<void> {
  switch (one.do) {
    case 'receive':
      return receive(desk, round, one)
    case 'scan':
      return scanned(desk, round, one)
    case 'return_make':
      return make(desk, round, one)
    case 'parcel':
      return parcel(desk, round, one)
    case 'refused':
      return refused(desk, round, one)
    case 'intercept':
      return decide(desk, round, one)
    default:
      return onReturns(desk, round, one)
  }
}

const tidsOf = ({ trades }: Round) => trades.map(({ tid }) => tid)
const tidOf = ({ trades }: Round, at: number) => trades[at % trades.length]?.tid ?? ''

async function chosenReturn(desk: Desk, round: Round, at: number): Promise<string[]> {
  const rows = await rowsOf<{ id: string }>(
    desk.db,
    sql`select id from return_order where tid = any(${tidsOf(round)}::text[]) order by id`,
  )
  const one = rows[at % Math.max(1, rows.length)]
  return one ? [one.id] : []
}

async function onReturns(
  desk: Desk,
  round: Round,
  one: Of<'return_move' | 'return_edit' | 'exchange' | 'problems' | 'tell_again'>,
): Promise<void> {
  const ids = await chosenReturn(desk, round, one.which)
  if (ids.length === 0) return
  if (one.do === 'return_move')
    await attempt(desk, (tx) =>
      moveReturns(
        tx,
        ids,
        { event: one.event, detail: { reason: '不退了' } },
        { actor: clerk, scope: wholeScope },
      ),
    )
  else if (one.do === 'return_edit')
    await attempt(desk, (tx) =>
      editReturns(tx, ids, { waybillNo: round.waybills[one.waybill] }, { actor: clerk, scope: wholeScope }),
    )
  else if (one.do === 'exchange')
    await attempt(desk, (tx) => makeExchanges(tx, desk.ring, ids, { actor: clerk, scope: wholeScope }))
  else if (one.do === 'tell_again')
    await attempt(desk, (tx) =>
      writeBackReceiptsAgain(tx, ids, '再回写', { actor: clerk, scope: wholeScope }),
    )
  else {
    const problems = await rowsOf<{ id: string }>(
      desk.db,
      sql`select id from return_problem where return_id = any(${ids}::bigint[]) and settled_at is null`,
    )
    const open = problems.map(({ id }) => id)
    await attempt(desk, (tx) =>
      resolveDiscrepancies(tx, open, '说清楚了', { actor: clerk, scope: wholeScope }),
    )
  }
}

type Seen = { id: string; version: number; lines: { lineNo: number; left: number }[] }

/** Returns the data of returns that the receiving page shows. */
async function seen(desk: Desk, ids: readonly string[]): Promise<Seen[]> {
  return rowsOf<Seen>(
    desk.db,
    sql`select t.id, t.version, (
          select jsonb_agg(jsonb_build_object('lineNo', line_no, 'left', quantity - good - defective) order by line_no)
          from return_line where return_id = t.id) as lines
        from return_order t where t.id = any(${[...ids]}::bigint[])`,
  )
}

const counts: Record<
  (typeof hows)[number],
  (left: number, at: number) => { good: number; defective: number }
> = {
  whole: (left) => ({ good: left, defective: 0 }),
  counted: (left) => ({ good: left, defective: 0 }),
  short: (left, at) => ({ good: at === 0 ? Math.max(0, left - 1) : left, defective: 0 }),
  bad: (left) => ({ good: 0, defective: left }),
  mixed: (left, at) => (at % 2 === 0 ? { good: left, defective: 0 } : { good: 0, defective: left }),
  wrong: (left, at) => ({ good: at === 0 ? 0 : left, defective: 0 }),
  stale: (left) => ({ good: left, defective: 0 }),
  elsewhere: (left) => ({ good: left, defective: 0 }),
}

function receiptOf(
  desk: Desk,
  { id, version, lines }: Seen,
  how: (typeof hows)[number],
  wrongSku: string,
): Receipt {
  if (how === 'whole') return { id }
  return {
    id,
    version: how === 'stale' ? version - 1 : version,
    lines: lines.map(({ lineNo, left }, at) => ({ lineNo, ...counts[how](left, at) })),
    ...(how === 'wrong' ? { wrong: [{ skuId: wrongSku, quantity: 1, note: '' }] } : {}),
    ...(how === 'elsewhere' ? { warehouseId: desk.warehouses[1] } : {}),
  }
}

async function receive(desk: Desk, round: Round, { which: at, how }: Of<'receive'>): Promise<void> {
  const found = await seen(desk, await chosenReturn(desk, round, at))
  const wrong = await skuOf(desk, round, 2)
  const receipts = found.map((one) => receiptOf(desk, one, how, wrong))
  await attempt(desk, (tx) => receiveReturns(tx, receipts, { actor: clerk, scope: wholeScope }))
}

async function skuOf(desk: Desk, { codes }: Round, at: number): Promise<string> {
  const [row] = await rowsOf<{ id: string }>(desk.db, sql`select id from sku where code = ${codes[at]}`)
  return row?.id ?? ''
}

/** Scans a waybill: receives an expected return, or registers an unknown parcel. */
async function scanned(desk: Desk, round: Round, one: Of<'scan'>): Promise<void> {
  const no = round.waybills[one.waybill] ?? ''
  const { returns, parcel: known } = await scan(desk.db, no, wholeScope)
  const found = await seen(
    desk,
    returns.slice(0, 1).map(({ id }) => id),
  )
  const receipts = found.map((each) => receiptOf(desk, each, 'counted', ''))
  if (receipts.length > 0)
    await attempt(desk, (tx) => receiveReturns(tx, receipts, { actor: clerk, scope: wholeScope }))
  else if (!known) await register(desk, round, { waybill: one.waybill, goods: 0, good: 1, defective: 0 })
}

/** 手工: creates a return for some goods of a shipped order. */
async function make(desk: Desk, round: Round, one: Of<'return_make'>): Promise<void> {
  const rows = await rowsOf<{ id: string; lineNo: number }>(
    desk.db,
    sql`select o.id, l.line_no as "lineNo" from sales_order o join order_line l on l.order_id = o.id
        where o.tid = ${tidOf(round, one.trade)} and o.status in ('shipped', 'completed') order by o.id, l.line_no`,
  )
  const line = rows[one.line % Math.max(1, rows.length)]
  if (!line) return
  const wish = {
    orderId: line.id,
    kind: one.kind,
    reason: '不合适',
    courier: '',
    waybillNo: round.waybills[one.waybill] ?? '',
    warehouseId: undefined,
    exchangeWhen: one.when,
    lines: [{ lineNo: line.lineNo, quantity: one.pieces }],
  }
  await attempt(desk, (tx) => createReturns(tx, [wish], { actor: clerk, scope: wholeScope }))
}

type Contents = Pick<Of<'parcel'>, 'waybill' | 'goods' | 'good' | 'defective'>

async function register(desk: Desk, round: Round, one: Contents): Promise<void> {
  const lines = [{ skuCode: round.codes[one.goods] ?? '', good: one.good, defective: one.defective }]
  const input = {
    warehouseId: desk.warehouses[0] ?? '',
    courier: '',
    waybillNo: round.waybills[one.waybill] ?? '',
    phone: round.trades[0]?.receiver.mobile ?? '',
    note: '',
    lines,
  }
  await attempt(desk, (tx) => registerParcels(tx, desk.ring, [input], { actor: clerk, scope: wholeScope }))
}

/** 无主件: registers a parcel, and perhaps puts it into stock or links it to a return. */
async function parcel(desk: Desk, round: Round, one: Of<'parcel'>): Promise<void> {
  await register(desk, round, one)
  const rows = await rowsOf<{ id: string }>(
    desk.db,
    sql`select id from unclaimed_parcel where waybill_no = ${round.waybills[one.waybill]} order by id desc limit 1`,
  )
  const ids = rows.map(({ id }) => id)
  if (one.next.startsWith('stock'))
    await attempt(desk, (tx) => stockParcels(tx, ids, { actor: clerk, scope: wholeScope }))
  if (!one.next.endsWith('claim')) return
  const owners = await rowsOf<{ id: string }>(
    desk.db,
    sql`select distinct t.id from return_order t join return_line l on l.return_id = t.id join sku s on s.id = l.sku_id
        where t.tid = any(${tidsOf(round)}::text[]) and s.code = ${round.codes[one.goods]} order by t.id`,
  )
  const returnId = owners[one.which % Math.max(1, owners.length)]?.id
  if (returnId === undefined) return
  const claims = ids.map((parcelId) => ({ parcelId, returnId }))
  await attempt(desk, (tx) => claimParcels(tx, claims, 'person', { actor: clerk, scope: wholeScope }))
}

/** 拒收: the parcel came back unopened. */
async function refused(desk: Desk, round: Round, one: Of<'refused'>): Promise<void> {
  const rows = await rowsOf<{ id: string }>(
    desk.db,
    sql`select d.id from delivery d where d.tid = ${tidOf(round, one.trade)} and d.status = 'shipped' order by d.id`,
  )
  const ids = rows.map(({ id }) => id)
  await attempt(desk, (tx) => returnParcels(tx, ids, { actor: clerk, scope: wholeScope }))
}

/** Decides what became of an intercepted parcel. */
async function decide(desk: Desk, round: Round, one: Of<'intercept'>): Promise<void> {
  const rows = await rowsOf<{ id: string }>(
    desk.db,
    sql`select id from intercept where tid = ${tidOf(round, one.trade)} order by id`,
  )
  const ids = rows.map(({ id }) => id)
  await attempt(desk, (tx) =>
    decideIntercepts(tx, ids, { event: one.event }, { actor: clerk, scope: wholeScope }),
  )
}
