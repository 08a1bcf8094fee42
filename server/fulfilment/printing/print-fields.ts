import { sql } from 'kysely'
import { waybillSources } from '../../carriers/index.ts'
import type { Call } from '../../connectors/connector.ts'
import type { Database } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { isRecord } from '../../lib/json.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { type CallDeps, openCall, refusalOf } from '../../shops/calls.ts'

type OfLabel = Row<'waybill_account', 'source'> & {
  accountShopId: Row<'waybill_account', 'shopId'>['shopId']
}

/** What the print clients need beside the labels of a source and a shop, by both. It may hold the seller's token: it is not logged, and not kept. */
export type PrintFields = ReadonlyMap<string, Readonly<Record<string, string>>>

const keyOf = ({ source, accountShopId }: OfLabel) => `${source} ${accountShopId}`

const withOwnFields = waybillSources.flatMap(({ id, printFields }) => (printFields ? [id] : []))

/** Returns the sources and shops whose labels need such fields, of the labels of this job that were not handed out. */
export async function labelsWithFields(db: Database, jobId: string): Promise<OfLabel[]> {
  const found = await sql<OfLabel>`
    select distinct a.source, a.shop_id as "accountShopId"
    from print_document p join waybill w on w.id = p.waybill_id join waybill_account a on a.id = w.account_id
    where p.job_id = ${jobId}::bigint and p.state = 'waiting' and a.source = any(${withOwnFields}::text[])`.execute(
    db,
  )
  return found.rows
}

/**
 * Makes the fields for these labels before any is handed out: a shop that cannot be opened stops the printing, and no label counts as spooled
 * then. It may renew a token, so it runs outside a transaction.
 */
export async function printFieldsOf(deps: CallDeps, labels: readonly OfLabel[]): Promise<PrintFields> {
  const fields = new Map<string, Readonly<Record<string, string>>>()
  for (const label of labels) {
    const make = waybillSources.find(({ id }) => id === label.source)?.printFields
    if (make) fields.set(keyOf(label), make(await callOf(deps, label.accountShopId)))
  }
  return fields
}

async function callOf(deps: CallDeps, shopId: string): Promise<Call> {
  try {
    return (await openCall(deps, shopId)).call
  } catch (error) {
    throw error instanceof PlatformError ? refusalOf(error) : error
  }
}

/** The label as its source gave it, with the fields of its shop beside. */
export function withFields(content: unknown, label: OfLabel, fields: PrintFields): unknown {
  const own = fields.get(keyOf(label))
  return own && isRecord(content) ? { ...content, ...own } : content
}

export const noFields: PrintFields = new Map()
