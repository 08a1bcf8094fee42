import type { BadItem, RefundDetail, TradeDetail } from '../../connectors/connector.ts'
import { connectorFor } from '../../connectors/index.ts'
import type { Actor, By, Scope } from '../../core/access/actor.ts'
import type { AuditEntry } from '../../core/access/audit.ts'
import { bisect } from '../../core/batches/bisect.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import { AppError } from '../../errors.ts'
import { errorLabel } from '../../lib/safe-error.ts'
import { type KeyRing, unseal } from '../../lib/seal.ts'
import { requestDownload } from '../downloads/download-now.ts'
import { shopFacts } from '../downloads/shop-facts.ts'
import { ingestRefunds } from '../refunds/ingest-refunds.ts'
import { stageTrades } from '../refunds/stage-trades.ts'
import { type IngestShop, prepareTrades, rememberItems } from '../trades/ingest.ts'
import type { ParkedOutcome } from './parked-contract.ts'
import { type ParkedText, parkedTexts, renameReasons, resolveParked } from './parked-queries.ts'

type Parts = { db: Database; ring: KeyRing }
type Read = { text: ParkedText; answer: Exclude<TradeDetail | RefundDetail, BadItem> }
type Unread = { text: ParkedText; reason: string }

/**
 * Reads parked texts again with the present connectors and stages those that can be read. Documents of the others are downloaded again by
 * their number, and their items stay open. Returns one outcome for each id.
 */
export async function retryParked(
  parts: Parts,
  ids: readonly string[],
  { actor, scope }: By,
): Promise<ParkedOutcome[]> {
  const texts = await parkedTexts(parts.db, ids, scope)
  const tried = texts.filter((text) => text.open).map((text) => readAgain(parts.ring, text))
  const outcomes: ParkedOutcome[] = []
  for (const group of groups(tried.filter((one) => 'answer' in one))) {
    outcomes.push(...(await stageGroup(parts, group, actor)))
  }
  for (const group of groups(tried.filter((one) => 'reason' in one))) {
    outcomes.push(...(await askAgain(parts, group, { actor, scope })))
  }
  const answers = new Map(outcomes.map((outcome) => [outcome.id, outcome]))
  const known = new Set(texts.map((text) => text.id))
  return ids.map(
    (id) => answers.get(id) ?? { id, done: false, code: known.has(id) ? 'settled_before' : 'not_found' },
  )
}

const mostShown = 200_000

/** Returns the original text. The audit row is written first, so that no text is shown without one. */
export async function revealParked(
  { db, ring }: Parts,
  id: string,
  scope: Scope,
  note: (seen: Pick<AuditEntry, 'action' | 'subject' | 'shopId'>) => Promise<void>,
): Promise<string> {
  const [found] = await parkedTexts(db, [id], scope)
  if (!found) throw new AppError('not_found', { what: { zh: '数据', en: 'Item' } })
  const text = unseal(ring, found.shopId, found.sealed).toString()
  const subject = { type: 'parked_item', id }
  await note({ action: 'parked.reveal', subject, shopId: found.shopId })
  return text.slice(0, mostShown)
}

function readAgain(ring: KeyRing, text: ParkedText): Read | Unread {
  const connector = connectorFor(text.platform)
  const parse = text.kind === 'trade' ? connector?.trades.parsePushed : connector?.refunds.parsePushed
  if (!parse) return { text, reason: 'cannot_read_again' }
  try {
    const answer = parse(unseal(ring, text.shopId, text.sealed).toString())
    return 'kind' in answer ? { text, reason: answer.reason } : { text, answer }
  } catch (error) {
    // A lost key, or a text that breaks the reader, becomes the reason of this item and does not stop the others.
    return { text, reason: errorLabel(error) }
  }
}

function groups<Item extends { text: ParkedText }>(items: readonly Item[]): Item[][] {
  return [...Map.groupBy(items, ({ text }) => `${text.shopId} ${text.kind}`).values()]
}

/** Stages each item in its own transaction, so that no transaction locks the rows of two items. There are only a few items. */
async function stageGroup(
  { db, ring }: Parts,
  group: readonly Read[],
  actor: Actor,
): Promise<ParkedOutcome[]> {
  const shopId = group[0]?.text.shopId ?? ''
  const shop = { id: shopId, facts: await shopFacts(db, shopId) }
  await rememberItems(
    db,
    shopId,
    group.flatMap(({ answer }) => ('trade' in answer ? [answer] : [])),
  )
  const outcomes: ParkedOutcome[] = []
  for (const one of group) {
    const { id } = one.text
    const [outcome] = await db.transaction().execute((tx) =>
      bisect(tx, [id], async () => {
        const ref = await stage(tx, ring, { shop, read: one }, actor)
        await resolveParked(tx, [id])
        return [{ id, done: true, ref }]
      }),
    )
    outcomes.push(
      outcome?.done ? { id, done: true, ref: outcome.ref ?? '' } : { id, done: false, code: 'failed' },
    )
  }
  return outcomes
}

/** Stages one item. An older text changes nothing, because the newer version wins. */
async function stage(
  tx: Tx,
  ring: KeyRing,
  { shop, read: { answer, text } }: { shop: IngestShop; read: Read },
  actor: Actor,
): Promise<string> {
  if ('refund' in answer)
    return whatBecame(
      await ingestRefunds(
        tx,
        ring,
        { shopId: shop.id, arrived: [{ ...answer, detailMissing: false }] },
        actor,
      ),
    )
  // The text counts as requested when it was last seen, so that a later change is requested again.
  return whatBecame(
    await stageTrades(
      tx,
      ring,
      { shop, prepared: prepareTrades(ring, shop, [answer]), fetchedAt: text.lastSeen },
      actor,
    ),
  )
}

function whatBecame(counts: { created: number; updated: number; skipped: Record<string, number> }): string {
  const all = { created: counts.created, updated: counts.updated, ...counts.skipped }
  return Object.entries(all)
    .filter(([, count]) => count > 0)
    .map(([what]) => what)
    .join(',')
}

/** Downloads the documents by number, as a run of the shop's task for manual downloads. The platform may send a readable version now. */
async function askAgain({ db }: Parts, group: readonly Unread[], by: By): Promise<ParkedOutcome[]> {
  await renameReasons(
    db,
    new Map(
      group
        .filter(({ reason }) => reason !== 'cannot_read_again')
        .map(({ text, reason }) => [text.id, reason]),
    ),
  )
  const numbers = [...new Set(group.map(({ text }) => text.platformId).filter((number) => number !== ''))]
  const runId = numbers.length > 0 ? await startManualDownload(db, group[0]?.text, numbers, by) : undefined
  return group.map(({ text, reason }) =>
    runId !== undefined && text.platformId !== ''
      ? { id: text.id, done: false, code: 'asked_again', detail: reason, ref: runId }
      : { id: text.id, done: false, code: 'still_unreadable', detail: reason },
  )
}

/** Starts the download and returns its run. Undefined: the shop has no such task, or too many runs wait. */
async function startManualDownload(
  db: Database,
  text: ParkedText | undefined,
  numbers: string[],
  by: By,
): Promise<string | undefined> {
  if (!text) return undefined
  const { shopId } = text
  try {
    return await db
      .transaction()
      .execute((tx) =>
        text.kind === 'trade'
          ? requestDownload(tx, 'trade_pull', { shopId, tids: numbers }, by)
          : requestDownload(tx, 'refund_pull', { shopId, refundNos: numbers }, by),
      )
  } catch (error) {
    if (error instanceof AppError) return undefined
    throw error
  }
}
