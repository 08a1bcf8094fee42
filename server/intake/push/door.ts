import { sql } from 'kysely'
import type { PostedFault, PostedKind, PostedSource } from '../../connectors/posted.ts'
import type { PushedMessage } from '../../connectors/push.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import type { KeyRing } from '../../lib/seal.ts'
import { type Arrived, keepDocuments } from '../../shops/posted-books.ts'
import { storeMessages } from './messages.ts'
import { notePosted } from './posts.ts'

export type PostingShop = { id: string; platformShopId: string }
type Deps = { db: Database; ring: KeyRing }
type Posted = { shop: PostingShop; posted: PostedSource; kind: PostedKind }
type Taken = PostedFault & { outcome: 'stored' | 'unchanged' | 'refused' }

/**
 * Takes what a shop has posted: each right document is kept if it is newer than ours, and becomes a message, so that a worker stages it at once.
 * All of it is committed together. Sending the same again changes nothing.
 */
export async function takeDocuments(
  { db, ring }: Deps,
  { shop, posted, kind }: Posted,
  documents: readonly unknown[],
): Promise<Taken[]> {
  const judged = documents.map((document) => ({ document, ...posted.read(kind, document) }))
  const newest = new Map<string, Arrived>()
  for (const one of judged) {
    if ('code' in one) continue
    const { document, ...facts } = one
    const known = newest.get(facts.number)
    if (known && known.versionAt >= facts.versionAt) continue
    newest.set(facts.number, { ...facts, text: JSON.stringify(document) })
  }
  const kept = await db.transaction().execute(async (tx) => {
    const stored = await keepDocuments(tx, ring, { shopId: shop.id, kind }, [...newest.values()])
    const news = [...newest.values()].filter(({ number }) => stored.has(number))
    await announce(tx, ring, { shop, kind }, news)
    return stored
  })
  return judged.map((one): Taken => {
    if ('code' in one)
      return { ...answer(one.number, 'refused'), code: one.code, field: one.field, message: one.message }
    const isNewest = newest.get(one.number)?.versionAt === one.versionAt
    return answer(one.number, isNewest && kept.has(one.number) ? 'stored' : 'unchanged')
  })
}

/**
 * Makes a message of each document that was kept, so that a worker stages it at once. While the shop has no channel, because its push is
 * switched off, its lists find the documents.
 */
export async function announce(
  tx: Tx,
  ring: KeyRing,
  { shop, kind }: Pick<Posted, 'shop' | 'kind'>,
  documents: readonly Arrived[],
): Promise<void> {
  const channels = await sql<Row<'push_shop', 'channel'>>`
    select channel from push_shop where shop_id = ${shop.id}::bigint`.execute(tx)
  const channel = channels.rows[0]?.channel
  if (channel === undefined) return
  await storeMessages(tx, ring, channel, documents.map(messageOf(shop, kind)))
  await notePosted(tx, channel)
}

const nothing = { zh: '', en: '' }
const answer = (number: string, outcome: Taken['outcome']): Taken => ({
  ...{ number, outcome, code: '', field: '', message: nothing },
})

/** A version is one message, however often it is sent. */
const messageOf =
  ({ platformShopId }: PostingShop, kind: PostedKind) =>
  ({ number, tid, versionAt }: Arrived): PushedMessage => ({
    id: `${platformShopId} ${kind} ${number} ${versionAt.getTime()}`,
    topic: kind,
    shops: [platformShopId],
    hint: kind === 'trade' ? { kind, tid: number } : { kind, tid, refundId: number },
    raw: JSON.stringify({ kind, number, versionAt }),
  })
