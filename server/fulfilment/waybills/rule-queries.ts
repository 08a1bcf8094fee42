import { sql } from 'kysely'
import type { Database, Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { unnestRows } from '../../lib/unnest.ts'
import type { WaybillRule } from './account-rules.ts'

export async function storedRules(db: Database | Tx): Promise<WaybillRule[]> {
  const found = await sql<
    Row<'waybill_rule', 'platform' | 'courier' | 'warehouseId' | 'accountId' | 'enabled'>
  >`
    select platform, courier, warehouse_id as "warehouseId", account_id as "accountId", enabled from waybill_rule order by position`.execute(
    db,
  )
  return found.rows
}

type Head = { version: number; updatedBy: string; updatedAt: Date | null }

/** Returns the version of the rules; 0: none were saved yet. */
export async function rulesHead(db: Database | Tx): Promise<Head> {
  const found = await sql<Row<'waybill_rules', 'version' | 'updatedBy' | 'updatedAt'>>`
    select version, updated_by as "updatedBy", updated_at as "updatedAt" from waybill_rules`.execute(db)
  return found.rows[0] ?? { version: 0, updatedBy: '', updatedAt: null }
}

/** Raises the version, which also makes others wait who save at the same time. Returns false if it is not `version` any more. */
export async function raiseVersion(tx: Tx, version: number, by: string): Promise<boolean> {
  const raised =
    version === 0
      ? sql`insert into waybill_rules (version, updated_by) values (1, ${by}) on conflict do nothing returning version`
      : sql`
          update waybill_rules set version = version + 1, updated_by = ${by}, updated_at = now()
          where version = ${version} returning version`
  const { rows } = await raised.execute(tx)
  return rows.length > 0
}

export async function replaceRules(tx: Tx, rules: readonly WaybillRule[]): Promise<void> {
  await sql`delete from waybill_rule`.execute(tx)
  await sql`
    insert into waybill_rule (position, platform, courier, warehouse_id, account_id, enabled)
    select position, platform, courier, warehouse_id, account_id, enabled
    from ${unnestRows(
      'd',
      [...rules.entries()],
      [
        ['position', 'int4', ([at]) => at + 1],
        ['platform', 'text', ([, rule]) => rule.platform],
        ['courier', 'text', ([, rule]) => rule.courier],
        ['warehouse_id', 'int8', ([, rule]) => rule.warehouseId],
        ['account_id', 'int8', ([, rule]) => rule.accountId],
        ['enabled', 'bool', ([, rule]) => rule.enabled],
      ],
    )}`.execute(tx)
}
