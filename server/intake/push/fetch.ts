import type { BadItem } from '../../connectors/connector.ts'
import { type Actor, systemActor } from '../../core/access/actor.ts'
import { hastenTask } from '../../core/tasks/tasks.ts'
import { secondMs } from '../../lib/time.ts'
import { callShop, type OpenedShop } from '../../shops/calls.ts'
import { nowOf } from '../downloads/clock.ts'
import { byNumber, detailOf, storeRefunds } from '../downloads/download-refunds.ts'
import { eachAtOnce, type ListRun, noListCounts, troubleOf } from '../downloads/list-run.ts'
import { stageDetails } from '../downloads/stage.ts'
import type { ArrivedRefund } from '../refunds/ingest-refunds.ts'
import type { ArrivedTrade } from '../trades/ingest.ts'
import { tradesByNumber } from '../trades/trade-view-queries.ts'
import { type ClaimedHint, delayHints, endHints, type Outcome } from './messages.ts'
import { addToToday } from './today.ts'

const actor: Actor = { ...systemActor, name: '消息推送' }
/**
 * A detail may be slower than its message, so a number that the platform does not know is asked for three times. After five failures the
 * lists bring it.
 */
const unknownTries = 3
const failedTries = 5

/**
 * Fetches what the hints of one shop name, each trade and refund once, and stages it by the same rules as any other download. A forged
 * number stages nothing. Throws if the shop cannot be called now.
 */
export async function fetchHints(
  opened: OpenedShop,
  hints: readonly ClaimedHint[],
  signal: AbortSignal,
): Promise<void> {
  const run: ListRun = { db: opened.deps.db, opened, actor, signal }
  const of = (kind: ClaimedHint['kind']) => hints.filter((hint) => hint.kind === kind)
  await fetchTrades(run, of('trade'))
  await fetchRefunds(run, of('refund'))
}

type Answer<Arrived> = Arrived | BadItem | 'not_found' | 'failed'

async function fetchTrades(run: ListRun, hints: readonly ClaimedHint[]): Promise<void> {
  if (hints.length === 0) return
  const { db, opened } = run
  const tids = [...new Set(hints.map(({ tid }) => tid))]
  const known = await tradesByNumber(db, opened.shop.id, tids)
  const byHand = new Set(known.flatMap(({ tid, processedByHand }) => (processedByHand ? [tid] : [])))
  const fetchedAt = await nowOf(db)
  const answers = await several<ArrivedTrade>(
    run,
    tids.filter((tid) => !byHand.has(tid)),
    (tid) => callShop(opened, (connector, call) => connector.trades.detail(call, tid)),
  )
  const { arrived, bad } = sorted(answers, (one): one is ArrivedTrade => 'trade' in one)
  await stageDetails(run, { arrived, bad, fetchedAt, tids }, async (tx, counts) => {
    await addToToday(tx, { shopId: opened.shop.id, kind: 'trade' }, counts)
    await finish(tx, hints, ({ tid }) => (byHand.has(tid) ? 'processed' : answers.get(tid)))
  })
}

async function fetchRefunds(run: ListRun, hints: readonly ClaimedHint[]): Promise<void> {
  if (hints.length === 0) return
  const tidOf = new Map(hints.map(({ refundNo, tid }) => [refundNo, tid]))
  const answers = await several<ArrivedRefund>(run, [...tidOf.keys()], (refundId) =>
    detailOf(run, { ...byNumber(refundId), tid: tidOf.get(refundId) ?? '' }),
  )
  const { arrived, bad } = sorted(answers, (one): one is ArrivedRefund => 'refund' in one)
  const counts = noListCounts()
  await storeRefunds(run, [...arrived, ...bad], counts, async (tx, ingested) => {
    await addToToday(tx, { shopId: run.opened.shop.id, kind: 'refund' }, ingested)
    await finish(tx, hints, ({ refundNo }) => answers.get(refundNo))
  })
  if (counts.skipped['older']) await readListSoon(run)
}

/**
 * Details of some platforms do not say when the refund changed, so they count as older than what we hold. Then the list, which says it, brings
 * the change that the message was about.
 */
async function readListSoon({ db, opened: { connector, shop } }: ListRun): Promise<void> {
  const seconds = Math.ceil(connector.refunds.changed.lagMs / secondMs) + 1
  await hastenTask(db, 'refund_list', shop.id, seconds)
}

/** Asks for each number, several at a time. Throws only errors that concern the whole shop. */
async function several<Arrived extends object>(
  run: ListRun,
  numbers: readonly string[],
  ask: (number: string) => Promise<Arrived | BadItem | undefined>,
): Promise<Map<string, Answer<Arrived>>> {
  const answers = new Map<string, Answer<Arrived>>()
  await eachAtOnce(run, numbers, async (number) => {
    try {
      answers.set(number, (await ask(number)) ?? 'not_found')
    } catch (error) {
      troubleOf(error)
      answers.set(number, 'failed')
    }
  })
  return answers
}

function sorted<Arrived extends object>(
  answers: ReadonlyMap<string, Answer<Arrived>>,
  isArrived: (one: Arrived | BadItem) => one is Arrived,
): { arrived: Arrived[]; bad: BadItem[] } {
  const documents = [...answers.values()].filter((one) => typeof one !== 'string')
  return {
    arrived: documents.filter(isArrived),
    bad: documents.filter((one): one is BadItem => !isArrived(one)),
  }
}

/** Ends the hints that were answered, or tried often enough; the others are tried again. */
async function finish(
  tx: Parameters<typeof endHints>[0],
  hints: readonly ClaimedHint[],
  answerOf: (hint: ClaimedHint) => Answer<object> | 'processed' | undefined,
): Promise<void> {
  const rows = hints.map((hint) => ({ ...hint, outcome: outcomeOf(answerOf(hint)) }))
  const isOver = ({ outcome, tries }: { outcome: Outcome; tries: number }) =>
    (outcome !== 'not_found' || tries >= unknownTries) && (outcome !== 'failed' || tries >= failedTries)
  await endHints(tx, rows.filter(isOver))
  await delayHints(
    tx,
    rows.filter((row) => !isOver(row)).map(({ id }) => id),
  )
}

function outcomeOf(answer: Answer<object> | 'processed' | undefined): Outcome {
  if (answer === undefined) return 'failed'
  if (typeof answer === 'string') return answer
  return 'kind' in answer && answer.kind === 'bad' ? 'parked' : 'fetched'
}
