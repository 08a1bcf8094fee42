import type { Actor } from '../../core/access/actor.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import { addOrderEvents } from '../order/queries.ts'
import type { Detail } from './check.ts'
import { checkFacts, type FactsWanted } from './check-facts.ts'
import { type CheckName, checkNames, checks } from './checks.ts'
import type { CheckSettings } from './confirm-settings.ts'
import { type Problem, waived, writeProblems } from './problem-queries.ts'

/** The findings of a rule for one order. The order passes if `open` and `waits` are empty. */
export type Judgement = {
  id: string
  no: string
  /** Findings that need a person, waived ones included. */
  problems: Problem[]
  /** The problems that no person has waived. */
  open: Problem[]
  /** Findings that solve themselves in time. */
  waits: Problem[]
}

export const passes = ({ open, waits }: Judgement) => open.length === 0 && waits.length === 0

export async function judge(
  db: Database | Tx,
  orders: readonly { id: string; checks: CheckSettings }[],
  now: Date,
): Promise<Judgement[]> {
  const settings = new Map(orders.map((order) => [order.id, order.checks]))
  const facts = await checkFacts(
    db,
    orders.map(({ id, checks }) => ({ id, ...wantedBy(checks) })),
  )
  const judged = facts.map((order) => {
    const asked = checkNames.filter((name) => checks[name].always || settings.get(order.id)?.[name]?.on)
    const found = asked.flatMap((name) => {
      const detail = checks[name].find(order, settings.get(order.id)?.[name] ?? {}, now)
      return detail ? [{ orderId: order.id, reason: name, detail, waits: isWaiting(name, detail) }] : []
    })
    const bare = (waits: boolean) =>
      found
        .filter((one) => one.waits === waits)
        .map(({ orderId, reason, detail }): Problem => ({ orderId, reason, detail }))
    return { id: order.id, no: order.no, problems: bare(false), waits: bare(true) }
  })
  const known = await waived(
    db,
    judged.flatMap(({ problems }) => problems),
  )
  return judged.map((one) => ({
    ...one,
    open: one.problems.filter(({ orderId, reason }) => !known.has(`${orderId}/${reason}`)),
  }))
}

function isWaiting(name: CheckName, detail: Detail): boolean {
  const { waits } = checks[name]
  return typeof waits === 'boolean' ? waits : waits(detail)
}

function wantedBy(settings: CheckSettings): Omit<FactsWanted, 'id'> {
  const isOn = (name: CheckName) => settings[name]?.on === true
  const hours = (name: CheckName) => (isOn(name) ? Number(settings[name]?.['hours']) : 0)
  const acrossShops = settings['mergeable']?.['acrossShops'] === true
  return {
    similarHours: hours('duplicate'),
    addressHours: hours('many_addresses'),
    mates: isOn('mergeable') ? (acrossShops ? 'all' : 'shop') : 'none',
    buyers: isOn('many_buyers'),
    titles: isOn('goods_words'),
  }
}

/** Judges locked orders and stores the findings as their problems. Reasons that are new become an event of the order. */
export async function judgeAndKeep(
  tx: Tx,
  orders: readonly { id: string; checks: CheckSettings }[],
  now: Date,
  actor: Actor,
): Promise<Judgement[]> {
  const judged = await judge(tx, orders, now)
  const fresh = await writeProblems(
    tx,
    judged.map(({ id }) => id),
    judged.flatMap(({ problems }) => problems),
  )
  const byOrder = Map.groupBy(fresh, ({ orderId }) => orderId)
  await addOrderEvents(
    tx,
    [...byOrder].map(([orderId, reasons]) => ({
      orderId,
      event: 'problem',
      detail: { checks: reasons.map(({ reason }) => reason) },
    })),
    actor,
  )
  return judged
}
