import { setImmediate as rest } from 'node:timers/promises'
import { sql } from 'kysely'
import type { By } from '../../core/access/actor.ts'
import { audit } from '../../core/access/audit.ts'
import type { Database, Tx } from '../../core/db/db.ts'
import type { RowRefusal } from '../../core/sheets/sheet-contract.ts'
import { allRows, refusal, reportOf } from '../../core/sheets/sheet-rows.ts'
import { AppError } from '../../errors.ts'
import { loadDivisions } from '../../lib/address/divisions.ts'
import { maskName, maskPhone } from '../../lib/mask.ts'
import type { KeyRing } from '../../lib/seal.ts'
import { type Arrived, documentsOf, keepDocuments, refundDocumentsOf } from '../../shops/posted-books.ts'
import { announce, type PostingShop } from '../push/door.ts'
import { type Columns, columnsOf, fieldRows, findHead, type Head, headKey, onlyOf } from './columns.ts'
import type { TradeSheetPreview, TradeSheetReport } from './contract.ts'
import { differs, Refused, type TradeDocument, tradeOf } from './documents.ts'
import { wordsOfField } from './heads-contract.ts'
import { keepLayout, lastLayout, layoutOf } from './layouts.ts'
import { onlyRefunds, type RefundDocument, refundKey, refundsOf } from './refunds.ts'
import { numberRows, type RowFacts, type TradeRows, tradeBatches, tradesOf } from './rows.ts'

type Deps = { db: Database; ring: KeyRing }
type Asked = { shop: PostingShop; bytes: Buffer; columns: Columns | undefined }

/** Shows what an import would do, and does nothing. */
export async function previewTrades(deps: Deps, asked: Asked): Promise<TradeSheetPreview> {
  const sheet = await readTrades(deps.db, asked)
  const judged = await judge(deps.db, deps, { shopId: asked.shop.id, sheet, locked: false })
  const stateOf = new Map(judged.flatMap(({ rows, state }) => rows.map(({ row }) => [row, state] as const)))
  return {
    headRow: sheet.head.row,
    titles: [...sheet.head.titles],
    columns: sheet.columns,
    known: sheet.known,
    ...report(sheet, judged),
    first: sheet.rows.slice(0, shownRows).map(({ row, cells }) => {
      const facts = sheet.facts.get(row)
      return {
        ...{ row, tid: cells.tid ?? '', state: stateOf.get(row) ?? ('refused' as const) },
        ...shown(facts),
        quantity: facts?.goods?.quantity ?? null,
        amountFen: facts?.trade.paymentFen ?? facts?.goods?.amountFen ?? null,
        refund: facts?.refund ?? '',
      }
    }),
  }
}

const shownRows = 20

function shown(facts: RowFacts | undefined) {
  const { receiver, goods } = facts ?? {}
  return {
    receiver: receiver ? `${maskName(receiver.name)} ${maskPhone(receiver.mobile || receiver.phone)}` : '',
    region: receiver ? `${receiver.province} ${receiver.city} ${receiver.district}`.trim() : '',
    goods: [goods?.code, goods?.title, goods?.spec].filter(Boolean).join(' '),
  }
}

/**
 * Stages the trades of a sheet: each is kept as a document of the shop, as if the shop had posted it, and a worker takes it at once. All is
 * committed together; a row that is wrong keeps only its own trade out. Importing a sheet again changes nothing.
 */
export async function importTrades(
  deps: Deps,
  asked: Asked,
  { actor, request }: By,
): Promise<TradeSheetReport> {
  const { db, ring } = deps
  const { shop } = asked
  const sheet = await readTrades(db, asked)
  return db.transaction().execute(async (tx) => {
    // A trade that is new to two sheets has no row yet to lock, and goods that one of them lacks must not disappear.
    await sql`select pg_advisory_xact_lock(hashtextextended('sheets:' || current_schema(), ${shop.id}::bigint))`.execute(
      tx,
    )
    const judged = await judge(tx, deps, { shopId: shop.id, sheet, locked: true })
    const trades = judged.flatMap(({ trade }) => (trade ? [arrivedTrade(trade)] : []))
    const refunds = judged.flatMap((one) => one.refunds.map(arrivedRefund))
    for (const [kind, documents] of [
      ['trade', trades],
      ['refund', refunds],
    ] as const) {
      if (documents.length === 0) continue
      const kept = await keepDocuments(tx, ring, { shopId: shop.id, kind }, documents)
      await announce(
        tx,
        ring,
        { shop, kind },
        documents.filter(({ number }) => kept.has(number)),
      )
    }
    await keepLayout(tx, {
      shopId: shop.id,
      head: headKey(sheet.head),
      columns: sheet.columns,
      by: actor.name,
    })
    const { refused, ...counts } = report(sheet, judged)
    await audit(tx, {
      ...{
        actor,
        request,
        action: 'shop.import_trades',
        subject: { type: 'shop', id: shop.id },
        shopId: shop.id,
      },
      detail: { ...counts, refused: refused.length },
    })
    return { ...counts, refused }
  })
}

const arrivedTrade = (trade: TradeDocument): Arrived => ({
  ...{
    number: trade.tid,
    tid: trade.tid,
    versionAt: new Date(trade.modifiedAt),
    text: JSON.stringify(trade),
  },
})
const arrivedRefund = (refund: RefundDocument): Arrived => ({
  ...{
    number: refund.refundId,
    tid: refund.tid,
    versionAt: new Date(refund.modifiedAt),
    text: JSON.stringify(refund),
  },
})

type Sheet = {
  head: Head
  columns: Columns
  known: boolean
  rows: ReturnType<typeof fieldRows>
  facts: ReadonlyMap<number, RowFacts>
  trades: readonly TradeRows[]
  refused: readonly RowRefusal[]
}

/** Reading addresses takes a while, so other requests get their turn between batches of trades. */
const tradesAtOnce = 50

async function readTrades(db: Database, { shop, bytes, columns: given }: Asked): Promise<Sheet> {
  const all = await allRows(bytes)
  const last = await lastLayout(db, shop.id)
  const head = findHead(all, Object.values(given ?? last ?? {}))
  if (!head) throw new AppError('sheet_unreadable', { detail: noHead }, 'file')
  const same = await layoutOf(db, shop.id, headKey(head))
  const columns = given ? onlyOf(given, head.titles) : columnsOf(head, same, last)
  const rows = fieldRows(all, head, columns)
  const provinces = await loadDivisions()
  const sheet = { head, columns, known: same !== undefined, rows }
  if (columns.tid === undefined) return { ...sheet, facts: new Map(), trades: [], refused: [noNumber(head)] }
  const { numbered, refused } = numberRows(rows, columns)
  const trades: TradeRows[] = []
  for (const some of tradeBatches(numbered, tradesAtOnce)) {
    const read = tradesOf(some, columns, provinces)
    trades.push(...read.trades)
    refused.push(...read.refused)
    await rest()
  }
  const facts = new Map(trades.flatMap((trade) => trade.rows.map((row) => [row.row, row] as const)))
  return { ...sheet, facts, trades, refused }
}

const noHead = {
  zh: '找不到表头：要有一行是列名，如 订单号、收货人',
  en: 'no row has titles of columns, such as 订单号 and 收货人',
}

const noNumber = ({ row }: Head): RowRefusal =>
  refusal(row, wordsOfField('tid')[0], {
    code: 'no_number_column',
    message: {
      zh: '没有交易编号列：在上面选一列，每笔交易要有自己的编号',
      en: 'No column has the trade number: choose one above; each trade needs a number of its own',
    },
  })

type Judged = {
  rows: readonly RowFacts[]
  state: 'new' | 'changed' | 'same' | 'refused'
  trade: TradeDocument | undefined
  refunds: RefundDocument[]
  refusal: RowRefusal | undefined
}

/** Compares each trade with the one that is kept. `locked`: no other transaction changes the kept ones until the transaction ends. */
async function judge(
  tx: Database | Tx,
  { ring }: Deps,
  { shopId, sheet, locked }: { shopId: string; sheet: Sheet; locked: boolean },
): Promise<Judged[]> {
  const tids = sheet.trades.map(({ tid }) => tid)
  const kept = await documentsOf(tx, ring, { shopId, kind: 'trade', numbers: tids, locked })
  const keptTrades = new Map([...kept].map(([tid, { text }]) => [tid, JSON.parse(text) as TradeDocument]))
  const refunds = await refundDocumentsOf(tx, ring, { shopId, tids: [...keptTrades.keys()], locked })
  const keptRefunds = new Map(
    refunds.map(({ text }) => {
      const refund = JSON.parse(text) as RefundDocument
      return [refundKey(refund), refund]
    }),
  )
  const now = await sql<Record<'clock', Date>>`
    select date_trunc('milliseconds', clock_timestamp()) as clock`.execute(tx)
  const versions = [...kept.values(), ...refunds].map(({ versionAt }) => versionAt.getTime() + 1)
  const at = new Date(Math.max(now.rows[0]?.clock.getTime() ?? 0, ...versions))
  return sheet.trades.map((rows) =>
    judgeOne(rows, { kept: keptTrades.get(rows.tid), refunds: keptRefunds, at }),
  )
}

function judgeOne(
  rows: TradeRows,
  { kept, refunds, at }: { kept: TradeDocument | undefined; refunds: Map<string, RefundDocument>; at: Date },
): Judged {
  try {
    const said = onlyRefunds(rows, kept)
    const next = refundsOf(said, tradeOf(said, kept, at), refunds, at)
    const trade = differs(next.trade, kept) ? next.trade : undefined
    const changed = next.refunds.filter((one) => differs(one, refunds.get(refundKey(one))))
    const state = kept === undefined ? 'new' : trade || changed.length > 0 ? 'changed' : 'same'
    return { rows: rows.rows, state, trade, refunds: changed, refusal: undefined }
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    return { rows: rows.rows, state: 'refused', trade: undefined, refunds: [], refusal: error.refusal }
  }
}

function report({ rows, trades, refused }: Sheet, judged: readonly Judged[]): TradeSheetReport {
  const count = (state: Judged['state']) => judged.filter((one) => one.state === state).length
  const counts = {
    trades: trades.length,
    added: count('new'),
    changed: count('changed'),
    same: count('same'),
    refunds: judged.reduce((sum, one) => sum + one.refunds.length, 0),
  }
  return reportOf(rows.length, counts, [...refused, ...judged.flatMap((one) => one.refusal ?? [])])
}
