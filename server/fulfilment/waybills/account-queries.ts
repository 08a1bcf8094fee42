import { sql } from 'kysely'
import type { CourierService } from '../../carriers/services-contract.ts'
import type { Scope } from '../../core/access/actor.ts'
import { scopeSql } from '../../core/access/scope.ts'
import { type Database, startOfToday, type Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { unnestRows } from '../../lib/unnest.ts'
import type { CustomMap } from './custom-area-rules.ts'

export type AccountRow = Row<
  'waybill_account',
  | 'id'
  | 'shopId'
  | 'source'
  | 'courier'
  | 'branchCode'
  | 'branchName'
  | 'sender'
  | 'templateName'
  | 'templateUrl'
  | 'warehouseId'
  | 'enabled'
  | 'balance'
  | 'balanceAt'
  | 'customAreaUrl'
  | 'credentials'
  | 'track'
> &
  AccountServices & { customArea: CustomMap }

/** What the account's branch offers, and which parcels are insured: those worth at least `insureFromFen`, for at most `insureMostFen`. */
export type AccountServices = Row<'waybill_account', 'insureFromFen' | 'insureMostFen'> & {
  services: CourierService[]
}

const services = sql`services, insure_from_fen as "insureFromFen", insure_most_fen as "insureMostFen"`

const columns = sql`
  a.id, a.shop_id as "shopId", a.source, a.courier, a.branch_code as "branchCode", a.branch_name as "branchName", a.sender,
  a.template_name as "templateName", a.template_url as "templateUrl", a.warehouse_id as "warehouseId", a.enabled, a.balance,
  a.balance_at as "balanceAt", a.custom_area_url as "customAreaUrl", a.custom_area as "customArea",
  a.credentials, a.track, ${services}`

/** Returns the accounts of the granted shops, with the number of waybills taken today (+08:00). */
export async function accountsOf(
  db: Database | Tx,
  scope: Scope,
): Promise<(AccountRow & { takenToday: number })[]> {
  const found = await sql<AccountRow & { takenToday: number }>`
    select ${columns}, (select coalesce(sum(w.package_count), 0)::int from waybill w where w.account_id = a.id and w.waybill_no <> ''
      and w.asked_at >= ${startOfToday}) as "takenToday"
    from waybill_account a where ${scopeSql(scope, sql`a.shop_id`)} order by a.source, a.shop_id, a.courier, a.id`.execute(
    db,
  )
  return found.rows
}

export async function accountById(db: Database | Tx, id: string): Promise<AccountRow | undefined> {
  const found =
    await sql<AccountRow>`select ${columns} from waybill_account a where a.id = ${id}::bigint`.execute(db)
  return found.rows[0]
}

/** Returns the account from which this number was taken, with the courier's own number of the request, and the numbers of its packages. */
export async function accountOfWaybill(
  db: Database,
  waybillId: string,
): Promise<(AccountRow & GivenNumbers) | undefined> {
  const found = await sql<AccountRow & GivenNumbers>`
    select ${columns}, w.courier_order as "courierOrder",
      array(select k.waybill_no from waybill_package k where k.waybill_id = w.id order by k.nth) as "packageNos" from waybill w join waybill_account a on a.id = w.account_id
    where w.id = ${waybillId}::bigint`.execute(db)
  return found.rows[0]
}

type GivenNumbers = Row<'waybill', 'courierOrder'> & { packageNos: string[] }

export type AccountFacts = Pick<
  AccountRow,
  'id' | 'shopId' | 'source' | 'courier' | 'branchName' | 'warehouseId'
> &
  AccountServices

/** Returns every account that may be used. */
export async function usableAccounts(db: Database | Tx): Promise<AccountFacts[]> {
  const found = await sql<AccountFacts>`
    select id, shop_id as "shopId", source, courier, branch_name as "branchName", warehouse_id as "warehouseId", ${services} from waybill_account
    where enabled order by id`.execute(db)
  return found.rows
}

export type NewAccount = Omit<
  AccountRow,
  'id' | 'balance' | 'balanceAt' | 'customAreaUrl' | 'customArea' | 'track'
>

/** Returns the sealed sender and credentials of the account of this shop, source, courier, branch and warehouse. */
export async function sealedOf(
  tx: Tx,
  account: Pick<NewAccount, 'shopId' | 'source' | 'courier' | 'branchCode' | 'warehouseId'>,
): Promise<
  (Row<'waybill_account', 'sender' | 'credentials'> & Pick<AccountServices, 'services'>) | undefined
> {
  const { shopId, source, courier, branchCode, warehouseId } = account
  const found = await sql<
    Row<'waybill_account', 'sender' | 'credentials'> & Pick<AccountServices, 'services'>
  >`
    select sender, credentials, services from waybill_account where shop_id = ${shopId}::bigint and source = ${source} and courier = ${courier}
      and branch_code = ${branchCode} and warehouse_id is not distinct from ${warehouseId}::bigint`.execute(
    tx,
  )
  return found.rows[0]
}

/** A custom area belongs to one label, and so does the fact that the source no longer offers it. */
const isSameLabel = sql`waybill_account.template_url = excluded.template_url`

/** Inserts the account, or changes the one of the same shop, source, courier, branch and warehouse. Returns its id. */
export async function writeAccount(tx: Tx, account: NewAccount, by: string): Promise<string> {
  const {
    shopId,
    source,
    courier,
    branchCode,
    branchName,
    sender,
    templateName,
    templateUrl,
    warehouseId,
    enabled,
    credentials,
    insureFromFen,
    insureMostFen,
  } = account
  const written = await sql<Row<'waybill_account', 'id'>>`
    insert into waybill_account (shop_id, source, courier, branch_code, branch_name, sender, template_name, template_url, warehouse_id,
      enabled, credentials, services, insure_from_fen, insure_most_fen, created_by)
    values (${shopId}, ${source}, ${courier}, ${branchCode}, ${branchName}, ${sender}, ${templateName}, ${templateUrl}, ${warehouseId},
      ${enabled}, ${credentials}, ${JSON.stringify(account.services)}::jsonb, ${insureFromFen}, ${insureMostFen}, ${by})
    on conflict on constraint waybill_account_once do update set branch_name = excluded.branch_name, sender = excluded.sender,
      template_name = excluded.template_name, template_url = excluded.template_url, enabled = excluded.enabled,
      credentials = excluded.credentials, services = excluded.services, insure_from_fen = excluded.insure_from_fen,
      insure_most_fen = excluded.insure_most_fen,
      template_gone_at = case when ${isSameLabel} then waybill_account.template_gone_at end,
      custom_area_url = case when ${isSameLabel} then waybill_account.custom_area_url else '' end,
      custom_area = case when ${isSameLabel} then waybill_account.custom_area else '{}' end
    returning id`.execute(tx)
  return written.rows[0]?.id ?? ''
}

/** Writes which custom area is laid over the labels of this account, and the fields that fill its keys. */
export async function writeCustomArea(
  tx: Tx,
  { id, url, keys }: { id: string; url: string; keys: CustomMap },
): Promise<void> {
  await sql`
    update waybill_account set custom_area_url = ${url}, custom_area = ${JSON.stringify(keys)}::jsonb where id = ${id}::bigint`.execute(
    tx,
  )
}

export async function writeBalances(
  db: Database,
  rows: readonly { id: string; balance: number | null; services: readonly CourierService[] }[],
): Promise<void> {
  await sql`
    update waybill_account a set balance = d.balance, services = d.services, balance_at = now()
    from ${unnestRows('d', rows, [
      ['id', 'int8', (row) => row.id],
      ['balance', 'int4', (row) => row.balance],
      ['services', 'jsonb', (row) => JSON.stringify(row.services)],
    ])}
    where a.id = d.id`.execute(db)
}
