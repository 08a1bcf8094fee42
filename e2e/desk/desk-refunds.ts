import fc from 'fast-check'
import { sql } from 'kysely'
import type { Refund, RefundKind, RefundStatus, Trade } from '../../server/connectors/connector.ts'
import { systemActor, wholeScope } from '../../server/core/access/actor.ts'
import { convertRefunds } from '../../server/intake/refunds/convert-refunds.ts'
import { ingestRefunds } from '../../server/intake/refunds/ingest-refunds.ts'
import { aRefund } from '../../server/intake/testing.ts'
import { rowsOf } from '../one-shop.ts'
import { attempt } from './desk-attempt.ts'
import type { Desk, Round } from './desk-place.ts'

/** The versions of a refund on the platform. Each may arrive at any time, repeatedly, and after a later one. */
export type Script = readonly Version[]
type Part = 'all' | 'half' | 'money'
type Version = {
  status: RefundStatus
  kind: RefundKind
  phase: Refund['phase']
  part: Part
  waybill: number | null
}

export const versions = 5
const lives: readonly (readonly RefundStatus[])[] = [
  ['applied', 'agreed', 'agreed', 'succeeded', 'succeeded'],
  ['applied', 'agreed', 'agreed', 'agreed', 'succeeded'],
  ['applied', 'agreed', 'closed', 'applied', 'succeeded'],
  ['applied', 'agreed', 'agreed', 'closed', 'closed'],
  ['agreed', 'closed', 'agreed', 'agreed', 'closed'],
  // Withdrawn, twice.
  ['applied', 'closed', 'applied', 'applied', 'closed'],
  ['applied', 'closed', 'closed', 'closed', 'closed'],
  ['applied', 'refused', 'applied', 'agreed', 'succeeded'],
  ['applied', 'applied', 'refused', 'refused', 'closed'],
  ['succeeded', 'succeeded', 'succeeded', 'succeeded', 'succeeded'],
]

/** Buyers may change kind and amount until the money is paid; after that only the platform corrects it. */
export const script: fc.Arbitrary<Script> = fc
  .record({
    life: fc.constantFrom(...lives),
    kinds: fc.constantFrom<readonly [RefundKind, RefundKind]>(
      ...(['refund_only', 'return', 'exchange'] as const).map((kind) => [kind, kind] as const),
      ['return', 'return'],
      ['return', 'return'],
      ['refund_only', 'return'],
      ['return', 'exchange'],
      ['return', 'refund_only'],
    ),
    turn: fc.nat({ max: versions - 1 }),
    phase: fc.constantFrom('onsale', 'onsale', 'aftersale'),
    parts: fc.array(fc.constantFrom<Part>('all', 'all', 'half', 'money'), { minLength: 2, maxLength: 2 }),
    sent: fc.nat({ max: versions }),
    waybill: fc.nat({ max: 2 }),
  })
  .map(({ life, kinds, turn, phase, parts, sent, waybill }) => {
    const paid = life.indexOf('succeeded')
    const last = Math.min(turn, paid < 0 ? turn : paid)
    return life.map((status, at) => ({
      status,
      phase,
      kind: kinds[at < last ? 0 : 1],
      part: parts[at < turn ? 0 : 1] ?? 'all',
      waybill: at >= sent ? waybill : null,
    }))
  })

export const refundCommand = fc.record({
  do: fc.constant('refund' as const),
  trade: fc.nat({ max: 3 }),
  line: fc.nat({ max: 1 }),
  /** The versions that arrive at the same time. */
  versions: fc.uniqueArray(fc.nat({ max: versions - 1 }), { minLength: 1, maxLength: 2 }),
  /** True: converted by a user at once; false: left to a task. */
  taken: fc.constantFrom(true, true, true, false),
})
export type RefundCommand = typeof refundCommand extends fc.Arbitrary<infer Value> ? Value : never

/** Versions of a refund arrive, and the staged refunds are converted. */
export async function hearOfRefund(desk: Desk, round: Round, one: RefundCommand): Promise<void> {
  const trade = round.trades[one.trade % round.trades.length]
  if (!trade) return
  const arrived = one.versions.map((at) => versionOf(round, trade, one.line, at))
  await hear(desk, arrived)
  if (one.taken && desk.conversion === 'on') await convertStaged(desk, [trade.tid])
}

/** The first version of a refund arrives for each of these trades. */
export async function hearFirst(desk: Desk, asked: readonly { round: Round; trade: Trade }[]): Promise<void> {
  await hear(
    desk,
    asked.map(({ round, trade }) => versionOf(round, trade, 0, 0)),
  )
  if (desk.conversion === 'off') return
  await convertStaged(
    desk,
    asked.map(({ trade }) => trade.tid),
  )
}

async function hear(desk: Desk, arrived: readonly Refund[]): Promise<void> {
  await attempt(desk, (tx) =>
    ingestRefunds(
      tx,
      desk.ring,
      {
        shopId: desk.shopId,
        arrived: arrived.map((refund) => ({ refund, raw: '{}', detailMissing: false })),
      },
      systemActor,
    ),
  )
  for (const refund of arrived) {
    const known = desk.refunds.get(refund.refundId)
    if (!known || known.version < refund.version) desk.refunds.set(refund.refundId, refund)
  }
}

async function convertStaged(desk: Desk, tids: readonly string[]): Promise<void> {
  const staged = await rowsOf<{ id: string }>(
    desk.db,
    sql`select id from staged_refund where tid = any(${[...tids]}::text[]) and state = 'staged' order by id`,
  )
  const ids = staged.map(({ id }) => id)
  if (ids.length > 0)
    await attempt(desk, (tx) => convertRefunds(tx, ids, { actor: systemActor, scope: wholeScope }))
}

const start = new Date('2026-11-24T12:00:00+08:00').getTime()

/** Every other trade is refunded as a whole, the others line by line. Together the refunds never exceed the payment. */
function versionOf(round: Round, trade: Trade, ofLine: number, at: number): Refund {
  const index = round.trades.indexOf(trade)
  const lineNo = ofLine % trade.lines.length
  const line = trade.lines[lineNo]
  const whole = index % 2 === 0 && trade.lines.length > 1
  const said = round.scripts[(index * 2 + (whole ? 0 : lineNo)) % round.scripts.length]?.[at]
  if (!said || !line) throw new Error('no such version')
  const fen = whole ? trade.paymentFen : line.paymentFen
  const quantity = whole ? trade.lines.reduce((sum, each) => sum + each.quantity, 0) : line.quantity
  const { kind, part, phase, status } = said
  return aRefund(trade, {
    refundId: `${trade.tid}-${whole ? '' : lineNo}`,
    oid: whole ? '' : line.oid,
    refundKind: kind,
    phase,
    status,
    amountFen: part === 'all' ? fen : Math.floor(fen / 2),
    quantity: part === 'all' ? quantity : part === 'half' ? Math.ceil(quantity / 2) : 0,
    carrier: said.waybill === null ? '' : 'SF',
    waybillNo: said.waybill === null ? '' : (round.waybills[said.waybill] ?? ''),
    // Platforms' times are in seconds: some versions have the same second, and only the version number tells their order.
    modifiedAt: new Date(start + Math.floor(at / 2) * 60_000),
    version: String(start + at),
    reason: '不想要了',
  })
}
