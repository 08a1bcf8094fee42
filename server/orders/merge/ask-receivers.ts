import type { ReceiverSource } from '../../connectors/receivers.ts'
import type { Database } from '../../core/db/db.ts'
import type { RunContext, RunCounts } from '../../core/tasks/kinds.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import type { KeyRing } from '../../lib/seal.ts'
import { callShop, type OpenedShop } from '../../shops/calls.ts'
import { isOffPlatform } from '../order/lifecycle.ts'
import { personalOf } from '../order/personal.ts'
import { firstHash } from './merge-suggest.ts'
import {
  type AnswerBy,
  type OrderToCompare,
  ordersToCompare,
  receiversToCompare,
  writeAnswers,
} from './receiver-queries.ts'

export const compareReceiversTask = 'ask_receivers'

const pageSize = 500

type Asked = OrderToCompare & { token: string }
/** Orders that seem to have one receiver. All go into one call, since the platform compares only trades of the same call. */
type Candidates = readonly Asked[]
type Counted = { seen: number; updated: number; failed: number }

/**
 * 核对收件人: where several orders seem to go to one masked receiver, asks the platform which receivers are the same; merging depends on its
 * answer. Orders are checked again when a further order for the receiver comes, or some time after an answer in which an order was in no
 * group.
 */
export async function compareReceivers(
  context: RunContext<object> & OpenedShop,
): Promise<Partial<RunCounts>> {
  const { db, shop, deps, signal, progress, connector } = context
  const counts: Counted = { seen: 0, updated: 0, failed: 0 }
  const { receivers } = connector
  if (!receivers) return counts
  for (let from: number | null = firstHash; from !== null; ) {
    signal.throwIfAborted()
    const page: Awaited<ReturnType<typeof receiversToCompare>> = await receiversToCompare(db, {
      shopId: shop.id,
      most: receivers.most,
      from,
      limit: pageSize,
    })
    from = page.next
    const ids = page.rows.flatMap((row) => row.ids)
    const orders = (await ordersToCompare(db, shop.id, ids)).map((order) =>
      withToken(deps.ring, shop.id, order),
    )
    const { clear, own, masked } = candidatesOf(orders, receivers)
    await note(
      db,
      clear.map((order) => ({ ...order, grp: 0 })),
      'plain',
    )
    await note(
      db,
      own.map((order) => ({ ...order, grp: 0 })),
      'never',
    )
    for (const some of questions(masked, receivers)) {
      signal.throwIfAborted()
      await askAbout(context, receivers, some, counts)
      progress(counts)
    }
  }
  return counts
}

function withToken(ring: KeyRing, shopId: string, order: OrderToCompare): Asked {
  if (!order.personal) return { ...order, token: '' }
  const { receiver } = personalOf(ring, shopId, order.personal)
  return { ...order, token: receiver.token }
}

/**
 * Divides orders: those with a plain receiver are compared by its hash and need no call; `own`: copies with a masked receiver, whose numbers
 * no platform knows; of each masked receiver the oldest trades are checked, at most as many as one call takes.
 */
function candidatesOf(orders: readonly Asked[], { most }: ReceiverSource) {
  const clear = orders.filter(({ token }) => token === '')
  const own = orders.filter(({ token, origin }) => token !== '' && isOffPlatform(origin))
  const hidden = orders.filter(({ token, origin }) => token !== '' && !isOffPlatform(origin))
  const masked = [...Map.groupBy(hidden, ({ receiverHash }) => receiverHash).values()].map((some) => {
    const tids = new Set([...new Set(some.map(({ tid }) => tid))].slice(0, most))
    return some.filter(({ tid }) => tids.has(tid))
  })
  return { clear, own, masked }
}

/** Divides the receivers into calls, each with as many receivers as fit. */
function questions(receivers: readonly Candidates[], { most }: ReceiverSource): Candidates[][] {
  const all: Candidates[][] = []
  let room = 0
  for (const some of receivers) {
    const size = tokensOf([some]).size
    if (size > room) {
      all.push([])
      room = most
    }
    all.at(-1)?.push(some)
    room -= size
  }
  return all
}

/** Child orders have the trade's number, which is sent once. */
const tokensOf = (receivers: readonly Candidates[]) =>
  new Map(receivers.flat().map(({ tid, token }) => [tid, token]))

/**
 * Checks these receivers in one call. If the platform rejects it, each receiver is checked in its own call, since one may be the cause.
 */
async function askAbout(
  context: RunContext<object> & OpenedShop,
  source: ReceiverSource,
  receivers: readonly Candidates[],
  counts: Counted,
): Promise<void> {
  const refusal = await ask(context, source, receivers, counts)
  if (!refusal) return
  const refused: Candidates[] = []
  for (const one of receivers.length > 1 ? receivers : [])
    if (await ask(context, source, [one], counts)) refused.push(one)
  // All were rejected, so the reason is not one receiver. It may be that the shop has no permission.
  if (receivers.length > 1 && refused.length === receivers.length) throw refusal
  if (receivers.length === 1) {
    // The reason may be this receiver. The run fails with it once, and the next runs go on with the others until it is checked again.
    await noteRefused(context.db, receivers)
    throw refusal
  }
  counts.failed += refused.length
  await noteRefused(context.db, refused)
}

const noteRefused = (db: Database, refused: readonly Candidates[]) =>
  note(
    db,
    refused.flat().map((order) => ({ ...order, grp: null })),
    'platform',
  )

/**
 * Makes one call for these receivers and stores the answer; a single trade needs no call. Returns the platform's rejection, or undefined.
 */
async function ask(
  { db, ...opened }: RunContext<object> & OpenedShop,
  { together }: ReceiverSource,
  receivers: readonly Candidates[],
  counts: Counted,
): Promise<PlatformError | undefined> {
  const trades = [...tokensOf(receivers)].map(([tid, token]) => ({ tid, token }))
  try {
    const groups = trades.length > 1 ? await callShop(opened, (_, call) => together(call, trades)) : []
    const groupOf = new Map(groups.flatMap((tids, at) => tids.map((tid) => [tid, at] as const)))
    const rows = receivers.flat().map((order) => ({ ...order, grp: groupOf.get(order.tid) ?? null }))
    await note(db, rows, 'platform')
    counts.seen += trades.length
    counts.updated += receivers.length
  } catch (error) {
    if (error instanceof PlatformError && error.kind === 'rejected') return error
    throw error
  }
  return undefined
}

const note = (db: Database, rows: Parameters<typeof writeAnswers>[1], by: AnswerBy) =>
  db.transaction().execute((tx) => writeAnswers(tx, rows, by))
