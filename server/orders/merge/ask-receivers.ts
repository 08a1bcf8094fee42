import type { ReceiverSource } from '../../connectors/receivers.ts'
import type { Database } from '../../core/db/db.ts'
import type { RunContext, RunCounts } from '../../core/tasks/kinds.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { type KeyRing, unseal } from '../../lib/seal.ts'
import { callShop, type OpenedShop } from '../../shops/calls.ts'
import type { Personal } from '../order/personal.ts'
import { firstHash } from './merge-suggest.ts'
import { type OrderToCompare, ordersToCompare, receiversToCompare, writeAnswers } from './receiver-queries.ts'

/** The kind of task that asks. */
export const compareReceiversTask = 'ask_receivers'

/** Receivers of one page. */
const pageSize = 500

type Asked = OrderToCompare & { token: string }
/** Orders that may go to one receiver: all in one question, since only those can be compared. */
type Candidates = readonly Asked[]
type Counted = { seen: number; updated: number; failed: number }

/**
 * 核对收件人: of receivers that the platform shows as masks, and to whom several orders seem to go, it is asked which are one and the same;
 * merging goes by its answer. Each is asked once, and again when a further order comes.
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
    const { clear, masked } = candidatesOf(orders, receivers)
    await note(
      db,
      clear.map((order) => ({ ...order, grp: 0 })),
      false,
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
  const { receiver }: Personal = JSON.parse(unseal(ring, shopId, order.personal).toString('utf8'))
  return { ...order, token: receiver.token }
}

/** Orders with a plain receiver are compared by their hash alone. Of each masked receiver: its oldest trades, as many as one call takes. */
function candidatesOf(orders: readonly Asked[], { most }: ReceiverSource) {
  const [clear, hidden] = [
    orders.filter(({ token }) => token === ''),
    orders.filter(({ token }) => token !== ''),
  ]
  const masked = [...Map.groupBy(hidden, ({ receiverHash }) => receiverHash).values()].map((some) => {
    const tids = new Set([...new Set(some.map(({ tid }) => tid))].slice(0, most))
    return some.filter(({ tid }) => tids.has(tid))
  })
  return { clear, masked }
}

/** As many receivers in each as one call takes. */
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

/** Parts of one trade are one trade to the platform. */
const tokensOf = (receivers: readonly Candidates[]) =>
  new Map(receivers.flat().map(({ tid, token }) => [tid, token]))

/** One row that the platform refuses fails none of the others: then each receiver is asked about by itself. */
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
  // The platform refused each of the receivers: the shop itself may not ask.
  if (receivers.length === 1 || refused.length === receivers.length) throw refusal
  counts.failed += refused.length
  await note(
    context.db,
    refused.flat().map((order) => ({ ...order, grp: null })),
    true,
  )
}

/** Answers what the platform refused it with. */
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
    await note(db, rows, true)
    counts.seen += trades.length
    counts.updated += receivers.length
  } catch (error) {
    if (error instanceof PlatformError && error.kind === 'rejected') return error
    throw error
  }
  return undefined
}

const note = (db: Database, rows: Parameters<typeof writeAnswers>[1], asked: boolean) =>
  db.transaction().execute((tx) => writeAnswers(tx, rows, asked))
